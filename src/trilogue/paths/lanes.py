"""Where the parts of a picture of paths stand: lanes, columns, and the rows between lanes.

Things are lanes, acts are columns at the day of the act. Lengths are in points, x from the left and
y from the top; nothing here knows how they are drawn.
"""

from __future__ import annotations

import bisect
import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from trilogue.errors import QueryError
from trilogue.paths.enumeration import InfluencePath
from trilogue.paths.network import NO_BEGINNING, NO_END, Hop

MOST_LANES, MOST_COLUMNS = 120, 99  # beyond them nobody follows a path with the eye
ROOM = 7.0  # on either side of an act: half the width of its number, and some air
BETWEEN = 8.0  # more between one day and the next
PITCH = 7.0  # from one relation of an act to the next
ROW = 10.0  # height of the number of an act
LANE = 24.0  # least distance of lanes
UNDATED = 40.0  # least width of the place for acts without any date
WIDTH = 470.0  # least width of the time axis
SWEEPS = 12


class Tie(NamedTuple):
    """All standing relations of one kind from one thing to another, as one line."""

    kind: str
    source: str
    target: str


class Place(NamedTuple):
    """An act, or a tie that belongs to it and stands before or after it.

    Ties of paths without any act belong to none.
    """

    act: Hop | None
    tie: Tie | None = None
    after: bool = True

    @property
    def hop(self) -> Hop | Tie:
        """What stands there."""
        hop = self.tie or self.act
        assert hop is not None
        return hop


class Wait(NamedTuple):
    """From one hop of a path to the next, in the lane of the thing where it waits.

    `order` is that of the acts before and after; empty where both hops belong to one act.
    """

    lane: str
    first: Place
    second: Place
    order: str


@dataclass
class Column:
    """An act, or none for paths without any, and the relations that belong to it."""

    act: Hop | None
    paths: int = 0
    certain: bool = True
    before: dict[Tie, int] = field(default_factory=dict)
    after: dict[Tie, int] = field(default_factory=dict)
    ranks: list[float] = field(default_factory=list)
    x: float = 0.0

    @property
    def dated(self) -> bool:
        """Whether one end of its span at least is known."""
        return self.act is not None and bool(known_days(self.act))

    @property
    def rank(self) -> float:
        """How late in its paths it comes, from 0 to 1."""
        return sum(self.ranks) / len(self.ranks)

    @property
    def left(self) -> float:
        """The room that it needs to the left."""
        return ROOM + PITCH * len(self.before)

    @property
    def right(self) -> float:
        """The room that it needs to the right."""
        return ROOM + PITCH * len(self.after)


def known_days(act: Hop) -> list[int]:
    """Return the ends of a span that are not open."""
    return [day for day in (act.earliest, act.latest) if day not in (NO_BEGINNING, NO_END)]


def _is_exact(act: Hop | None) -> bool:
    return act is not None and act.earliest == act.latest


