"""The dossier of the valid fixtures as a store, and its hops as a network."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad

from trilogue import layers
from trilogue.graph import EmbeddedBackend
from trilogue.namespaces import INFERRED_GRAPH, PROVENANCE_GRAPH, RDFS, THINGS, expand, term, thing
from trilogue.paths.network import NO_BEGINNING, NO_END, Hop, Matter, Network
from trilogue.project import Project
from trilogue.results import Bindings

FIXTURES = Path(__file__).parent / "fixtures" / "valid"
MEETING_ROW = thing("row/cited")


def matter(issue: str, stance: str | None = None) -> Matter:
    """Return an issue, and a stance on an option of it, by their keys."""
    return Matter(THINGS + issue, stance and " ".join(THINGS + part for part in stance.split()))


MATTER = matter("issue/threshold", "stance/supports option/high-threshold")


def act(
    kind: str, ground: str, source: str, target: str, first: str, last: str = "", **more: object
) -> Hop:
    earliest, latest = (date.fromisoformat(day).toordinal() for day in (first, last or first))
    more.setdefault("evidence", ("p. 1",))
    ground, source, target = map(expand, (ground, source, target))
    return Hop(ground, kind, source, target, earliest=earliest, latest=latest, **more)  # type: ignore[arg-type]


def relation(kind: str, ground: str, source: str, target: str, **more: object) -> Hop:
    more = {"evidence": ("p. 1",), "core": (NO_BEGINNING, NO_END), **more}
    ground, source, target = map(expand, (ground, source, target))
    return Hop(ground, kind, source, target, standing=True, **more)  # type: ignore[arg-type]


HOPS = (
    relation("demand", "position/small-firm", "actor/small-firm", "actor/small-firm", matters=frozenset({MATTER})),
    act("contact", "act/meeting", "actor/small-firm", "actor/minister", "2023-06-01", "2023-06-30", evidence=("p. 1, n. 1", "p. 1")),
    act("contact", "act/dinner", "actor/small-firm", "actor/minister", "2023-06-15", weight=0.5),
    act("contact", "act/cabinet-visit", "actor/small-firm", "actor/government", "2023-08-29"),
    act("appearance", "act/panel", "actor/small-firm", "actor/newspaper", "2023-04-21"),
    relation("office", "tenure/minister", "actor/minister", "actor/ministry"),
    relation("part", "actor/ministry", "actor/ministry", "actor/government"),
    relation("part", "actor/government", "actor/government", "actor/arcadia"),
    relation("part", "actor/working-party", "actor/working-party", "actor/council"),
    act("uptake", "act/discussion", "actor/government", "actor/arcadia", "2023-07-01"),
    act("position", "act/working-party-meeting", "actor/arcadia", "actor/working-party", "2023-11-09", matters=frozenset({MATTER, matter("issue/rules")})),
    act("adoption", "act/agreement", "actor/council", "text/agreement", "2023-12-09"),
    relation("provision", "provision/threshold", "text/agreement", "provision/threshold", matters=frozenset({matter("issue/threshold")})),
)  # fmt: skip
CLASSES = {
    expand(name): frozenset(map(expand, classes))
    for name, *classes in (
        ("actor/small-firm", "tlg:Firm", "tlg:Actor"),
        ("actor/minister", "tlg:Person", "tlg:Actor"),
        ("actor/government", "tlg:Government", "tlg:Actor"),
        ("act/meeting", "tlg:Meeting", "tlg:Act"),
        ("act/dinner", "tlg:SocialOccasion", "tlg:Act"),
    )
}
NETWORK = Network(HOPS, CLASSES)

WHOLE = "demand/contact/office?/part*/uptake?/position/part/adoption/provision"
"""From a demand to the provision of a text."""


@cache
def quads() -> tuple[Quad, ...]:
    """Return ontology and fixtures, and the row of the meeting as a graph of its own."""
    described = [
        Quad(quad.subject, quad.predicate, quad.object, INFERRED_GRAPH)
        for path in sorted(FIXTURES.glob("*.ttl"))
        if path.stem != "paths"
        for quad in layers.parse_turtle(path)
    ]
    label = NamedNode(RDFS + "label")
    row = [
        Quad(thing("act/meeting"), label, Literal("Meeting", language="en"), MEETING_ROW),
        Quad(MEETING_ROW, term("locator"), Literal("p. 1; p. 1, n. 1"), PROVENANCE_GRAPH),
        Quad(thing("act/meeting"), label, Literal("Treffen", language="de"), thing("row/reported")),
        Quad(thing("row/reported"), term("locator"), Literal("p. 2"), PROVENANCE_GRAPH),
    ]
    project = Project.find(Path(__file__).parent)
    return (*layers.ontology_quads(project), *described, *row)


@cache
def store() -> EmbeddedBackend:
    return EmbeddedBackend.of(quads())


def ask(text: str) -> Bindings:
    answer = store().answer(text, "turtle")
    assert isinstance(answer, Bindings)
    return answer
