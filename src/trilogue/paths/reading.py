"""Hops read from the graph: each kind is a query of `queries/hops/`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from trilogue import catalogue, passages
from trilogue.errors import QueryError
from trilogue.graph import Graph
from trilogue.paths.network import NO_BEGINNING, NO_END, Hop, Matter, Network

_CLASSES = """SELECT DISTINCT ?thing ?class WHERE {
  VALUES ?thing { %s } ?thing a ?class FILTER(isIRI(?class))
}"""
_LOCATORS = """PREFIX tlg: <https://w3id.org/trilogue/ns#>
SELECT DISTINCT ?row ?locator WHERE { ?row tlg:locator ?locator } ORDER BY ?row ?locator"""
_LABELS = """PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX tlg: <https://w3id.org/trilogue/ns#>
SELECT ?thing (MIN(STR(?label)) AS ?name) WHERE {
  VALUES ?thing { %s }
  ?thing rdfs:label|skos:prefLabel|tlg:postTitle|tlg:hasStance/skos:prefLabel ?label
  FILTER(LANG(?label) = "en")
}
GROUP BY ?thing"""

GROUNDS = ("act", "relation")
REQUIRED = ("ground", "source", "target", "row")


@dataclass
class _Draft:
    """What the rows of one hop say together."""

    earliest: int = NO_BEGINNING
    latest: int = NO_END
    core: tuple[int, int] | None = None
    matters: set[Matter] = field(default_factory=set)
    rows: set[str] = field(default_factory=set)


def read(graph: Graph) -> Network:
    """Return the network of all hops that the queries of `queries/hops/` find.

    Time grows with the number of their answers: 0.3 s for the first dossier.
    Raises `QueryError` where a query does not answer as a hop query has to.
    """
    locators: dict[str, list[str]] = defaultdict(list)
    for row, locator in graph.query(_LOCATORS).values():
        locators[row].append(locator)
    hops = [
        hop
        for query in catalogue.read(graph.project, "hops")
        for hop in _hops(graph, query, locators)
    ]
    named = {name for hop in hops for name in (hop.ground, hop.source, hop.target)}
    matters = {matter for hop in hops for matter in hop.matters}
    concepts = {name for matter in matters for name in (matter.issue, *matter.names)}
    classes: dict[str, set[str]] = defaultdict(set)
    for thing, name in graph.query(_about(_CLASSES, named)).values():
        classes[thing].add(name)
    return Network(
        tuple(sorted(hops, key=lambda hop: (hop.kind, hop.ground, hop.source, hop.target))),
        {thing: frozenset(names) for thing, names in classes.items()},
        dict(graph.query(_about(_LABELS, named | concepts)).values()),
    )


def _about(query: str, names: Iterable[str]) -> str:
    return query % " ".join(f"<{name}>" for name in sorted(names))


def _hops(graph: Graph, query: catalogue.Query, locators: Mapping[str, list[str]]) -> list[Hop]:
    place = graph.project.relative(query.path)
    ground = query.field("Ground").removesuffix(".")
    if ground not in GROUNDS:
        raise QueryError(f"{place}: Ground: '{ground}', expected one of {', '.join(GROUNDS)}")
    answer = graph.query(query)
    missing = [name for name in REQUIRED if name not in answer.variables]
    if missing:
        raise QueryError(f"{place}: no variable ?{missing[0]}; expected a query for hops")
    drafts: dict[tuple[str, str, str], _Draft] = defaultdict(_Draft)
    for row in answer:
        key = tuple(row[name].value for name in REQUIRED[:3])
        _add(drafts[key], row, place)
    try:
        return [
            Hop(
                *(key[0], query.name, *key[1:]),
                matters=frozenset(draft.matters),
                earliest=draft.earliest,
                latest=draft.latest,
                standing=ground == "relation",
                core=draft.core if ground == "relation" else None,
                evidence=_passages(locators[row] for row in draft.rows),
            )
            for key, draft in drafts.items()
        ]
    except ValueError as error:
        raise QueryError(f"{place}: {error}") from None


def _passages(locators: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """Return the passages of some rows, each once, in the order of the pages."""
    found = {passage for row in locators for locator in row for passage in locator.split("; ")}
    return tuple(sorted(found, key=lambda passage: (passages.place(passage), passage)))


def _add(draft: _Draft, row: Mapping[str, Any], place: str) -> None:
    draft.rows.add(row["row"].value)
    draft.earliest = max(draft.earliest, _day(row.get("earliest"), NO_BEGINNING, place))
    draft.latest = min(draft.latest, _day(row.get("latest"), NO_END, place))
    begins = _day(row.get("coreEarliest"), draft.earliest, place)
    ends = _day(row.get("coreLatest"), draft.latest, place)
    draft.core = (begins, ends) if begins <= ends else None
    if row.get("issue") is not None:
        stance = " ".join(row[name].value for name in ("stance", "option") if row.get(name))
        draft.matters.add(Matter(row["issue"].value, stance or None))


def _day(term: Any, otherwise: int, place: str) -> int:
    if term is None:
        return otherwise
    try:
        return date.fromisoformat(term.value).toordinal()
    except ValueError:
        raise QueryError(f"{place}: day '{term.value}', expected YYYY-MM-DD") from None
