"""The smallest set of items found over groups is the smallest that trying all sets finds."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, combinations

from hypothesis import given
from hypothesis import strategies as st

from trilogue.case.cuts import Ground, Items, smallest_change

ITEMS = "abcdef"
ALTERNATIVES = st.lists(
    st.frozensets(st.sampled_from(ITEMS), min_size=1, max_size=3), min_size=1, max_size=2
)
GROUPS = st.lists(st.lists(ALTERNATIVES, min_size=1, max_size=3), min_size=1, max_size=4)


def emptied(groups: Sequence[Sequence[Ground]], fallen: Items) -> frozenset[int]:
    return frozenset(
        place
        for place, group in enumerate(groups)
        if all(any(alternative <= fallen for alternative in ground) for ground in group)
    )


@given(GROUPS, st.sets(st.frozensets(st.integers(0, 3), min_size=1), max_size=6))
def test_it_is_the_smallest_of_all_sets(
    groups: list[list[Ground]], changing: set[frozenset[int]]
) -> None:
    """Which emptied groups change the conclusion is arbitrary: more need not change it more."""

    def changed(fallen: Items) -> bool:
        return emptied(groups, fallen) in changing

    sizes = range(1, len(ITEMS) + 1)
    every = chain.from_iterable(combinations(ITEMS, size) for size in sizes)
    smallest = next((len(items) for items in every if changed(frozenset(items))), None)
    found = smallest_change(groups, changed)
    assert (found and len(found)) == smallest
    assert found is None or changed(found)
