"""Checks: queries that return what is wrong, and say why and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pyoxigraph import Quad

from trilogue import catalogue, inference, layers, mapping
from trilogue.graph import EmbeddedBackend
from trilogue.namespaces import ONTOLOGY_GRAPH
from trilogue.project import Project
from trilogue.results import Bindings, show


@dataclass(frozen=True)
class Finding:
    """One row that a check returns: thing, property, value, and where the row stands."""

    check: catalogue.Query
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


def run_on_resolved(project: Project) -> list[Finding]:
    """Run all checks over the resolved layer and what it entails.

    For the causes of an inconsistency, where no inferred layer has been written.
    """
    resolved = layers.load(project.resolved)
    inferred = inference.materialise(resolved, catalogue.read(project, "inference"))
    return run(project, [*resolved, *inferred], lambda: mapping.places_of(project))


def run(
    project: Project, quads: Iterable[Quad], places_of_rows: Callable[[], dict[str, str]]
) -> list[Finding]:
    """Run all checks of what is published over the quads.

    `places_of_rows` gives file and line of each row graph, and is called only where something is
    found; a finding in another graph is placed by the graph's own name.
    """
    places: dict[str, str] = {}
    backend = EmbeddedBackend.of(quads)
    found = []
    for check in read(project):
        answer = backend.answer(check.text, "csv")
        assert isinstance(answer, Bindings)
        for row in answer:
            places = places or {**layers.places_of_terms(project), **places_of_rows()}
            graph, entity = row["row"], row["entity"]
            key = entity.value if graph == ONTOLOGY_GRAPH else graph.value
            place = places.get(key, show(graph))
            thing, prop, value = (show(row[name]) for name in ("entity", "property", "value"))
            found.append(Finding(check, thing, prop, value, place))
    return found
