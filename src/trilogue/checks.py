"""Checks: queries that return what is wrong, and say why and what to do."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import Quad

from trilogue import catalogue
from trilogue.graph import EmbeddedBackend
from trilogue.namespaces import ONTOLOGY_GRAPH, iri_of
from trilogue.project import Project
from trilogue.results import Bindings, show

LEVELS = ("ERROR", "WARN", "INFO")
"""How grave the findings of a check can be, the gravest first."""

Places = Callable[[], Mapping[str, Sequence[str]]]
"""Returns the files and lines of row graphs and terms."""


@dataclass(frozen=True)
class Finding:
    """One row that a check returns: thing, property, value, and where the row stands.

    `subject` is the IRI of the thing; the others are written for reading.
    """

    check: catalogue.Query
    subject: str
    entity: str
    property: str
    value: str
    place: str

    def __str__(self) -> str:
        """Return the finding in one line."""
        return f"{self.place} {self.entity} {self.property} {self.value} ({self.check.name})"


def read(project: Project, *, contested: bool = False) -> list[catalogue.Query]:
    """Return the checks of what is published, or those that look for contradictions.

    The latter read the asserted layer, where both sides of a contradiction stand.
    """
    return [check for check in catalogue.read(project, "checks") if check.asserted is contested]


def run(
    project: Project, quads: Iterable[Quad], places: Places = dict, covering: str = ""
) -> list[Finding]:
    """Run the checks of what is published over the quads: all, or those covering such tests.

    `places` gives the files and lines of row graphs and terms, and is called once, where something
    is found; a finding in another graph is placed by the graph's own name.
    """
    placed = functools.cache(places)
    backend = EmbeddedBackend.of(quads)
    found = []
    for check in read(project):
        if not any(name.startswith(covering) for name in check.covers or ("",)):
            continue
        answer = backend.answer(check.text, "csv")
        assert isinstance(answer, Bindings)
        for row in answer:
            graph, entity = row["row"], row["entity"]
            key = iri_of(entity if graph == ONTOLOGY_GRAPH else graph)
            place = placed().get(key, [show(graph)])[0]
            thing, prop, value = (show(row[name]) for name in ("entity", "property", "value"))
            found.append(Finding(check, iri_of(entity), thing, prop, value, place))
    return found
