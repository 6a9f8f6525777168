"""The connections that one process serves, and how they leave it."""

from __future__ import annotations

import selectors
import socket
from collections.abc import Iterator

from trilogue.server.board import Cell
from trilogue.server.connections import Connection


class Clients:
    """The connections of a process: each is in its selector, and all are counted in its row."""

    def __init__(
        self, selector: selectors.BaseSelector, row: memoryview[int], gives: socket.socket
    ) -> None:
        self._selector = selector
        self._row = row
        self._gives = gives
        self._connections: dict[int, Connection] = {}

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._connections.values()))

    def __len__(self) -> int:
        return len(self._connections)

    def add(self, connection: Connection) -> None:
        """Take a connection."""
        number = connection.socket.fileno()
        self._connections[number] = connection
        self._row[Cell.connections] = len(self._connections)
        self._selector.register(number, selectors.EVENT_READ, connection)

    def close(self, connection: Connection) -> None:
        """Close a connection."""
        self._forget(connection)
        connection.socket.close()

    def pass_on(self, connection: Connection) -> None:
        """Hand a connection to whichever process takes it."""
        self._forget(connection)
        self._row[Cell.passed] += connection.pass_on(self._gives)

    def pass_all_but(self, kept: Connection | None) -> None:
        """Hand all connections to other processes, but for one and those that only end."""
        for connection in self:
            if connection is not kept and not connection.refused:
                self.pass_on(connection)

    def _forget(self, connection: Connection) -> None:
        number = connection.socket.fileno()
        if self._connections.pop(number, None) is not None:
            self._selector.unregister(number)
            self._row[Cell.connections] = len(self._connections)
