"""Null models: evaluated in arrays they give what plain enumeration of each draw gives."""

from __future__ import annotations

import re
import time
from collections import Counter
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_path_semantics import networks, queries

from trilogue.errors import QueryError
from trilogue.paths.enumeration import Enumeration
from trilogue.paths.network import NO_END, Hop, Network
from trilogue.paths.null_models import Chance, Null, Statistic
from trilogue.paths.query import Carry, Order, PathQuery
from trilogue.paths.rescheduling import Numbers, Schedule, TimedWalks
from trilogue.paths.significance import comparison, significance

SMALL, LARGE, FIRM, STATE = "ns/Small", "ns/Large", "ns/Firm", "ns/State"
FIRMS = frozenset({FIRM})


def act(name: str, source: str, target: str, day: str, kind: str = "contact") -> Hop:
    number = date.fromisoformat(day).toordinal()
    return Hop(name, kind, source, target, earliest=number, latest=number)


def two_sizes(small: int, large: int, days: list[str]) -> Network:
    """Firms of two sizes; the small ones address the state before it acts, the large ones after."""
    firms = [f"small-{n}" for n in range(small)] + [f"large-{n}" for n in range(large)]
    hops = [
        act(f"to-state-{firm}", firm, "state", days[firm.startswith("large")]) for firm in firms
    ]
    hops.append(act("to-council", "state", "council", days[2], "position"))
    classes = {firm: frozenset({FIRM, SMALL if "small" in firm else LARGE}) for firm in firms}
    return Network(tuple(hops), {**classes, "state": frozenset({STATE})})


def asked(origins: str) -> PathQuery:
    return PathQuery("contact/position", frozenset({origins}), frozenset({"council"}))


DAYS = ["2023-01-01", "2023-09-01", "2023-05-01"]


def retimed(schedule: Schedule, spans: Numbers) -> Network:
    """Return the network with other spans for its acts."""
    hops = [
        hop
        if (act := schedule.act(hop)) is None
        else replace(hop, earliest=int(spans[act, 0]), latest=int(spans[act, 1]))
        for hop in schedule.network.hops
    ]
    return replace(schedule.network, hops=tuple(hops))


@settings(max_examples=600, deadline=None)
@given(networks(), queries(), st.integers(0, 9), st.sampled_from([None, (4,), (3, 5)]))
def test_shuffled_times_in_arrays_give_what_enumeration_of_the_retimed_network_gives(
    network: Network, query: PathQuery, seed: int, cuts: tuple[int, ...] | None
) -> None:
    schedule = Schedule(network, cuts)
    spans = schedule.shuffled(4, np.random.default_rng(seed))
    walks = TimedWalks(schedule, query)
    counts = walks.counts(spans)
    for draw in range(len(spans)):
        other = retimed(schedule, spans[draw])
        expected = Counter(path.origin for path in Enumeration(other, query).paths())
        found = dict(zip(walks.origins, counts[:, draw].tolist(), strict=True))
        assert {origin: number for origin, number in found.items() if number} == expected
    assert retimed(schedule, spans[0]) == network


def chain(random: Random) -> tuple[Network, PathQuery]:
    """Acts and relations in a row, under bounds that leave some orders and not others."""
    number = random.randint(2, 5)
    hops = []
    for place in range(number):
        begin, standing = random.randint(1, 9), random.random() < 0.25
        end = begin + random.choice([0, 0, 1, 3, 5])
        wide = 3 if standing else 0
        hops.append(
            Hop(
                f"ground-{place}",
                "office" if standing else "contact",
                str(place),
                str(place + 1),
                earliest=begin - wide,
                latest=end + wide,
                standing=standing,
                core=(begin, end) if standing else None,
            )
        )
    query = PathQuery(
        f"any{{{number}}}",
        frozenset({"0"}),
        frozenset({str(number)}),
        order=random.choice([Order.possible, Order.possible, Order.certain]),
        ties=random.random() < 0.3,
        carry=Carry.nothing,
        largest_gap=random.choice([None, None, 1, 2, 4, 6]),
        largest_duration=random.choice([None, 0, 1, 2, 3, 4, 5, 6]),
    )
    return Network(tuple(hops)), query


@pytest.mark.parametrize("seed", range(4))
def test_acts_in_a_row_are_dated_in_arrays_as_one_by_one(seed: int) -> None:
    # Chosen evenly: Hypothesis prefers small numbers, under which bounds hardly ever matter.
    random = Random(seed)
    for _ in range(1000):
        network, query = chain(random)
        schedule = Schedule(network, ())
        spans = schedule.shuffled(4, np.random.default_rng(seed))
        counts = TimedWalks(schedule, query).counts(spans).sum(axis=0).tolist()
        assert counts == [Enumeration(retimed(schedule, each), query).count() for each in spans]


