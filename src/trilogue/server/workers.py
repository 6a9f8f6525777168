"""The process that serves: one request at a time, from any number of connections.

Requests are answered where they are read, since a hop to another process costs more than a
small query. What a client must not feel is another client's long query. So a thread watches:
a process whose query takes longer than `grace` hands all its other connections to its siblings,
is replaced, lowers its priority, and goes on with that query alone. At the deadline, or when
the query takes too much memory, the thread answers the client and ends the process, which is
the only way to stop a query of the store.
"""

from __future__ import annotations

import os
import resource
import selectors
import socket
import sys
import threading
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from typing import NoReturn

from trilogue.server import connections
from trilogue.server.application import Application
from trilogue.server.board import Cell, State, client_number
from trilogue.server.connections import Connection
from trilogue.server.journal import Journal
from trilogue.server.messages import RefusedError, Request, Response, refuse, written
from trilogue.server.streams import Stream

_WATCH = 0.005  # seconds between two looks of the watching thread
_MOST_WAITING = 10  # times the work, where a small query waits for its turn on the machine
_LOWEST_PRIORITY = 19
_STACK = 1 << 30  # the parser and the evaluator of the store descend deep
_COST = 5  # requests that a long query counts for
_TURN = 0.002  # seconds until the next look whether a heavy client may be served
_SWEEP = 1.0  # seconds between two looks for clients that are too slow
_PAGE = resource.getpagesize()
_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class Channels:
    """What the processes of a server share."""

    listener: socket.socket
    takes: socket.socket
    gives: socket.socket
    calls: int
    """Written to when the supervisor is to look."""
    lifeline: int
    """Readable when the supervisor is gone or wants its processes to end."""
    log: int | None
    proxied: bool = False


