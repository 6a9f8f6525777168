"""Dates known only to the day, the month or the year."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

_PARTIAL_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_DATATYPES = {0: "gYear", 1: "gYearMonth", 2: "date"}


@dataclass(frozen=True, order=True)
class Span:
    """The whole days between which something happened, both included.

    >>> Span.parse("2023-06")
    Span(earliest=datetime.date(2023, 6, 1), latest=datetime.date(2023, 6, 30))
    """

    earliest: date
    latest: date

    def __post_init__(self) -> None:
        if self.latest < self.earliest:
            raise ValueError(f"{self.latest} is before {self.earliest}")

    @classmethod
    def parse(cls, text: str) -> Span:
        """Return the days that a date of year, month or day precision covers.

        >>> Span.parse("2024-02").latest
        datetime.date(2024, 2, 29)
        >>> Span.parse("2023-02-30")
        Traceback (most recent call last):
        ValueError: 2023-02-30 is no date: expected YYYY, YYYY-MM or YYYY-MM-DD
        """
        match = _PARTIAL_DATE.fullmatch(text)
        problem = f"{text} is no date: expected YYYY, YYYY-MM or YYYY-MM-DD"
        if match is None:
            raise ValueError(problem)
        month, day = (int(part) if part else None for part in match.groups()[1:])
        try:
            first = date(int(match[1]), 1 if month is None else month, 1 if day is None else day)
        except ValueError:
            raise ValueError(problem) from None
        if day is not None:
            return cls(first, first)
        if month is not None:
            return cls(first, first.replace(day=monthrange(first.year, month)[1]))
        return cls(first, first.replace(month=12, day=31))


def datatype(text: str) -> str:
    """Return the local name of the XML Schema datatype of a partial date.

    >>> [datatype(text) for text in ("2023", "2023-06", "2023-06-15")]
    ['gYear', 'gYearMonth', 'date']
    """
    return _DATATYPES[text.count("-")]


def certainly_before(first: Span, second: Span) -> bool:
    """Tell whether `first` ended no later than `second` began, on whatever days they fell.

    Two acts of one same day are not certainly in order (Allen 1983, the relations
    *before* and *meets*, read on closed intervals of days).

    >>> june, july = Span.parse("2023-06"), Span.parse("2023-07")
    >>> certainly_before(june, july), certainly_before(june, june)
    (True, False)
    >>> day = Span.parse("2023-06-30")
    >>> certainly_before(june, day), certainly_before(day, day)
    (True, False)
    """
    return first.latest <= second.earliest and first != second


def possibly_before(first: Span, second: Span) -> bool:
    """Tell whether `first` may have happened no later than `second`.

    >>> june = Span.parse("2023-06")
    >>> possibly_before(june, Span.parse("2023-06-15"))
    True
    >>> possibly_before(Span.parse("2023-07-01"), june)
    False
    """
    return first.earliest <= second.latest
