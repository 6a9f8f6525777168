"""Memory that all processes of the server share: who does what, counts, and clients' rates.

Each process writes its own row only, so that no locks are needed. A row belongs to a place and
not to a process: counts go on when a process is replaced.
"""

from __future__ import annotations

import mmap
import time
from bisect import bisect_left
from enum import IntEnum
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

STATUSES = (
    200, 204, 206, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 406, 408, 411, 413, 414,
    415, 416, 422, 429, 431, 500, 501, 503, 504, 505,
)  # fmt: skip
DURATIONS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0)
"""Upper bounds of the histogram of durations, in seconds."""


class State(IntEnum):
    """What the process of a place does."""

    absent = 0
    idle = 1
    busy = 2
    long = 3


class Cell(IntEnum):
    """Where in a row something stands; counts of statuses and durations follow."""

    state = 0
    begun = 1
    client = 2
    requests = 3
    bytes = 4
    nanoseconds = 5
    late = 6
    hungry = 7
    crashed = 8
    dropped = 9
    passed = 10
    connections = 11
    wary = 12


_STATUS = len(Cell)
_DURATION = _STATUS + len(STATUSES) + 1
_WIDTH = 64
_STATUS_PLACE = {status: _STATUS + number for number, status in enumerate(STATUSES)}
_CLIENTS = 8_192
_MEMORY = 10.0  # seconds for which a client counts as heavy after a long query


class Board:
    """Rows for so many places, and the rates of clients."""

    def __init__(self, places: int) -> None:
        self.places = places
        self.started = time.time()
        self._cells = memoryview(mmap.mmap(-1, places * _WIDTH * 8)).cast("Q")
        self._clients = memoryview(mmap.mmap(-1, _CLIENTS * 8)).cast("Q")
        self._tokens = memoryview(mmap.mmap(-1, _CLIENTS * 8)).cast("d")
        self._last_long = memoryview(mmap.mmap(-1, _CLIENTS * 8)).cast("d")
        self._seen = memoryview(mmap.mmap(-1, _CLIENTS * 8)).cast("d")

    def row(self, place: int) -> memoryview[int]:
        """Return the row of a place."""
        return self._cells[place * _WIDTH : (place + 1) * _WIDTH]

    def states(self) -> list[int]:
        """Return what the processes do, place by place."""
        return self._cells[Cell.state :: _WIDTH].tolist()

    def free(self) -> int:
        """Return a place without a process."""
        return self.states().index(State.absent)

    def idler(self, connections: int) -> bool:
        """Tell whether a process waits for work and has fewer connections, by two and more."""
        cells = self._cells
        return any(
            state == State.idle and cells[place * _WIDTH + Cell.connections] + 1 < connections
            for place, state in enumerate(self.states())
        )

    def long_queries(self) -> int:
        """Return how many processes are at a long query."""
        return self.states().count(State.long)

    def long_queries_of(self, client: int) -> int:
        """Return at how many long queries of a client processes are."""
        clients = self._cells[Cell.client :: _WIDTH].tolist()
        pairs = zip(self.states(), clients, strict=True)
        return sum(state == State.long and other == client for state, other in pairs)

    def count(self, row: memoryview[int], status: int, size: int, seconds: float) -> None:
        """Add a request to the counts of a row."""
        row[Cell.requests] += 1
        row[Cell.bytes] += size
        row[Cell.nanoseconds] += int(seconds * 1e9)
        row[_STATUS_PLACE.get(status, _DURATION - 1)] += 1
        row[_DURATION + bisect_left(DURATIONS, seconds)] += 1

    def totals(self) -> list[int]:
        """Return the sum of each column."""
        columns = [self._cells[number::_WIDTH].tolist() for number in range(_WIDTH)]
        return [sum(column) for column in columns]

    def statuses(self) -> dict[str, int]:
        """Return how many answers had which status."""
        totals = self.totals()
        found = {str(status): totals[place] for status, place in _STATUS_PLACE.items()}
        return {**found, "other": totals[_DURATION - 1]}

    def durations(self) -> list[int]:
        """Return how many requests fell within each bound, and not within the one before."""
        return self.totals()[_DURATION : _DURATION + len(DURATIONS)]

    def wait(self, client: int, rate: float, burst: float) -> float:
        """Take a request from the allowance of a client; return the seconds to wait, if any.

        The allowance is a bucket of `burst` that fills at `rate`. Two processes may now and
        then take the same one, and two clients whose numbers collide start with full buckets:
        both err in the clients' favour.
        """
        place = client % _CLIENTS
        now = time.monotonic()
        tokens = burst
        if self._clients[place] == client:
            tokens = min(burst, self._tokens[place] + (now - self._seen[place]) * rate)
        else:
            self._clients[place] = client
        self._seen[place] = now
        if tokens < 1:
            self._tokens[place] = tokens
            return (1 - tokens) / rate
        self._tokens[place] = tokens - 1
        return 0.0

    def is_heavy(self, client: int) -> bool:
        """Tell whether a client has had a long query lately."""
        last = self._last_long[client % _CLIENTS]
        return last > 0 and time.monotonic() - last < _MEMORY

    def any_wary(self) -> bool:
        """Tell whether a process answers a heavy client, by a query that may become a long one."""
        return any(self._cells[Cell.wary :: _WIDTH])

    def charge(self, client: int, requests: float) -> None:
        """Take note of a long query, and take more for it from the allowance of its client."""
        place = client % _CLIENTS
        self._last_long[place] = time.monotonic()
        if self._clients[place] == client:
            self._tokens[place] = max(0.0, self._tokens[place] - requests)


@lru_cache(maxsize=4_096)
def client_number(address: str) -> int:
    """Return a number for a client; all addresses of one IPv6 network of 64 bits are one client.

    >>> client_number("2001:db8::1") == client_number("2001:db8::2")
    True
    >>> client_number("192.0.2.1") == client_number("192.0.2.2")
    False
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return hash(address) & 0xFFFF_FFFF_FFFF_FFFF
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped:
            return client_number(str(parsed.ipv4_mapped))
        return hash(parsed.packed[:8]) & 0xFFFF_FFFF_FFFF_FFFF
    return hash(parsed.packed) & 0xFFFF_FFFF_FFFF_FFFF
