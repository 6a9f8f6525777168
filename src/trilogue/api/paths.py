"""Influence paths as data."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from trilogue.graph import Graph
from trilogue.namespaces import THINGS
from trilogue.paths.answers import Paths, matter_in_words
from trilogue.paths.enumeration import InfluencePath
from trilogue.paths.network import Hop, day_in_words
from trilogue.paths.query import Carry, Order, Score
from trilogue.paths.statements import key

MOST_COUNTED = 100_000


def answer(graph: Graph, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is asked of the paths along an expression: themselves, how many, whether, when.

    Paths are at most `limit`, and are counted up to `MOST_COUNTED`; `more` tells whether there are
    others. Raises `QueryError` for what cannot be asked.
    """
    found = _found(graph, asked)
    if asked["answer"] == "exists":
        return {"exists": found.exists()}
    if asked["answer"] == "count":
        count = sum(1 for _ in itertools.islice(found, MOST_COUNTED + 1))
        return {"count": min(count, MOST_COUNTED), "more": count > MOST_COUNTED}
    if asked["answer"] == "earliest":
        return {"arrivals": [_arrival(found, *each) for each in found.earliest().items()]}
    chosen = list(_chosen(found, asked["limit"] + 1, asked["best"]))
    return {
        "paths": [_path(found, path) for path in chosen[: asked["limit"]]],
        "more": len(chosen) > asked["limit"],
    }


def lines(graph: Graph, asked: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield each path as soon as it is found, and then whether there are more.

    What else is asked of paths is one line, beside the last.
    """
    if asked["answer"] != "paths":
        yield answer(graph, asked)
        yield {"more": False}
        return
    found = _found(graph, asked)
    chosen = iter(_chosen(found, asked["limit"] + 1, asked["best"]))
    for path in itertools.islice(chosen, asked["limit"]):
        yield _path(found, path)
    yield {"more": next(chosen, None) is not None}


def _found(graph: Graph, asked: Mapping[str, Any]) -> Paths:
    return graph.paths(
        asked["along"],
        origins=asked["from"],
        destinations=asked["to"],
        order=Order(asked["order"]),
        ties=asked["ties"],
        carry=Carry(asked["carry"]),
        issues=frozenset(asked["issue"]) if asked["issue"] else None,
        largest_gap=asked["gap"],
        largest_duration=asked["duration"],
        most_hops=asked["hops"],
        simple=asked["simple"],
    )


def _chosen(found: Paths, number: int, best: str | None) -> Iterable[InfluencePath]:
    return itertools.islice(found, number) if best is None else found.top(number, Score(best))


def _arrival(found: Paths, destination: str, day: str) -> dict[str, Any]:
    return {**_thing(found, destination), "day": day or None}


def _path(found: Paths, path: InfluencePath) -> dict[str, Any]:
    return {
        "iri": f"{THINGS}path/{key(path)}",
        "title": found.title(path),
        "carried": _carried(found, path),
        "arrival": day_in_words(path.arrival) or None,
        "duration": path.duration,
        "weight": path.weight,
        "hops": list(_hops(found, path)),
    }


def _carried(found: Paths, path: InfluencePath) -> dict[str, Any] | None:
    if path.matter is None:
        return None
    stance, option = path.matter.stance_and_option
    return {
        "issue": path.matter.issue,
        "stance": stance or None,
        "option": option or None,
        "label": matter_in_words(path.matter, found.network),
    }


def _hops(found: Paths, path: InfluencePath) -> Iterator[dict[str, Any]]:
    for hop, order in zip(path.hops, path.orders, strict=True):
        yield {
            "kind": hop.kind,
            "source": _thing(found, hop.source),
            "target": _thing(found, hop.target),
            "ground": _thing(found, hop.ground),
            **_days(hop),
            "standing": hop.standing,
            "order": order or None,
            "evidence": list(hop.evidence),
        }


def _days(hop: Hop) -> dict[str, str | None]:
    return {
        "earliest": day_in_words(hop.earliest) or None,
        "latest": day_in_words(hop.latest) or None,
    }


def _thing(found: Paths, iri: str) -> dict[str, str]:
    return {"iri": iri, "label": found.network.label(iri)}
