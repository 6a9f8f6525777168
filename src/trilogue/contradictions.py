"""Contradictions of the source: what checks over the asserted layer find, with both sides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pyoxigraph import NamedNode, Quad

from trilogue import checks, layers, mapping
from trilogue.graph import EmbeddedBackend
from trilogue.namespaces import iri_of, term
from trilogue.project import Project
from trilogue.results import Bindings, show

SEVERITIES = ("ERROR", "WARN", "INFO")
CONFIDENCES = ("certain", "probable", "possible")
COLUMNS = (
    "kind", "severity", "confidence",
    "statement", "locator", "row",
    "other_statement", "other_locator", "other_row",
    "decision", "reason",
)  # fmt: skip


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


def find(project: Project, data: Iterable[Quad] | None = None) -> list[Contradiction]:
    """Return all contradictions, the gravest first.

    `data` stands in for the project's own rows. Takes time in proportion to it.
    """
    data = list(layers.contested_quads(project) if data is None else data)
    backend = EmbeddedBackend.of(data)
    decisions = _decisions(data)
    locators = {
        quad.subject: show(quad.object) for quad in data if quad.predicate == term("locator")
    }
    places = mapping.places_of(project)
    found = []
    for check in checks.read(project, contested=True):
        answer = backend.answer(check.text, "csv")
        assert isinstance(answer, Bindings)
        for row in answer:
            first, second = (
                Side(
                    _statement(row, *names),
                    locators.get(row[names[3]], ""),
                    places.get(iri_of(row[names[3]]), ""),
                )
                for names in _SIDES
            )
            decision, reason = decisions.of(check.name, {row["row"], row["otherRow"]})
            found.append(
                Contradiction(
                    check.name,
                    check.level,
                    show(row["confidence"]),
                    first,
                    second,
                    decision,
                    reason,
                )
            )
    return sorted(found, key=_rank)


_SIDES = (
    ("entity", "property", "value", "row"),
    ("otherEntity", "otherProperty", "otherValue", "otherRow"),
)


def _statement(row: Mapping[str, Any], entity: str, prop: str, value: str, _: str) -> str:
    return f"{show(row[entity])} {show(row[prop])} {show(row[value])}"


def _rank(item: Contradiction) -> tuple[Any, ...]:
    grave = (SEVERITIES.index(item.severity), CONFIDENCES.index(item.confidence))
    return (*grave, item.kind, item.cells())


@dataclass(frozen=True)
class _Decisions:
    aside: Mapping[Any, str]
    accepted: Mapping[tuple[str, frozenset[Any]], str]

    def of(self, check: str, rows: set[Any]) -> tuple[str, str]:
        for row in sorted(rows, key=str):
            if row in self.aside:
                return "resolved", self.aside[row]
        reason = self.accepted.get((check, frozenset(rows)))
        return ("open", "") if reason is None else ("accepted", reason)


def _decisions(data: Iterable[Quad]) -> _Decisions:
    """Read which rows are set aside, and which findings are accepted."""
    said: dict[Any, dict[NamedNode, list[Any]]] = {}
    names = {term(name) for name in ("setsAside", "accepts", "acceptsFindingOf", "reason")}
    for quad in data:
        if quad.predicate in names:
            said.setdefault(quad.subject, {}).setdefault(quad.predicate, []).append(quad.object)
    aside, accepted = {}, {}
    for resolution in said.values():
        reason = show(resolution[term("reason")][0])
        for row in resolution.get(term("setsAside"), []):
            aside[row] = reason
        rows = frozenset(resolution.get(term("accepts"), []))
        for check in resolution.get(term("acceptsFindingOf"), []):
            accepted[check.value, rows] = reason
    return _Decisions(aside, accepted)
