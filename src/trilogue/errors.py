"""Errors that a user can act on: one line each, with an exit code."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


class TrilogueError(Exception):
    """Something that the user can mend; the message is one line.

    >>> TrilogueError("queries/tables/table-9.rq: no such file").exit_code
    1
    """

    exit_code = 1


class QueryError(TrilogueError):
    """A query that does not parse, or that no file answers to."""

    exit_code = 2


class EndpointError(TrilogueError):
    """A remote endpoint that does not answer as SPARQL 1.1 says."""

    exit_code = 3


class InterruptionError(TrilogueError):
    """Work that the user cut off, and what that leaves."""

    exit_code = 130  # what typer makes of Ctrl-C: 128 and the number of the signal


@dataclass(frozen=True, order=True)
class Problem:
    """What is wrong in a table, and where: `file:line:column message`.

    `line` and `column` count from 1; 0 stands for the file as a whole.

    >>> str(Problem("data/thesis/acts.csv", 12, 3, "kind", "unknown class 'Meting'"))
    "data/thesis/acts.csv:12:3 kind: unknown class 'Meting'"
    """

    file: str
    line: int
    column: int
    name: str
    message: str

    def __str__(self) -> str:
        """Return the problem in one line, as compilers write it."""
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        return f"{place} {self.name}: {self.message}" if self.name else f"{place} {self.message}"


class DataError(TrilogueError):
    """Rows that cannot be built from; `problems` lists all that were found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def nearest(value: str, known: Iterable[str]) -> str:
    """Suggest the known names that look most like `value`, if any does.

    >>> nearest("mistral", ["mistral-ai", "meta"])
    '; nearest: mistral-ai'
    """
    matches = difflib.get_close_matches(value, sorted(known), n=3, cutoff=0.7)
    return f"; nearest: {', '.join(matches)}" if matches else ""
