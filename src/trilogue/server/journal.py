"""The access log: one line of JSON a request."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from json.encoder import encode_basestring_ascii as _quoted

from trilogue.server.messages import Request

_LONGEST = 1_000
_MOST_LINES = 64


class Journal:
    """Lines that are written together, when there is nothing else to do or enough of them.

    Each write is one call, so that the lines of several processes do not mix.
    """

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor
        self._lines: list[str] = []

    def note(
        self, client: str, request: Request | None, status: int, size: int, seconds: float
    ) -> None:
        """Take note of a request, or of one that was too malformed to be read."""
        if self._descriptor is None:
            return
        line = f'{{"time": "{_timestamp(int(time.time()))}", "client": {_quoted(client)}'
        if request is not None:
            asked = request.query[:_LONGEST] or request.body[:_LONGEST].decode("utf-8", "replace")
            line += (
                f', "method": "{request.method}", "path": {_quoted(request.path[:_LONGEST])}'
                f', "query": {_quoted(asked)}'
                f', "agent": {_quoted(request.header("user-agent")[:_LONGEST])}'
            )
        self._add(f'{line}, "status": {status}, "bytes": {size}, "seconds": {seconds:.6f}}}')

    def fault(self, text: str) -> None:
        """Take note of a fault of the server itself."""
        if self._descriptor is not None:
            self._add(f'{{"time": "{_timestamp(int(time.time()))}", "fault": {_quoted(text)}}}')

    def _add(self, line: str) -> None:
        self._lines.append(line)
        if len(self._lines) >= _MOST_LINES:
            self.flush()

    def flush(self) -> None:
        """Write what was noted; a log that cannot be written does not stop the service."""
        if self._lines and self._descriptor is not None:
            content = "\n".join(self._lines) + "\n"
            self._lines.clear()
            with suppress(OSError):
                os.write(self._descriptor, content.encode())


_stamps: tuple[int, str] = (0, "")


def _timestamp(now: int) -> str:
    """Return a second in ISO 8601; the last one is kept, since many requests share it."""
    global _stamps
    if _stamps[0] != now:
        _stamps = (now, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)))
    return _stamps[1]
