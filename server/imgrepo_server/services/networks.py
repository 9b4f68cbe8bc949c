"""Where requests come from, as far as it is one somebody: what limits are counted for."""

from ipaddress import IPv6Address, ip_address, ip_network


def network_of(address: str | None) -> str:
    """The address; of version 6 the network that one subscriber has to choose from."""
    if address is None:
        return "here"
    if isinstance(ip_address(address), IPv6Address):
        return str(ip_network(f"{address}/64", strict=False))
    return address
