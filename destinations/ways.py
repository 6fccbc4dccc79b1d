"""Which way a call goes out, by the scheme of its address. Each has one file that opens the sockets."""

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from destinations import files, http, mailto, mllp, sftp
from destinations.contract import Answer, Call
from destinations.http import Blocked, Way

SENDERS: Mapping[str, Callable[[Call, Way, float], Answer]] = {
    "http": http.send,
    "https": http.send,
    "mllp": mllp.send,
    "mllps": mllp.send,
    "file": files.send,
    "sftp": sftp.send,
    "mailto": mailto.send,
}


def send(call: Call, way: Way, deadline: float) -> Answer:
    """Make one call, to end by `deadline` (time.monotonic()). Raises Blocked, http.NoAnswer."""
    if way.only is not None and not way.only(call):
        raise Blocked(f"{call.method} on this path may change something, and here it is only looked")
    sender = SENDERS.get(urlsplit(call.base or way.base_url).scheme)
    if sender is None:
        raise Blocked("this kind of address is not one that Heed can call")
    return sender(call, way, deadline)
