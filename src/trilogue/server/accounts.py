"""What a process notes of each request: counts on the board, and a line in the journal."""

from __future__ import annotations

import os
from typing import NoReturn

from trilogue.server.board import Board
from trilogue.server.journal import Journal
from trilogue.server.messages import Request


class Accounts:
    """The notes of one process, which its row on the board and the journal take."""

    def __init__(self, board: Board, row: memoryview[int], journal: Journal) -> None:
        self._board = board
        self._row = row
        self.journal = journal

    def note(self, request: Request, status: int, size: int, seconds: float) -> None:
        """Take note of a request and of the answer that it got."""
        self._board.count(self._row, status, size, seconds)
        self.journal.note(request.client, request, status, size, seconds)

    def note_unread(self, client: str, status: int, size: int) -> None:
        """Take note of what could not be read as a request."""
        self._board.count(self._row, status, size, 0.0)
        self.journal.note(client, None, status, size, 0.0)

    def end(self, status: int = 0) -> NoReturn:
        """End this process, with nothing of its parent's left to run."""
        self.journal.flush()
        os._exit(status)
