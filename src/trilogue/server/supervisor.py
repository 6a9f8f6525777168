"""The process that starts all others, ends those that are late, and replaces them.

It answers nobody. A store in memory it holds: a process that it forks has the store at once, and
shares its memory until it writes to it. It must have a single thread, so that it never opens a
store on disk.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import time
from contextlib import suppress

from trilogue.server import connections
from trilogue.server.application import Application
from trilogue.server.board import Cell, State
from trilogue.server.workers import Channels, Worker

_LOOK = 0.5  # seconds between two looks when nobody calls
_MARGIN = 1.0  # seconds that a process has for ending itself, after its deadline
_BIRTH = 0.1  # seconds within which a process that ends has hardly begun
_FAREWELL = 5.0  # seconds for the last answers at a shutdown


class Supervisor:
    """Keeps as many processes ready as there are to be, whatever becomes of them."""

    def __init__(
        self,
        application: Application,
        listener: socket.socket,
        *,
        log: int | None,
        proxied: bool = False,
    ) -> None:
        self._application = application
        self._limits = application.limits
        self._board = application.board
        self._places: dict[int, int] = {}
        self._started = 0.0
        self._stopping = False
        self._called, calls = os.pipe()
        lifeline, self._lifeline = os.pipe()
        for descriptor in (self._called, calls):
            os.set_blocking(descriptor, False)
        takes, gives = connections.pool()
        self._channels = Channels(listener, takes, gives, calls, lifeline, log, proxied)

    def run(self) -> None:
        """Serve until the process is told to end, by SIGINT or SIGTERM."""
        gc.collect()
        gc.freeze()  # what was made before the fork is not looked at again, and stays shared
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._channels.calls, warn_on_full_buffer=False)
        while not self._stopping:
            self._reap()
            self._end_late()
            self._replenish()
            select.select([self._called], [], [], _LOOK)
            with suppress(BlockingIOError):
                os.read(self._called, 4_096)
        self._shut_down()

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def _replenish(self) -> None:
        """Start processes until enough are ready for small queries."""
        states = self._board.states()
        ready = sum(states[place] != State.long for place in self._places.values())
        while ready < self._limits.workers and State.absent in states:
            self._start(self._board.free())
            states = self._board.states()
            ready += 1

    def _start(self, place: int) -> None:
        self._board.row(place)[Cell.state] = State.busy
        self._started = time.monotonic()
        identity = os.fork()
        if identity:
            self._places[identity] = place
            return
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for number in (signal.SIGINT, signal.SIGTERM):  # told by the lifeline instead
                signal.signal(number, signal.SIG_IGN)
            os.close(self._lifeline)
            os.close(self._called)
            Worker(self._application, self._channels, place).run()
        finally:
            os._exit(1)

    def _reap(self) -> None:
        """Take note of processes that have ended."""
        while self._places:
            identity, status = os.waitpid(-1, os.WNOHANG)
            if not identity:
                return
            place = self._places.pop(identity, None)
            if place is None:
                continue
            row = self._board.row(place)
            row[Cell.crashed] += status != 0
            for cell in (Cell.state, Cell.begun, Cell.client, Cell.connections, Cell.wary):
                row[cell] = 0
            if status and not self._stopping and time.monotonic() - self._started < _BIRTH:
                time.sleep(_BIRTH)  # no spinning, should all end as they begin

    def _end_late(self) -> None:
        """Kill processes that are late and could not end themselves."""
        now = time.monotonic()
        for identity, place in self._places.items():
            begun = self._board.row(place)[Cell.begun] / 1e9
            if begun and now - begun > self._limits.timeout + _MARGIN:
                os.kill(identity, signal.SIGKILL)

    def _shut_down(self) -> None:
        """Let the last answers go out, and end what takes too long."""
        self._channels.listener.close()
        os.close(self._lifeline)
        deadline = time.monotonic() + _FAREWELL
        while self._places and time.monotonic() < deadline:
            self._reap()
            time.sleep(0.01)
        for identity in self._places:
            os.kill(identity, signal.SIGKILL)
            os.waitpid(identity, 0)


def serve(
    application: Application,
    listener: socket.socket,
    *,
    log: int | None = None,
    proxied: bool = False,
) -> None:
    """Serve an application on a socket until this process is told to end.

    `log` is a file descriptor for the access log. With `proxied`, clients are told apart by the
    last address in X-Forwarded-For: only for a server that none but a proxy can reach.
    """
    Supervisor(application, listener, log=log, proxied=proxied).run()
