"""All paths of a network by plain enumeration: the definition, executable."""

from __future__ import annotations

import heapq
import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from trilogue.paths.dating import Dating
from trilogue.paths.expression import ANY, Atom, Automaton
from trilogue.paths.network import Hop, Matter, Network
from trilogue.paths.query import Carry, PathQuery, Score


@dataclass(frozen=True)
class InfluencePath:
    """An answer: hops in order, what they carry, and when they arrive."""

    hops: tuple[Hop, ...]
    matter: Matter | None
    arrival: int
    duration: int

    @property
    def origin(self) -> str:
        """Where it begins."""
        return self.hops[0].source

    @property
    def destination(self) -> str:
        """Where it ends."""
        return self.hops[-1].target

    @property
    def orders(self) -> tuple[str, ...]:
        """For each hop, whether its act is certainly or only possibly before the next act.

        Empty for a relation, for the last act, and for an act that is the next one as well. Certain
        is as in `spans.certainly_before`:
        two acts of one same day are not certainly in order.
        """
        acts = [number for number, hop in enumerate(self.hops) if not hop.standing]
        orders = [""] * len(self.hops)
        for number, later in itertools.pairwise(acts):
            one, other = self.hops[number], self.hops[later]
            if one.ground == other.ground:
                continue
            spans = ((one.earliest, one.latest), (other.earliest, other.latest))
            certain = one.latest <= other.earliest and spans[0] != spans[1]
            orders[number] = "certain" if certain else "possible"
        return tuple(orders)

    @property
    def weight(self) -> float:
        """The product of the weights of its hops."""
        return math.prod(hop.weight for hop in self.hops)

    def score(self, by: Score) -> float:
        """Return the score: of two paths, the one with the lower score is the better."""
        scores: dict[Score, Callable[[], float]] = {
            Score.earliest: lambda: self.arrival,
            Score.shortest: lambda: self.duration,
            Score.hops: lambda: len(self.hops),
            Score.evidence: lambda: -min(len(hop.evidence) for hop in self.hops),
            Score.weight: lambda: -self.weight,
        }
        return scores[by]()


