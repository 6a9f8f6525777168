"""What observations rest on: the rows that state and carry them, with their pages and works."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trilogue import passages
from trilogue.namespaces import iri_of

if TYPE_CHECKING:
    from trilogue.graph import Graph

QUERY = "what-each-observation-rests-on"
OWN_WORD = "the word of the study alone"
"""Stands for the source of rows that cite no work: nothing but the study bears them out."""


@dataclass(frozen=True)
class Row:
    """A row, the works that it rests on, and the pages of the study that it was read from."""

    iri: str
    sources: frozenset[str]
    pages: frozenset[str]


@dataclass(frozen=True)
class Observation:
    """An observation with the row that states it and the rows that carry it."""

    iri: str
    hypothesis: str
    implication: str
    bearing: str
    own: frozenset[str]
    carriers: frozenset[str]

    @property
    def alternatives(self) -> tuple[frozenset[str], ...]:
        """The sets of rows of which one has to fall as a whole, that the observation falls."""
        return (self.own, self.carriers) if self.carriers else (self.own,)

    def falls(self, rows: Collection[str]) -> bool:
        """Tell whether the observation falls when these rows do."""
        return any(alternative <= frozenset(rows) for alternative in self.alternatives)


@dataclass(frozen=True)
class Support:
    """All observations and all rows that they rest on."""

    observations: tuple[Observation, ...]
    rows: Mapping[str, Row]

    def of(self, hypothesis: str) -> list[Observation]:
        """Return the observations that bear on a hypothesis."""
        return [item for item in self.observations if item.hypothesis == hypothesis]

    def standing(self, rows: Collection[str]) -> frozenset[str]:
        """Return the observations that stand when these rows have fallen."""
        return frozenset(item.iri for item in self.observations if not item.falls(rows))


def read(graph: Graph) -> Support:
    """Return what the observations of the graph rest on."""
    heads: dict[str, tuple[str, str, str]] = {}
    roles: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    sources: dict[str, set[str]] = defaultdict(set)
    pages: dict[str, set[str]] = defaultdict(set)
    for cells in graph.query(QUERY):
        seen, row = iri_of(cells["seen"]), iri_of(cells["row"])
        heads[seen] = (
            iri_of(cells["idea"]),
            iri_of(cells["implication"]),
            iri_of(cells["bearing"]),
        )
        roles[seen][cells["role"].value].add(row)
        sources[row] |= {iri_of(cells["source"])} - {""}
        pages[row] |= {page_of(iri_of(cells["passage"]))} - {""}
    observations = tuple(
        Observation(seen, *head, frozenset(roles[seen]["own"]), frozenset(roles[seen]["carrier"]))
        for seen, head in sorted(heads.items())
    )
    rows = {
        row: Row(row, frozenset(sources[row]) or frozenset({OWN_WORD}), frozenset(pages[row]))
        for row in sources
    }
    return Support(observations, rows)


def page_of(passage: str) -> str:
    """Return the page of a passage: a note falls with the page that it stands on.

    >>> page_of("https://w3id.org/trilogue/id/passage/p43-n4")
    'p. 43'
    """
    return passages.locator(passage.rpartition("/")[2].partition("-")[0])


def fallen(rows: Iterable[Row], grounds: Collection[str], kind: str) -> frozenset[str]:
    """Return the rows that fall with some sources or pages: those that rest on nothing else.

    >>> row = Row("r", frozenset({"s", "t"}), frozenset({"p. 1"}))
    >>> fallen([row], {"s"}, "sources"), fallen([row], {"p. 1"}, "pages") == {"r"}
    (frozenset(), True)
    """
    return frozenset(
        row.iri for row in rows if getattr(row, kind) and getattr(row, kind) <= set(grounds)
    )
