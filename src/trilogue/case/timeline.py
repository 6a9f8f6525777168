"""The course of a case as a picture: a lane for each kind of actor, time to the right."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from trilogue.drawing.canvas import GREY, PALE, SMALL, TEXT, TITLE, Canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MARGIN, LABELS = 12.0, 150.0
MONTH = 15.0  # width of a month
ROW = 13.0  # height of a row within a lane
NARROWEST = 15.0  # room of a happening with its number
LINE = 12.0


@dataclass(frozen=True)
class Happening:
    """What happened, in the lane of those who did it, between two days."""

    number: int
    lane: str
    name: str
    begin: date
    end: date

    @property
    def told(self) -> str:
        """The happening in one line."""
        days = f"{self.begin}" if self.begin == self.end else f"{self.begin} to {self.end}"
        return f"{self.number}. {days}: {self.name} ({self.lane})"


def draw(happenings: Iterable[Happening], lanes: Sequence[str]) -> Figure:
    """Return the picture: a day as a lozenge, a span of days as a bar, each with its number.

    A bar covers the days between the earliest and the latest that the source allows. The same
    happenings give the same picture; its description tells all of them in words.
    """
    return _Drawing(tuple(happenings), lanes).figure


def rows(spans: Sequence[tuple[float, float]]) -> list[int]:
    """Return for each span, in order of their beginnings, the first row in which it has room.

    >>> rows([(0, 5), (2, 3), (4, 6), (5, 9)])
    [0, 1, 1, 0]
    """
    free: list[float] = []
    placed = []
    for begin, end in spans:
        row = next((number for number, until in enumerate(free) if until <= begin), len(free))
        free[row : row + 1] = [end]
        placed.append(row)
    return placed


class _Drawing(Canvas):
    def __init__(self, happenings: tuple[Happening, ...], lanes: Sequence[str]) -> None:
        super().__init__(MARGIN + LABELS)
        self.first = min((one.begin for one in happenings), default=date(2000, 1, 1)).replace(day=1)
        last = max((one.end for one in happenings), default=self.first)
        self.months = 12 * (last.year - self.first.year) + last.month - self.first.month + 1
        self.width = self.months * MONTH
        y = MARGIN + TITLE + LINE
        self.text(MARGIN, MARGIN + TITLE / 2, "What happened when", TITLE, weight="bold")
        bottom = y + LINE
        for lane in lanes:
            held = [one for one in happenings if one.lane == lane]
            if held:
                bottom = self._lane(lane, sorted(held, key=_order), bottom)
        self._time(y, bottom)
        full = self.left + self.width + 2 * MARGIN
        self.figure.set_size_inches(full / 72, (bottom + MARGIN) / 72)
        self.axes.set_xlim(0, full)
        self.axes.set_ylim(bottom + MARGIN, 0)
        self.figure.set_label("What happened when")
        self.axes.set_label("\n".join(one.told for one in sorted(happenings, key=_order)))

    def x(self, day: date) -> float:
        """Return where a day stands, right of the names."""
        months = 12 * (day.year - self.first.year) + day.month - self.first.month
        return (months + (day.day - 1) / 31) * MONTH

    def _lane(self, lane: str, held: list[Happening], top: float) -> float:
        spans = [(self.x(one.begin), self.x(one.end)) for one in held]
        room = [(begin, max(end, begin) + NARROWEST) for begin, end in spans]
        placed = rows(room)
        for one, (begin, end), row in zip(held, spans, placed, strict=True):
            y = top + (row + 0.7) * ROW
            if one.begin == one.end:
                self.marker(begin, y, "D", "black")
            else:
                self.line((begin, max(end, begin + 3)), (y, y), "black", 3.2)
            self.text(self.left + end + 4, y, str(one.number), SMALL, full=one.told)
        bottom = top + (max(placed) + 1) * ROW + 5
        self.text(MARGIN, (top + bottom) / 2, self.fit(lane, LABELS - 6, TEXT), full=lane)
        self.line((0, self.width), (bottom, bottom), PALE, 0.6, zorder=1)
        return bottom

    def _time(self, top: float, bottom: float) -> None:
        for month in range(self.months + 1):
            year, number = divmod(self.first.year * 12 + self.first.month - 1 + month, 12)
            x = month * MONTH
            if number % 3 == 0:
                self.line(
                    (x, x), (top + LINE / 2, bottom), PALE, 0.8 if number == 0 else 0.3, zorder=0
                )
            if number % 6 == 0:
                name = str(year) if number == 0 else "July"
                self.text(self.left + x, top, name, SMALL, color=GREY)


def _order(one: Happening) -> tuple[date, date, int]:
    return one.begin, one.end, one.number


def happenings(rows_of_days: Iterable[Sequence[str]]) -> list[Happening]:
    """Return numbered happenings of rows of begin, end, lane and name."""
    counted = zip(itertools.count(1), rows_of_days)  # the count has no end
    return [
        Happening(number, lane, name, date.fromisoformat(begin), date.fromisoformat(end))
        for number, (begin, end, lane, name) in counted
    ]