class Enumeration:
    """The answers of a path query over a network small enough to try all walks.

    With `pruned`, walks that cannot arrive whatever the dates are given up early; the answers
    are the same. Time grows with the number of walks that are begun.
    """

    def __init__(self, network: Network, query: PathQuery, *, pruned: bool = True) -> None:
        self.network = network
        self.query = query
        self.origins = network.members(query.origins)
        self.destinations = network.members(query.destinations)
        automaton = query.automaton
        self._outgoing: dict[str, list[tuple[Hop, int]]] = defaultdict(list)
        for hop in network.hops:
            if matched := matching(network, automaton, hop):
                self._outgoing[hop.source].append((hop, matched))
        self._alive = self._arriving() if pruned else None

    def paths(self) -> Iterator[InfluencePath]:
        """Yield each path, in no particular but always the same order."""
        for origin in sorted(self.origins):
            start = self.query.automaton.start
            yield from self._walks(origin, start, (), Dating(), None)

    def exists(self) -> bool:
        """Tell whether there is a path."""
        return any(True for _ in self.paths())

    def count(self) -> int:
        """Return the number of paths."""
        return sum(1 for _ in self.paths())

    def earliest(self) -> dict[str, int]:
        """Return, for each destination that is reached, the first day of arrival."""
        arrivals: dict[str, int] = {}
        for path in self.paths():
            known = arrivals.get(path.destination, path.arrival)
            arrivals[path.destination] = min(known, path.arrival)
        return arrivals

    def top(self, number: int, by: Score) -> list[InfluencePath]:
        """Return the best paths, the best first."""
        return heapq.nsmallest(number, self.paths(), key=lambda path: path.score(by))

    def _walks(
        self,
        place: str,
        positions: int,
        hops: tuple[Hop, ...],
        dating: Dating,
        matters: frozenset[Matter] | None,
    ) -> Iterator[InfluencePath]:
        automaton, query = self.query.automaton, self.query
        if hops and automaton.accepts(positions) and place in self.destinations:
            arrival, duration = dating.arrival(query), dating.duration(query)
            for matter in self._answers(matters):
                yield InfluencePath(hops, matter, arrival, duration)
        if len(hops) == query.bound:
            return
        for hop, matched in self._outgoing.get(place, ()):
            reached = automaton.step(positions, matched)
            if not reached or not self._arrives(hop.target, reached):
                continue
            if query.simple and _met(hop, hops):
                continue
            carried = _carried(matters, hop, query)
            following = dating.extended(hop, query)
            if following is not None and (carried is None or carried):
                yield from self._walks(hop.target, reached, (*hops, hop), following, carried)

    def _answers(self, matters: frozenset[Matter] | None) -> list[Matter | None]:
        if matters is None:
            return [None] if self.query.issues is None else []
        return [*sorted_matters(matters)]

    def _arrives(self, place: str, positions: int) -> bool:
        return self._alive is None or bool(self._alive.get(place, 0) & positions)

    def _arriving(self) -> dict[str, int]:
        """Return for each thing the positions from which a destination can be reached at all."""
        automaton = self.query.automaton
        alive: dict[str, int] = dict.fromkeys(self.destinations, automaton.last)
        incoming: dict[str, list[tuple[Hop, int]]] = defaultdict(list)
        for hops in self._outgoing.values():
            for hop, matched in hops:
                incoming[hop.target].append((hop, matched))
        waiting = list(self.destinations)
        while waiting:
            place = waiting.pop()
            for hop, matched in incoming[place]:
                known = alive.get(hop.source, 0)
                alive[hop.source] = known | _before(automaton, alive[place] & matched)
                if alive[hop.source] != known:
                    waiting.append(hop.source)
        return alive


def matching(network: Network, automaton: Automaton, hop: Hop) -> int:
    """Return the positions whose atoms a hop matches."""
    return sum(
        1 << position
        for position, atom in enumerate(automaton.atoms)
        if _matches(network, atom, hop)
    )


def _matches(network: Network, atom: Atom, hop: Hop) -> bool:
    if atom.kind not in (ANY, hop.kind):
        return False
    parts = {"type": hop.ground, "from": hop.source, "to": hop.target}
    return all(
        network.is_one_of(parts[condition.aspect], condition.names) is not condition.negated
        for condition in atom.conditions
    )


def _before(automaton: Automaton, positions: int) -> int:
    return sum(
        1 << position for position, follow in enumerate(automaton.follow) if follow & positions
    )


def _met(hop: Hop, hops: tuple[Hop, ...]) -> bool:
    """Tell whether a hop leads to a thing that the walk has met before."""
    if hop.source == hop.target:
        return False
    return hop.target in {end for earlier in hops for end in (earlier.source, earlier.target)}


def _carried(
    matters: frozenset[Matter] | None, hop: Hop, query: PathQuery
) -> frozenset[Matter] | None:
    """Return what a walk can carry after one more hop: nothing named yet, or a set, maybe empty."""
    if query.carry is Carry.nothing or not hop.matters:
        return matters
    named = hop.matters
    if query.carry is Carry.issue:
        named = frozenset(Matter(matter.issue) for matter in named)
    if query.issues is not None:
        named = frozenset(matter for matter in named if matter.issue in query.issues)
    if matters is None:
        return named
    return frozenset(
        ours if theirs.stance is None else theirs
        for ours in matters
        for theirs in named
        if ours.issue == theirs.issue
        and (ours.stance is None or theirs.stance in (None, ours.stance))
    )


def sorted_matters(matters: frozenset[Matter]) -> list[Matter]:
    """Return matters by issue and stance, an issue without a stance first."""
    return sorted(matters, key=lambda matter: (matter.issue, matter.stance or ""))
