"""The real server on loopback, in a process of its own, with a store and limits of a test's choice."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_SCRIPT = """if True:
    import json, sys
    from pathlib import Path
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route
    from trilogue import server
    from trilogue.graph import EmbeddedBackend

    async def page(request):
        if request.path_params["key"] == "broken":
            raise ValueError(sys.argv[1])
        headers = {"Content-Security-Policy": "x", "X-Echo": request.query_params.get("echo", "")}
        return PlainTextResponse(request.path_params["key"], headers=headers)

    limits = server.Limits(**json.loads(sys.argv[2]))
    routes = [Route("/page/{key}", page)]
    data = Path(sys.argv[1])
    token = sys.argv[3] or None
    allowed = tuple(map(server.Allowed.read, sys.argv[4:]))
    services = server.Services(server.Client(allowed, limits.timeout / 2, 1 << 20))
    if data.is_dir() or token:
        stores = server.stores_on_disk(data, written=bool(token))
        application = server.application_on_disk(
            stores, limits, routes, access=server.Access(token), services=services
        )
    else:
        application = server.application(
            EmbeddedBackend.load(data), limits, routes, services=services
        )
    listener = server.listen("127.0.0.1", 0)
    print(listener.getsockname()[1], flush=True)
    server.serve(application, listener, log=2)
"""


@dataclass
class Served:
    """A server that runs, and where."""

    process: subprocess.Popen[str]
    port: int
    log: Path

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def endpoint(self) -> str:
        return f"{self.address}/sparql"

    def exchange(self, data: bytes, *, source: str = "127.0.0.1") -> tuple[int, bytes]:
        """Send bytes as they are; return the status of the answer, and all that came back."""
        with self.connect(source) as stream:
            stream.sendall(data)
            return read_answer(stream)

    def connect(self, source: str = "127.0.0.1") -> socket.socket:
        return socket.create_connection(
            ("127.0.0.1", self.port), timeout=20, source_address=(source, 0)
        )


def read_answer(stream: socket.socket) -> tuple[int, bytes]:
    """Read until the server closes, or the answer is complete; an empty answer has status 0."""
    received = bytearray()
    expected = None
    while expected is None or len(received) < expected:
        data = stream.recv(1 << 20)
        if not data:
            break
        received += data
        if expected is None and b"\r\n\r\n" in received:
            head = bytes(received).partition(b"\r\n\r\n")[0]
            sizes = re.findall(rb"\r\nContent-Length: (\d+)", head)
            expected = len(head) + 4 + int(sizes[0] if sizes else 0)
    return (int(received.split(b" ", 2)[1]) if received else 0), bytes(received)


@contextmanager
def served(
    data: Path, log: Path, *, token: str = "", allowed: Sequence[str] = (), **limits: float
) -> Iterator[Served]:
    """Serve a file of quads or a store; without other limits, none that a test would run into."""
    chosen = {"rate": 1e9, "burst": 1e9, **limits}
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", _SCRIPT, str(data), json.dumps(chosen), token, *allowed],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        try:
            assert process.stdout is not None
            yield Served(process, int(process.stdout.readline()), log)
        finally:
            process.terminate()
            process.wait(20)
