"""Which proxy the environment names for a server: the same for calls and streams."""

from __future__ import annotations

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

__all__ = ["proxy_for"]


def proxy_for(address: str) -> str | None:
    """The proxy on the way to a server, None for none.

    As httpx finds it for calls: the library of the sockets does not know `ALL_PROXY`
    nor a proxy without a scheme, and takes that of https for http. `WS_PROXY` and
    `WSS_PROXY` are its own, and win.

    Args:
        address: That of the server, http or https.
    """
    parts = urlsplit(address)
    named = getproxies()
    names = (f"ws{parts.scheme[4:]}", parts.scheme, "all")
    found = next((named[name] for name in names if named.get(name)), None)
    if found is None or proxy_bypass(parts.netloc):
        return None
    return found if "://" in found else f"http://{found}"