class Layout:
    """The lanes and columns of some paths, placed.

    - Lanes: origins first, destinations last, others by how late they come, and within such a
      layer by the mean place of their neighbours (the barycentre heuristic of Sugiyama, Tagawa and
      Toda 1981), so that arrows are short and cross few lanes.
    - Columns: each act at a day of its span on which, if there is one, all its paths are in order.
      Time is stretched where several acts would stand on one another. Acts without any date stand
      to the left of the axis.
    - Rows: the numbers of acts, and the whiskers of their spans, in the gap next to their source.
    """

    def __init__(self, paths: Iterable[InfluencePath]) -> None:
        self.paths = list(paths)
        self.columns: dict[Hop | None, Column] = {}
        self.waits: Counter[Wait] = Counter()
        self._following: dict[
            tuple[Hop, Hop], None
        ] = {}  # as a set whose order is that of the paths
        self._ends: set[tuple[str, Place, str]] = set()
        for path in self.paths:
            self._add(path)
        self.origins = frozenset(path.origin for path in self.paths)
        self.destinations = frozenset(path.destination for path in self.paths)
        self.lanes = _lanes(self.paths, self.origins, self.destinations)
        for what, number, most in (
            ("things", len(self.lanes), MOST_LANES),
            ("acts", len(self.columns), MOST_COLUMNS),
        ):
            if number > most:
                raise QueryError(
                    f"{number:,} {what} in one picture, expected at most {most}: draw fewer paths"
                )
        self.place = {lane: number for number, lane in enumerate(self.lanes)}
        self._put_columns()
        self._put_rows()
        self.ends = {(lane, self.place_x(place), marker) for lane, place, marker in self._ends}

    def _add(self, path: InfluencePath) -> None:
        acts = [number for number, hop in enumerate(path.hops) if not hop.standing]
        places: list[tuple[Place, int]] = []
        for number, hop in enumerate(path.hops):
            # The last act so far, or the first one.
            anchor = max([act for act in acts if act <= number] or acts[:1], default=-1)
            act = path.hops[anchor] if acts else None
            column = self.columns.setdefault(act, Column(act))
            place = Place(act)
            if hop.standing:
                tie = Tie(hop.kind, hop.source, hop.target)
                place = Place(act, tie, anchor <= number)
                ties = column.after if place.after else column.before
                ties[tie] = ties.get(tie, 0) + 1
            if number == max(anchor, 0):
                column.paths += 1
                column.certain &= path.orders[number] != "possible"
                column.ranks.append(number / len(path.hops))
            places.append((place, anchor))
        for (first, anchor), (second, later) in itertools.pairwise(places):
            order = path.orders[anchor] if anchor != later else ""
            self.waits[Wait(first.hop.target, first, second, order)] += 1
        # A demand, which leads nowhere, stands before the beginning.
        moves = [place for place, _ in places if place.hop.source != place.hop.target]
        self._ends.add((path.origin, (moves or [places[-1][0]])[0], "o"))
        self._ends.add((path.destination, places[-1][0], "s"))
        for one, other in itertools.pairwise(acts):
            self._following[path.hops[one], path.hops[other]] = None

    def _put_columns(self) -> None:
        columns = sorted(self.columns.values(), key=lambda column: column.rank)
        undated = [column for column in columns if not column.dated]
        edge = 0.0
        for column in undated:
            column.x = edge + column.left
            edge = column.x + column.right
        self.undated = max(edge, UNDATED) if undated else 0.0
        self.axis = self.undated + ROW if undated else 0.0
        self.width = self.axis
        self.days = (0, 0)
        self.stretched: list[tuple[int, float, float]] = []
        if dated := [column for column in columns if column.dated]:
            self._put_dated(dated)

    def _put_dated(self, dated: list[Column]) -> None:
        known = [day for column in dated if column.act for day in known_days(column.act)]
        margin = max(3, (max(known) - min(known)) // 30)
        first = max(date.min.toordinal(), min(known) - margin)
        last = min(date.max.toordinal() - 1, max(known) + margin)
        self.days = (first, last)
        wanted = self._feasible_days()
        dated.sort(key=lambda column: (wanted[column.act], column.rank))
        room = sum(column.left + column.right for column in dated)
        scale = max(WIDTH, room / 2) / (last + 1 - first)
        _pack(dated, [wanted[column.act] for column in dated], scale)
        # As much room before the first act and after the last as their days ask for.
        before = scale * (wanted[dated[0].act] - first)
        aside = self.axis + before - (dated[0].x - dated[0].left)
        self._knots = [(first, self.axis)]
        for day, together in itertools.groupby(dated, key=lambda column: wanted[column.act]):
            columns = list(together)
            for column in columns:
                column.x += aside
            begin, end = columns[0].x - columns[0].left, columns[-1].x + columns[-1].right
            self._knots += [(day, begin), (day + 1, end)]
            if sum(_is_exact(column.act) for column in columns) > 1:
                self.stretched.append((day, begin, end))
        day, end = self._knots[-1]
        self.width = end + scale * (last + 1 - day)
        self._knots.append((last + 1, self.width))

    def x(self, day: int) -> float:
        """Return where a day begins; an open end stands at the end of the axis."""
        day = min(max(day, self._knots[0][0]), self._knots[-1][0])
        place = bisect.bisect_right(self._knots, (day, math.inf))
        begin, left = self._knots[place - 1]
        if begin == day:
            return left
        end, right = self._knots[place]
        return left + (right - left) * (day - begin) / (end - begin)

    def place_x(self, place: Place) -> float:
        """Return where a hop stands."""
        column = self.columns[place.act]
        if place.tie is None:
            return column.x
        if place.after:
            return column.x + PITCH * (1 + list(column.after).index(place.tie))
        return column.x - PITCH * (len(column.before) - list(column.before).index(place.tie))

    def _feasible_days(self) -> dict[Hop | None, int]:
        """Return for each act a day of its span, so that as many paths as can be are in order.

        Acts of one span are spread over it, or they would seem to be of one day.
        """
        lower, upper = self._bounds()
        before: dict[Hop, list[Hop]] = defaultdict(list)
        for one, other in self._following:
            before[other].append(one)
        spans: dict[tuple[int, int], list[Hop]] = defaultdict(list)
        for act in sorted(lower, key=lambda act: (self.columns[act].rank, act.ground)):
            begin, end = (
                min(max(day, self.days[0]), self.days[1]) for day in (lower[act], upper[act])
            )
            spans[begin, end].append(act)
        days: dict[Hop | None, int] = {}
        for (begin, end), acts in sorted(spans.items()):
            for number, act in enumerate(acts, 1):
                even = begin + (end - begin) * number // (len(acts) + 1)
                sooner = [days[one] for one in before[act] if one in days]
                days[act] = min(max(even, *sooner, begin), end)
        return days

    def _bounds(self) -> tuple[dict[Hop, int], dict[Hop, int]]:
        """Return the first and last day of each act that the acts before and after it leave.

        Where paths contradict one another, its own.
        """
        acts = [act for act in self.columns if act is not None and self.columns[act].dated]
        lower, upper = {act: act.earliest for act in acts}, {act: act.latest for act in acts}
        following = [pair for pair in self._following if all(act in lower for act in pair)]
        for _ in acts:
            known = (dict(lower), dict(upper))
            for one, other in following:
                lower[other] = min(max(lower[other], lower[one]), other.latest)
                upper[one] = max(min(upper[one], upper[other]), one.earliest)
            if known == (lower, upper):
                break
        for act in acts:
            if lower[act] > upper[act]:
                lower[act], upper[act] = act.earliest, act.latest
        return lower, upper

    def _put_rows(self) -> None:
        """Give each act a row in the gap at its source: gap *n* is the one above lane *n*."""
        gaps: dict[int, list[tuple[float, float, Hop]]] = defaultdict(list)
        for act, column in self.columns.items():
            if act is not None:
                first, last = self.whisker(act) or (column.x, column.x)
                gaps[self.gap(act)].append(
                    (min(first, column.x - ROOM), max(last, column.x + ROOM), act)
                )
        self.rows: dict[Hop, int] = {}
        heights = [LANE / 2] + [LANE] * (len(self.lanes) - 1) + [LANE / 2]
        for gap, items in gaps.items():
            ends: list[float] = []
            for begin, end, act in sorted(items, key=lambda item: item[:2]):
                row = next((r for r, taken in enumerate(ends) if taken < begin), len(ends))
                ends[row : row + 1] = [end]
                self.rows[act] = row
            heights[gap] = max(heights[gap], ROW * len(ends) + ROW)
        self._tops = list(itertools.accumulate(heights, initial=0.0))
        self.height = self._tops[-1]

    def gap(self, act: Hop) -> int:
        """Return the gap next to the source of an act, on the side of its target."""
        source = self.place[act.source]
        return source if self.place[act.target] < source else source + 1

    def whisker(self, act: Hop) -> tuple[float, float] | None:
        """Return from where to where the span of an act reaches; nothing for a day, or no date."""
        if _is_exact(act) or not known_days(act):
            return None
        return self.x(act.earliest), self.x(act.latest + 1)

    def y(self, lane: str) -> float:
        """Return where a lane stands."""
        return self._tops[self.place[lane] + 1]

    def row_y(self, act: Hop) -> float:
        """Return where the number of an act stands."""
        return self._tops[self.gap(act)] + ROW * (self.rows[act] + 1)


def _pack(columns: Sequence[Column], days: Sequence[int], scale: float) -> None:
    """Put columns side by side in their order, as near to their days as can be.

    The least sum of squares: isotonic regression of what remains of each wish after the room of
    all columns before it (pool adjacent violators, Ayer et al. 1955).
    """
    offsets = [columns[0].left]
    for (one, day), (other, later) in itertools.pairwise(zip(columns, days, strict=True)):
        offsets.append(offsets[-1] + one.right + other.left + (BETWEEN if day != later else 0.0))
    pools: list[tuple[float, int]] = []
    for offset, day in zip(offsets, days, strict=True):
        mean, number = scale * (day - days[0]) - offset, 1
        while pools and pools[-1][0] > mean:
            earlier, more = pools.pop()
            mean, number = (mean * number + earlier * more) / (number + more), number + more
        pools.append((mean, number))
    means = (mean for mean, number in pools for _ in range(number))
    for column, mean, offset in zip(columns, means, offsets, strict=True):
        column.x = mean + offset


def _lanes(
    paths: Sequence[InfluencePath], origins: frozenset[str], destinations: frozenset[str]
) -> list[str]:
    """Return things from top to bottom."""
    depths: dict[str, list[int]] = defaultdict(list)
    neighbours: dict[str, Counter[str]] = defaultdict(Counter)
    for path in paths:
        things = [path.origin]
        for hop in path.hops:
            if hop.source != hop.target:
                things.append(hop.target)
                neighbours[hop.source][hop.target] += 1
                neighbours[hop.target][hop.source] += 1
        for depth, thing in enumerate(things):
            depths[thing].append(depth)

    def layer(thing: str) -> tuple[int, int]:
        if thing in origins or thing in destinations:
            return (0 if thing in origins else 2), 0
        return 1, round(sum(depths[thing]) / len(depths[thing]))

    layers: list[list[str]] = [
        list(things)
        for _, things in itertools.groupby(
            sorted(depths, key=lambda thing: (layer(thing), thing)), key=layer
        )
    ]
    best = list(itertools.chain(*layers))
    for sweep in range(SWEEPS):
        for things in layers if sweep % 2 == 0 else reversed(layers):
            place = {lane: number for number, lane in enumerate(itertools.chain(*layers))}
            things.sort(key=lambda thing: (_centre(neighbours[thing], place), thing))
        lanes = list(itertools.chain(*layers))
        best = min(best, lanes, key=lambda lanes: _length(lanes, neighbours))
    return best


def _centre(neighbours: Counter[str], place: Mapping[str, int]) -> float:
    total = sum(place[other] * number for other, number in neighbours.items())
    return total / max(neighbours.total(), 1)


def _length(lanes: Sequence[str], neighbours: Mapping[str, Counter[str]]) -> int:
    """Return the sum of the squares: the plain sum is the same for arrows that cross."""
    place = {lane: number for number, lane in enumerate(lanes)}
    return sum(
        number * (place[lane] - place[other]) ** 2
        for lane in lanes
        for other, number in neighbours[lane].items()
    )
