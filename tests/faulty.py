"""An endpoint that answers as it is told: what servers on the web do when something is wrong."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

JSON = "application/sparql-results+json"


@dataclass(frozen=True)
class Says:
    """An answer: its status, body, type and other headers; `length` is what it claims to have."""

    body: bytes = b""
    status: int = 200
    type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None
    after: float = 0
    """Seconds between each byte of the body."""


CUTS = Says(status=0)
"""Cuts the connection without a word."""


@dataclass
class Faulty:
    """A server that runs, and what it was asked."""

    url: str
    asked: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)


@contextmanager
def serving(answers: Sequence[Says] | Callable[[str, bytes], Says]) -> Iterator[Faulty]:
    """Give these answers in turn, the last again and again; or what a function makes of a request."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self._take()

        def do_PUT(self) -> None:
            self._take()

        def do_DELETE(self) -> None:
            self._take()

        def _take(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            faulty.asked.append((self.path, dict(self.headers), body))
            if callable(answers):
                said = answers(self.path, body)
            else:
                said = answers[min(len(faulty.asked), len(answers)) - 1]
            self._say(said)

        def _say(self, said: Says) -> None:
            if said is CUTS:
                reset = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
                self.close_connection = True
                return
            self.send_response(said.status)
            self.send_header("Content-Type", said.type)
            length = len(said.body) if said.length is None else said.length
            self.send_header("Content-Length", str(length))
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                if not said.after:
                    self.wfile.write(said.body)
                for place in range(len(said.body) if said.after else 0):
                    self.wfile.write(said.body[place : place + 1])
                    self.wfile.flush()
                    time.sleep(said.after)
            except OSError:
                pass  # the client has gone
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        faulty = Faulty(f"http://127.0.0.1:{server.server_port}/query")
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield faulty
        finally:
            server.shutdown()
