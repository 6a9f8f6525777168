"""A passage is the same, written as a key or as a locator."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trilogue import passages

numbers = st.integers(min_value=1, max_value=999)


@given(numbers, st.sampled_from(["", "n", "t"]), numbers)
def test_a_locator_leads_back_to_its_key(page: int, kind: str, number: int) -> None:
    key = f"p{page}-{kind}{number}" if kind else f"p{page}"
    assert passages.key_of(passages.locator(key)) == key


@given(st.text())
def test_what_is_no_locator_points_nowhere(text: str) -> None:
    key = passages.key_of(text)
    assert key is None or passages.locator(key).startswith("p. ")