@given(networks(), queries())
def test_what_is_observed_is_what_enumeration_gives(network: Network, query: PathQuery) -> None:
    origins = Counter(path.origin for path in Enumeration(network, query).paths())
    for null in Null:
        for statistic, expected in (
            (Statistic.paths, origins.total()),
            (Statistic.origins, len(origins)),
        ):
            chance = Chance(null, statistic, draws=1, among=frozenset(network.things & set("abc")))
            assert significance(network, query, chance).observed == expected


@given(networks(), st.integers(0, 9))
def test_spans_are_exchanged_within_kind_and_period_and_none_is_lost(
    network: Network, seed: int
) -> None:
    schedule = Schedule(network, (4,))
    for spans in schedule.shuffled(3, np.random.default_rng(seed)):
        other = retimed(schedule, spans)

        def found(one: Network) -> Counter[tuple[object, ...]]:
            return Counter(
                (hop.kind, hop.earliest, hop.latest) for hop in one.hops if not hop.standing
            )

        assert found(other) == found(network)
        for before, after in zip(network.hops, other.hops, strict=True):
            assert (before.earliest >= 4) is (after.earliest >= 4)
            assert (before.latest >= 4) is (after.latest >= 4)
            assert (before.latest == NO_END) is (after.latest == NO_END)


def test_hops_of_one_act_keep_one_day() -> None:
    hops = tuple(
        act(name, source, target, day)
        for name, day in (("joint", DAYS[0]), ("other", DAYS[1]), ("third", DAYS[2]))
        for source, target in (("a", "b"), ("b", "c"))
    )
    schedule = Schedule(Network(hops))
    assert len(schedule.spans) == 3
    for spans in schedule.shuffled(5, np.random.default_rng(0)):
        days = {hop.ground: hop.earliest for hop in retimed(schedule, spans).hops}
        assert all(hop.earliest == days[hop.ground] for hop in retimed(schedule, spans).hops)


def test_times_are_shuffled_within_the_year_unless_cuts_are_given() -> None:
    network = Network(
        (
            act("first", "small", "state", "2022-01-01"),
            act("second", "large", "state", "2023-12-01"),
            act("position", "state", "council", "2023-06-01", "position"),
        )
    )
    by_year = significance(network, asked("small"))
    assert (by_year.movable, by_year.deviation, by_year.z) == (0, 0, None)
    at_once = significance(network, asked("small"), Chance(cuts=()))
    assert at_once.movable == 2
    assert at_once.mean == pytest.approx(0.5, abs=0.05)


def test_permuted_labels_match_the_hypergeometric_distribution() -> None:
    # 3 of 9 firms have a path, and all of them are small: 3 of 3 drawn from 9.
    network = two_sizes(3, 6, DAYS)
    found = significance(network, asked(SMALL), Chance(Null.labels, among=FIRMS, draws=20_000))
    assert (found.observed, found.units, found.movable) == (3, 9, 9)
    assert found.mean == pytest.approx(3 * 3 / 9, abs=0.02)
    assert found.more == found.least == pytest.approx(1 / 84, abs=0.003)
    assert found.two_sided == 2 * found.more
    assert found.fewer == 1


def test_no_p_is_zero() -> None:
    found = significance(
        two_sizes(30, 30, DAYS), asked(SMALL), Chance(Null.labels, among=FIRMS, draws=199)
    )
    assert (found.observed, found.more, found.least) == (30, 1 / 200, 1 / 200)


def test_a_seed_gives_the_same_and_another_one_gives_others() -> None:
    network = two_sizes(4, 5, DAYS)
    for null in Null:
        first, again, other = (
            significance(network, asked(SMALL), Chance(null, draws=50, seed=seed, among=FIRMS))
            for seed in (1, 1, 2)
        )
        assert first == again
        assert first.mean != other.mean


def test_two_queries_are_compared_under_the_same_draws_and_for_each_actor() -> None:
    network = two_sizes(4, 12, DAYS)
    idle = {"small-idle": frozenset({FIRM, SMALL})}
    network = replace(network, classes={**network.classes, **idle})
    for null in Null:
        found = comparison(network, asked(SMALL), asked(LARGE), Chance(null, among=FIRMS))
        assert (found.first.observed, found.second.observed) == (4, 0)
        assert found.sizes == (5, 12)
        assert found.ratio is None
        assert found.per_actor is not None
        assert found.difference.mean == pytest.approx(found.first.mean - found.second.mean)
        assert found.per_actor.observed == 4 / 5
        assert found.per_actor.mean == pytest.approx(found.first.mean / 5 - found.second.mean / 12)
        assert found.difference.more < 0.05 < found.difference.fewer
    turned = comparison(network, asked(LARGE), asked(SMALL))
    assert (turned.ratio, turned.difference.observed) == (0, -4)


