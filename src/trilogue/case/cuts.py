"""The fewest things that must fall before a conclusion does.

A conclusion rests on groups of grounds; it can change only when all grounds of some groups have
fallen. A ground has alternatives: it falls as soon as all items of one of them have fallen. The
search goes over sets of groups, of which there are few, and not over sets of items; what is found
is nevertheless the smallest: items that empty no group change nothing, and of those that empty the
same groups the smallest set will do.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence

Items = frozenset[str]
Ground = Sequence[Items]
"""The alternatives by which a ground falls, each a set of items that all have to fall."""


def smallest_change(
    groups: Sequence[Sequence[Ground]], changed: Callable[[Items], bool]
) -> Items | None:
    """Return a smallest set of items whose fall changes the conclusion, or nothing if none does.

    `changed` tells whether the conclusion is another once these items have fallen, and must depend
    only on which groups they empty. It is asked in the order of size.

    >>> source = [[frozenset({"a"})], [frozenset({"b"})]]
    >>> smallest_change([source], lambda fallen: {"a", "b"} <= fallen) == {"a", "b"}
    True
    """
    ways = [_ways(group) for group in groups]
    heap: list[tuple[int, list[str], int]] = [(0, [], 0)]
    seen: set[tuple[Items, int]] = set()
    asked: set[Items] = set()
    while heap:
        _, names, following = heapq.heappop(heap)
        items = frozenset(names)
        if items and items not in asked:
            asked.add(items)
            if changed(items):
                return items
        for place in range(following, len(ways)):
            for way in ways[place]:
                union = items | way
                if (union, place + 1) not in seen:
                    seen.add((union, place + 1))
                    heapq.heappush(heap, (len(union), sorted(union), place + 1))
    return None


def _ways(group: Sequence[Ground]) -> list[Items]:
    """Return the minimal sets of items that let all grounds of a group fall."""
    found: list[Items] = [frozenset()]
    for ground in group:
        found = _minimal(way | alternative for way in found for alternative in ground)
    return found if group else []


def _minimal(sets: Iterable[Items]) -> list[Items]:
    kept: list[Items] = []
    for items in sorted(set(sets), key=lambda items: (len(items), sorted(items))):
        if not any(other <= items for other in kept):
            kept.append(items)
    return kept
