"""Whether there are more paths than chance would give: null models, and paths of two queries.

A null model shuffles one thing and keeps all others (Holme and Saramäki 2012, section 5; Gauvin et
al. 2022):

- `times`: the spans of the acts, among acts of one kind and period. It keeps who acts towards whom
  on what, how often, how many acts of each kind fall into a period, and how precisely they are
  dated. It breaks which of them comes first.
- `labels`: which actors are origins, among actors of the same broader classes, say which firms are
  small. It keeps every act, its day, and the size of the class. It breaks who belongs to it.

All walks that could be in order with times from their strata are enumerated once; then each draw
is an evaluation of `dating.py` in arrays.

References: P. Holme, J. Saramäki, *Temporal networks*, Physics Reports 519, 2012. L. Gauvin et al.,
*Randomized reference models for temporal networks*, SIAM Review 64(4), 2022. B. Phipson, G. Smyth,
*Permutation p-values should never be zero*, Stat. Appl. Genet. Mol. Biol. 9(1), 2010.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from trilogue.errors import QueryError, nearest
from trilogue.paths.enumeration import Enumeration
from trilogue.paths.network import Network
from trilogue.paths.null_models import Chance, Null, Statistic
from trilogue.paths.query import PathQuery
from trilogue.paths.rescheduling import Schedule, TimedWalks, permuted
from trilogue.results import Bindings

Values = npt.NDArray[np.float64]

QUANTILES = (0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975)


@dataclass(frozen=True)
class Significance:
    """An observed number against its distribution under a null model.

    `more` is the share of arrangements that give as many or more, `fewer` that give as few or
    fewer, each with the observed arrangement counted in (Phipson and Smyth 2010); `two_sided` is
    twice the smaller; `least` is the least that `more` could be, which is not small where there are
    few arrangements. `z` is undefined where the null does not vary. Of `units` acts or actors that
    are shuffled, `movable` have another one to change places with that differs.
    """

    chance: Chance
    observed: float
    mean: float
    deviation: float
    quantiles: tuple[tuple[float, float], ...]
    z: float | None
    more: float
    fewer: float
    two_sided: float
    least: float
    units: int
    movable: int

    def in_words(self) -> str:
        """Return the finding in sentences, with what limits it, one a line."""
        return "\n".join((self._finding(self.chance.statistic.value), *limits(self)))

    def _finding(self, what: str) -> str:
        chance, shares = self.chance, dict(self.quantiles)
        if self.z is None:
            return (
                f"{_number(self.observed)} {what}; every one of {chance.draws:,} draws gives "
                "the same, so that this null model tells nothing."
            )
        return (
            f"{_number(self.observed)} {what}, against a mean of {_number(self.mean)} with "
            f"{chance.null} shuffled (standard deviation {_number(self.deviation)}, 95 % of draws "
            f"from {_number(shares[0.025])} to {_number(shares[0.975])}; z = {self.z:.2f}): "
            f"p = {_number(self.more)} for as many or more, {_number(self.two_sided)} two-sided "
            f"({chance.draws:,} draws, seed {chance.seed})."
        )


@dataclass(frozen=True)
class Comparison:
    """The paths of one query against those of another, under the same draws.

    `per_actor` is the difference of numbers per member of the classes of origins, whose `sizes`
    differ; members without any path count. It is nothing where a class has no member. `ratio` is
    nothing where the second query has no path.
    """

    first: Significance
    second: Significance
    difference: Significance
    per_actor: Significance | None
    sizes: tuple[int, int]
    ratio: float | None

    def in_words(self) -> str:
        """Return the finding in sentences, with what limits it, one a line."""
        what = self.first.chance.statistic.value
        sentences = [
            f"First query, {self.sizes[0]} actors: {self.first._finding(what)}",
            f"Second query, {self.sizes[1]} actors: {self.second._finding(what)}",
            f"Difference: {self.difference._finding(what)}",
        ]
        if self.ratio is not None:
            sentences.append(f"Ratio: {_number(self.ratio)}.")
        if self.per_actor is not None:
            finding = self.per_actor._finding(f"{what} an actor")
            sentences.append(f"Difference for each actor: {finding}")
        return "\n".join((*sentences, *limits(self.difference)))


COLUMNS = (
    *("null", "of", "observed", "mean", "deviation", "lower", "upper", "z"),
    *("p_more", "p_fewer", "p_two_sided", "least_p"),
)


def table(found: Iterable[Comparison], names: tuple[str, str]) -> Bindings:
    """Return comparisons as rows: each query by its name, their difference, and that an actor.

    `lower` and `upper` bound 95 % of the draws.
    """
    rows = []
    for each in found:
        parts = [
            *zip(names, (each.first, each.second), strict=True),
            ("difference", each.difference),
            ("difference an actor", each.per_actor),
        ]
        rows += [(each.first.chance.null, name, *_cells(part)) for name, part in parts if part]
    return Bindings.of_text(COLUMNS, rows)


def _cells(found: Significance) -> list[str]:
    shares = dict(found.quantiles)
    values = (found.observed, found.mean, found.deviation, shares[0.025], shares[0.975], found.z)
    tails = (found.more, found.fewer, found.two_sided, found.least)
    return ["" if value is None else _number(value) for value in (*values, *tails)]


def limits(found: Significance) -> list[str]:
    """Return in sentences what a finding does not say."""
    kept = {
        Null.times: "Kept are all acts, their performers, addressees and matters, and the number "
        "of each kind and period; broken is only which came first: a small p says that acts follow "
        "one another in an order that favours paths, not that one caused the next.",
        Null.labels: "Kept are all acts and their days, and the size of the class of origins; "
        "broken is only who belongs to it: a small p says that its members stand where paths "
        "begin more often than others of their kind, not why.",
    }
    units = "acts" if found.chance.null is Null.times else "actors"
    return [
        kept[found.chance.null],
        f"{found.movable} of {found.units} {units} have another to change places with.",
        f"The least p for as many or more that these draws can give is {_number(found.least)}.",
        "Walks share acts and are not independent, and the graph is a sample chosen by those who "
        "wrote and read its sources: p speaks of the acts recorded here, not of all that happened.",
    ]


def significance(network: Network, query: PathQuery, chance: Chance | None = None) -> Significance:
    """Hold the number of paths of a query against a null model."""
    chance = chance or Chance()
    ((numbers,), units, movable) = _drawn(network, (query,), chance)
    return _against(numbers, chance, units, movable)


def comparison(
    network: Network, first: PathQuery, second: PathQuery, chance: Chance | None = None
) -> Comparison:
    """Hold the difference of the numbers of paths of two queries against a null model."""
    chance = chance or Chance()
    (ours, theirs), units, movable = _drawn(network, (first, second), chance)
    sizes = (len(population(network, first.origins)), len(population(network, second.origins)))
    per_actor = None
    if all(sizes):
        per_actor = _against(ours / sizes[0] - theirs / sizes[1], chance, units, movable)
    return Comparison(
        _against(ours, chance, units, movable),
        _against(theirs, chance, units, movable),
        _against(ours - theirs, chance, units, movable),
        per_actor,
        sizes,
        float(ours[0] / theirs[0]) if theirs[0] else None,
    )


def population(network: Network, names: Iterable[str]) -> frozenset[str]:
    """Return what is one of the names, or a member of one of them, with or without any hop."""
    names = frozenset(names)
    known = network.things | network.classes.keys()
    return frozenset(thing for thing in known if network.is_one_of(thing, names))


def _number(value: float) -> str:
    """Return a whole or a large number in full, any other to three digits."""
    return f"{value:,.0f}" if value == int(value) or abs(value) >= 1000 else f"{value:.3g}"


def _against(numbers: Values, chance: Chance, units: int, movable: int) -> Significance:
    """Hold the first of the numbers against the others."""
    observed, null = float(numbers[0]), numbers[1:]
    varies = bool(null.min() < null.max())
    mean, deviation = float(null.mean()), float(null.std()) if varies else 0.0

    def share(found: npt.NDArray[np.bool_]) -> float:
        return float((1 + np.count_nonzero(found)) / (len(null) + 1))

    more, fewer = share(null >= observed), share(null <= observed)
    shares = zip(
        QUANTILES, np.quantile(null, QUANTILES, method="inverted_cdf").tolist(), strict=True
    )
    return Significance(
        chance,
        observed,
        mean,
        deviation,
        tuple(shares),
        (observed - mean) / deviation if varies else None,
        more,
        fewer,
        min(1.0, 2 * min(more, fewer)),
        share(null >= max(observed, null.max())),
        units,
        movable,
    )


def _drawn(
    network: Network, queries: Sequence[PathQuery], chance: Chance
) -> tuple[list[Values], int, int]:
    """Return for each query the number observed and those of all draws; and what is shuffled."""
    random = np.random.default_rng(chance.seed)
    if chance.null is Null.labels:
        return _by_labels(network, queries, chance, random)
    schedule = Schedule(network, chance.cuts)
    spans = schedule.shuffled(chance.draws, random)
    counts = [TimedWalks(schedule, query).counts(spans) for query in queries]
    numbers = [
        each.sum(axis=0) if chance.statistic is Statistic.paths else (each > 0).sum(axis=0)
        for each in counts
    ]
    return [each.astype(np.float64) for each in numbers], len(schedule.spans), schedule.movable


def _by_labels(
    network: Network, queries: Sequence[PathQuery], chance: Chance, random: np.random.Generator
) -> tuple[list[Values], int, int]:
    origins = [population(network, query.origins) for query in queries]
    for name in sorted(chance.among):
        if not population(network, (name,)):
            known = frozenset().union(*network.classes.values())
            raise QueryError(f"labels: nothing is a member of '{name}'{nearest(name, known)}")
    strata = _strata(network, sorted(chance.among))
    actors = sorted({actor for members in strata for actor in members}.union(*origins))
    place = {actor: index for index, actor in enumerate(actors)}
    holders = [[place[actor] for actor in members] for members in strata]
    drawn = permuted(len(actors), holders, chance.draws, random)
    numbers = []
    belongs = np.array([[actor in each for actor in actors] for each in origins])
    for query, belonging in zip(queries, belongs, strict=True):
        from_any = replace(query, origins=frozenset(actors))
        counts = Counter(path.origin for path in Enumeration(network, from_any).paths())
        weights = np.array([counts[actor] for actor in actors], dtype=np.float64)
        if chance.statistic is Statistic.origins:
            weights = np.minimum(weights, 1)
        numbers.append(belonging[drawn].astype(np.float64) @ weights)
    movable = sum(
        len(members) for members in holders if len(np.unique(belongs[:, members], axis=1).T) > 1
    )
    return numbers, sum(len(members) for members in holders), movable


def _strata(network: Network, among: Sequence[str]) -> list[list[str]]:
    """Return the sets of actors that are members of the same of some classes."""
    strata: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for thing in sorted(population(network, among)):
        strata[tuple(name for name in among if network.is_one_of(thing, (name,)))].append(thing)
    return [strata[kind] for kind in sorted(strata)]
