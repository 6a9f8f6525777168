"""An endpoint that answers as it is told: what servers on the web do when something is wrong."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
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


Answers = Sequence[Says] | Callable[[str, bytes], Says]

CUTS = Says(status=0)
"""Cuts the connection without a word."""


@dataclass
class Faulty:
    """A server that runs, and what it was asked."""

    url: str
    asked: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)


class _Handler(BaseHTTPRequestHandler):
    """Takes requests as its server's `faulty` and `answers` say."""

    def do_POST(self) -> None:
        self._take()

    def do_PUT(self) -> None:
        self._take()

    def do_DELETE(self) -> None:
        self._take()

    def _take(self) -> None:
        assert isinstance(self.server, _Server)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.faulty.asked.append((self.path, dict(self.headers), body))
        answers = self.server.answers
        if callable(answers):
            said = answers(self.path, body)
        else:
            said = answers[min(len(self.server.faulty.asked), len(answers)) - 1]
        self.close_connection = True
        if said is CUTS:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return
        self.send_response(said.status)
        self.send_header("Content-Type", said.type)
        length = len(said.body) if said.length is None else said.length
        self.send_header("Content-Length", str(length))
        for name, value in said.headers.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(OSError):  # the client may have gone
            self._write(said)

    def _write(self, said: Says) -> None:
        size = 1 if said.after else len(said.body) or 1
        for place in range(0, len(said.body), size):
            self.wfile.write(said.body[place : place + size])
            self.wfile.flush()
            time.sleep(said.after)

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    answers: Answers
    faulty: Faulty


@contextmanager
def serving(answers: Answers) -> Iterator[Faulty]:
    """Give these answers in turn, the last again and again; or what a function makes of a request."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.answers = answers
        server.faulty = Faulty(f"http://127.0.0.1:{server.server_port}/query")
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield server.faulty
        finally:
            server.shutdown()
