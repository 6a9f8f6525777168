"""What acts and relations are worth for the scores that do not depend on days."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from trilogue.paths.compiled.columns import Array
from trilogue.paths.compiled.compiling import Numba, compiled
from trilogue.paths.compiled.index import Index
from trilogue.paths.compiled.kernels import RELATION, REST
from trilogue.paths.compiled.runs import Run, cached

# What is asked of the walks that lead on; all but the first are scores, the least of which is best.
COUNT, EARLIEST, SHORTEST, HOPS, EVIDENCE, WEIGHT = range(6)
NO_PASSAGES = -1e9  # what the fewest passages of no hops are taken for


class Worth(NamedTuple):
    """What is asked, and what of that a hop has, by code or row.

    On and after the last day, coded, no act begins; `longest` is the most days, and hops, that can
    count from an open beginning.
    """

    score: int
    last_day: int
    longest: int
    passages: Array  # by code, backward
    passages_onward: Array  # by code, forward
    weight: Array
    weights: Array
    passages_of_relations: Array  # by row
    weights_of_relations: Array


@compiled
def initial(score: int) -> Numba:
    """Return the score of no hops."""
    if score == COUNT:
        return 1.0
    if score == EVIDENCE:
        return NO_PASSAGES
    return -1.0 if score == WEIGHT else 0.0


@compiled
def joined(score: int, one: float, other: float) -> Numba:
    """Return the score of two parts of a walk; weights are below 0, so that the least is best."""
    if score == HOPS:
        return one + other
    if score == EVIDENCE:
        return max(one, other)
    return -one * other if score == WEIGHT else other


@compiled
def weight_of(worth: Numba, row: int) -> Numba:
    """Return the weight of an act."""
    if len(worth.weights):
        return float(worth.weights[np.int64(worth.weight[row])])
    return float(worth.weight[row])


@compiled
def score_of_act(worth: Numba, passages: Numba, code: int, row: int) -> Numba:
    """Return the score of a single act, where it does not depend on days."""
    if worth.score == HOPS:
        return 1.0
    if worth.score == EVIDENCE:
        return -float(passages[code])
    return -weight_of(worth, row) if worth.score == WEIGHT else 0.0


@compiled
def scores_of_acts(scores: Array, codes: Array, rows: Array, worth: Worth) -> None:
    """Find the scores of some acts, backward."""
    for place in range(len(scores)):
        scores[place] = score_of_act(worth, worth.passages, codes[place], rows[place])


@compiled
def score_of_run(worth: Numba, runs: Numba, run: int) -> Numba:
    """Return the score of a run of relations."""
    score = worth.score
    total = initial(score)
    if score in (COUNT, EARLIEST, SHORTEST):
        return total
    while run >= 0 and runs[run, RELATION] >= 0:
        total = joined(score, total, score_of_relation(worth, runs[run, RELATION]))
        run = runs[run, REST]
    return total


@compiled
def score_of_relation(worth: Numba, row: int) -> Numba:
    """Return the score of a single relation."""
    if worth.score == HOPS:
        return 1.0
    if worth.score == EVIDENCE:
        return -float(worth.passages_of_relations[row])
    return -float(worth.weights_of_relations[row]) if worth.score == WEIGHT else 0.0


def worth_of(run: Run, score: int, bound: int) -> Worth:
    """Return what is asked of the walks of a run, and what of it each hop has."""
    index, expression = run.expression.index, run.expression
    of_signature = index.signatures.passages[expression.origin]
    if score == WEIGHT:
        index.verify("acts/weight")
    return Worth(
        score,
        index.header["last"] + bound,
        bound + 1,
        of_signature[expression.back.signature],
        of_signature[expression.onward.signature],
        index.arrays["acts/weight"],
        index.arrays["acts/weights"],
        *cached(index, ("relations",), lambda: _of_relations(index)),
    )


def _of_relations(index: Index) -> tuple[Array, Array]:
    """Return the passages and the weight of each relation."""
    passages = index.signatures.passages[index.onward.signature[index.outward.code]]
    weight, weights = index.arrays["relations/weight"], index.arrays["relations/weights"]
    return passages, (weights[weight] if len(weights) else weight).astype(np.float64)
