"""Answers as a webhook's receiver and as SendGrid do, and does nothing, so that neither side waits for it.

It shares nothing with the product. `GET /_log` hands out the calls it has heard and forgets them.
"""

import asyncio
import json
from urllib.parse import parse_qs, urlsplit

OWN = {"host", "user-agent", "content-length", "connection", "accept", "accept-encoding"}
JSON = "Content-Type: application/json"
heard: list[tuple[str, str, dict[str, str], str]] = []


class Speaking(asyncio.Protocol):
    """One kept-alive connection."""

    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.got = transport, b""

    def data_received(self, data: bytes) -> None:
        self.got += data
        while (end := self.got.find(b"\r\n\r\n")) >= 0:
            first, *lines = self.got[:end].decode("latin-1").split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            whole = end + 4 + int(headers.get("content-length", 0))
            if len(self.got) < whole:
                return
            body, self.got = self.got[end + 4 : whole], self.got[whole:]
            method, target, _ = first.split(" ")
            status, answer = answered(method, target, headers, body.decode())
            self.transport.write(
                f"HTTP/1.1 {status} OK\r\n{JSON}\r\nContent-Length: {len(answer)}\r\n\r\n".encode() + answer
            )


def answered(method: str, target: str, headers: dict[str, str], body: str) -> tuple[int, bytes]:
    if target == "/_log":
        answer = json.dumps(heard).encode()
        heard.clear()
        return 200, answer
    kept = {name: value for name, value in headers.items() if name not in OWN}
    heard.append((method, target, kept, body))
    return _meant(method, target, body)


def _meant(method: str, target: str, body: str) -> tuple[int, bytes]:
    path = urlsplit(target).path
    if path == "/v3/asm/groups":
        ids = parse_qs(urlsplit(target).query).get("id", [])
        return 200, json.dumps([{"id": int(each), "name": each} for each in ids]).encode()
    if path.endswith("/search"):
        return 200, b"[]"
    if path.endswith("/suppressions") or path == "/v3/asm/suppressions/global":
        return 201, body.encode()
    return 200, b'{"success": true}'


async def main() -> None:
    """Listen, say where, serve until the end."""
    server = await asyncio.get_running_loop().create_server(Speaking, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    print(json.dumps({"stub": f"http://127.0.0.1:{port}"}), flush=True)  # noqa: T201 - this line is its contract
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
