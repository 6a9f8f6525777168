"""Paths as a picture: things are lanes, time runs to the right, acts are arrows between lanes."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from trilogue.drawing.canvas import (
    GREY,
    NUMBER,
    PALE,
    SMALL,
    TEXT,
    TITLE,
    Canvas,
    printable,
)
from trilogue.namespaces import compact
from trilogue.paths.enumeration import InfluencePath
from trilogue.paths.lanes import ROW, Layout, Place, Tie
from trilogue.paths.network import NO_BEGINNING, NO_END, Hop, Labelled, day_in_words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# As dark as one another, so that a print in black and white loses nothing (after Okabe and Ito).
COLOURS = ("#1f4e79", "#8c2d04", "#1b5e20", "#5b2a86", "#5d4037", "#37474f", "#7a1149")
MARGIN = 14.0
LABELS = 190.0  # width of the names of lanes
LINE = 11.0  # from one line of text to the next
HEAD = 5.5  # length of an arrow head
THINNEST, THICKEST = 0.8, 3.4  # of lines, by the number of paths
NARROWEST = 260.0  # width right of the names, where there are few acts
MOST_TOLD = 50  # paths that the description of a picture tells hop by hop
MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 6000)
DASHED, DOTTED = (0, (3, 1.5)), (0, (1, 1.2))


def draw(paths: Iterable[InfluencePath], network: Labelled) -> Figure:
    """Return a picture of paths; the same paths give the same picture.

    Each act has a number and stands in the list below, with its days and evidence. Raises
    `QueryError` where there are more things or acts than one picture can show.
    """
    return _Drawing(Layout(paths), network).figure


class _Drawing(Canvas):
    """A layout with names, drawn; one axes covers the figure and counts points from the top."""

    def __init__(self, layout: Layout, network: Labelled) -> None:
        super().__init__(MARGIN + LABELS + ROW)
        self.layout = layout
        self.network = network
        self.acts = sorted(
            (act for act in layout.columns if act is not None),
            key=lambda act: (layout.columns[act].x, act.ground),
        )
        self.numbers: dict[str, int] = {}
        for act in self.acts:
            self.numbers.setdefault(act.ground, len(self.numbers) + 1)
        kinds = sorted({act.kind for act in self.acts})
        self.colours = {kind: COLOURS[n % len(COLOURS)] for n, kind in enumerate(kinds)}
        self.full = self.left + max(layout.width, NARROWEST) + 2 * MARGIN
        y = self._headings(MARGIN + TITLE)
        self.top = y + LINE
        self._time(y)
        self._lanes()
        self._waits()
        self._ties()
        self._acts()
        self._ends()
        y = self._legend(self.top + layout.height + LINE)
        y = self._key(y + LINE)
        self.figure.set_size_inches(self.full / 72, (y + MARGIN) / 72)
        self.axes.set_xlim(0, self.full)
        self.axes.set_ylim(y + MARGIN, 0)
        self.axes.set_label("\n".join(self._told(path) for path in layout.paths[:MOST_TOLD]))

    def _headings(self, y: float) -> float:
        """Draw what the picture shows, and return where it ends."""
        number = len(self.layout.paths)
        if not number:
            self.figure.set_label("No path")
            self.text(MARGIN, y, "No path", size=TITLE, weight="bold")
            return y + 2 * LINE
        ends = (self.layout.origins, self.layout.destinations)
        origins, destinations = (sorted(map(self.name, things)) for things in ends)
        title = f"{number:,} {'path' if number == 1 else 'paths'} from "
        self.figure.set_label(f"{title}{', '.join(origins)} to {', '.join(destinations)}")
        first, last = " and ".join(origins), " and ".join(destinations)
        titles = [f"{title}{first} to {last}"]
        last = last if len(destinations) == 1 else f"{len(destinations)} places"
        titles.append(f"{title}{first} to {last}")
        first = first if len(origins) == 1 else f"{len(origins)} origins"
        titles.append(self.fit(f"{title}{first} to {last}", self.room, TITLE, "bold"))
        shown = next(one for one in titles if self.measure(one, TITLE, "bold") <= self.room)
        self.text(MARGIN, y, shown, TITLE, weight="bold")
        carried = sorted({self.carried(path) for path in self.layout.paths} - {""})
        if carried:
            y += 1.5 * LINE
            line = self.fit(f"Carried: {', '.join(carried)}", self.room, TEXT)
            self.text(MARGIN, y, line, gid="carried", full=f"Carried: {', '.join(carried)}")
        return y + 2 * LINE

    def _time(self, y: float) -> None:
        """Draw the time axis: the days of acts that share one, and months or years as they fit."""
        layout, bottom = self.layout, self.top + self.layout.height
        if layout.undated:
            self.band(0.0, layout.undated, self.top, bottom)
            self.text(self.left + layout.undated / 2, y, "undated", SMALL, ha="center")
        half = self.measure(day_in_words(1), SMALL) / 2 + 3
        taken: list[float] = []

        def name(x: float, text: str, colour: str) -> None:
            if all(abs(x - other) > 2 * half for other in taken) and x - half / 2 >= layout.axis:
                taken.append(x)
                self.text(self.left + x, y, text, SMALL, ha="center", color=colour)

        for day, begin, end in layout.stretched:
            self.band(begin + 0.5, end - 0.5, self.top, bottom)
            name((begin + end) / 2, day_in_words(day), "black")
        if layout.width > layout.axis:
            for day, text in ticks(layout.days, int((layout.width - layout.axis) / (2 * half))):
                x = layout.x(day)
                self.line((x, x), (self.top, bottom), PALE, 0.5, zorder=1)
                name(x, text, GREY)

    def _lanes(self) -> None:
        for number, lane in enumerate(self.layout.lanes):
            y = self.top + self.layout.y(lane)
            end = lane in self.layout.origins or lane in self.layout.destinations
            weight = "bold" if end else "normal"
            lines, size = [self.name(lane)], TEXT
            if self.measure(lines[0], TEXT, weight) > LABELS:
                lines, size = self.wrapped(lines[0], LABELS, SMALL, weight), SMALL
            self.text(
                MARGIN + LABELS,
                y,
                "\n".join(lines),
                size,
                ha="right",
                weight=weight,
                linespacing=1.15,
                gid=f"thing-{number}",
                full=self.name(lane),
            )
            self.line((0, max(self.layout.width, 1)), (y, y), PALE, 0.8, zorder=1)

    def _waits(self) -> None:
        for wait, number in self.layout.waits.items():
            y = self.top + self.layout.y(wait.lane)
            places = (self.layout.place_x(wait.first), self.layout.place_x(wait.second))
            possible = wait.order == "possible"
            # Beside the others, or a solid line would hide it.
            y += self.thickness(number) / 2 + 0.8 if possible else 0.0
            style = DASHED if possible else "-"
            self.line(places, (y, y), GREY, self.thickness(number), style, zorder=3)

    def _ties(self) -> None:
        for act, column in self.layout.columns.items():
            for after, ties in ((False, column.before), (True, column.after)):
                for tie, number in ties.items():
                    x = self.layout.place_x(Place(act, tie, after))
                    y = [self.top + self.layout.y(end) for end in (tie.source, tie.target)]
                    if tie.source == tie.target:
                        self.marker(x, y[0], "D", "white")
                        continue
                    width = self.thickness(number)
                    self.line((x, x), y, "black", width, DOTTED, zorder=3)
                    for end in y:
                        self.marker(x, end, "o", "black", 1.6)

    def _acts(self) -> None:
        for place, act in enumerate(self.acts):
            column, colour = self.layout.columns[act], self.colours[act.kind]
            x, row = column.x, self.top + self.layout.row_y(act)
            begin, end = (self.top + self.layout.y(lane) for lane in (act.source, act.target))
            width = self.thickness(column.paths)
            gid, full = f"act-{place}", self._described(act)
            if act.source == act.target:
                self.line(
                    (x, x, x + HEAD, x + HEAD),
                    (begin, row, row, end + HEAD),
                    colour,
                    width,
                    gid=gid,
                    full=full,
                )
                self._head(x + HEAD, end, -1, colour, column.certain, width)
            else:
                way = 1 if begin < end else -1
                self.line((x, x), (begin, end - way * HEAD), colour, width, gid=gid, full=full)
                self._head(x, end, way, colour, column.certain, width)
            self.marker(x, begin, "o", colour, 2.2)
            self._whisker(act, x, row, colour)
            self.text(
                self.left + x,
                row,
                str(self.numbers[act.ground]),
                NUMBER,
                ha="center",
                color=colour,
                weight="bold",
                bbox={"boxstyle": "circle,pad=0.15", "fc": "white", "ec": colour, "lw": 0.5},
                zorder=7,
            )

    def _whisker(self, act: Hop, x: float, y: float, colour: str) -> None:
        """Draw the span of an act; open ends have no cap, and go on dotted to the end of time."""
        for end, day in zip(
            self.layout.whisker(act) or (), (act.earliest, act.latest), strict=False
        ):
            known = day not in (NO_BEGINNING, NO_END)
            self.line((end, x), (y, y), colour, 0.7, "-" if known else ":", zorder=4)
            if known:
                self.line((end, end), (y - 2, y + 2), colour, 0.7, zorder=4)

    def _head(self, x: float, y: float, way: int, colour: str, filled: bool, width: float) -> None:
        from matplotlib.patches import Polygon

        half = 2.2 + width / 2
        corners = [(x, y), (x - half, y - way * HEAD), (x + half, y - way * HEAD)]
        self.axes.add_patch(
            Polygon(
                [(self.left + one, other) for one, other in corners],
                facecolor=colour if filled else "white",
                edgecolor=colour,
                linewidth=0.8,
                zorder=6,
            )
        )

    def _ends(self) -> None:
        for lane, x, marker in sorted(self.layout.ends):
            self.marker(x, self.top + self.layout.y(lane), marker, "black", 4.2)

    def _legend(self, y: float) -> float:
        """Draw what each sign means, of those that are there, and return where it ends."""
        x = 0.0
        for sign, meaning in self._signs():
            width = 22 + self.measure(meaning, SMALL) + ROW
            if x and x + width > self.room:
                x, y = 0.0, y + 1.2 * LINE
            # Signs are drawn from the left of the time axis, as all others are.
            sign(MARGIN + x - self.left, y)
            self.text(MARGIN + x + 22, y, meaning, SMALL)
            x += width
        return y + LINE

    def _signs(self) -> Iterator[tuple[Callable[[float, float], None], str]]:
        if self.layout.paths:
            yield lambda x, y: self.marker(x + 9, y, "o", "black", 4.2), "begins"
            yield lambda x, y: self.marker(x + 9, y, "s", "black", 4.2), "ends"
        for kind, colour in self.colours.items():
            yield functools.partial(self._arrow, colour, True), kind
        if any(wait.order == "possible" for wait in self.layout.waits):
            yield functools.partial(self._arrow, "black", True), "certainly before the next act"
            yield functools.partial(self._arrow, "black", False), "only possibly before it"
            yield functools.partial(self._stroke, "-", GREY), "certainly waits for it"
            yield functools.partial(self._stroke, DASHED, GREY), "possibly waits for it"
        yield from self._signs_of_ties()
        if self.layout.stretched:
            yield lambda x, y: self.band(x, x + 18, y - 5, y + 5), "one day"
        if any(self.layout.whisker(act) for act in self.acts):
            yield self._span, "on one of these days"
        if self.most > 1:
            yield self._widths, f"in 1 path, in {self.most:,} paths"

    def _signs_of_ties(self) -> Iterator[tuple[Callable[[float, float], None], str]]:
        columns = self.layout.columns.values()
        ties = {tie for column in columns for tie in (*column.before, *column.after)}
        loops = {tie for tie in ties if tie.source == tie.target}
        if ties - loops:
            yield functools.partial(self._stroke, DOTTED, "black"), _kinds(ties - loops)
        if loops:
            yield lambda x, y: self.marker(x + 9, y, "D", "white"), _kinds(loops)

    def _arrow(self, colour: str, filled: bool, x: float, y: float) -> None:
        self.line((x + 9, x + 9), (y - 5, y), colour, 1.2)
        self._head(x + 9, y + 5, 1, colour, filled, 1.2)

    def _stroke(self, style: Any, colour: str, x: float, y: float) -> None:
        self.line((x, x + 18), (y, y), colour, 1.2, style)

    def _span(self, x: float, y: float) -> None:
        self.line((x, x + 18), (y, y), "black", 0.7)
        for end in (x, x + 18):
            self.line((end, end), (y - 2, y + 2), "black", 0.7)

    def _widths(self, x: float, y: float) -> None:
        for number, below in ((1, -2.5), (self.most, 2.5)):
            self.line((x, x + 18), (y + below, y + below), GREY, self.thickness(number))

    def _key(self, y: float) -> float:
        """Draw the list of acts, and return where it ends."""
        acts = {self.numbers[act.ground]: act for act in reversed(self.acts)}
        columns = 2 if len(acts) > 12 and self.room > 800 else 1
        height = -(-len(acts) // columns)
        width = self.room / columns - ROW
        for place, number in enumerate(sorted(acts)):
            act, x = acts[number], MARGIN + (place // max(height, 1)) * (width + ROW)
            line = y + LINE * (place % max(height, 1))
            evidence = self.fit("; ".join(act.evidence), width / 4, SMALL)
            room = width - 116 - 8 - self.measure(evidence, SMALL)
            kinds = sorted({one.kind for one in self.acts if one.ground == act.ground})
            name = self.fit(f"{', '.join(kinds)}: {self.name(act.ground)}", room, SMALL)
            colour = self.colours[act.kind]
            self.text(x + 14, line, str(number), SMALL, ha="right", color=colour, weight="bold")
            self.text(x + 20, line, _days(act), SMALL, color=GREY)
            self.text(x + 116, line, name, SMALL, gid=f"key-{number}", full=self._described(act))
            after = x + 116 + self.measure(name, SMALL) + 8
            self.text(after, line, evidence, SMALL, color=GREY)
        return y + LINE * height

    def name(self, thing: str) -> str:
        """Return the label of a thing, or its key where no font has the characters of the label."""
        label = " ".join(self.network.labels.get(thing, "").split())
        return label if label and printable(label) else compact(thing)

    def carried(self, path: InfluencePath) -> str:
        """Return what a path carries."""
        if path.matter is None:
            return ""
        return " ".join(map(self.name, path.matter.names))

    def _described(self, hop: Hop) -> str:
        evidence = f" ({'; '.join(hop.evidence)})" if hop.evidence else ""
        days = "standing" if hop.standing else _days(hop)
        ends = f"{self.name(hop.source)} → {self.name(hop.target)}"
        return f"{hop.kind}, {ends}, {days}: {self.name(hop.ground)}{evidence}"

    def _told(self, path: InfluencePath) -> str:
        return "; ".join(map(self._described, path.hops))

    @property
    def room(self) -> float:
        """The width between the margins."""
        return self.full - 2 * MARGIN

    @functools.cached_property
    def most(self) -> int:
        """The largest number of paths through one hop."""
        columns = self.layout.columns.values()
        counts = (
            (column.paths, *column.before.values(), *column.after.values()) for column in columns
        )
        return max(itertools.chain(*counts), default=0)

    def thickness(self, number: int) -> float:
        """Return the width of a line that stands for a number of paths."""
        share = (min(number, self.most) - 1) / max(self.most - 1, 1)
        return THINNEST + (THICKEST - THINNEST) * math.sqrt(share)


def ticks(days: tuple[int, int], most: int) -> list[tuple[int, str]]:
    """Return days to mark between two, in steps of days, months or years, with their names.

    >>> first, last = date(2023, 5, 20).toordinal(), date(2023, 12, 9).toordinal()
    >>> [name for _, name in ticks((first, last), 4)]
    ['2023-07', '2023-09', '2023-11']
    """
    first, last = days
    for step in (1, 2, 7, 14):
        if (last - first) // step < most and last - first < 92:
            marked = range(first + -first % step, last + 1, step)
            return [(day, day_in_words(day)) for day in marked]
    begin, end = date.fromordinal(first), date.fromordinal(last)
    months = range(begin.year * 12 + begin.month - (begin.day == 1), end.year * 12 + end.month)
    step = next((step for step in MONTHS if len(months) / step <= max(most, 1)), MONTHS[-1])
    found = []
    for month in (month for month in months if month % step == 0):
        day = date(month // 12, month % 12 + 1, 1)
        found.append((day.toordinal(), f"{day:%Y}" if step % 12 == 0 else f"{day:%Y-%m}"))
    return found


def _days(act: Hop) -> str:
    if not act.days:
        return "undated"
    begins, ends = day_in_words(act.earliest), day_in_words(act.latest)
    return act.days if begins and ends else f"from {begins}" if begins else f"by {ends}"


def _kinds(ties: Iterable[Tie]) -> str:
    return f"standing: {', '.join(sorted({tie.kind for tie in ties}))}"