def test_actors_outside_the_broader_class_keep_their_labels() -> None:
    network = two_sizes(2, 2, DAYS)
    named = replace(
        asked(SMALL), origins=frozenset({SMALL, "state"}), expression="contact?/position"
    )
    found = significance(network, named, Chance(Null.labels, among=FIRMS, draws=400))
    assert (found.observed, found.units) == (3, 4)
    assert found.mean == pytest.approx(1 + 1, abs=0.1)


def test_origins_count_once_however_many_parallel_acts_they_have() -> None:
    hops = [act(f"contact-{n}", "small", "state", f"2023-0{n + 1}-01") for n in range(4)]
    hops += [
        act(f"position-{n}", "state", "council", f"2023-0{n + 6}-01", "position") for n in (1, 2)
    ]
    for statistic, observed in ((Statistic.paths, 8), (Statistic.origins, 1)):
        found = significance(Network(tuple(hops)), asked("small"), Chance(statistic=statistic))
        assert (found.observed, found.z) == (observed, None)


def test_without_walks_all_is_nought_and_nothing_is_told() -> None:
    for network in (Network(()), two_sizes(1, 1, DAYS)):
        found = significance(network, asked("nobody"))
        assert (found.observed, found.mean, found.deviation, found.z) == (0, 0, 0, None)
        assert (found.more, found.fewer, found.two_sided) == (1, 1, 1)
        assert "tells nothing" in found.in_words()


def test_the_words_carry_the_figures_and_the_limits() -> None:
    network = two_sizes(4, 5, DAYS)
    for null, kept in ((Null.times, "caused the next"), (Null.labels, "size of the class")):
        found = significance(network, asked(SMALL), Chance(null, draws=300, seed=7, among=FIRMS))
        words = found.in_words()
        assert re.match(r"4 paths, against a mean of \d", words)
        assert "300 draws, seed 7" in words
        assert kept in words
        assert "not independent" in words
        assert f"{found.movable} of {found.units}" in words
        assert f"is {found.least:.3g}." in words
    words = comparison(network, asked(SMALL), asked(LARGE)).in_words()
    assert all(part in words for part in ("First query, 4 actors", "paths an actor"))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"draws": 0}, "draws 0"),
        ({"cuts": (5, 3)}, "each later"),
        ({"cuts": (5, 5)}, "each later"),
        ({"null": Null.labels}, "among which broader classes"),
    ],
)
def test_what_cannot_be_drawn_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(QueryError, match=message):
        Chance(**wrong)


def test_a_class_that_nothing_belongs_to_is_refused_with_the_nearest() -> None:
    chance = Chance(Null.labels, among=frozenset({"ns/Firms"}))
    with pytest.raises(QueryError, match="nothing is a member of 'ns/Firms'; nearest: ns/Firm"):
        significance(two_sizes(2, 2, DAYS), asked(SMALL), chance)


def test_quantiles_are_numbers_that_were_drawn() -> None:
    found = significance(two_sizes(3, 6, DAYS), asked(SMALL), Chance(Null.labels, among=FIRMS))
    values = [value for _, value in found.quantiles]
    assert all(value == int(value) for value in values)
    assert values == sorted(values)
    # Of 84 ways to draw 3 of 9, 20 have none of the 3 with a path, and 45 have one.
    assert dict(found.quantiles)[0.05] == 0
    assert dict(found.quantiles)[0.5] == 1
    assert dict(found.quantiles)[0.95] == 2


def test_labels_move_within_each_of_several_classes_only() -> None:
    network = two_sizes(3, 3, DAYS)
    groups = {f"small-{n}": frozenset({FIRM, SMALL, "ns/North"}) for n in range(3)}
    network = replace(network, classes={**network.classes, **groups})
    apart = Chance(Null.labels, among=frozenset({FIRM, "ns/North"}))
    found = significance(network, asked(SMALL), apart)
    assert (found.observed, found.units, found.movable, found.z) == (3, 6, 0, None)


def test_a_thousand_draws_over_a_thousand_hops_take_seconds() -> None:
    random = np.random.default_rng(3)
    first = date(2021, 1, 1).toordinal()
    names = [f"actor-{n}" for n in range(100)]
    hops = []
    for number in range(1000):
        source, target = random.choice(names, 2, replace=False)
        day = first + int(random.integers(0, 1200))
        hops.append(
            Hop(
                f"act-{number}",
                "contact",
                str(source),
                str(target),
                earliest=day,
                latest=day + int(random.integers(0, 40)),
            )
        )
    network = Network(tuple(hops))
    query = PathQuery("contact{1,5}", frozenset(names[:15]), frozenset(names[-10:]), Order.possible)
    begin = time.perf_counter()
    found = significance(network, query, Chance(draws=1000))
    assert time.perf_counter() - begin < 10
    assert found.observed == Enumeration(network, query).count() > 500