class Worker:
    """A process that serves from the place on the board that it was given."""

    def __init__(self, application: Application, channels: Channels, place: int) -> None:
        self._application = application
        self._limits = application.limits
        self._board = application.board
        self._row = application.board.row(place)
        self._channels = channels
        self._journal = Journal(channels.log)
        self._connections: dict[int, Connection] = {}
        self._waiting: list[Connection] = []
        self._selector = selectors.DefaultSelector()
        self._lock = threading.Lock()
        self._current: Connection | None = None
        self._request: Request | None = None
        self._stream: Stream | None = None
        self._begun = 0.0
        self._long = False
        self._leaving = False
        self._swept = time.monotonic()
        self._date = (0, "")
        self._memory = 0
        self._supervisor = os.getppid()

    def run(self) -> NoReturn:
        """Serve until the supervisor is gone, or a long query is answered."""
        try:
            self._serve_all()
        except BaseException:
            self._journal.fault(traceback.format_exc())
            self._journal.flush()
        finally:
            os._exit(1)

    def _serve_all(self) -> NoReturn:
        self._application.open()
        self._memory = _peak_memory()
        _bound_memory(self._limits.memory)
        threading.Thread(target=self._watch, daemon=True).start()
        for source in (self._channels.listener, self._channels.takes, self._channels.lifeline):
            self._selector.register(source, selectors.EVENT_READ)
        while not (self._leaving and not self._connections):
            self._turn()
        self._end()

    def _turn(self) -> None:
        """Wait for something to do, and do it."""
        events = self._selector.select(0)
        if not events and not self._waiting:
            self._journal.flush()
            self._row[Cell.state] = State.idle
            events = self._selector.select(_SWEEP)
            self._row[Cell.state] = State.busy
        ready = [key.data for key, _ in events if key.data is not None]
        for key, _ in events:
            if key.data is None:
                self._take(key.fileobj)
        if len(ready) > 1 and self._board.idler(len(self._connections)):
            self._pass_on(ready.pop())
        if self._waiting:
            ready = list(dict.fromkeys(ready + self._waiting))
        self._attend(ready)
        if time.monotonic() - self._swept > _SWEEP:
            self._sweep()

    def _take(self, source: object) -> None:
        """Take what has come in at one of the channels."""
        if source is self._channels.listener:
            self._welcome(connections.accepted(self._channels.listener))
        elif source is self._channels.takes:
            while connection := connections.taken_over(self._channels.takes):
                self._welcome(connection)
        else:
            self._leave()

    def _attend(self, ready: list[Connection]) -> None:
        """Serve connections that have something to say, those of heavy clients last.

        Only one process at a time serves a heavy client, and its siblings get its other
        connections before: the query may turn out to be long again.
        """
        self._waiting = []
        heavy = [each for each in ready if self._board.is_heavy(client_number(each.client))]
        for connection in ready:
            if connection not in heavy:
                self._hear(connection)
        if heavy and not self._board.any_wary():
            self._row[Cell.wary] = 1
            chosen = heavy.pop()
            if self._limits.workers > 1:
                self._pass_all_but(chosen)
            self._hear(chosen)
            self._row[Cell.wary] = 0
            return
        if len(heavy) == len(ready) > 0:
            time.sleep(_TURN)  # until it is the turn of a heavy client
        self._waiting = [connection for connection in heavy if connection.buffer]

    def _hear(self, connection: Connection) -> None:
        if not connection.receive():
            self._close(connection)
        elif not connection.refused:
            self._serve(connection)

    def _welcome(self, connection: Connection | None) -> None:
        if connection is None:
            return
        if len(self._connections) >= self._limits.connections:
            self._drop(min(self._connections.values(), key=lambda other: other.since))
        number = connection.socket.fileno()
        self._connections[number] = connection
        self._row[Cell.connections] = len(self._connections)
        self._selector.register(number, selectors.EVENT_READ, connection)
        if connection.buffer:
            self._waiting.append(connection)

    def _close(self, connection: Connection) -> None:
        self._forget(connection)
        connection.socket.close()

    def _forget(self, connection: Connection) -> None:
        number = connection.socket.fileno()
        if self._connections.pop(number, None) is not None:
            self._selector.unregister(number)
            self._row[Cell.connections] = len(self._connections)

    def _drop(self, connection: Connection) -> None:
        self._row[Cell.dropped] += not connection.refused
        if connection.buffer:  # in the middle of a request: say why
            self._refuse(connection, RefusedError(408, "the request came in too slowly"))
        else:
            self._close(connection)

    def _pass_all_but(self, kept: Connection | None) -> None:
        for connection in list(self._connections.values()):
            if connection is not kept and not connection.refused:
                self._pass_on(connection)

    def _pass_on(self, connection: Connection) -> None:
        self._forget(connection)
        self._row[Cell.passed] += connection.pass_on(self._channels.gives)

    def _sweep(self) -> None:
        """Drop clients that are too slow, and leave where memory does not come back."""
        now = self._swept = time.monotonic()
        for connection in list(self._connections.values()):
            if connection.expired(now, self._limits):
                self._drop(connection)
        if _peak_memory() - self._memory > self._limits.memory / 2:
            with self._lock:
                self._withdraw()
            self._end()

    def _leave(self) -> None:
        """Take nothing new, and close what waits for no answer."""
        self._leaving = True
        for source in (self._channels.listener, self._channels.takes, self._channels.lifeline):
            self._selector.unregister(source)
        for connection in list(self._connections.values()):
            if not connection.buffer:
                self._close(connection)

    def _serve(self, connection: Connection) -> None:
        """Answer the requests that have come in whole."""
        while True:
            try:
                request = connection.next_request(
                    self._limits, self._application.access, proxied=self._channels.proxied
                )
            except RefusedError as refusal:
                self._refuse(connection, refusal)
                return
            except OSError:
                self._close(connection)
                return
            if request is None or not self._answer(connection, request):
                return

    def _refuse(self, connection: Connection, refusal: RefusedError) -> None:
        """Answer what cannot be read as a request, and close."""
        response = refuse(refusal)
        data = written(response, date=self._now(), lasting=False)
        self._board.count(self._row, response.status, len(data), 0.0)
        self._journal.note(connection.client, None, response.status, len(data), 0.0)
        try:
            connection.refuse(data)
        except OSError:
            self._close(connection)

    def _answer(self, connection: Connection, request: Request) -> bool:
        """Answer a request; return whether the connection stays open."""
        self._row[Cell.client] = client_number(request.client)
        self._current, self._request = connection, request
        begun = time.monotonic()
        self._row[Cell.begun] = int(begun * 1e9)
        self._begun = begun
        request.settle = self._settle
        request.stream = self._stream = self._streamed(connection, request)
        response, fault = self._application.respond(request)
        if fault:
            self._journal.fault(fault)
        self._settle()
        lasting = request.lasting and not self._leaving and not self._long
        if self._stream.response is not None:
            return self._finish(connection, request, self._stream, begun, lasting=lasting)
        kept = self._send(connection, request, response, begun, lasting=lasting)
        if self._long:
            self._end()
        self._current = None
        if not kept:
            self._close(connection)
        return kept

    def _streamed(self, connection: Connection, request: Request) -> Stream:
        def head(response: Response) -> bytes:
            lasting = request.lasting and request.minor > 0 and not self._leaving
            return written(response, date=self._now(), lasting=lasting)

        return Stream(connection, request, self._limits.patience, head)

    def _finish(
        self,
        connection: Connection,
        request: Request,
        stream: Stream,
        begun: float,
        *,
        lasting: bool,
    ) -> bool:
        """Take note of an answer that was sent piece by piece; return whether to go on."""
        assert stream.response is not None
        self._note(request, stream.response.status, stream.size, time.monotonic() - begun)
        self._row[Cell.dropped] += not stream.complete
        kept = lasting and stream.complete and request.minor > 0
        if self._long:
            self._end()
        self._current = None
        if not kept:
            self._close(connection)
        return kept

    def _settle(self) -> None:
        """Let the present request be answered, however late that is."""
        with self._lock:
            self._begun = 0.0
        self._row[Cell.begun] = 0

    def _send(
        self,
        connection: Connection,
        request: Request,
        response: Response,
        begun: float,
        *,
        lasting: bool,
    ) -> bool:
        data = written(
            response, date=self._now(), lasting=lasting, bodiless=request.method == "HEAD"
        )
        self._note(request, response.status, len(data), time.monotonic() - begun)
        try:
            sent = connection.send(data)
            if sent < len(data):
                self._send_rest(connection, data[sent:])
        except OSError:
            return False
        return lasting

    def _send_rest(self, connection: Connection, rest: bytes) -> None:
        """Send what did not go out at once, while siblings take over everything else."""
        if not self._long:
            with self._lock:
                refusal = self._withdraw()
            if refusal:
                self._row[Cell.dropped] += 1
                self._end()
        try:
            connection.drain(rest, self._limits.patience)
        except OSError:
            self._row[Cell.dropped] += 1
        connection.socket.close()
        self._end()

    def _note(self, request: Request, status: int, size: int, seconds: float) -> None:
        self._board.count(self._row, status, size, seconds)
        self._journal.note(request.client, request, status, size, seconds)

    def _now(self) -> str:
        """Return the date for a header; that of the same second is kept."""
        second = int(time.time())
        if self._date[0] != second:
            self._date = (second, formatdate(second, usegmt=True))
        return self._date[1]

    def _end(self) -> NoReturn:
        """End this process, with nothing of its parent's left to run."""
        self._journal.flush()
        os._exit(0)

    def _watch(self) -> None:
        """Look, in a thread of its own, how long the present query takes and how much memory."""
        watched = worked = 0.0
        while True:
            time.sleep(_WATCH)
            begun = self._begun
            if not begun:
                time.sleep(2 * _WATCH)
                continue
            if os.getppid() != self._supervisor:
                self._end()  # nobody would end this process, should it hang
            if watched != begun:
                watched, worked = begun, time.process_time()
            late = time.monotonic() - begun
            # Work counts rather than time: on a busy machine small queries wait for their turn.
            long = max(time.process_time() - worked, late / _MOST_WAITING) > self._limits.grace
            with self._lock:
                if self._begun != begun:
                    continue  # answered in the meantime
                if long and not self._long:
                    refusal = self._withdraw()
                    if refusal:
                        self._give_up(refusal)
                if late > self._limits.timeout:
                    self._row[Cell.late] += 1
                    seconds = f"{self._limits.timeout:g} seconds"
                    self._give_up(RefusedError(504, f"the query was stopped after {seconds}"))
                if _peak_memory() - self._memory > self._limits.memory:
                    self._row[Cell.hungry] += 1
                    megabytes = f"{self._limits.memory >> 20} MB"
                    self._give_up(
                        RefusedError(503, f"the query needs more than {megabytes} of memory")
                    )

    def _withdraw(self) -> RefusedError | None:
        """Hand everything but the present connection to siblings, and call for a replacement.

        Returns a refusal where there are too many long queries, of this client or of all.
        """
        refusal = None
        if self._board.long_queries_of(self._row[Cell.client]) >= self._limits.concurrency:
            reason = "this client has too many long queries running; wait for one to end"
            refusal = RefusedError(429, reason, headers={"Retry-After": "5"})
        elif self._board.long_queries() >= self._limits.long_queries:
            reason = "too many long queries are running; try again later"
            refusal = RefusedError(503, reason, headers={"Retry-After": "5"})
        self._long = True
        if refusal is None:
            self._row[Cell.state] = State.long
        self._row[Cell.wary] = 0
        self._board.charge(self._row[Cell.client], _COST)
        with suppress(BlockingIOError):  # then it is called already
            os.write(self._channels.calls, b"!")
        self._pass_all_but(self._current)
        os.setpriority(os.PRIO_PROCESS, os.getpid(), _LOWEST_PRIORITY)
        return refusal

    def _give_up(self, refusal: RefusedError) -> NoReturn:
        """Answer in place of the query that is running, and end the process with it."""
        assert self._current is not None
        assert self._request is not None
        if self._stream is not None and self._stream.response is not None:
            self._stream.stop(refusal)
            seconds = time.monotonic() - self._begun
            self._note(self._request, self._stream.response.status, self._stream.size, seconds)
            self._end()
        response = refuse(refusal, self._request.accepts)
        bodiless = self._request.method == "HEAD"
        data = written(response, date=self._now(), lasting=False, bodiless=bodiless)
        with suppress(OSError):
            self._current.send(data)
        self._note(self._request, response.status, len(data), time.monotonic() - self._begun)
        self._end()


def _peak_memory() -> int:
    """Return the most memory that this process has held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MAXRSS_UNIT


def _bound_memory(memory: int) -> None:
    """Let the system refuse memory where the watching thread should come too late."""
    _, hard = resource.getrlimit(resource.RLIMIT_STACK)
    stack = _STACK if hard == resource.RLIM_INFINITY else min(_STACK, hard)
    resource.setrlimit(resource.RLIMIT_STACK, (stack, hard))
    with suppress(OSError, ValueError):
        held = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * _PAGE
        bound = held + stack + 2 * memory
        resource.setrlimit(resource.RLIMIT_AS, (bound, bound))
