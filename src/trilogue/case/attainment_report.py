"""Attainment told: as rows, and in sentences that say how far the numbers bear a claim out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from trilogue.case.attainment import Finding, Mean, Measure, Reading, Unit
from trilogue.results import Bindings

SIGNIFICANT = 0.05
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
        f"({ways} {result.arrangements:,} arrangements of the labels); the first is ahead in "
        f"{result.superiority:.0%} of pairs, and actors drawn anew give a difference from "
        f"{_number(result.lower)} to {_number(result.upper)}."
    )
    least = 1 / result.arrangements
    if least > SIGNIFICANT:
        sentence += (
            f" So few actors cannot give a p below {_number(least)}, whatever they attained, and "
            "the range of those drawn anew is too narrow."
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
