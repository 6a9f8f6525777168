"""The thread that watches how long the present request of a process takes, and how much memory.

It stops what takes too much: it answers the client in place of the query and ends the process,
which is the only way to stop a query of the store.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from typing import NoReturn

from trilogue.server.accounts import Accounts
from trilogue.server.board import Board, Cell, State
from trilogue.server.bounds import bound_memory, peak_memory
from trilogue.server.clients import Clients
from trilogue.server.connections import Connection
from trilogue.server.limits import Limits
from trilogue.server.messages import RefusedError, Request, Response, refuse, written
from trilogue.server.streams import Stream

_LOOK = 0.005  # seconds between two looks
_MOST_WAITING = 10  # times the work, where a small query waits for its turn on the machine
_LOWEST_PRIORITY = 19
_COST = 5  # requests that a long query counts for


class Watch:
    """The present request of a process, and the thread that watches it.

    `calls` is written to when a replacement is wanted. What both threads do to the request is
    done under a lock.
    """

    def __init__(
        self,
        limits: Limits,
        board: Board,
        row: memoryview[int],
        clients: Clients,
        accounts: Accounts,
        calls: int,
    ) -> None:
        self.long = False
        """Whether this process has handed everything but its present request to others."""
        self._limits = limits
        self._board = board
        self._row = row
        self._clients = clients
        self._accounts = accounts
        self._calls = calls
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._request: Request | None = None
        self._stream: Stream | None = None
        self._begun = 0.0
        self._memory = 0
        self._supervisor = os.getppid()

    def start(self) -> None:
        """Begin to watch: what the process holds by now is not counted against a query."""
        self._memory = peak_memory()
        bound_memory(self._limits.memory)
        threading.Thread(target=self._watch, daemon=True).start()

    @property
    def is_swollen(self) -> bool:
        """Whether the process holds much that earlier queries took."""
        return peak_memory() - self._memory > self._limits.memory / 2

    def begin(self, connection: Connection, request: Request) -> float:
        """Watch a request from now on; return when that was."""
        self._connection, self._request, self._stream = connection, request, None
        begun = time.monotonic()
        self._row[Cell.begun] = int(begun * 1e9)
        self._begun = begun
        return begun

    def stream(self, stream: Stream) -> Stream:
        """Take note that the answer goes out piece by piece."""
        self._stream = stream
        return stream

    @property
    def streamed(self) -> Stream | None:
        """The way of the answer, if it has begun to go out piece by piece."""
        stream = self._stream
        return stream if stream is not None and stream.response is not None else None

    def settle(self) -> None:
        """Let the present request be answered, however late that is."""
        with self._lock:
            self._begun = 0.0
        self._row[Cell.begun] = 0

    def end(self) -> None:
        """Forget the request, which is answered."""
        self._connection = None

    def withdraw(self) -> RefusedError | None:
        """Hand everything but the present connection to siblings, and call for a replacement.

        Returns a refusal where there are too many long queries, of this client or of all.
        """
        with self._lock:
            return self._withdraw()

    def _withdraw(self) -> RefusedError | None:
        refusal = None
        if self._board.long_queries_of(self._row[Cell.client]) >= self._limits.concurrency:
            reason = "this client has too many long queries running; wait for one to end"
            refusal = RefusedError(429, reason, headers={"Retry-After": "5"})
        elif self._board.long_queries() >= self._limits.long_queries:
            reason = "too many long queries are running; try again later"
            refusal = RefusedError(503, reason, headers={"Retry-After": "5"})
        self.long = True
        if refusal is None:
            self._row[Cell.state] = State.long
        self._row[Cell.wary] = 0
        self._board.charge(self._row[Cell.client], _COST)
        with suppress(BlockingIOError):  # then it is called already
            os.write(self._calls, b"!")
        self._clients.pass_all_but(self._connection)
        os.setpriority(os.PRIO_PROCESS, os.getpid(), _LOWEST_PRIORITY)
        return refusal

    def _watch(self) -> None:
        watched = worked = 0.0
        while True:
            time.sleep(_LOOK)
            begun = self._begun
            if not begun:
                time.sleep(2 * _LOOK)
                continue
            if os.getppid() != self._supervisor:
                self._accounts.end()  # nobody would end this process, should it hang
            if watched != begun:
                watched, worked = begun, time.process_time()
            late = time.monotonic() - begun
            # Work counts rather than time: on a busy machine small queries wait for their turn.
            long = max(time.process_time() - worked, late / _MOST_WAITING) > self._limits.grace
            with self._lock:
                if self._begun == begun:  # else it was answered in the meantime
                    self._judge(late, long=long)

    def _judge(self, late: float, *, long: bool) -> None:
        """Let a long query go on apart, and give up one that takes too much."""
        if long and not self.long:
            refusal = self._withdraw()
            if refusal:
                self._give_up(refusal)
        if late > self._limits.timeout:
            self._row[Cell.late] += 1
            seconds = f"{self._limits.timeout:g} seconds"
            self._give_up(RefusedError(504, f"the query was stopped after {seconds}"))
        if peak_memory() - self._memory > self._limits.memory:
            self._row[Cell.hungry] += 1
            megabytes = f"{self._limits.memory >> 20} MB"
            self._give_up(RefusedError(503, f"the query needs more than {megabytes} of memory"))

    def _give_up(self, refusal: RefusedError) -> NoReturn:
        """Answer in place of the query that is running, and end the process with it."""
        assert self._connection is not None
        assert self._request is not None
        stream = self.streamed
        if stream is not None:
            stream.stop(refusal)
            self._note(stream.response, stream.size)
            self._accounts.end()
        response = refuse(refusal, self._request.accepts)
        data = written(response, lasting=False, bodiless=self._request.method == "HEAD")
        with suppress(OSError):
            self._connection.send(data)
        self._note(response, len(data))
        self._accounts.end()

    def _note(self, response: Response | None, size: int) -> None:
        assert response is not None
        assert self._request is not None
        self._accounts.note(self._request, response.status, size, time.monotonic() - self._begun)
