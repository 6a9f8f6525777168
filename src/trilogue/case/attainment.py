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
SIGNIFICANT = 0.05
CLAIMED, AGAINST = "small or medium enterprise", "large multinational"
"""The group that is claimed to have attained more, and the one that it is held against."""

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


MEANS = ("issued", "text", "group", "actors", "cases", "distance", "direction")
TESTS = (
    *("measure", "counted", "days", "unit", "n_first", "n_second", "first", "second"),
    *("difference", "lower", "upper", "superiority", "p_more", "p_two_sided", "least_p"),
)


def table_of_means(found: Iterable[Mean]) -> Bindings:
    """Return means as rows; distance and direction are shares of the range of an issue."""
    rows = [
        (
            *(each.issued, each.text, each.group, str(each.actors), str(each.cases)),
            *(_number(each.distance), _number(each.direction)),
        )
        for each in found
    ]
    return Bindings.of_text(MEANS, rows)


def table_of_tests(found: Iterable[Finding]) -> Bindings:
    """Return comparisons as rows; those without members on both sides have no numbers.

    "counted" is "accepted" where options accepted with conditions count beside those backed, and
    "days" is "possible" where acts count that are only possibly earlier than a text.
    """
    return Bindings.of_text(TESTS, map(_cells, found))


def _cells(each: Finding) -> tuple[str, ...]:
    named = (
        each.measure.value,
        "accepted" if each.reading.accepted else "backed",
        "possible" if each.reading.possible else "certain",
        each.unit.value,
    )
    result = each.result
    if result is None:
        sizes = tuple(str(len(members)) for members in each.members)
        return (*named, *sizes, *[""] * (len(TESTS) - len(named) - len(sizes)))
    values = (
        *(result.first, result.second, result.difference, result.lower, result.upper),
        *(result.superiority, result.more, result.two_sided, result.least),
    )
    return (*named, *map(str, result.sizes), *map(_number, values))


def _number(value: float) -> str:
    return f"{round(value, 3) + 0.0:.3f}"  # no minus zero


def in_words(
    found: Sequence[Finding], groups: tuple[str, str], opposed: tuple[int, int]
) -> list[str]:
    """Return in sentences what the comparisons say of the claim that the first group got more.

    `opposed` are the issues of each group on which only what it opposed is known.
    """
    first, second = groups
    sentences = [_finding(each, groups) for each in found if _is_main(each)]
    results = [each.result for each in found if each.result is not None]
    if not results:
        return [*sentences, "Nothing can be compared."]
    ahead = sum(result.difference > 0 for result in results)
    passed = sum(result.more <= SIGNIFICANT for result in results)
    sentences.append(
        f"In {ahead} of {len(results)} comparisons the mean of '{first}' is above that of "
        f"'{second}'; in {passed} with p of {SIGNIFICANT} or less. "
        + _judgement(found, ahead, len(results), passed)
    )
    sentences.append(
        f"Left out are issues on which only what was opposed is known: {opposed[0]} of '{first}' "
        f"and {opposed[1]} of '{second}'."
    )
    sentences.append(
        "The ranks behind all distances are a judgement of those who curated the rows. Actors "
        "whose wishes no source tells are not here, nor issues on which the last text takes no "
        "option. That a text is near to what somebody wanted does not say that they moved it."
    )
    return sentences


def _is_main(each: Finding) -> bool:
    return each.unit is Unit.actor and each.reading == Reading()


def _finding(each: Finding, groups: tuple[str, str]) -> str:
    what = {
        Measure.nearness: "Nearness of the last text to what was wanted (1 is what was wanted)",
        Measure.gain: "Gain of the last text over the one on the table when that was said",
    }[each.measure]
    result = each.result
    if result is None:
        return f"{what}: one of the groups has no actor for which it is known."
    sides = [
        f"{_number(mean)} for '{group}' (n = {len(members)}: {', '.join(members)})"
        for group, mean, members in zip(
            groups, (result.first, result.second), each.members, strict=True
        )
    ]
    ways = "all" if result.exact else "drawn ones of"
    sentence = (
        f"{what}: {sides[0]}, {sides[1]}; difference {_number(result.difference)}, p = "
        f"{_number(result.more)} for as much or more and {_number(result.two_sided)} two-sided "
        f"({ways} {result.arrangements:,} arrangements of the labels)."
    )
    if result.least > SIGNIFICANT:
        sentence += (
            f" So few actors cannot give a p below {_number(result.least)}, whatever they attained."
        )
    return sentence


def _judgement(found: Sequence[Finding], ahead: int, results: int, passed: int) -> str:
    main = [each.result for each in found if _is_main(each)]
    if main and all(result and result.more <= SIGNIFICANT for result in main):
        return "By actor the claim is borne out under both measures."
    if ahead == results:
        return "The direction is that of the claim, but chance can give as much."
    if ahead == 0:
        return "The numbers do not bear the claim out: none points its way."
    doubt = "" if passed else ", and none is more than chance can give"
    return f"The numbers do not bear the claim out: the comparisons disagree{doubt}."
