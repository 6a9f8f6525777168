"""Where first acts land along a relation after them, kept in the order of that and of days.

There are far more first acts than others, but the relations after them lead to few things: from
many officials to few offices. That depends on the issue and on the expression, and neither on the
origins nor on the destinations. So it is found once, and then read from end to end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar

import numpy as np

from trilogue.paths.compiled.columns import FIRST_DAY, Array
from trilogue.paths.compiled.compiling import Numba, allocating, compiled
from trilogue.paths.compiled.kernels import lower
from trilogue.paths.compiled.layout import Acts, Relations
from trilogue.paths.compiled.rules import Rules
from trilogue.paths.compiled.runs import Run, cached
from trilogue.paths.compiled.scores import EVIDENCE, WEIGHT, Worth, scores_of_acts
from trilogue.paths.compiled.sorting import places_in_order

MOST_KEPT = 1 << 28  # bytes of landings that an index keeps

Value = TypeVar("Value", "Landings", "BestFirst")


class Landings(NamedTuple):
    """First acts on an issue that lead to a state, and each with a relation that holds with it.

    They land at a state after the relation, at a thing; `begins` says where those at each begin:
    first the acts of one day, then at odd places the others. `day` is the first, or in certain
    order the last, on which an act can have happened.
    """

    state: Array
    thing: Array
    begins: Array
    day: Array
    code: Array
    act: Array  # its place backward
    relation: Array  # its place outward
    since: Array
    until: Array


class BestFirst(NamedTuple):
    """Landings, at each place in the order of the scores of their acts, and what is asked of each.

    They stand together, so that to look at one is to look at the next.
    """

    score: Array
    code: Array
    act: Array
    relation: Array
    since: Array
    until: Array
    earliest: Array
    latest: Array


def landings(run: Run, state: int, issue: int, certain: int) -> Landings:
    """Return the landings of the first acts on an issue that lead to a state."""
    return _kept(run, (state, issue, certain), lambda: _landings(run, state, issue, certain))


def best_first(run: Run, state: int, issue: int, certain: int, worth: Worth) -> BestFirst:
    """Return the landings with the best first at each place."""
    found = landings(run, state, issue, certain)
    key = (state, issue, certain, worth.score)
    return _kept(run, key, lambda: _best_first(run, found, worth))


def _best_first(run: Run, found: Landings, worth: Worth) -> BestFirst:
    backward = run.acts[1]
    scores = np.empty(len(found.act))
    scores_of_acts(scores, found.code, backward.row[found.act], worth)
    order: slice | Array = slice(None)
    if worth.score in (EVIDENCE, WEIGHT):
        place = np.repeat(np.arange(len(found.state)), np.diff(found.begins[::2]))
        ranks = np.unique(scores, return_inverse=True)[1]
        order = places_in_order(place * len(scores) + ranks)
    act = found.act[order]
    return BestFirst(
        scores[order],
        found.code[order],
        act,
        found.relation[order],
        found.since[order],
        found.until[order],
        backward.earliest[act],
        backward.latest[act],
    )


def _kept(run: Run, own: tuple[int, ...], make: Callable[[], Value]) -> Value:
    """Return what an index keeps of the landings of a run, made where it does not yet."""
    index, how = run.expression.index, run.rows.how
    relevant = how[cached(index, ("issues of relations",), lambda: np.unique(index.outward.issue))]
    key = (*run.key, *own, int(how[own[1]]), relevant.tobytes())
    with index.lock:
        kept: dict[object, Value] = index.cache.setdefault("landings", {})
        found = kept.pop(key) if key in kept else make()
        kept[key] = found  # the last, as the one that was used last
        size = sum(map(_bytes, kept.values()))
        while size > MOST_KEPT and len(kept) > 1:
            size -= _bytes(kept.pop(next(iter(kept))))
    return found


def _bytes(arrays: Landings | BestFirst) -> int:
    return sum(part.nbytes for part in arrays)


def _landings(run: Run, state: int, issue: int, certain: int) -> Landings:
    backward, outward = run.acts[1], run.relations[0]
    groups = backward.groups[issue : issue + 2]
    given = (backward, outward, run.rules, run.rows.how, state)
    number = _relations_after(np.zeros((0, 3), np.int64), *groups, *given)
    found = np.zeros((number, 3), np.int64)
    _relations_after(found, *groups, *given)
    group, relation, after = found.T
    most = int((backward.starts[group + 1] - backward.starts[group]).sum())
    # Their columns: the landing, the act, its day, and whether that is not known.
    acts = np.empty((4, most), np.uint32)
    spans = _spans(outward, certain)
    wanted = leading_codes(run.rules, run.rows.how[issue], state)
    number = _held(acts, found, backward, run.rules, *spans, wanted, certain)
    landing, act, day, vague = acts[:, :number]
    things = np.int64(len(run.rules.classes))
    places, place = np.unique(
        after * things + outward.far[relation].astype(np.int64), return_inverse=True
    )
    at = 2 * place[landing] + vague
    order = places_in_order(at << 16 | day)
    relation = relation[landing[order]].astype(np.uint32)
    return Landings(
        places // things,
        places % things,
        np.append(0, np.cumsum(np.bincount(at, minlength=2 * len(places)))),
        day[order].astype(np.uint16),
        backward.code[act[order]],
        act[order],
        relation,
        *(span[relation] for span in spans),
    )


def _spans(outward: Relations, certain: int) -> tuple[Array, Array]:
    if certain:
        return outward.core_earliest, outward.core_latest
    return outward.earliest, outward.latest


@allocating
def leading_codes(rules: Rules, how: int, state: int) -> Numba:
    """Tell which first acts lead to a state, by class of target and code."""
    back = rules.back[how]
    found = np.zeros(back.shape, dtype=np.bool_)
    for target in range(back.shape[0]):
        for code in range(back.shape[1]):
            letter = back[target, code]
            found[target, code] = letter >= 0 and rules.following[0, letter] == state
    return found


@compiled
def galloped(values: Numba, begin: int, end: int, wanted: int) -> Numba:
    """Return the first place whose value is not below the one wanted, which is near the first."""
    if begin == end or values[begin] >= wanted:
        return begin
    step = 1
    while begin + step < end and values[begin + step] < wanted:
        begin += step
        step *= 2
    return lower(values, begin, min(begin + step + 1, end), wanted)


@compiled
def _relations_after(
    found: Array,
    first: int,
    last: int,
    backward: Acts,
    outward: Relations,
    rules: Rules,
    how: Array,
    state: int,
) -> Numba:
    """Write down groups, the relations that can follow them and the states after these.

    As far as there is room; return how many there are.
    """
    number, place, near = 0, 0, outward.near
    for group in range(first, last):
        thing = np.int64(backward.near[group])
        place = galloped(near, place, len(near), thing)
        while place < len(near) and near[place] == thing:
            row = how[outward.issue[place]]
            source = rules.source[rules.classes[thing]]
            letter = rules.onward[row, source, outward.code[place]] if row >= 0 else -1
            after = rules.following[state, letter] if letter >= 0 else -1
            if after >= 0:
                if number < len(found):
                    found[number, 0], found[number, 1], found[number, 2] = group, place, after
                number += 1
            place += 1
    return number


@compiled
def _held(
    acts: Array,
    found: Array,
    backward: Acts,
    rules: Rules,
    begins: Array,
    ends: Array,
    wanted: Array,
    certain: int,
) -> Numba:
    """Write down the acts of each group that a relation holds with; return how many there are."""
    number = 0
    for one in range(len(found)):
        group, relation = found[one, 0], found[one, 1]
        since, until = np.int64(begins[relation]), np.int64(ends[relation])
        kind = rules.target[rules.classes[backward.near[group]]]
        for act in range(np.int64(backward.starts[group]), np.int64(backward.starts[group + 1])):
            earliest, latest = np.int64(backward.earliest[act]), np.int64(backward.latest[act])
            if earliest > until:
                break
            day = latest if certain else max(earliest, since)
            held = since <= earliest and latest <= until if certain else day <= min(latest, until)
            if held and wanted[kind, backward.code[act]]:
                acts[0, number], acts[1, number], acts[2, number] = one, act, day
                acts[3, number] = earliest != latest or day < FIRST_DAY
                number += 1
    return number
