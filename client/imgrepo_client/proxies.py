"""The proxy that the environment names for a server, as other programs read it."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from imgrepo_client.errors import InvalidInputError


def proxy_for(url: str, environ: Mapping[str, str]) -> str | None:
    """The address of ``http_proxy`` and the like; None where there is none for this server.

    Raises InvalidInputError for one that cannot be used.
    """
    # By hand rather than aiohttp's trust_env, which also sends passwords from ~/.netrc.
    proxies = {
        name.lower().removesuffix("_proxy"): value
        for name, value in environ.items()
        if name.lower().endswith("_proxy") and value
    }
    if not proxies:
        return None
    from urllib.request import (  # type: ignore[attr-defined]  # noqa: PLC0415 - typeshed lacks it; rarely needed
        proxy_bypass_environment,
    )

    parts = urlsplit(url)
    if proxy_bypass_environment(parts.netloc, proxies):
        return None
    name = parts.scheme if proxies.get(parts.scheme) else "all"
    proxy = proxies.get(name)
    if proxy is not None and not _is_usable(proxy):
        # Not shown: there may be a password in it.
        raise InvalidInputError(
            f"The address in {name}_proxy cannot be used: write it like http://proxy.example:3128, "
            f"or name {parts.hostname} in no_proxy."
        )
    return proxy


def _is_usable(proxy: str) -> bool:
    try:
        parts = urlsplit(proxy)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
