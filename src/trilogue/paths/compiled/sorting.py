"""Compiled: the order of numbers, found digit by digit."""

from __future__ import annotations

import numpy as np

from trilogue.paths.compiled.columns import Array
from trilogue.paths.compiled.compiling import allocating, compiled

DIGIT = 11  # bits; the counts of one digit stay in the nearest cache


def places_in_order(keys: Array) -> Array:
    """Return the places of keys in the order of these; equal keys keep the order they have.

    Keys are at least 0, and there are at most 2^32.

    >>> places_in_order(np.array([70_000, 3, 70_000, 0])).tolist()
    [3, 1, 0, 2]
    """
    bits = int(keys.max(initial=0)).bit_length()
    return np.asarray(_sorted(keys.astype(np.uint64), -(-bits // DIGIT)))


@allocating
def _sorted(keys: Array, digits: int) -> Array:
    number = len(keys)
    places, other_places = np.arange(number).astype(np.uint32), np.empty(number, np.uint32)
    other_keys, counts = np.empty(number, np.uint64), np.empty(1 << DIGIT, np.int64)
    for digit in range(digits):
        _by_digit(keys, places, other_keys, other_places, counts, np.uint64(digit * DIGIT))
        keys, other_keys = other_keys, keys
        places, other_places = other_places, places
    return places


@compiled
def _by_digit(
    keys: Array, places: Array, to_keys: Array, to_places: Array, counts: Array, shift: int
) -> None:
    mask = np.uint64((1 << DIGIT) - 1)
    counts[:] = 0
    for key in keys:
        counts[(key >> shift) & mask] += 1
    before = 0
    for digit in range(len(counts)):
        before, counts[digit] = before + counts[digit], before
    for place in range(len(keys)):
        digit = (keys[place] >> shift) & mask
        into = counts[digit]
        counts[digit] = into + 1
        to_keys[into], to_places[into] = keys[place], places[place]
