"""How evidence shifts belief in a hypothesis: likelihood ratios, from prior to posterior.

Each hypothesis is held against its own negation, because rivals may hold together. An observation
shifts the odds by the ratio of its two likelihoods. Observations of one happening are no more than
one piece of evidence: the one among them that tells most is counted, and the others are not. To
multiply them all, as if they were independent, is how such readings become far too sure of
themselves (Fairfield and Charman 2017, section 4; Bennett 2015, appendix).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from trilogue.errors import QueryError


@dataclass(frozen=True)
class Range:
    """A number as judged, between the lowest and the highest that can be held of it."""

    lowest: float
    judged: float
    highest: float


@dataclass(frozen=True)
class Judgement:
    """How likely an observation is if its hypothesis holds, and if it does not.

    `happening` is the observation with which it counts once: itself, where it stands for itself.
    """

    observation: str
    hypothesis: str
    happening: str
    words: str
    if_true: Range
    if_false: Range

    @property
    def ratio(self) -> Range:
        """The likelihood ratio; its ends put the ends of both likelihoods against each other.

        >>> judged = Judgement("o", "h", "o", "", Range(0.5, 0.6, 0.8), Range(0.2, 0.3, 0.4))
        >>> judged.ratio
        Range(lowest=1.25, judged=2.0, highest=4.0)
        """
        true, false = self.if_true, self.if_false
        return Range(
            true.lowest / false.highest, true.judged / false.judged, true.highest / false.lowest
        )


@dataclass(frozen=True)
class Swing:
    """The posterior with one observation at the ends of its ratio, and without it."""

    judgement: Judgement
    lowest: float
    highest: float
    without: float

    @property
    def width(self) -> float:
        """How far the posterior swings."""
        ends = (self.lowest, self.highest, self.without)
        return max(ends) - min(ends)


@dataclass(frozen=True)
class Reading:
    """The posterior of a hypothesis, its ends if all ratios are at theirs, and what sways it."""

    prior: float
    posterior: Range
    swings: tuple[Swing, ...]
    happenings: int


def log_odds(probability: float) -> float:
    """Return the logarithm of the odds, in which evidence adds up.

    >>> log_odds(0.5)
    0.0
    """
    return math.log(probability) - math.log1p(-probability)


def posterior(prior: float, ratios: Iterable[float]) -> float:
    """Return how likely a hypothesis is after the evidence, by the odds form of Bayes' rule.

    >>> posterior(0.5, [4.0])
    0.8
    >>> posterior(0.5, [4.0, 0.25])
    0.5

    Raises `QueryError` for a prior that is no probability between 0 and 1, or is one of them: what
    is certain no evidence can shift.
    """
    if not 0 < prior < 1:
        raise QueryError(f"prior {prior}: expected a number between 0 and 1, and neither of them")
    odds = log_odds(prior) + math.fsum(map(math.log, ratios))
    return 1 / (1 + math.exp(-odds)) if odds > 0 else math.exp(odds) / (1 + math.exp(odds))


def counted(judgements: Iterable[Judgement]) -> list[Judgement]:
    """Return of each happening the judgement that tells most, whichever way it points.

    >>> weak = Judgement("a", "h", "a", "", Range(0.6, 0.6, 0.6), Range(0.5, 0.5, 0.5))
    >>> strong = Judgement("b", "h", "a", "", Range(0.6, 0.6, 0.6), Range(0.2, 0.2, 0.2))
    >>> [judgement.observation for judgement in counted([weak, strong])]
    ['b']
    """
    groups: dict[str, list[Judgement]] = defaultdict(list)
    for judgement in judgements:
        groups[judgement.happening].append(judgement)
    return [max(group, key=_telling) for _, group in sorted(groups.items())]


def _telling(judgement: Judgement) -> tuple[float, str]:
    return abs(math.log(judgement.ratio.judged)), judgement.observation


def believed(prior: float, judgements: Iterable[Judgement]) -> float:
    """Return the posterior of a hypothesis, each happening counted once."""
    return posterior(prior, (judgement.ratio.judged for judgement in counted(judgements)))


def reading(prior: float, judgements: Sequence[Judgement]) -> Reading:
    """Return the posterior of one hypothesis and how each observation sways it, the most first.

    An observation that tells less than another of its happening is not counted and sways nothing.
    """
    chosen = counted(judgements)
    ratios = [judgement.ratio for judgement in chosen]
    ends = Range(
        posterior(prior, (ratio.lowest for ratio in ratios)),
        posterior(prior, (ratio.judged for ratio in ratios)),
        posterior(prior, (ratio.highest for ratio in ratios)),
    )
    swings = [_swing(prior, judgements, chosen, judgement) for judgement in judgements]
    swings.sort(key=lambda swing: (-swing.width, swing.judgement.observation))
    return Reading(prior, ends, tuple(swings), len(ratios))


def _swing(
    prior: float,
    judgements: Sequence[Judgement],
    chosen: Sequence[Judgement],
    judgement: Judgement,
) -> Swing:
    others = [other.ratio.judged for other in chosen if other is not judgement]
    own = [judgement.ratio] if len(others) < len(chosen) else []
    return Swing(
        judgement,
        posterior(prior, [*others, *(ratio.lowest for ratio in own)]),
        posterior(prior, [*others, *(ratio.highest for ratio in own)]),
        believed(prior, (other for other in judgements if other is not judgement)),
    )
