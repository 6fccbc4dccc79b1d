"""The wire under every sandbox: a threaded HTTP/1.1 server, quick to start and to stop."""

import socket
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from socketserver import TCPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from destinations.sandbox.exchange import Answer, Request


class Listener(ThreadingHTTPServer):
    """A listening socket on the loopback; it knows its open connections so that it can hang up."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, port: int, handle: Callable[[Request], Answer], broken: Callable[[], Answer]) -> None:
        self.handle, self.broken = handle, broken
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), Connection)

    def listen(self) -> None:
        """Serve in the background."""
        Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Close the door, then every open connection."""
        self.shutdown()
        self.server_close()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def server_bind(self) -> None:
        """Bind only: HTTPServer's own looks the host's name up, which can take seconds."""
        TCPServer.server_bind(self)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer on a thread of its own, and note the connection."""
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """The connection is over."""
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Callers hang up; that is no news."""


class Connection(BaseHTTPRequestHandler):
    """One kept-alive connection."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "HeedSandbox", ""
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Listener

    def serve(self) -> None:
        """Read one call, have it answered, send the answer."""
        if self.headers.get("Transfer-Encoding"):
            self.send_error(411)
            return
        length = int(self.headers.get("Content-Length") or 0)
        target = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=target.path,
            query=parse_qs(target.query, keep_blank_values=True),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length),
        )
        answer = self._answered(request)
        try:
            self._send(answer)
        except OSError:
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = serve

    def _answered(self, request: Request) -> Answer:
        try:
            return self.server.handle(request)
        except Exception as error:
            # Where, not what: a message could hold an address.
            sys.stderr.write(f"{type(error).__name__}\n")
            traceback.print_tb(error.__traceback__)
            return self.server.broken()

    def _send(self, answer: Answer) -> None:
        if answer.hold:
            while not answer.hold.wait(0.02) and not self._caller_left():
                pass
            self.close_connection = True
        elif answer.drip_ms:
            wire, self.wfile = self.wfile, BytesIO()
            self._write(answer)
            slowly, self.wfile = self.wfile.getvalue(), wire
            for byte in slowly:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(answer.drip_ms / 1000)
        else:
            self._write(answer)
            self.wfile.flush()

    def _write(self, answer: Answer) -> None:
        content = answer.content()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if answer.status != 204:
            self.wfile.write(content)

    def _caller_left(self) -> bool:
        try:
            return not self.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a path may hold an address."""
