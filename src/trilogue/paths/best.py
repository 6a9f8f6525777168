"""Compiled: the best paths by a score, from their first act on, a few at a time.

The function of the stop at the end of a beginning says how good the best path with that beginning
is. So of all beginnings of one length, none but the best *k* can lead to the best *k* paths. Where
that is only a bound, which is so of durations whose first act has no one day, the beginning stays
as long as its bound is better than the *k* best that are certain.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from trilogue.paths.columns import OPEN_END, Array
from trilogue.paths.firsts import (
    AND_THEN,
    BEGINS,
    BRANCH_WIDTH,
    BY_RELATION,
    ENDS,
    LEADS_TO,
    MOST_BRANCHES,
    Origins,
    branches_at,
    groups_of,
    wanted_codes,
)
from trilogue.paths.kernels import (
    HOLDS,
    LAST_STOP,
    NEXT_RUN,
    RUNS,
    STATE,
    THING,
    UNTIL,
    Conditions,
    Matter,
    Numba,
    Stops,
    compiled,
    inlined,
    lower,
)
from trilogue.paths.layout import Acts, Relations
from trilogue.paths.rules import Rules
from trilogue.paths.suffixes import (
    ARRIVES,
    EARLIEST,
    NOTHING,
    SHORTEST,
    Functions,
    Worth,
    joined,
    score_of_act,
    score_of_relation,
    score_of_run,
    value_at,
)

# Columns of beginnings: the one that it goes on from, its last act, the relation and the run after
# that, the stop at its end, the days of its last act, the last day of its first, how many acts,
# and whether it is a path.
PARENT, ACT, RELATION_AFTER, RUN_AFTER, STOP, FIRST_DAY_OF, LAST_DAY_OF = range(7)
BEGAN, NUMBER, IS_PATH, BEGINNING_WIDTH = range(7, 11)
OPEN = 200_000  # more days than any that are counted: an open end comes after all days
# Columns of scores: of the best path to come, of the hops so far, and of the path if it is one.
TO_COME, SO_FAR, AS_IT_IS, IS_EXACT, SCORE_WIDTH = range(5)


class Beginnings(NamedTuple):
    """Room for beginnings; how many there are, whether it is too small, and the bound so far."""

    rows: Array
    scores: Array
    counts: Array
    bound: Array


@compiled
def far_off(day: int) -> Numba:
    """Return a day so that durations with open ends are longer than all others."""
    if day == 0:
        return -OPEN
    return OPEN if day == OPEN_END else day


@compiled
def path_score(score: int, row: Numba, so_far: float, days: Numba) -> Numba:
    """Return the score of a beginning that is a path."""
    if score == EARLIEST:
        return float(row[LAST_DAY_OF] if days.certain else row[FIRST_DAY_OF])
    if score != SHORTEST:
        return so_far
    if row[NUMBER] < 2:
        return 0.0
    if days.certain:
        return float(far_off(row[LAST_DAY_OF]) - far_off(row[BEGAN]))
    return float(max(days.step * (row[NUMBER] - 1), row[FIRST_DAY_OF] - row[BEGAN]))


@inlined
def judged(
    begun: Numba, functions: Numba, score: int, so_far: float, days: Numba, most: int, exact: bool
) -> None:
    """Keep the beginning that stands after the last, if it can be among the best."""
    place = begun.counts[0]
    row, scores = begun.rows[place], begun.scores[place]
    last = row[STOP]
    after = (row[LAST_DAY_OF] if days.certain else row[FIRST_DAY_OF]) + days.step
    best = value_at(functions, last, after, False)
    if score == SHORTEST and best < NOTHING:
        if days.certain:
            best = float(far_off(int(best)) - far_off(row[BEGAN]))
        else:
            best = max(best - row[BEGAN], float(days.step * row[NUMBER]))
    elif score != EARLIEST and best < NOTHING:
        best = joined(score, so_far, best)
    row[IS_PATH] = functions.table[last, ARRIVES] or functions.always[last] < NOTHING
    scores[AS_IT_IS] = path_score(score, row, so_far, days) if row[IS_PATH] else NOTHING
    best = min(best, scores[AS_IT_IS])
    if best < begun.bound[0]:
        scores[TO_COME], scores[SO_FAR] = best, so_far
        scores[IS_EXACT] = 1.0 if exact else 0.0
        begun.counts[0] += 1
        if begun.counts[0] == len(begun.rows):
            thinned(begun, most)
            if begun.counts[0] > len(begun.rows) // 2:
                begun.counts[1] = 1
                begun.counts[0] = 0


@compiled
def thinned(begun: Numba, most: int) -> None:
    """Leave out what cannot be among the best."""
    number = begun.counts[0]
    order = np.argsort(begun.scores[:number, TO_COME], kind="mergesort")
    kept = np.zeros(number, dtype=np.bool_)
    exact, bound = 0, begun.bound[0]
    for place in order:
        if begun.scores[place, TO_COME] > bound:
            break
        if begun.scores[place, IS_EXACT] == 0.0:
            kept[place] = True
        elif exact < most:
            kept[place] = True
            exact += 1
            if exact == most:
                bound = min(bound, begun.scores[place, TO_COME])
    begun.bound[0] = bound
    into = 0
    for place in range(number):
        if kept[place]:
            begun.rows[into], begun.scores[into] = begun.rows[place], begun.scores[place]
            into += 1
    begun.counts[0] = into


@inlined
def cut(span: tuple[int, int], since: int, until: int, soonest: int, certain: int) -> Numba:
    """Cut the span of an act to the days of a run and of what went before, if it can be."""
    begin, end = span
    held = begin >= since and end <= until and begin >= soonest
    if not certain:
        begin, end = max(begin, since, soonest), min(end, until)
        held = begin <= end
    return held, begin, end


@inlined
def first_acts(
    begun: Numba,
    branches: Numba,
    number: int,
    stops: Numba,
    functions: Numba,
    backward: Numba,
    places: tuple[int, int],
    wanted: Numba,
    by_thing: Numba,
    days: Numba,
    worth: Numba,
    most: int,
) -> None:
    """Judge the beginnings of one act, and one run after it."""
    code, far, score = backward.code, backward.far, worth.score
    after = np.empty(number)
    for one in range(number):
        after[one] = score_of_run(worth, stops.runs, branches[one, AND_THEN])
        if branches[one, BY_RELATION] >= 0:
            own = score_of_relation(worth, branches[one, BY_RELATION])
            after[one] = joined(score, own, after[one])
    for place in range(places[0], places[1]):
        if not wanted[code[place]] or (len(by_thing) > 0 and not by_thing[far[place]]):
            continue
        span = (np.int64(backward.earliest[place]), np.int64(backward.latest[place]))
        act = np.int64(backward.row[place])
        own = score_of_act(worth, worth.passages, code[place], act)
        for one in range(number):
            held, begin, end = cut(
                span, branches[one, BEGINS], branches[one, ENDS], 0, days.certain
            )
            if held:
                row = begun.rows[begun.counts[0]]
                row[PARENT], row[ACT], row[NUMBER] = -1, act, 1
                row[RELATION_AFTER] = branches[one, BY_RELATION]
                row[RUN_AFTER], row[STOP] = branches[one, AND_THEN], branches[one, LEADS_TO]
                row[FIRST_DAY_OF], row[LAST_DAY_OF] = begin, end
                row[BEGAN] = begin if days.certain else end
                exact = score != SHORTEST or days.certain or begin == end
                so_far = joined(score, own, after[one])
                judged(begun, functions, score, so_far, days, most, exact)


@compiled
def begin_all(
    begun: Beginnings,
    stops: Stops,
    functions: Functions,
    backward: Acts,
    outward: Relations,
    rules: Rules,
    entered: Array,
    matter: Matter,
    days: Conditions,
    origins: Origins,
    worth: Worth,
    most: int,
) -> None:
    """Find the best beginnings of one act."""
    branches = np.empty((MOST_BRANCHES, BRANCH_WIDTH), dtype=np.int64)
    for state in range(1, len(rules.acted)):
        leads = rules.following[0] == state
        for issue in matter.issues:
            how = matter.how[issue]
            if not rules.begun[how, state]:
                continue
            every = not entered[state] and rules.to_relations[state]
            place, wanted = 0, np.empty(0, dtype=np.bool_)
            known: Numba = -1
            for where in groups_of(stops, backward, state, issue, every):
                thing, begin, end = where[0], where[1], where[2]
                number, place = branches_at(
                    branches, stops, state, thing, outward, rules, entered, matter.how, days, place
                )
                if number < 0:
                    begun.counts[2] = 1
                elif number and begin < end:
                    target = np.int64(rules.target[rules.classes[thing]])
                    if target != known:
                        wanted = wanted_codes(rules.back[how, target], leads, origins.by_code)
                        known = target
                    first_acts(
                        begun,
                        branches,
                        number,
                        stops,
                        functions,
                        backward,
                        (begin, end),
                        wanted,
                        origins.by_thing,
                        days,
                        worth,
                        most,
                    )
    thinned(begun, most)


@compiled
def go_on(
    begun: Beginnings,
    before: Array,
    scores: Array,
    stops: Stops,
    functions: Functions,
    forward: Acts,
    rules: Rules,
    matter: Matter,
    days: Conditions,
    worth: Worth,
    most: int,
) -> None:
    """Find the best beginnings of one act more than some."""
    table, runs, score = stops.table, stops.runs, worth.score
    for parent in range(len(before)):
        old = before[parent]
        state, thing = table[old[STOP], STATE], table[old[STOP], THING]
        soonest = (old[LAST_DAY_OF] if days.certain else old[FIRST_DAY_OF]) + days.step
        for issue in matter.issues:
            letters = rules.onward[matter.how[issue], rules.source[rules.classes[thing]]]
            end = forward.begins[issue + 1]
            place = lower(forward.near, forward.begins[issue], end, thing)
            while place < end and forward.near[place] == thing:
                letter = letters[forward.code[place]]
                state_after = rules.following[state, letter] if letter >= 0 else -1
                stop = (
                    np.int64(stops.number[state_after, forward.far[place]])
                    if state_after >= 0
                    else -1
                )
                run = table[stop, RUNS] if stop >= 0 else -1
                span = (np.int64(forward.earliest[place]), np.int64(forward.latest[place]))
                while run >= 0:
                    held, first, last = cut(
                        span, runs[run, HOLDS], runs[run, UNTIL], soonest, days.certain
                    )
                    if held:
                        row = begun.rows[begun.counts[0]]
                        row[PARENT], row[ACT], row[NUMBER] = parent, place, old[NUMBER] + 1
                        row[RELATION_AFTER], row[RUN_AFTER] = -1, run
                        row[STOP] = runs[run, LAST_STOP]
                        row[FIRST_DAY_OF], row[LAST_DAY_OF] = first, last
                        row[BEGAN] = old[BEGAN]
                        if not days.certain:
                            row[BEGAN] = min(old[BEGAN], last - days.step * old[NUMBER])
                        code = forward.code[place]
                        own = score_of_act(worth, worth.passages_onward, code, place)
                        own = joined(score, own, score_of_run(worth, runs, run))
                        so_far = joined(score, scores[parent, SO_FAR], own)
                        exact = scores[parent, IS_EXACT] > 0.0
                        judged(begun, functions, score, so_far, days, most, exact)
                    run = runs[run, NEXT_RUN]
                place += 1
    thinned(begun, most)
