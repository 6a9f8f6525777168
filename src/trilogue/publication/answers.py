"""The results of the catalogue's queries as pages show them, and the paths among them.

The cells of a result are words; where only one thing bears such a name, a cell links to it, and
where a cell names passages, to each of them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from trilogue import passages
from trilogue.namespaces import THINGS
from trilogue.publication.statements import Value

Cell = tuple[Value, ...]
"""What stands in a cell: one value, or several passages."""


@dataclass(frozen=True)
class Answer:
    """A table of results."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def blocks(self) -> list[tuple[Cell, list[tuple[Cell, ...]]]]:
        """The rows by their first cell, which is told once where it stays the same."""
        grouped = groupby(self.rows, key=lambda row: row[:1])
        return [(first[0], [row[1:] for row in rows]) for first, rows in grouped if first]


@dataclass(frozen=True)
class PathHop:
    """One act or relation of a path, as its query tells it."""

    number: str
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
    def steps(self) -> list[tuple[str, list[PathHop]]]:
        """The kind of each step, and all acts and relations on which the step can rest."""
        grouped = groupby(self.hops, key=lambda hop: (hop.number, hop.kind))
        return [(kind, list(hops)) for (_, kind), hops in grouped]

    @property
    def things(self) -> frozenset[str]:
        """The IRIs of what it passes."""
        values = (value for hop in self.hops for value in (hop.source, hop.target, hop.act))
        return frozenset(value.iri for value in values if value.iri)


def answer(text: str, names: Mapping[str, str]) -> Answer:
    """Read a result in CSV; `names` leads from what only one thing is called to its IRI."""
    rows = list(csv.reader(io.StringIO(text)))
    cells = [
        tuple(locators(cell) or (_value(cell, names),) for cell in row or [""]) for row in rows[1:]
    ]
    return Answer(tuple(rows[0]) if rows else (), tuple(cells))


def paths(query: str, text: str, names: Mapping[str, str]) -> list[PathAnswer]:
    """Return the paths in the result of the path query of that name, in its order."""
    rows = csv.DictReader(io.StringIO(text))
    return [
        PathAnswer(query, title, tuple(_hop(row, names) for row in hops))
        for title, hops in groupby(rows, key=lambda row: row["path"])
    ]


def locators(text: str) -> Cell:
    """Return the passages of a locator, each as a link; nothing where the text names none.

    >>> [value.text for value in locators("abstract; p. 43, n. 4")], locators("p. 43 and others")
    (['abstract', 'p. 43, n. 4'], ())
    """
    keys = [(part, passages.key_of(part)) for part in map(str.strip, text.split(";"))]
    if not any(key for _, key in keys):
        return ()
    return tuple(Value(part, f"{THINGS}passage/{key or part}") for part, key in keys)


def unambiguous(named: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the names that only one IRI has, each with it.

    >>> unambiguous([("a", "x"), ("b", "y"), ("b", "z")])
    {'a': 'x'}
    """
    found: dict[str, set[str]] = {}
    for name, iri in named:
        found.setdefault(name, set()).add(iri)
    return {name: min(iris) for name, iris in found.items() if len(iris) == 1}


def _value(text: str, names: Mapping[str, str]) -> Value:
    if text.startswith(("http://", "https://")):
        return Value(text.removeprefix(THINGS), text)
    return Value(text, names.get(text, ""))


def _hop(row: Mapping[str, str], names: Mapping[str, str]) -> PathHop:
    source, target, act = (_value(row[key], names) for key in ("from", "to", "act"))
    evidence = locators(row["evidence"]) or (Value(row["evidence"]),)
    date = _interval(row["date"])
    return PathHop(row["hop"], row["kind"], source, target, act, date, row["order"], evidence)


def _interval(text: str) -> str:
    """Return the date or interval of a hop in words.

    >>> _interval("2023-06/2023-11"), _interval("/2023-12-14"), _interval("2023-11-19")
    ('2023-06 – 2023-11', 'until 2023-12-14', '2023-11-19')
    """
    begin, _, end = text.partition("/")
    if not begin and end:
        return f"until {end}"
    return f"{begin} – {end}" if end else begin
