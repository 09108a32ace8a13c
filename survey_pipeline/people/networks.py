"""The network that one client has: an IPv4 address, or a network of IPv6."""

import ipaddress


def network_of(address: str) -> str:
    """Return an IPv4 address itself, for IPv6 its /64, which one host may have (RFC 6177).

    An IPv4 address written as IPv6 (`::ffff:192.0.2.1`) is the IPv4 one. What is no address (the
    path of a socket, an empty string) is returned as it is, cut to a bounded length.
    """
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:60]
    if isinstance(known, ipaddress.IPv6Address):
        if known.ipv4_mapped is not None:
            return str(known.ipv4_mapped)
        return str(ipaddress.ip_network((known.packed[:8] + bytes(8), 64)))
    return str(known)
