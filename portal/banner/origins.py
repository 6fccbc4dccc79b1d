"""A banner's sites as browsers name them: scheme, name, and a port that is not the usual one."""

import re
from functools import cache
from urllib.parse import urlsplit

from publicsuffixlist import PublicSuffixList

SITE = re.compile(
    r"(https://[a-z0-9.-]+|http://(localhost|127\.0\.0\.1|[a-z0-9.-]+\.localhost))(:(?P<port>[1-9]\d{0,4}))?"
)
USUAL = {"https": ":443", "http": ":80"}
PORTS = 65_535


def is_site(origin: str) -> bool:
    """Would a browser say so in `Origin`?"""
    found = SITE.fullmatch(origin)
    usual = USUAL[urlsplit(origin).scheme] if found else ""
    return bool(found and int(found["port"] or 0) <= PORTS and not origin.endswith(usual))


def tidied(typed: str) -> str:
    """`HTTPS://Example.org:443/` -> https://example.org; what is no site even so stays as it was typed."""
    bare = typed.lower().removesuffix("/")
    bare = bare.removesuffix(USUAL.get(bare.partition("://")[0], ""))
    return bare if is_site(bare) else typed


def is_part(origin: str, domain: str) -> bool:
    """Is the site that domain, or below it?"""
    return f".{urlsplit(origin).hostname}".endswith(f".{domain}")


def keeps_cookie(origin: str, domain: str) -> bool:
    """Of a domain that the site is part of: not where its other parts are other people's, as with co.uk.

    Browsers drop such a cookie (RFC 6265, 5.3, step 5), also of what stands above such a domain (Chromium).
    """
    owned = _suffixes().privatesuffix
    return owned(domain) is not None and owned(domain) == owned(urlsplit(origin).hostname or "")


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
