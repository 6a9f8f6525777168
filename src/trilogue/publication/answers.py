"""The recorded results of the catalogue's queries, and the paths among them.

A result stands beside its query in the repository, and a test holds it against the graph. Its
cells are words; where only one thing bears such a name, a cell links to it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from trilogue import passages
from trilogue.catalogue import Query
from trilogue.errors import TrilogueError
from trilogue.namespaces import THINGS, thing
from trilogue.publication.things import Value


@dataclass(frozen=True)
class Answer:
    """A table of results."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True)
class PathHop:
    """One act or relation of a path, as its query tells it."""

    kind: str
    source: Value
    target: Value
    act: Value
    date: str
    order: str
    evidence: tuple[Value, ...]


@dataclass(frozen=True)
class PathAnswer:
    """A path: the query that found it, its title, its hops."""

    query: str
    title: str
    hops: tuple[PathHop, ...]

    @property
    def things(self) -> frozenset[str]:
        """The IRIs of what it passes."""
        values = (value for hop in self.hops for value in (hop.source, hop.target, hop.act))
        return frozenset(value.iri for value in values if value.iri)


def recorded(query: Query) -> str:
    """Return the recorded result as CSV; nothing where a query has none."""
    try:
        return query.expected.read_text("utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise TrilogueError(f"{query.expected}: cannot be read: {error}") from None


def answer(text: str, names: Mapping[str, str]) -> Answer:
    """Read a recorded result; `names` leads from what only one thing is called to its IRI."""
    rows = list(csv.reader(io.StringIO(text)))
    cells = [tuple(_cell(cell, names) for cell in row) for row in rows[1:]]
    return Answer(tuple(rows[0]) if rows else (), tuple(cells))


def paths(query: Query, names: Mapping[str, str]) -> list[PathAnswer]:
    """Return the paths that a path query found, in its order."""
    rows = csv.DictReader(io.StringIO(recorded(query)))
    return [
        PathAnswer(query.name, title, tuple(_hop(row, names) for row in hops))
        for title, hops in groupby(rows, key=lambda row: row["path"])
    ]


def locators(text: str) -> tuple[Value, ...]:
    """Return the passages of a locator, each as a link."""
    values = []
    for part in filter(None, (part.strip() for part in text.split(";"))):
        key = passages.key_of(part)
        values.append(Value(part, thing(f"passage/{key}").value if key else ""))
    return tuple(values)


def unambiguous(named: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the names that only one IRI has, each with it.

    >>> unambiguous([("a", "x"), ("b", "y"), ("b", "z")])
    {'a': 'x'}
    """
    found: dict[str, set[str]] = {}
    for name, iri in named:
        found.setdefault(name, set()).add(iri)
    return {name: min(iris) for name, iris in found.items() if len(iris) == 1}


def _cell(text: str, names: Mapping[str, str]) -> Value:
    if text.startswith(("http://", "https://")):
        return Value(text.removeprefix(THINGS), text)
    return Value(text, names.get(text, ""))


def _hop(row: Mapping[str, str], names: Mapping[str, str]) -> PathHop:
    source, target, act = (_cell(row[key], names) for key in ("from", "to", "act"))
    evidence = locators(row["evidence"])
    date = _interval(row["date"])
    return PathHop(row["kind"], source, target, act, date, row["order"], evidence)


def _interval(text: str) -> str:
    """Return the date or interval of a hop in words.

    >>> _interval("2023-06/2023-11"), _interval("/2023-12-14"), _interval("2023-11-19")
    ('2023-06 – 2023-11', 'until 2023-12-14', '2023-11-19')
    """
    begin, _, end = text.partition("/")
    if not begin and end:
        return f"until {end}"
    return f"{begin} – {end}" if end else begin
