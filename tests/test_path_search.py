"""The compiled search gives the answers that plain enumeration gives."""

from __future__ import annotations

import dataclasses
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_path_semantics import EXPRESSIONS, networks, queries

from trilogue.paths.compiled.index import Index
from trilogue.paths.compiled.search import Search
from trilogue.paths.enumeration import Enumeration, InfluencePath
from trilogue.paths.network import Hop, Matter, Network
from trilogue.paths.query import PathQuery, Score

# What stands in brackets: classes of grounds and of things, and names of both.
CONDITIONS = [
    "contact[type=ground-0]/office?",
    "any[type!=Meeting]{1,3}",
    "any[from=Firm]/any[to!=a]{1,2}",
    "(any[from=a,b]|contact[type=Meeting; to=Body])+",
    "office[to=b]?/any[from!=Firm]+",
    "any[type=ground-1,Tenure]/any*",
]
LONGER = ["any{1,7}", "contact/office*/(contact|position)+", "office*/any/office*"]
CLASSES = st.frozensets(st.sampled_from(["Firm", "Body", "Person"]), max_size=2)
TYPES = st.frozensets(st.sampled_from(["Meeting", "Tenure"]), max_size=2)


@st.composite
def classified(draw: st.DrawFn) -> Network:
    """Networks whose things have classes, and whose hops have weights and passages."""
    network = draw(networks())
    hops = [
        dataclasses.replace(
            hop,
            weight=draw(st.sampled_from([1.0, 0.5, 0.3])),
            evidence=tuple("pqr"[: draw(st.integers(0, 3))]),
        )
        for hop in network.hops
    ]
    if draw(st.booleans()):
        hops.append(draw(st.sampled_from(hops)))
    classes = {thing: draw(CLASSES) for thing in "abc"}
    classes |= {hop.ground: draw(TYPES) for hop in hops}
    return Network(tuple(hops), classes)


@st.composite
def questions(draw: st.DrawFn) -> PathQuery:
    query = draw(queries())
    ends = st.frozensets(st.sampled_from(["a", "b", "c", "Firm", "Body", "nobody"]), min_size=1)
    return dataclasses.replace(
        query,
        expression=draw(st.sampled_from([*EXPRESSIONS, *CONDITIONS, *LONGER])),
        origins=draw(ends),
        destinations=draw(ends),
    )


def told(paths: list[InfluencePath]) -> Counter[InfluencePath]:
    return Counter(paths)


@settings(max_examples=2000, deadline=None)
@given(classified(), questions(), st.integers(1, 6), st.sampled_from(Score))
def test_search_answers_as_enumeration_does(
    network: Network, query: PathQuery, number: int, by: Score
) -> None:
    plain = Enumeration(network, query)
    search = Search(Index.of_network(network), query)
    expected = list(plain.paths())
    assert told(list(search.paths())) == told(expected)
    assert search.count() == len(expected)
    assert search.exists() is bool(expected)
    assert search.earliest() == plain.earliest()
    best = search.top(number, by)
    scores = sorted(path.score(by) for path in expected)[:number]
    assert [path.score(by) for path in best] == pytest.approx(scores, rel=1e-12)
    assert not told(best) - told(expected)


def test_a_relation_that_holds_with_no_act_leads_nowhere() -> None:
    matters = frozenset({Matter("i")})
    acts = (
        Hop("early", "contact", "a", "b", matters, 5, 5),
        Hop("late", "position", "c", "d", matters, 9, 9),
    )
    later = Hop("office", "office", "b", "c", earliest=6, latest=8, standing=True, core=(6, 8))
    query = PathQuery("contact/office/position", frozenset("a"), frozenset("d"))
    search = Search(Index.of_network(Network((*acts, later))), query)
    assert [search.top(3, score) for score in Score] == [[]] * len(Score)
    assert search.count() == 0
