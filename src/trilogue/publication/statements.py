"""What pages show of things: values, statements with their evidence, timelines."""

from __future__ import annotations

import functools
from dataclasses import dataclass

INFERRED = "inferred"
"""The origin of what no row states, but what follows from rows."""


@dataclass(frozen=True)
class Value:
    """What stands in a statement: a link with its name, or a literal with its language."""

    text: str
    iri: str = ""
    language: str = ""


@dataclass(frozen=True)
class Evidence:
    """Why a statement stands in the graph: the row with its pages, basis and cited sources.

    `origin` says where there is no row: "inferred", "ontology" or "provenance".
    """

    origin: str
    row: Value | None = None
    passages: tuple[Value, ...] = ()
    basis: Value | None = None
    sources: tuple[Value, ...] = ()


@dataclass(frozen=True)
class Statement:
    """A value that a property has, and all the evidence for it."""

    value: Value
    evidence: tuple[Evidence, ...]

    @property
    def entailed(self) -> bool:
        """Whether no row states it: it follows from what rows state."""
        return all(item.origin == INFERRED for item in self.evidence)


@dataclass(frozen=True)
class Group:
    """All statements of one property; `more` counts those that are not shown."""

    property: Value
    statements: tuple[Statement, ...]
    more: int = 0

    @functools.cached_property
    def stated(self) -> list[Statement]:
        """The statements that stand in the graph for another reason than that they follow."""
        return [item for item in self.statements if not item.entailed]

    @functools.cached_property
    def entailed(self) -> list[Statement]:
        """The statements that only follow from others."""
        return [item for item in self.statements if item.entailed]

    @functools.cached_property
    def rows(self) -> bool:
        """Whether some row bears out a statement."""
        return any(item.row for statement in self.statements for item in statement.evidence)


@dataclass(frozen=True)
class Moment:
    """An act in the timeline of a thing: date as printed, the act, what it has to do with it."""

    date: str
    act: Value
    role: Value
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Thing:
    """All that a page shows of a thing, a term or a row."""

    iri: str
    label: str
    chinese: str
    kinds: tuple[Value, ...]
    statements: tuple[Group, ...]
    links: tuple[Group, ...]
    references: tuple[Group, ...]
    timeline: tuple[Moment, ...]
    bounded: bool = False
