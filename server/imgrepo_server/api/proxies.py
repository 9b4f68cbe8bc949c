"""Whose word counts on where a request comes from: the connection's, or that of a trusted proxy."""

import logging
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from aiohttp import web

log = logging.getLogger("imgrepo.server")

Address = IPv4Address | IPv6Address


class Proxies:
    """Reads ``X-Forwarded-For`` and ``X-Forwarded-Proto``, of trusted networks only.

    From anybody else they say what a stranger wants believed.
    """

    def __init__(self, trusted: Sequence[IPv4Network | IPv6Network]):
        self._trusted = tuple(trusted)
        self._warned = False

    def address(self, request: web.Request) -> str | None:
        """Where the request comes from, as far as somebody trusted can tell; None on a Unix socket.

        Each proxy adds the address that it saw at the end: the last one that is no proxy of ours
        is the caller's.
        """
        peer = _parsed(request.remote or "")
        if peer is None:
            return None
        claims = request.headers.getall("X-Forwarded-For", [])
        if claims and not self._is_trusted(peer):
            self._warn(peer)
        for claim in reversed(",".join(claims).split(",")):
            if not self._is_trusted(peer):
                break
            before = _parsed(claim.strip())
            if before is None:
                break
            peer = before
        return str(peer)

    def is_secure(self, request: web.Request) -> bool:
        """Whether the caller speaks HTTPS, with us or with a trusted proxy."""
        if request.secure:
            return True
        peer = _parsed(request.remote or "")
        claimed = request.headers.get("X-Forwarded-Proto", "").strip().lower()
        return claimed == "https" and peer is not None and self._is_trusted(peer)

    def _is_trusted(self, address: Address) -> bool:
        return any(address in network for network in self._trusted)

    def _warn(self, peer: Address) -> None:
        if self._warned or not peer.is_private:
            return
        self._warned = True
        log.warning(
            "a proxy at %s tells where requests come from and is not trusted; name it in the "
            "setting trusted_proxies, or everybody behind it shares one limit of failed logins",
            peer,
        )


def _parsed(text: str) -> Address | None:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
