"""Whether there are more paths than chance would give: null models, and paths of two queries.

A null model shuffles one thing and keeps all others (Holme and Saramäki 2012, section 5; Gauvin et
al. 2022):

- `times`: the spans of the acts, among acts of one kind and period. It keeps who acts towards whom
  on what, how often, how many acts of each kind fall into a period, and how precisely they are
  dated. It breaks which of them comes first.
- `labels`: which actors are origins, among actors of the same broader classes, say which firms are
  small. It keeps every act, its day, and the size of the class. It breaks who belongs to it.

All walks that could be in order with times from their strata are enumerated once; then each draw
is an evaluation of `dating.py` in arrays.

References: P. Holme, J. Saramäki, *Temporal networks*, Physics Reports 519, 2012. L. Gauvin et al.,
*Randomized reference models for temporal networks*, SIAM Review 64(4), 2022. B. Phipson, G. Smyth,
*Permutation p-values should never be zero*, Stat. Appl. Genet. Mol. Biol. 9(1), 2010.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from trilogue.errors import QueryError, nearest
from trilogue.paths.enumeration import Enumeration
from trilogue.paths.network import NO_BEGINNING, NO_END, Hop, Network
from trilogue.paths.query import Order, PathQuery

Numbers = npt.NDArray[np.int64]
Values = npt.NDArray[np.float64]

QUANTILES = (0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975)
MOST_WALKS = 1_000_000  # beyond it, arrays of a thousand draws take minutes
CELLS = 2_000_000  # beginnings of walks times draws that are evaluated at once


class Null(StrEnum):
    """What is shuffled."""

    times = "times"
    labels = "labels"


class Statistic(StrEnum):
    """What is counted: paths, which parallel acts multiply, or origins that have at least one."""

    paths = "paths"
    origins = "origins"


@dataclass(frozen=True)
class Chance:
    """How chance is drawn.

    `cuts` are the first days of periods, in order; without any, calendar years are the periods.
    `among` names the broader classes within which labels are permuted, such as that of all firms;
    origins that are in none of them stay origins.
    """

    null: Null = Null.times
    statistic: Statistic = Statistic.paths
    draws: int = 1000
    seed: int = 0
    cuts: tuple[int, ...] | None = None
    among: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.draws < 1:
            raise QueryError(f"draws {self.draws}: expected 1 or more")
        if self.cuts is not None and list(self.cuts) != sorted(set(self.cuts)):
            raise QueryError("cuts of periods: expected each later than the one before")
        if self.null is Null.labels and not self.among:
            raise QueryError("labels: say among which broader classes they are permuted")


@dataclass(frozen=True)
class Significance:
    """An observed number against its distribution under a null model.

    `more` is the share of arrangements that give as many or more, `fewer` that give as few or
    fewer, each with the observed arrangement counted in (Phipson and Smyth 2010); `two_sided` is
    twice the smaller; `least` is the least that `more` could be, which is not small where there are
    few arrangements. `z` is undefined where the null does not vary. Of `units` acts or actors that
    are shuffled, `movable` have another one to change places with that differs.
    """

    chance: Chance
    observed: float
    mean: float
    deviation: float
    quantiles: tuple[tuple[float, float], ...]
    z: float | None
    more: float
    fewer: float
    two_sided: float
    least: float
    units: int
    movable: int

    def in_words(self) -> str:
        """Return the finding in sentences, with what limits it."""
        return " ".join((self._finding(self.chance.statistic.value), *limits(self)))

    def _finding(self, what: str) -> str:
        chance, shares = self.chance, dict(self.quantiles)
        if self.z is None:
            return (
                f"{_number(self.observed)} {what}; every one of {chance.draws:,} draws gives "
                "the same, so that this null model tells nothing."
            )
        return (
            f"{_number(self.observed)} {what}, against a mean of {_number(self.mean)} with "
            f"{chance.null} shuffled (standard deviation {_number(self.deviation)}, 95 % of draws "
            f"from {_number(shares[0.025])} to {_number(shares[0.975])}; z = {self.z:.2f}): "
            f"p = {_number(self.more)} for as many or more, {_number(self.two_sided)} two-sided "
            f"({chance.draws:,} draws, seed {chance.seed})."
        )


@dataclass(frozen=True)
class Comparison:
    """The paths of one query against those of another, under the same draws.

    `per_actor` is the difference of numbers per member of the classes of origins, whose `sizes`
    differ; members without any path count. It is nothing where a class has no member. `ratio` is
    nothing where the second query has no path.
    """

    first: Significance
    second: Significance
    difference: Significance
    per_actor: Significance | None
    sizes: tuple[int, int]
    ratio: float | None

    def in_words(self) -> str:
        """Return the finding in sentences, with what limits it."""
        what = self.first.chance.statistic.value
        sentences = [
            f"First query, {self.sizes[0]} actors: {self.first._finding(what)}",
            f"Second query, {self.sizes[1]} actors: {self.second._finding(what)}",
            f"Difference: {self.difference._finding(what)}",
        ]
        if self.ratio is not None:
            sentences.append(f"Ratio: {_number(self.ratio)}.")
        if self.per_actor is not None:
            finding = self.per_actor._finding(f"{what} an actor")
            sentences.append(f"Difference for each actor: {finding}")
        return " ".join((*sentences, *limits(self.difference)))


def limits(found: Significance) -> list[str]:
    """Return in sentences what a finding does not say."""
    kept = {
        Null.times: "Kept are all acts, their performers, addressees and matters, and the number "
        "of each kind and period; broken is only which came first: a small p says that acts follow "
        "one another in an order that favours paths, not that one caused the next.",
        Null.labels: "Kept are all acts and their days, and the size of the class of origins; "
        "broken is only who belongs to it: a small p says that its members stand where paths "
        "begin more often than others of their kind, not why.",
    }
    units = "acts" if found.chance.null is Null.times else "actors"
    return [
        kept[found.chance.null],
        f"{found.movable} of {found.units} {units} have another to change places with.",
        f"The least p for as many or more that these draws can give is {_number(found.least)}.",
        "Walks share acts and are not independent, and the graph is a sample chosen by those who "
        "wrote and read its sources: p speaks of the acts recorded here, not of all that happened.",
    ]


def significance(network: Network, query: PathQuery, chance: Chance | None = None) -> Significance:
    """Hold the number of paths of a query against a null model."""
    chance = chance or Chance()
    ((numbers,), units, movable) = _drawn(network, (query,), chance)
    return _against(numbers, chance, units, movable)


def comparison(
    network: Network, first: PathQuery, second: PathQuery, chance: Chance | None = None
) -> Comparison:
    """Hold the difference of the numbers of paths of two queries against a null model."""
    chance = chance or Chance()
    (ours, theirs), units, movable = _drawn(network, (first, second), chance)
    sizes = (len(population(network, first.origins)), len(population(network, second.origins)))
    per_actor = None
    if all(sizes):
        per_actor = _against(ours / sizes[0] - theirs / sizes[1], chance, units, movable)
    return Comparison(
        _against(ours, chance, units, movable),
        _against(theirs, chance, units, movable),
        _against(ours - theirs, chance, units, movable),
        per_actor,
        sizes,
        float(ours[0] / theirs[0]) if theirs[0] else None,
    )


def population(network: Network, names: Iterable[str]) -> frozenset[str]:
    """Return what is one of the names, or a member of one of them, with or without any hop."""
    names = tuple(names)
    known = network.things | network.classes.keys()
    return frozenset(thing for thing in known if network.is_one_of(thing, names))


def _number(value: float) -> str:
    """Return a whole or a large number in full, any other to three digits."""
    return f"{value:,.0f}" if value == int(value) or abs(value) >= 1000 else f"{value:.3g}"


def _against(numbers: Values, chance: Chance, units: int, movable: int) -> Significance:
    """Hold the first of the numbers against the others."""
    observed, null = float(numbers[0]), numbers[1:]
    varies = bool(null.min() < null.max())
    mean, deviation = float(null.mean()), float(null.std()) if varies else 0.0

    def share(found: npt.NDArray[np.bool_]) -> float:
        return float((1 + np.count_nonzero(found)) / (len(null) + 1))

    more, fewer = share(null >= observed), share(null <= observed)
    shares = zip(
        QUANTILES, np.quantile(null, QUANTILES, method="inverted_cdf").tolist(), strict=True
    )
    return Significance(
        chance,
        observed,
        mean,
        deviation,
        tuple(shares),
        (observed - mean) / deviation if varies else None,
        more,
        fewer,
        min(1.0, 2 * min(more, fewer)),
        share(null >= max(observed, null.max())),
        units,
        movable,
    )


def _drawn(
    network: Network, queries: Sequence[PathQuery], chance: Chance
) -> tuple[list[Values], int, int]:
    """Return for each query the number observed and those of all draws; and what is shuffled."""
    random = np.random.default_rng(chance.seed)
    if chance.null is Null.labels:
        return _by_labels(network, queries, chance, random)
    schedule = Schedule(network, chance.cuts)
    spans = schedule.shuffled(chance.draws, random)
    counts = [TimedWalks(schedule, query).counts(spans) for query in queries]
    numbers = [
        each.sum(axis=0) if chance.statistic is Statistic.paths else (each > 0).sum(axis=0)
        for each in counts
    ]
    return [each.astype(np.float64) for each in numbers], len(schedule.spans), schedule.movable


def _by_labels(
    network: Network, queries: Sequence[PathQuery], chance: Chance, random: np.random.Generator
) -> tuple[list[Values], int, int]:
    origins = [population(network, query.origins) for query in queries]
    for name in sorted(chance.among):
        if not population(network, (name,)):
            known = frozenset().union(*network.classes.values())
            raise QueryError(f"labels: nothing is a member of '{name}'{nearest(name, known)}")
    strata = _strata(network, sorted(chance.among))
    actors = sorted({actor for members in strata for actor in members}.union(*origins))
    place = {actor: index for index, actor in enumerate(actors)}
    holders = [[place[actor] for actor in members] for members in strata]
    drawn = _permuted(len(actors), holders, chance.draws, random)
    numbers = []
    belongs = np.array([[actor in each for actor in actors] for each in origins])
    for query, belonging in zip(queries, belongs, strict=True):
        from_any = replace(query, origins=frozenset(actors))
        counts = Counter(path.origin for path in Enumeration(network, from_any).paths())
        weights = np.array([counts[actor] for actor in actors], dtype=np.float64)
        if chance.statistic is Statistic.origins:
            weights = np.minimum(weights, 1)
        numbers.append(belonging[drawn].astype(np.float64) @ weights)
    movable = sum(
        len(members) for members in holders if len(np.unique(belongs[:, members], axis=1).T) > 1
    )
    return numbers, sum(len(members) for members in holders), movable


def _strata(network: Network, among: Sequence[str]) -> list[list[str]]:
    """Return the sets of actors that are members of the same of some classes."""
    strata: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for thing in sorted(population(network, among)):
        strata[tuple(name for name in among if network.is_one_of(thing, (name,)))].append(thing)
    return [strata[kind] for kind in sorted(strata)]


def _permuted(
    number: int, strata: Iterable[Sequence[int]], draws: int, random: np.random.Generator
) -> Numbers:
    """Return who takes whose place, in the order observed and in each draw."""
    taken = np.tile(np.arange(number), (draws + 1, 1))
    for members in strata:
        if len(members) > 1:
            taken[1:, members] = random.permuted(taken[1:, members], axis=1)
    return taken


class Schedule:
    """When the acts of a network happened, and between which of them spans can be exchanged.

    All hops of one act move together. Acts whose spans are open at one end or both exchange them
    only with acts that are open in the same way, and are known to the same period at the other.
    """

    def __init__(self, network: Network, cuts: Sequence[int] | None = None) -> None:
        self.network = network
        kinds: dict[tuple[str, int, int], set[str]] = defaultdict(set)
        for hop in network.hops:
            if not hop.standing:
                kinds[hop.ground, hop.earliest, hop.latest].add(hop.kind)
        self.acts = {act: place for place, act in enumerate(kinds)}
        self.spans: Numbers = np.array([act[1:] for act in kinds], dtype=np.int64).reshape(-1, 2)
        strata: dict[tuple[object, ...], list[int]] = defaultdict(list)
        for (act, place), kind in zip(self.acts.items(), kinds.values(), strict=True):
            periods = (_period(day, cuts) for day in act[1:])
            strata[frozenset(kind), *periods].append(place)
        self.strata = list(strata.values())
        self._wide = {
            act: (int(self.spans[members, 0].min()), int(self.spans[members, 1].max()))
            for members in self.strata
            for act in members
        }

    @property
    def movable(self) -> int:
        """The number of acts that can exchange their span for a different one."""
        return sum(
            len(members)
            for members in self.strata
            if len(np.unique(self.spans[members], axis=0)) > 1
        )

    def shuffled(self, draws: int, random: np.random.Generator) -> Numbers:
        """Return the spans of all acts as observed, and as shuffled: draws, acts, two ends."""
        return self.spans[_permuted(len(self.spans), self.strata, draws, random)]

    def act(self, hop: Hop) -> int | None:
        """Return the place of the act of a hop; nothing for a standing relation."""
        return None if hop.standing else self.acts[hop.ground, hop.earliest, hop.latest]

    def retimed(self, spans: Numbers) -> Network:
        """Return the network with other spans for its acts."""
        hops = [
            hop
            if (act := self.act(hop)) is None
            else replace(hop, earliest=int(spans[act, 0]), latest=int(spans[act, 1]))
            for hop in self.network.hops
        ]
        return replace(self.network, hops=tuple(hops))

    def wide(self, act: int) -> tuple[int, int]:
        """Return the first and the last day of all spans that an act could have."""
        return self._wide[act]


def _period(day: int, cuts: Sequence[int] | None) -> int | None:
    if day in (NO_BEGINNING, NO_END):
        return None
    return date.fromordinal(day).year if cuts is None else sum(day >= cut for cut in cuts)


class TimedWalks:
    """The walks of a query that some exchange of spans could put in order.

    Walks that begin alike make a tree. Each node is one act or relation after that of its parent,
    and its dating is found once, for many draws at a time. Node 0 is the walk without any hop.
    """

    def __init__(self, schedule: Schedule, query: PathQuery) -> None:
        self.query = query
        hops, timings, self._windows = _widened(schedule, query)
        network = replace(schedule.network, hops=hops)
        timing = {id(hop): when for hop, when in zip(hops, timings, strict=True)}
        tree: dict[tuple[int, int], int] = {}
        answers: Counter[tuple[str, int]] = Counter()
        # What is certain is possible, and what some exchange puts in order is so in the wide spans.
        for path in Enumeration(network, replace(query, order=Order.possible)).paths():
            node = 0
            for hop in path.hops:
                node = tree.setdefault((node, timing[id(hop)]), len(tree) + 1)
            answers[path.origin, node] += 1
            if len(tree) > MOST_WALKS:
                raise QueryError(
                    f"more than {MOST_WALKS:,} walks could be in order with times shuffled: "
                    "ask for fewer hops, or shorter periods"
                )
        self._number = len(tree) + 1
        self._levels = _levels(tree)
        ends = sorted(answers)
        self._ends = np.array([node for _, node in ends], dtype=np.int64)
        self._answers = np.array([answers[end] for end in ends], dtype=np.int64)
        self.origins = sorted({origin for origin, _ in ends})
        self._begins = np.searchsorted([origin for origin, _ in ends], self.origins)

    def counts(self, spans: Numbers) -> Numbers:
        """Return the number of paths of each of the origins in each draw of spans."""
        counts = np.zeros((len(self.origins), len(spans)), dtype=np.int64)
        if self.origins:
            chunk = max(1, CELLS // self._number)
            for begin in range(0, len(spans), chunk):
                ordered = self._ordered(spans[begin : begin + chunk])[self._ends]
                paths = ordered * self._answers[:, None]
                counts[:, begin : begin + chunk] = np.add.reduceat(paths, self._begins, axis=0)
        return counts

    def _ordered(self, spans: Numbers) -> npt.NDArray[np.bool_]:
        """Return for each node and draw whether time allows it."""
        shape = (self._number, len(spans))
        datings = Datings(
            np.full(shape, NO_BEGINNING), np.full(shape, NO_END), np.full(shape, NO_END)
        )
        ordered = np.ones(shape, dtype=bool)
        for level in self._levels:
            if level.standing:
                windows = self._windows[level.timings][:, None]
                earliest, latest = windows[..., 0], windows[..., 1]
            else:
                earliest, latest = spans[:, level.timings, 0].T, spans[:, level.timings, 1].T
            following, holds = datings.of(level.parents).extended(
                earliest, latest, level, self.query
            )
            datings.put(level.nodes, following)
            ordered[level.nodes] = holds & ordered[level.parents]
        return ordered


@dataclass(frozen=True)
class Level:
    """Nodes of a tree of walks with the same number of hops and acts, all acts or all relations."""

    nodes: Numbers
    parents: Numbers
    timings: Numbers
    standing: bool
    acts: int


@dataclass(frozen=True)
class Datings:
    """`Dating` for many walks and draws.

    Empty intervals stay: who extends them knows which hold. That gap and duration leave room for
    the steps between the acts is the same in all draws, and seen to when walks are enumerated.
    """

    earliest: Numbers
    latest: Numbers
    beginning: Numbers

    def of(self, nodes: Numbers) -> Datings:
        """Return the datings of some nodes."""
        return Datings(self.earliest[nodes], self.latest[nodes], self.beginning[nodes])

    def put(self, nodes: Numbers, datings: Datings) -> None:
        """Set the datings of some nodes."""
        self.earliest[nodes] = datings.earliest
        self.latest[nodes] = datings.latest
        self.beginning[nodes] = datings.beginning

    def extended(
        self, earliest: Numbers, latest: Numbers, level: Level, query: PathQuery
    ) -> tuple[Datings, npt.NDArray[np.bool_]]:
        """Return the datings after one more hop, and where they hold: `Dating.extended`."""
        certain = query.order is Order.certain
        following, holds = (self._certain if certain else self._possible)(
            earliest, latest, level, query
        )
        if query.largest_duration is not None and level.acts > 1:
            arrival = following.latest if certain else following.earliest
            duration = arrival - following.beginning
            holds &= duration <= query.largest_duration
        return following, holds

    def _possible(
        self, earliest: Numbers, latest: Numbers, level: Level, query: PathQuery
    ) -> tuple[Datings, npt.NDArray[np.bool_]]:
        gap = NO_END if query.largest_gap is None else query.largest_gap
        step, most = (0, 0) if level.standing or level.acts == 1 else (query.step, gap)
        first, last = (
            np.maximum(earliest, self.earliest + step),
            np.minimum(latest, self.latest + most),
        )
        beginning = np.minimum(self.beginning, last - query.step * max(level.acts - 1, 0))
        return Datings(first, last, beginning), first <= last

    def _certain(
        self, earliest: Numbers, latest: Numbers, level: Level, query: PathQuery
    ) -> tuple[Datings, npt.NDArray[np.bool_]]:
        if level.standing and level.acts:
            return self, (earliest <= self.earliest) & (self.latest <= latest)
        if level.standing:
            first, last = np.maximum(earliest, self.earliest), np.minimum(latest, self.latest)
            return Datings(first, last, self.beginning), first <= last
        if level.acts == 1:
            holds = (self.earliest <= earliest) & (latest <= self.latest)
            return Datings(earliest, latest, earliest), holds
        holds = self.latest + query.step <= earliest
        if query.largest_gap is not None:
            holds &= latest - self.earliest <= query.largest_gap
        return Datings(earliest, latest, self.beginning), holds


def _widened(schedule: Schedule, query: PathQuery) -> tuple[tuple[Hop, ...], list[int], Numbers]:
    """Return the hops with all days they could have, the act or window of each, and the windows.

    Windows count from -1 downwards; in certain order the window of a relation is its core.
    """
    hops: list[Hop] = []
    timings: list[int] = []
    windows: dict[tuple[int, int], int] = {}
    for hop in schedule.network.hops:
        act = schedule.act(hop)
        span = (hop.earliest, hop.latest) if query.order is Order.possible else hop.core
        if act is not None:
            timings.append(act)
            span = schedule.wide(act)
        elif span is not None:
            timings.append(-1 - windows.setdefault(span, len(windows)))
        if span is not None:
            hops.append(replace(hop, earliest=span[0], latest=span[1]))
    # Counted backwards, as the timings do.
    held = np.array([*reversed(windows)], dtype=np.int64).reshape(-1, 2)
    return tuple(hops), timings, held


def _levels(tree: dict[tuple[int, int], int]) -> list[Level]:
    """Return the nodes of a tree by the number of their hops and acts, parents first."""
    hops, acts = [0], [0]
    members: dict[tuple[int, bool, int], list[tuple[int, int, int]]] = defaultdict(list)
    for (parent, timing), node in tree.items():
        standing = timing < 0
        hops.append(hops[parent] + 1)
        acts.append(acts[parent] + (not standing))
        members[hops[node], standing, acts[node]].append((node, parent, timing))
    levels = []
    for (_, standing, number), found in sorted(members.items()):
        nodes, parents, timings = np.array(found, dtype=np.int64).T
        levels.append(Level(nodes, parents, timings, standing, number))
    return levels
