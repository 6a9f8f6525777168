"""Contradictions of the source: what checks over the asserted layer find, with both sides."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pyoxigraph import NamedNode, Quad, Store

from trilogue import checks, layers, mapping, memory
from trilogue.graph import EmbeddedBackend, EmbeddedLayers, Layers
from trilogue.namespaces import iri_of, term
from trilogue.project import Project, is_newer, written_aside
from trilogue.remote.addresses import CONTESTED
from trilogue.results import Bindings, show

CONFIDENCES = ("certain", "probable", "possible")
COLUMNS = (
    "kind", "severity", "confidence",
    "statement", "locator", "row",
    "other_statement", "other_locator", "other_row",
    "decision", "reason",
)  # fmt: skip

_SIDES = (
    ("entity", "property", "value", "row"),
    ("otherEntity", "otherProperty", "otherValue", "otherRow"),
)


@dataclass(frozen=True)
class Side:
    """One side of a contradiction: what is stated, where in the source, and in which row."""

    statement: str
    locator: str
    row: str


@dataclass(frozen=True)
class Contradiction:
    """Two statements that a check holds against each other, and what the curators decided.

    `severity` is that of the check; `confidence` says whether the two exclude each other
    ("certain"), probably do, or possibly do. `decision` is "resolved" where one of the rows is set
    aside, "accepted" where both stay for a reason, and "open" otherwise.
    """

    kind: str
    severity: str
    confidence: str
    first: Side
    second: Side
    decision: str
    reason: str

    def cells(self) -> tuple[str, ...]:
        """Return the contradiction as one row of a table, in the order of `COLUMNS`."""
        sides = (
            cell
            for side in (self.first, self.second)
            for cell in (side.statement, side.locator, side.row)
        )
        return (self.kind, self.severity, self.confidence, *sides, self.decision, self.reason)


@dataclass(frozen=True)
class Survey:
    """All contradictions, the gravest first, and the resolutions that accept what none is."""

    found: tuple[Contradiction, ...]
    idle: tuple[str, ...]


def survey(project: Project, data: Iterable[Quad] | None = None) -> Survey:
    """Run all checks for contradictions.

    `data` stands in for the project's own rows. Takes time in proportion to them.
    """
    store = layers.contested(project) if data is None else memory.stored(data)
    backend = EmbeddedBackend(store)
    decisions = _decisions(store)
    locators, places = _locators(store), mapping.places_of(project)
    found, used = [], set()
    for check in checks.read(project, contested=True):
        answer = backend.answer(check.text, "csv")
        assert isinstance(answer, Bindings)
        for row in answer:
            rows = frozenset({row["row"], row["otherRow"]})
            used.add((check.name, rows))
            decision = decisions.of(check.name, rows)
            first, second = (_side(row, names, locators, places) for names in _SIDES)
            confidence = show(row["confidence"])
            found.append(
                Contradiction(check.name, check.level, confidence, first, second, *decision)
            )
    idle = [name for finding, (name, _) in decisions.accepted.items() if finding not in used]
    return Survey(tuple(sorted(found, key=_rank)), tuple(sorted(idle)))


def find(project: Project, data: Iterable[Quad] | None = None) -> tuple[Contradiction, ...]:
    """Return the contradictions of a `survey`."""
    return survey(project, data).found


def known(project: Project, held: Layers | None = None) -> tuple[Contradiction, ...]:
    """Return the contradictions that `keep` wrote, or find them where rows were built since.

    Those of layers that were not built here are found.
    """
    if held is not None and not isinstance(held, EmbeddedLayers):
        return find(project, held.quads(CONTESTED))
    if not is_newer(project.contradictions, [project.asserted, project.inferred]):
        return find(project)
    kept = json.loads(project.contradictions.read_text("utf-8"))
    return tuple(
        Contradiction(**{**each, "first": Side(**each["first"]), "second": Side(**each["second"])})
        for each in kept
    )


def keep(project: Project) -> int:
    """Find the contradictions and write them for `known`; return how many there are."""
    found = find(project)
    content = json.dumps([asdict(each) for each in found], ensure_ascii=False)
    with written_aside(project.contradictions) as file:
        file.write(content.encode())
    return len(found)


def summary(found: Iterable[Contradiction]) -> str:
    """Say how many contradictions there are, and how many were decided in each way."""
    decisions = Counter(item.decision for item in found)
    total = ", ".join(f"{count} {name}" for name, count in sorted(decisions.items()))
    return f"{decisions.total()} contradictions: {total}"


def _side(
    answer: Mapping[str, Any],
    names: tuple[str, str, str, str],
    locators: Mapping[Any, str],
    places: Mapping[str, str],
) -> Side:
    *statement, graph = (answer[name] for name in names)
    words = " ".join(map(show, statement))
    return Side(words, locators.get(graph, ""), places.get(iri_of(graph), show(graph)))


def _locators(store: Store) -> dict[Any, str]:
    return {quad.subject: show(quad.object) for quad in _quads(store, "locator")}


def _quads(store: Store, name: str) -> Iterator[Quad]:
    return store.quads_for_pattern(None, term(name), None)


def _rank(item: Contradiction) -> tuple[Any, ...]:
    grave = (checks.LEVELS.index(item.severity), CONFIDENCES.index(item.confidence))
    return (*grave, item.kind, item.cells())


_Finding = tuple[str, frozenset[Any]]


@dataclass(frozen=True)
class _Decisions:
    """Why rows are set aside, and by which resolution and why findings are accepted."""

    aside: Mapping[Any, str]
    accepted: Mapping[_Finding, tuple[str, str]]

    def of(self, check: str, rows: frozenset[Any]) -> tuple[str, str]:
        for row in sorted(rows & self.aside.keys(), key=str):
            return "resolved", self.aside[row]
        if (check, rows) in self.accepted:
            return "accepted", self.accepted[check, rows][1]
        return "open", ""


def _decisions(store: Store) -> _Decisions:
    said: dict[Any, dict[NamedNode, list[Any]]] = {}
    for name in ("setsAside", "accepts", "acceptsFindingOf", "reason"):
        for quad in _quads(store, name):
            said.setdefault(quad.subject, {}).setdefault(quad.predicate, []).append(quad.object)
    aside: dict[Any, str] = {}
    accepted: dict[_Finding, tuple[str, str]] = {}
    for resolution, statements in said.items():
        reason = show(next(iter(statements.get(term("reason"), [])), None))
        for row in statements.get(term("setsAside"), []):
            aside[row] = reason
        rows = frozenset(statements.get(term("accepts"), []))
        for check in statements.get(term("acceptsFindingOf"), []):
            accepted[check.value, rows] = (show(resolution), reason)
    return _Decisions(aside, accepted)
