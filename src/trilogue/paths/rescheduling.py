"""Walks under other times: acts exchange their spans, and all walks are dated anew at once.

All walks that could be in order with some exchange are enumerated once and kept as a tree of
shared beginnings. Each draw then dates the tree with the interval arithmetic of `dating.py`, in
arrays over nodes and draws.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt

from trilogue.errors import QueryError
from trilogue.paths.enumeration import Enumeration
from trilogue.paths.network import NO_BEGINNING, NO_END, Hop, Network
from trilogue.paths.query import Order, PathQuery

Numbers = npt.NDArray[np.int64]

MOST_WALKS = 1_000_000  # beyond it, arrays of a thousand draws take minutes
CELLS = 2_000_000  # beginnings of walks times draws that are evaluated at once


def permuted(
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
        return self.spans[permuted(len(self.spans), self.strata, draws, random)]

    def act(self, hop: Hop) -> int | None:
        """Return the place of the act of a hop; nothing for a standing relation."""
        return None if hop.standing else self.acts[hop.ground, hop.earliest, hop.latest]

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
