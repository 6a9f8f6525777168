"""A site over HTTP below a path of its host, as a proxy or a static host gives it, and a browser."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

BELOW = "/graphs/trilogue/"
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str:
    """Return the browser to use; without one the tests are skipped, but in CI they fail."""
    found = os.environ.get("TRILOGUE_CHROMIUM") or next(
        filter(None, map(shutil.which, _PROGRAMS)), ""
    )
    if not found:
        said = "page tests need Chromium: none in PATH, and TRILOGUE_CHROMIUM names none"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(said)
    return found


@contextmanager
def served(routes: list[Route]) -> Iterator[str]:
    """Serve routes on loopback below a path, from a thread; yield the address of the site."""
    client = TestClient(Starlette(routes=routes), follow_redirects=False)
    # A browser also opens connections on which it asks nothing, and others must not wait for those.
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(client)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}{BELOW}"
        server.shutdown()
        thread.join()


def _handler(client: TestClient) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if not self.path.startswith(BELOW):
                self.send_error(404)
                return
            accept = {"Accept": self.headers.get("Accept", "*/*")}
            answer = client.get("/" + self.path.removeprefix(BELOW), headers=accept)
            self.send_response(answer.status_code)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.content)

        log_message: Callable[..., None] = lambda *_: None

    return Handler
