"""What acts and relations are worth for the scores that do not depend on days."""

from __future__ import annotations

import numpy as np

from trilogue.paths import suffixes
from trilogue.paths.columns import Array
from trilogue.paths.index import Index
from trilogue.paths.runs import Run, cached
from trilogue.paths.suffixes import Worth


def worth_of(run: Run, score: int, bound: int) -> Worth:
    """Return what is asked of the walks of a run, and what of it each hop has."""
    index, expression = run.expression.index, run.expression
    of_signature = index.signatures.passages[expression.origin]
    if score == suffixes.WEIGHT:
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
