"""An answer that is sent piece by piece while it is being found.

Its status is sent before anybody knows whether it can be finished: so its last line says whether
it is whole, also where it is stopped at the deadline.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable

from trilogue.server.connections import Connection
from trilogue.server.messages import RefusedError, Request, Response

LINES = "application/x-ndjson"
"""JSON, one value a line."""

_TURN = 0.5  # seconds to wait until a piece is sent, before an answer is broken off


class Stream:
    """The way of such an answer to its client; `head` writes the begin of a response."""

    def __init__(
        self,
        connection: Connection,
        request: Request,
        patience: float,
        head: Callable[[Response], bytes],
    ) -> None:
        self._connection = connection
        self._request = request
        self._patience = patience
        self._head = head
        self._sending = threading.Lock()
        self.response: Response | None = None
        self.size = 0
        self.complete = False

    def begin(self, response: Response) -> None:
        """Send status and headers; no other answer can be given from here on."""
        response.streamed = self._request.minor > 0
        self.response = response
        self._send(self._head(response))

    def write(self, data: bytes) -> None:
        """Send a piece; raises `OSError` where the client has gone, or reads too slowly."""
        if data:
            with self._sending:
                self._send(self._piece(data))

    def end(self) -> None:
        """Say that nothing more comes."""
        with self._sending:
            self._finish(b"")

    def stop(self, refusal: RefusedError) -> None:
        """End the answer with a line that says why it is not whole, where one can be sent."""
        if not self._sending.acquire(timeout=_TURN):
            return  # the client does not read: it sees that the end is missing
        try:
            if not self.complete:
                line = json.dumps({"more": True, "stopped": str(refusal)}) + "\n"
                self._finish(self._piece(line.encode()))
        except OSError:
            return
        finally:
            self._sending.release()

    def _finish(self, last: bytes) -> None:
        self._send(last + (b"0\r\n\r\n" if self.response and self.response.streamed else b""))
        self.complete = True

    def _piece(self, data: bytes) -> bytes:
        if self.response is None or not self.response.streamed:
            return data
        return f"{len(data):x}\r\n".encode() + data + b"\r\n"

    def _send(self, data: bytes) -> None:
        self.size += len(data)
        if data:
            self._connection.drain(data, self._patience)
            self._connection.socket.setblocking(False)
