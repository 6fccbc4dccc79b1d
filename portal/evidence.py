"""What is kept of how a choice was made: enough to show that it was, too little to follow anyone."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

# The first that matches: Edge and Opera say Chrome too, and Chrome says Safari.
FAMILIES = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)


def circumstances(request: HttpRequest, *, page: str) -> dict[str, str]:
    """The page, the kind of browser, and the network it came from."""
    return {
        "page": page,
        "browser": browser_family(request.headers.get("User-Agent", "")),
        "network": network(request),
    }


def network(request: HttpRequest) -> str:
    """The network that a request came from."""
    return network_of(_client_address(request))


def browser_family(user_agent: str) -> str:
    return next((family for mark, family in FAMILIES if mark in user_agent), "other")


def network_of(address: str) -> str:
    """The address without what tells one household from the next: /24, or /48 for IPv6."""
    try:
        parsed = ipaddress.ip_address(_without_port(address))
    except ValueError:
        return ""
    # A socket that serves both kinds says ::ffff:203.0.113.7: all of them would be one network of 48 bits.
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    prefix = 24 if parsed.version == 4 else 48
    return str(ipaddress.ip_network(f"{parsed}/{prefix}", strict=False))


def _without_port(address: str) -> str:
    """Some proxies name it, too: 203.0.113.7:51234, [2001:db8::7]:51234."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address


def _client_address(request: HttpRequest) -> str:
    """Behind our own proxy (BEHIND_PROXY) the address that it added last; anyone can claim the others."""
    forwarded = request.headers.get("X-Forwarded-For", "")
    if forwarded and settings.SECURE_PROXY_SSL_HEADER is not None:
        return forwarded.rpartition(",")[2].strip()
    return str(request.META.get("REMOTE_ADDR", ""))
