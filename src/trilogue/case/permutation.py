"""Whether two small groups differ by more than the shuffling of their labels would give.

References: E. Edgington, P. Onghena, *Randomization Tests*, 2007. B. Phipson, G. Smyth,
*Permutation p-values should never be zero*, Stat. Appl. Genet. Mol. Biol. 9(1), 2010. A. Vargha,
H. Delaney, *A critique and improvement of the CL common language effect size*, 2000.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]

MOST_ARRANGEMENTS = 50_000  # beyond which they are drawn and no longer all visited
TOLERANCE = 1e-9  # so that sums which differ by rounding alone count as equal


@dataclass(frozen=True)
class Difference:
    """The difference of the means of two groups, held against all arrangements of their labels.

    `more` is the share of arrangements with as large a difference or a larger one, the observed
    among them, and `two_sided` with one as large either way; `least` is the least that `more` could
    be for any arrangement of these values. `lower` and `upper` bound 95 % of the differences when
    members are drawn anew with replacement. `superiority` is the share of pairs in which the
    member of the first group is ahead, ties by half.
    """

    first: float
    second: float
    sizes: tuple[int, int]
    more: float
    two_sided: float
    least: float
    arrangements: int
    exact: bool
    lower: float
    upper: float
    superiority: float

    @property
    def difference(self) -> float:
        """How far the mean of the first group is above that of the second."""
        return self.first - self.second


def difference(
    first: Sequence[float], second: Sequence[float], *, draws: int = 10_000, seed: int = 0
) -> Difference:
    """Compare the means of two groups that both have members.

    With few members all arrangements are visited, and p is exact:

    >>> found = difference([3, 4], [1, 2])
    >>> found.arrangements, round(found.more, 3), round(found.two_sided, 3)
    (6, 0.167, 0.333)
    """
    random = np.random.default_rng(seed)
    values = np.array([*first, *second], dtype=np.float64)
    size, rest = len(first), len(second)
    arrangements = math.comb(size + rest, size)
    exact = arrangements <= MOST_ARRANGEMENTS
    sums = _all_sums(values, size) if exact else _drawn_sums(values, size, draws, random)
    null = sums / size - (values.sum() - sums) / rest
    observed = float(np.mean(first) - np.mean(second))
    added = 0 if exact else 1  # the observed arrangement is among all, but not among the drawn

    def share(found: npt.NDArray[np.bool_]) -> float:
        return float((added + np.count_nonzero(found)) / (added + len(null)))

    resampled = _resampled(first, draws, random) - _resampled(second, draws, random)
    lower, upper = np.quantile(resampled, (0.025, 0.975), method="inverted_cdf").tolist()
    pairs = np.sign(np.subtract.outer(np.array(first), np.array(second)))
    return Difference(
        float(np.mean(first)),
        float(np.mean(second)),
        (size, rest),
        share(null >= observed - TOLERANCE),
        share(np.abs(null) >= abs(observed) - TOLERANCE),
        share(null >= max(null.max(), observed) - TOLERANCE),
        arrangements,
        exact,
        lower,
        upper,
        float((1 + pairs.mean()) / 2),
    )


def _all_sums(values: Values, size: int) -> Values:
    """Return the sum of the first group in every arrangement."""
    chosen = list(itertools.combinations(range(len(values)), size))
    return np.asarray(values[np.array(chosen)].sum(axis=1))


def _drawn_sums(values: Values, size: int, draws: int, random: np.random.Generator) -> Values:
    shuffled = random.permuted(np.tile(values, (draws, 1)), axis=1)
    return np.asarray(shuffled[:, :size].sum(axis=1))


def _resampled(values: Sequence[float], draws: int, random: np.random.Generator) -> Values:
    """Return means of members drawn with replacement."""
    drawn = random.choice(np.array(values, dtype=np.float64), (draws, len(values)))
    return np.asarray(drawn.mean(axis=1))
