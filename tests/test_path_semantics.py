"""Paths are what `semantics.md` says: held against a reading of it that tries everything."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trilogue.errors import QueryError
from trilogue.paths.enumeration import Enumeration
from trilogue.paths.network import NO_BEGINNING, NO_END, Hop, Matter, Network
from trilogue.paths.query import Carry, Order, PathQuery

# Expressions, and the same as regular expressions over the first letters of the kinds.
EXPRESSIONS = {
    "contact": "c",
    "contact/office?": "co?",
    "any{1,4}": "[coap]{1,4}",
    "(contact|office)+": "[co]+",
    "office*/contact/(office|position)*": "o*c[op]*",
    "contact{2}/position?": "cc(p)?",
    "(contact/office)+|any": "(co)+|[coap]",
    "contact*/contact": "c*c",
    "(contact?/position?){1,2}": "(c?p?){1,2}",
}
MOST = 4
THINGS = ["a", "b", "c"]
MATTERS = [Matter(issue, stance) for issue in "ij" for stance in (None, "x", "y")]


@st.composite
def hops(draw: st.DrawFn, number: int) -> Hop:
    kind = draw(st.sampled_from(["contact", "office", "position"]))
    first = draw(st.integers(1, 6))
    last = first + draw(st.integers(0, 2))
    earliest = NO_BEGINNING if draw(st.integers(0, 9)) == 0 else first
    latest = NO_END if draw(st.integers(0, 9)) == 0 else last
    core = (earliest, latest)
    if draw(st.booleans()):
        core = (first + 1, last) if first < last else None  # type: ignore[assignment]
    return Hop(
        f"ground-{number}",
        kind,
        draw(st.sampled_from(THINGS)),
        draw(st.sampled_from(THINGS)),
        frozenset(draw(st.lists(st.sampled_from(MATTERS), max_size=2))),
        earliest,
        latest,
        standing=kind == "office",
        core=core if kind == "office" else None,
    )


@st.composite
def networks(draw: st.DrawFn) -> Network:
    number = draw(st.integers(1, 5))
    return Network(tuple(draw(hops(index)) for index in range(number)))


@st.composite
def queries(draw: st.DrawFn) -> PathQuery:
    bounds = st.one_of(st.none(), st.integers(0, 3))
    return PathQuery(
        draw(st.sampled_from(list(EXPRESSIONS))),
        origins=frozenset(draw(st.lists(st.sampled_from(THINGS), min_size=1))),
        destinations=frozenset(draw(st.lists(st.sampled_from(THINGS), min_size=1))),
        order=draw(st.sampled_from(Order)),
        ties=draw(st.booleans()),
        carry=(carry := draw(st.sampled_from(Carry))),
        issues=None if carry is Carry.nothing else draw(st.sampled_from([None, frozenset("i")])),
        largest_gap=draw(bounds),
        largest_duration=draw(bounds),
        most_hops=draw(st.integers(1, MOST)),
        simple=draw(st.booleans()),
    )


def days(hop: Hop) -> range:
    """Days enough to stand for an open end: further ones add no order that these do not have."""
    first = -6 if hop.earliest == NO_BEGINNING else hop.earliest
    return range(first, (15 if hop.latest == NO_END else hop.latest) + 1)


def datings(walk: tuple[Hop, ...]) -> Iterator[dict[int, int]]:
    acts = [place for place, hop in enumerate(walk) if not hop.standing]
    for chosen in itertools.product(*(days(walk[place]) for place in acts)):
        yield dict(zip(acts, chosen, strict=True))


def fits(dating: dict[int, int], walk: tuple[Hop, ...], query: PathQuery, span: str) -> bool:
    when = list(dating.values())
    gaps = [later - sooner for sooner, later in itertools.pairwise(when)]
    if any(gap < (0 if query.ties else 1) for gap in gaps):
        return False
    if query.largest_gap is not None and any(gap > query.largest_gap for gap in gaps):
        return False
    if query.largest_duration is not None and when and when[-1] - when[0] > query.largest_duration:
        return False
    return all(
        held(hop, dating[anchor(place, walk)], span)
        for place, hop in enumerate(walk)
        if hop.standing and dating
    )


def anchor(place: int, walk: tuple[Hop, ...]) -> int:
    before = [act for act in range(place) if not walk[act].standing]
    return before[-1] if before else next(act for act, hop in enumerate(walk) if not hop.standing)


def held(hop: Hop, day: int, span: str) -> bool:
    if span == "core":
        return hop.core is not None and hop.core[0] <= day <= hop.core[1]
    return hop.earliest <= day <= hop.latest


def in_order(walk: tuple[Hop, ...], query: PathQuery) -> bool:
    span = "core" if query.order is Order.certain else "span"
    if all(hop.standing for hop in walk):
        return any(all(held(hop, day, span) for hop in walk) for day in range(-9, 20))
    quantifier = all if query.order is Order.certain else any
    return quantifier(fits(dating, walk, query, span) for dating in datings(walk))


def carried(walk: tuple[Hop, ...], query: PathQuery) -> list[Matter | None]:
    if query.carry is Carry.nothing:
        return [None]
    named = [
        {Matter(m.issue) if query.carry is Carry.issue else m for m in hop.matters}
        for hop in walk
        if hop.matters
    ]
    if not named:
        return [None] if query.issues is None else []
    found: list[Matter | None] = []
    for matter in set().union(*named):
        bare = Matter(matter.issue)
        if all(matter in each or bare in each for each in named) and (
            query.issues is None or matter.issue in query.issues
        ):
            found.append(matter)
    return found


def is_simple(walk: tuple[Hop, ...]) -> bool:
    places = [walk[0].source] + [hop.target for hop in walk if hop.source != hop.target]
    return len(places) == len(set(places))


def by_trial(network: Network, query: PathQuery) -> Counter[tuple[object, ...]]:
    pattern = re.compile(EXPRESSIONS[query.expression])
    found: Counter[tuple[object, ...]] = Counter()
    for length in range(1, query.bound + 1):
        for walk in itertools.product(network.hops, repeat=length):
            chained = all(one.target == other.source for one, other in itertools.pairwise(walk))
            ends = walk[0].source in query.origins and walk[-1].target in query.destinations
            if not (chained and ends and pattern.fullmatch("".join(hop.kind[0] for hop in walk))):
                continue
            if (not query.simple or is_simple(walk)) and in_order(walk, query):
                grounds = tuple(hop.ground for hop in walk)
                found.update((grounds, matter) for matter in carried(walk, query))
    return found


@settings(max_examples=1500, deadline=None)
@given(networks(), queries(), st.booleans())
def test_enumeration_finds_what_trying_every_walk_and_every_dating_finds(
    network: Network, query: PathQuery, pruned: bool
) -> None:
    found = Enumeration(network, query, pruned=pruned).paths()
    assert Counter(
        (tuple(hop.ground for hop in path.hops), path.matter) for path in found
    ) == by_trial(network, query)


@settings(max_examples=500, deadline=None)
@given(networks(), queries())
def test_arrival_and_duration_are_the_least_of_all_datings_or_the_most_in_certain_order(
    network: Network, query: PathQuery
) -> None:
    closed = Network(
        tuple(h for h in network.hops if h.earliest > NO_BEGINNING and h.latest < NO_END)
    )
    for path in itertools.islice(Enumeration(closed, query).paths(), 20):
        if all(hop.standing for hop in path.hops):
            assert (path.arrival, path.duration) == (NO_BEGINNING, 0)
            continue
        span, choose = ("core", max) if query.order is Order.certain else ("span", min)
        allowed = [list(d.values()) for d in datings(path.hops) if fits(d, path.hops, query, span)]
        assert path.arrival == choose(when[-1] for when in allowed)
        assert path.duration == choose(when[-1] - when[0] for when in allowed)


def test_pairwise_possible_acts_can_be_impossible_together() -> None:
    spans = [(10, 10), (1, 20), (5, 5)]
    chain = [
        Hop(f"act-{n}", "contact", "abcd"[n], "abcd"[n + 1], earliest=first, latest=last)
        for n, (first, last) in enumerate(spans)
    ]
    for length, expected in ((2, True), (3, False)):
        query = PathQuery(f"contact{{{length}}}", frozenset("a"), frozenset("abcd"[length]))
        assert Enumeration(Network(tuple(chain)), query).exists() is expected


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("", "column 1: it ends, expected a kind of hop"),
        ("contact//office", "column 9: found '/'"),
        ("contact/", "column 9: it ends"),
        ("(contact", "column 9: it ends"),
        ("contact)", "column 8: found ')'"),
        ("contact[", "column 9: it ends, expected type, from or to"),
        ("contact[colour=red]", "column 9: found 'c', expected type, from or to"),
        ("contact{3,1}", "column 9: {3,1} matches nothing"),
        ("contact{0}", "column 9: {0,0} matches nothing"),
        ("contact{1,99}", "more than 62 hops"),
        ("contact?", ""),
        ("contact$", "column 8: found '$'"),
        ("contact+", "give the largest number of hops"),
        ("(" * 3000 + "contact" + ")" * 3000, "6007 characters"),
        ("(" * 240 + "contact" + ")" * 240 + "+", "give the largest number of hops"),
    ],
)
def test_an_expression_that_cannot_be_asked_says_where_and_why(
    expression: str, message: str
) -> None:
    if not message:
        assert PathQuery(expression, frozenset("a"), frozenset("b")).bound == 1
        return
    with pytest.raises(QueryError) as caught:
        PathQuery(expression, frozenset("a"), frozenset("b"))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
