"""Dates known only to the day, the month or the year."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from trilogue.spans import Span, certainly_before, datatype, possibly_before

days = st.dates(date(1950, 1, 1), date(2050, 12, 31))
texts = st.one_of(
    days.map(lambda day: f"{day.year:04}"),
    days.map(lambda day: f"{day.year:04}-{day.month:02}"),
    days.map(date.isoformat),
)


@given(days)
def test_a_day_lies_in_its_month_and_its_year(day: date) -> None:
    for text in (day.isoformat(), day.isoformat()[:7], day.isoformat()[:4]):
        span = Span.parse(text)
        assert span.earliest <= day <= span.latest


@given(texts)
def test_a_span_is_as_long_as_its_precision_says(text: str) -> None:
    span = Span.parse(text)
    length = (span.latest - span.earliest).days + 1
    expected = {"date": {1}, "gYearMonth": {28, 29, 30, 31}, "gYear": {365, 366}}
    assert length in expected[datatype(text)]


@given(texts, texts)
def test_what_is_certainly_before_is_possibly_before_and_never_certainly_after(
    first: str, second: str
) -> None:
    a, b = Span.parse(first), Span.parse(second)
    if certainly_before(a, b):
        assert possibly_before(a, b)
        assert not certainly_before(b, a)


@given(texts, texts)
def test_of_two_dates_one_is_possibly_before_the_other(first: str, second: str) -> None:
    a, b = Span.parse(first), Span.parse(second)
    assert possibly_before(a, b) or possibly_before(b, a)


@given(texts, texts, texts)
def test_certain_order_is_transitive(first: str, second: str, third: str) -> None:
    a, b, c = (Span.parse(text) for text in (first, second, third))
    if certainly_before(a, b) and certainly_before(b, c) and a != c:
        assert certainly_before(a, c)


@given(st.text())
def test_any_other_text_is_refused_with_what_was_expected(text: str) -> None:
    assume(not re.fullmatch("[0-9]{4}(-[0-9]{2}){0,2}", text))
    with pytest.raises(ValueError, match="expected YYYY, YYYY-MM or YYYY-MM-DD"):
        Span.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "2023-02-29",
        "2023-13",
        "2023-00",
        "0000",
        "2023-1-1",
        "20230101",
        " 2023",
        "２０２３",
        "2023-06-15T00:00",
    ],
)
def test_impossible_and_misspelt_dates_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected YYYY"):
        Span.parse(text)


def test_a_reversed_span_is_refused() -> None:
    with pytest.raises(ValueError, match="before"):
        Span(date(2023, 2, 1), date(2023, 1, 1))
