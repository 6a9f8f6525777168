"""The process that serves: one request at a time, from any number of connections.

Requests are answered where they are read, since a hop to another process costs more than a
small query. What a client must not feel is another client's long query. So a thread watches:
a process whose query takes longer than `grace` hands all its other connections to its siblings,
is replaced, lowers its priority, and goes on with that query alone. At the deadline, or when
the query takes too much memory, the thread answers the client and ends the process (`watch`).
"""

from __future__ import annotations

import functools
import os
import selectors
import socket
import time
import traceback
from dataclasses import dataclass
from typing import NoReturn

from trilogue.server import connections
from trilogue.server.accounts import Accounts
from trilogue.server.application import Application
from trilogue.server.board import Cell, State, client_number
from trilogue.server.clients import Clients
from trilogue.server.connections import Connection
from trilogue.server.journal import Journal
from trilogue.server.messages import RefusedError, Request, Response, refuse, written
from trilogue.server.streams import Stream
from trilogue.server.watch import Watch

_TURN = 0.002  # seconds until the next look whether a heavy client may be served
_SWEEP = 1.0  # seconds between two looks for clients that are too slow


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
        self._selector = selectors.DefaultSelector()
        self._clients = Clients(self._selector, self._row, channels.gives)
        self._accounts = Accounts(self._board, self._row, Journal(channels.log))
        self._watch = Watch(
            self._limits, self._board, self._row, self._clients, self._accounts, channels.calls
        )
        self._waiting: list[Connection] = []
        self._leaving = False
        self._swept = time.monotonic()

    def run(self) -> NoReturn:
        """Serve until the supervisor is gone, or a long query is answered."""
        try:
            self._serve_all()
        except BaseException:
            self._accounts.journal.fault(traceback.format_exc())
            self._accounts.journal.flush()
        finally:
            os._exit(1)

    def _serve_all(self) -> NoReturn:
        self._application.open()
        self._watch.start()
        for source in (self._channels.listener, self._channels.takes, self._channels.lifeline):
            self._selector.register(source, selectors.EVENT_READ)
        while not (self._leaving and not len(self._clients)):
            self._turn()
        self._accounts.end()

    def _turn(self) -> None:
        """Wait for something to do, and do it."""
        events = self._selector.select(0)
        if not events and not self._waiting:
            self._accounts.journal.flush()
            self._row[Cell.state] = State.idle
            events = self._selector.select(_SWEEP)
            self._row[Cell.state] = State.busy
        ready = [key.data for key, _ in events if key.data is not None]
        for key, _ in events:
            if key.data is None:
                self._take(key.fileobj)
        if len(ready) > 1 and self._board.idler(len(self._clients)):
            self._clients.pass_on(ready.pop())
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
                self._clients.pass_all_but(chosen)
            self._hear(chosen)
            self._row[Cell.wary] = 0
            return
        if len(heavy) == len(ready) > 0:
            time.sleep(_TURN)  # until it is the turn of a heavy client
        self._waiting = [connection for connection in heavy if connection.buffer]

    def _hear(self, connection: Connection) -> None:
        if not connection.receive():
            self._clients.close(connection)
        elif not connection.refused:
            self._serve(connection)

    def _welcome(self, connection: Connection | None) -> None:
        if connection is None:
            return
        if len(self._clients) >= self._limits.connections:
            self._drop(min(self._clients, key=lambda other: other.since))
        self._clients.add(connection)
        if connection.buffer:
            self._waiting.append(connection)

    def _drop(self, connection: Connection) -> None:
        self._row[Cell.dropped] += not connection.refused
        if connection.buffer:  # in the middle of a request: say why
            self._refuse(connection, RefusedError(408, "the request came in too slowly"))
        else:
            self._clients.close(connection)

    def _sweep(self) -> None:
        """Drop clients that are too slow, and leave where memory does not come back."""
        now = self._swept = time.monotonic()
        for connection in self._clients:
            if connection.expired(now, self._limits):
                self._drop(connection)
        if self._watch.is_swollen:
            self._watch.withdraw()
            self._accounts.end()

    def _leave(self) -> None:
        """Take nothing new, and close what waits for no answer."""
        self._leaving = True
        for source in (self._channels.listener, self._channels.takes, self._channels.lifeline):
            self._selector.unregister(source)
        for connection in self._clients:
            if not connection.buffer:
                self._clients.close(connection)

    def _serve(self, connection: Connection) -> None:
        """Answer the requests that have come in whole."""
        while connection.buffer:
            try:
                request = connection.next_request(
                    self._limits, self._application.access, proxied=self._channels.proxied
                )
            except RefusedError as refusal:
                self._refuse(connection, refusal)
                return
            except OSError:
                self._clients.close(connection)
                return
            if request is None or not self._answer(connection, request):
                return

    def _refuse(self, connection: Connection, refusal: RefusedError) -> None:
        """Answer what cannot be read as a request, and close."""
        response = refuse(refusal)
        data = written(response, lasting=False)
        self._accounts.note_unread(connection.client, response.status, len(data))
        try:
            connection.refuse(data)
        except OSError:
            self._clients.close(connection)

    def _answer(self, connection: Connection, request: Request) -> bool:
        """Answer a request; return whether the connection stays open."""
        self._row[Cell.client] = client_number(request.client)
        begun = self._watch.begin(connection, request)
        request.settle = self._watch.settle
        request.open_stream = functools.partial(self._stream, connection, request)
        response, fault = self._application.respond(request)
        if fault:
            self._accounts.journal.fault(fault)
        self._watch.settle()
        kept = request.lasting and not self._leaving and not self._watch.long
        if stream := self._watch.streamed:
            kept = self._finish(request, stream, begun) and kept
        else:
            kept = self._send(connection, request, response, begun, lasting=kept)
        if self._watch.long:
            self._accounts.end()
        self._watch.end()
        if not kept:
            self._clients.close(connection)
        return kept

    def _stream(self, connection: Connection, request: Request) -> Stream:
        """Return the way of an answer that is sent piece by piece."""

        def head(response: Response) -> bytes:
            lasting = request.lasting and request.minor > 0 and not self._leaving
            return written(response, lasting=lasting)

        return self._watch.stream(Stream(connection, request, self._limits.patience, head))

    def _finish(self, request: Request, stream: Stream, begun: float) -> bool:
        """Take note of an answer that was sent piece by piece; return whether to go on."""
        assert stream.response is not None
        seconds = time.monotonic() - begun
        self._accounts.note(request, stream.response.status, stream.size, seconds)
        self._row[Cell.dropped] += not stream.complete
        return stream.complete and request.minor > 0

    def _send(
        self,
        connection: Connection,
        request: Request,
        response: Response,
        begun: float,
        *,
        lasting: bool,
    ) -> bool:
        data = written(response, lasting=lasting, bodiless=request.method == "HEAD")
        self._accounts.note(request, response.status, len(data), time.monotonic() - begun)
        try:
            sent = connection.send(data)
            if sent < len(data):
                self._send_rest(connection, data[sent:])
        except OSError:
            return False
        return lasting

    def _send_rest(self, connection: Connection, rest: bytes) -> NoReturn:
        """Send what did not go out at once, while siblings take over everything else."""
        if not self._watch.long and self._watch.withdraw():
            self._row[Cell.dropped] += 1
            self._accounts.end()
        try:
            connection.drain(rest, self._limits.patience)
        except OSError:
            self._row[Cell.dropped] += 1
        connection.socket.close()
        self._accounts.end()
