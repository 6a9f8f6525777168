"""What one query, one client and all clients together may take."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

_MEGABYTE = 1_048_576


def _cores() -> int:
    return os.cpu_count() or 1


@dataclass(frozen=True)
class Limits:
    """Bounds under which strangers are served.

    A query may take `timeout` seconds and `memory` bytes, be `length` characters long, nest to
    `depth`, and have `rows` in its answer. One that works for longer than `grace` is a long one:
    it goes on at low priority in a process of its own, and counts towards `concurrency` (of its
    client) and `long_queries` (of all); the rest is left to so many `workers`. A client has
    `rate` requests a second, with `burst` of them at once. It must send a request, and go on
    reading an answer, within `patience`, and may be silent for `idle` seconds; a process keeps so
    many `connections`. Who may write can send `upload` bytes at once.
    """

    timeout: float = 30.0
    memory: int = 512 * _MEGABYTE
    length: int = 65_536
    depth: int = 100
    rows: int = 1_000_000
    rate: float = 50.0
    burst: float = 200.0
    concurrency: int = 4
    long_queries: int = 16
    workers: int = field(default_factory=lambda: max(2, _cores()))
    grace: float = 0.02
    patience: float = 10.0
    idle: float = 30.0
    connections: int = 1_000
    upload: int = 32 * _MEGABYTE

    @property
    def target(self) -> int:
        """Bytes of a request target: a query in which every byte is percent-encoded, and more."""
        return 3 * self.length + 4_096

    @property
    def head(self) -> int:
        """Bytes of a request line and its headers."""
        return self.target + 16_384

    @property
    def body(self) -> int:
        """Bytes of a request body: a form with a query in which every byte is encoded."""
        return 3 * self.length + 4_096
