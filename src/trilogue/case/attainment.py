"""Preference attainment: how near the texts came to what each actor wanted, and to whom more.

The distances and movements are answers of `queries/explanations/`; here they are only summed up by
group and compared. An actor counts once, with the mean over its issues.

Reference: A. Dür, *Measuring interest group influence in the EU: a note on methodology*, European
Union Politics 9(4), 2008.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean
from typing import Any

from trilogue.case.permutation import Difference, difference
from trilogue.errors import QueryError, nearest
from trilogue.results import Bindings

DISTANCES = "distance-between-wanted-and-taken"
MOVEMENTS = "movement-between-text-versions"

_EXACTLY, _CERTAIN = "exactly", "certain"  # words of the queries
_CONDITIONALLY = "accepts with conditions"  # a stance, by its label


class Measure(StrEnum):
    """What is compared: how near the last text is, or how much nearer than the one on the table."""

    nearness = "nearness"
    gain = "gain"


class Unit(StrEnum):
    """What counts once: an actor with the mean over its issues, or each of its issues.

    Issues of one actor are not independent, so that p by issue is smaller than it ought to be.
    """

    actor = "actor"
    case = "case"


@dataclass(frozen=True)
class Reading:
    """Which rows count: also options accepted with conditions, also acts only possibly earlier."""

    accepted: bool = True
    possible: bool = True


@dataclass(frozen=True, order=True)
class Distance:
    """How far a text is from what an actor wanted; above zero it is stricter than wanted."""

    issued: str
    text: str
    group: str
    actor: str
    issue: str
    stance: str
    option: str
    taken: str
    order: str
    share: float

    def counts(self, reading: Reading) -> bool:
        """Tell whether a reading takes it in."""
        return (reading.accepted or self.stance != _CONDITIONALLY) and (
            reading.possible or self.order == _CERTAIN
        )


@dataclass(frozen=True)
class Movement:
    """How much nearer a text came than the one before it to what an actor then wanted."""

    actor: str
    issue: str
    option: str
    order: str
    before: str
    text: str
    gain: float


@dataclass(frozen=True)
class Mean:
    """How far a text is from a group: the mean of its actors, each with its mean over issues."""

    issued: str
    text: str
    group: str
    actors: int
    cases: int
    distance: float
    direction: float


@dataclass(frozen=True)
class Attained:
    """What an actor attained on an issue in the last text; no gain without an earlier text."""

    group: str
    actor: str
    issue: str
    nearness: float
    gain: float | None


@dataclass(frozen=True)
class Finding:
    """Two groups compared under one measure, unit and reading; no result where one is empty."""

    measure: Measure
    unit: Unit
    reading: Reading
    members: tuple[tuple[str, ...], tuple[str, ...]]
    result: Difference | None


def distances(answer: Bindings) -> list[Distance]:
    """Return the distances that are known exactly, in the order of texts."""
    found = {
        Distance(**_fields(row, Distance), share=float(row["share"].value))
        for row in answer
        if row["known"].value == _EXACTLY
    }
    return sorted(found)


def on_issue(found: Sequence[Distance], issue: str) -> list[Distance]:
    """Return the distances on an issue, by its label; raises `QueryError` where there is none."""
    issues = {each.issue for each in found}
    if issue not in issues:
        raise QueryError(f"no distance is known on the issue '{issue}'{nearest(issue, issues)}")
    return [each for each in found if each.issue == issue]


def only_opposed(answer: Bindings, group: str, issue: str = "") -> int:
    """Return for how many actors and issues of the last text only what was opposed is known."""
    rows = [{name: str(term.value) for name, term in row.items() if term} for row in answer]
    last = max((row["issued"] for row in rows), default="")
    known = [row for row in rows if row["issued"] == last and row["group"] == group]
    known = [row for row in known if issue in ("", row["issue"])]
    exact, bound = (
        {(row["actor"], row["issue"]) for row in known if (row["known"] == _EXACTLY) is wanted}
        for wanted in (True, False)
    )
    return len(bound - exact)


def movements(answer: Bindings) -> list[Movement]:
    """Return the movements whose size is known."""
    return [
        Movement(**_fields(row, Movement), gain=float(row["gain"].value))
        for row in answer
        if row["gain"] is not None
    ]


def _fields(row: Any, kind: type) -> dict[str, str]:
    names = [name for name in kind.__annotations__ if name not in ("share", "gain")]
    return {name: str(row[name].value) for name in names}


def means(found: Iterable[Distance]) -> list[Mean]:
    """Return the mean distance of each group from each text, in the order of texts."""
    by_text: dict[tuple[str, str, str], list[Distance]] = defaultdict(list)
    for each in found:
        by_text[each.issued, each.text, each.group].append(each)
    return [
        Mean(
            *key,
            len({each.actor for each in part}),
            len({(each.actor, each.issue) for each in part}),
            _mean(part, absolute=True),
            _mean(part, absolute=False),
        )
        for key, part in sorted(by_text.items())
    ]


def _mean(found: Iterable[Distance], *, absolute: bool) -> float:
    """Return the mean over actors of the mean over issues of the mean over rows."""
    rows: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for each in found:
        rows[each.actor][each.issue].append(abs(each.share) if absolute else each.share)
    return fmean(fmean(map(fmean, issues.values())) for issues in rows.values())


def attained(
    far: Sequence[Distance], moved: Iterable[Movement], reading: Reading
) -> list[Attained]:
    """Return what each actor attained on each issue that the last text deals with.

    The gain adds up the steps from the text that lay on the table when the actor began to want what
    it wants of the last text. Texts on an issue branch, so the steps are followed back from there.
    """
    last = max(far, key=lambda each: each.issued).text if far else ""
    counted = [each for each in far if each.text == last and each.counts(reading)]
    steps = {
        (each.actor, each.issue, each.option, each.text): each
        for each in moved
        if reading.possible or each.order == _CERTAIN
    }
    cases: dict[tuple[str, str, str], list[Distance]] = defaultdict(list)
    for each in counted:
        cases[each.group, each.actor, each.issue].append(each)
    found = []
    for (group, actor, issue), part in sorted(cases.items()):
        gains = [_gain(steps, (actor, issue, option), last) for option in _options(part)]
        known = [gain for gain in gains if gain is not None]
        nearness = 1 - fmean(abs(each.share) for each in part)
        found.append(Attained(group, actor, issue, nearness, fmean(known) if known else None))
    return found


def _options(part: Iterable[Distance]) -> list[str]:
    return sorted({each.option for each in part})


def _gain(
    steps: dict[tuple[str, str, str, str], Movement], wanted: tuple[str, str, str], text: str
) -> float | None:
    gains = []
    while step := steps.get((*wanted, text)):
        gains.append(step.gain)
        text = step.before
    return sum(gains) if gains else None


def compared(
    far: Sequence[Distance],
    moved: Sequence[Movement],
    groups: tuple[str, str],
    *,
    issue: str = "",
    draws: int = 10_000,
    seed: int = 0,
) -> list[Finding]:
    """Compare two groups under each measure, unit and reading, on all issues or on one.

    Raises `QueryError` where nothing is known of a group.
    """
    known = {each.group for each in far}
    for group in groups:
        if group not in known:
            raise QueryError(f"nothing is known of a group '{group}'{nearest(group, known)}")
    readings = [Reading(*each) for each in itertools.product((True, False), repeat=2)]
    found = []
    for measure, reading, unit in itertools.product(Measure, readings, Unit):
        cases = [each for each in attained(far, moved, reading) if issue in ("", each.issue)]
        values = [_values(cases, group, measure, unit) for group in groups]
        first, second = (list(each.values()) for each in values)
        result = difference(first, second, draws=draws, seed=seed) if first and second else None
        members = tuple(tuple(sorted({actor for actor, _ in each})) for each in values)
        found.append(Finding(measure, unit, reading, (members[0], members[1]), result))
    return found


def _values(
    cases: Iterable[Attained], group: str, measure: Measure, unit: Unit
) -> dict[tuple[str, str], float]:
    """Return the value of each actor, or of each actor and issue, of a group."""
    values = {
        (each.actor, each.issue): each.nearness if measure is Measure.nearness else each.gain
        for each in cases
        if each.group == group
    }
    known = {case: value for case, value in values.items() if value is not None}
    if unit is Unit.case:
        return known
    actors: dict[tuple[str, str], list[float]] = defaultdict(list)
    for (actor, _), value in known.items():
        actors[actor, ""].append(value)
    return {actor: fmean(each) for actor, each in actors.items()}
