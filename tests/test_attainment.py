"""Preference attainment: hand-made dossiers through the queries, and the comparison of groups."""

from __future__ import annotations

import csv
import io
import itertools
import math
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_rgb
from pyoxigraph import Quad, RdfFormat, parse

from trilogue import catalogue, layers
from trilogue.case import attainment as case
from trilogue.case import attainment_report as report
from trilogue.case import chart, permutation
from trilogue.case.attainment import Distance, Measure, Movement, Reading, Unit
from trilogue.drawing.saving import save
from trilogue.errors import QueryError
from trilogue.graph import EmbeddedBackend
from trilogue.project import Project
from trilogue.results import Bindings

SMALL, LARGE = "small or medium enterprise", "large multinational"
ACTORS = {
    "start-up": "SmallOrMediumEnterprise",
    "giant": "LargeMultinational",
    "founder": "Person",
    "council": "EUInstitution",
    "committee": "EUBody",
    "arcadia": "MemberState",
    "ministry": "Ministry",
}
DOSSIER = """
PREFIX org: <http://www.w3.org/ns/org#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX tlg: <https://w3id.org/trilogue/ns#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
PREFIX : <https://example.org/>
PREFIX stance: <https://w3id.org/trilogue/id/stance/>
:provenance { :row tlg:locator "p. 1" }
:row {
  :committee org:subOrganizationOf :council . :ministry org:subOrganizationOf :arcadia .
"""
Said = tuple[str, str, str, str, str]  # actor, stance, option, first day, last day
Taken = tuple[str, str, Sequence[str]]  # first day, last day, options


@cache
def ontology() -> tuple[Quad, ...]:
    return tuple(layers.ontology_quads(Project.find(Path(__file__).parent)))


def dossier(texts: Sequence[Taken], positions: Sequence[Said], more: str = "") -> str:
    """Return a dossier with a line of texts and a position an act; `o-2` is of strictness 2.

    Option `o-0` to `o-4` are of one issue, `b-0` and `b-1` of another.
    """
    parts = [DOSSIER]
    for scale, number in (("o", 5), ("b", 2)):
        parts.append(f':{scale} skos:prefLabel "issue {scale}"@en .')
        parts += [
            f":{scale}-{n} tlg:isOptionOf :{scale} ; tlg:strictness {n} ; "
            f'skos:prefLabel "{scale}-{n}"@en .'
            for n in range(number)
        ]
    parts += [f':{key} a tlg:{kind} ; rdfs:label "{key}"@en .' for key, kind in ACTORS.items()]
    for n, (first, last, options) in enumerate(texts):
        parts.append(
            f':text-{n} a tlg:TextVersion ; rdfs:label "text {n}"@en {span(first, last)} .'
        )
        if n:
            parts.append(f":text-{n} tlg:succeedsText :text-{n - 1} .")
        parts += [
            f":rule-{n}-{o} tlg:isPartOfText :text-{n} ; tlg:takesOption :{o} ." for o in options
        ]
    for n, (actor, stance, option, first, last) in enumerate(positions):
        parts.append(
            f":said-{n} tlg:isHeldBy :{actor} ; tlg:isPositionOn :{option[0]} ; "
            f"tlg:isTowardsOption :{option} ; tlg:hasStance stance:{stance} ; "
            f"tlg:isExpressedThrough :act-{n} . :act-{n} a tlg:Act {span(first, last)} ."
        )
    return "\n".join((*parts, more, "}"))


def span(first: str, last: str) -> str:
    days = (("earliest", first), ("latest", last))
    return "".join(f' ; tlg:{name} "{day}"^^xsd:date' for name, day in days if day)


def ask(trig: str, name: str = case.DISTANCES) -> Bindings:
    project = Project.find(Path(__file__).parent)
    backend = EmbeddedBackend.of((*ontology(), *parse(trig.encode(), format=RdfFormat.TRIG)))
    answer = backend.answer(catalogue.find(project, name).text, "turtle")
    assert isinstance(answer, Bindings)
    return answer


def rows(trig: str, *columns: str, name: str = case.DISTANCES) -> list[tuple[str, ...]]:
    return [
        tuple(str(row[column].value) if row[column] else "" for column in columns)
        for row in ask(trig, name)
    ]


JANUARY = ("2023-01-01", "2023-01-01", ["o-4"])
JUNE = ("2023-06-14", "2023-06-14", ["o-3"])
DECEMBER = ("2023-12-09", "2023-12-09", ["o-1"])
TEXTS = (JANUARY, JUNE, DECEMBER)


def wants(actor: str, option: str, day: str, stance: str = "supports") -> Said:
    return (actor, stance, option, day, day)


@pytest.mark.parametrize(
    ("option", "distance", "share"), [("o-0", 1, 0.25), ("o-1", 0, 0), ("o-4", -3, -0.75)]
)
def test_the_distance_is_above_zero_where_the_text_is_stricter_than_wanted(
    option: str, distance: int, share: float
) -> None:
    found = rows(
        dossier(TEXTS, [wants("giant", option, "2023-10-01")]), "text", "distance", "share"
    )
    ((text, ranks, part),) = found
    assert (text, int(ranks), float(part)) == ("text 2", distance, share)


def test_a_position_counts_towards_later_texts_and_the_last_before_a_text_stands() -> None:
    said = [wants("giant", "o-0", "2023-02-01"), wants("giant", "o-2", "2023-08-01")]
    assert rows(dossier(TEXTS, said), "text", "option", "order") == [
        ("text 1", "o-0", "certain"),
        ("text 2", "o-2", "certain"),
    ]


def test_days_that_overlap_make_the_order_possible_unless_the_act_targets_the_text() -> None:
    said: list[Said] = [("giant", "supports", "o-0", "2023-12-01", "2023-12-31")]
    assert rows(dossier(TEXTS, said), "text", "order") == [("text 2", "possible")]
    assert rows(dossier(TEXTS, said, ":act-0 tlg:targetsText :text-2 ."), "text") == []


def test_the_act_that_adopts_a_text_does_not_come_before_it() -> None:
    text = ("2023-12-01", "2023-12-31", ["o-1"])
    said: list[Said] = [("council", "supports", "o-0", "2023-12-01", "2023-12-31")]
    assert rows(dossier([text], said), "text") == [("text 0",)]
    assert rows(dossier([text], said, ":act-0 tlg:adoptsText :text-0 ."), "text") == []


def test_an_act_without_a_known_beginning_counts_only_towards_the_last_text_before_its_end() -> (
    None
):
    said: list[Said] = [("giant", "supports", "o-0", "", "2023-09-01")]
    assert rows(dossier(TEXTS, said), "text", "order") == [
        ("text 1", "possible"),
        ("text 2", "certain"),
    ]


def test_what_a_person_says_for_a_body_counts_for_the_body_alone() -> None:
    said = [wants("founder", "o-0", "2023-10-01")]
    assert rows(dossier(TEXTS, said), "actor", "group") == [("founder", "other")]
    behalf = ":act-0 tlg:isOnBehalfOf :start-up ."
    assert rows(dossier(TEXTS, said, behalf), "actor", "group") == [("start-up", SMALL)]


@pytest.mark.parametrize(
    ("actor", "group"),
    [
        ("giant", LARGE),
        ("committee", "council"),
        ("council", "council"),
        ("ministry", "member state"),
    ],
)
def test_a_group_follows_from_the_class_of_an_actor_or_of_what_it_is_part_of(
    actor: str, group: str
) -> None:
    found = rows(dossier(TEXTS, [wants(actor, "o-0", "2023-10-01")]), "group")
    assert found == [(group,)]


def test_a_text_without_an_option_on_the_issue_has_no_distance() -> None:
    assert rows(dossier(TEXTS, [wants("giant", "b-0", "2023-02-01")]), "text") == []


def test_to_oppose_one_of_two_options_is_to_want_the_other() -> None:
    texts = [("2023-06-14", "2023-06-14", ["b-1"])]
    said = [wants("giant", "b-1", "2023-02-01", "opposes")]
    assert rows(dossier(texts, said), "known", "distance") == [("exactly", "1")]


def test_to_oppose_one_of_more_options_only_bounds_the_distance() -> None:
    said = [wants("giant", "o-3", "2023-02-01", "opposes")]
    assert rows(dossier(TEXTS, said), "text", "known", "distance") == [
        ("text 1", "at least", "1"),
        ("text 2", "at least", "0"),
    ]
    assert rows(dossier(TEXTS, said), "text", "change", "gain", name=case.MOVEMENTS) == [
        ("text 1", "farther", ""),
        ("text 2", "nearer", ""),
    ]
    assert case.distances(ask(dossier(TEXTS, said))) == []
    assert case.only_opposed(ask(dossier(TEXTS, said)), LARGE) == 1


def test_two_options_of_a_text_stand_with_their_mean() -> None:
    texts = [JUNE, ("2023-12-09", "2023-12-09", ["o-0", "o-1"])]
    said = [wants("giant", "o-0", "2023-10-01")]
    moved = rows(dossier(texts, said), "from", "to", "gain", name=case.MOVEMENTS)
    assert [tuple(map(float, row)) for row in moved] == [(3, 0.5, 0.625)]
    (mean,) = case.means(case.distances(ask(dossier(texts, said))))
    assert (mean.cases, mean.distance) == (1, 0.125)


def gains(positions: Sequence[Said]) -> dict[str, float | None]:
    trig = dossier(TEXTS, positions)
    moved = case.movements(ask(trig, case.MOVEMENTS))
    found = case.attained(case.distances(ask(trig)), moved, Reading())
    return {each.actor: each.gain for each in found}


def test_who_wanted_a_milder_text_gains_and_if_positions_are_swapped_the_other_does() -> None:
    said = [wants("start-up", "o-0", "2023-07-01"), wants("giant", "o-4", "2023-07-01")]
    swapped = [wants("start-up", "o-4", "2023-07-01"), wants("giant", "o-0", "2023-07-01")]
    assert gains(said) == {"start-up": 0.5, "giant": -0.5}
    assert gains(swapped) == {"start-up": -0.5, "giant": 0.5}


def test_the_gain_adds_up_from_the_text_on_the_table_when_the_last_wish_was_said() -> None:
    assert gains([wants("giant", "o-0", "2023-02-01")]) == {"giant": 0.75}
    changed = [wants("giant", "o-4", "2023-02-01"), wants("giant", "o-0", "2023-07-01")]
    assert gains(changed) == {"giant": 0.5}


def test_an_issue_on_which_no_text_came_before_has_a_nearness_but_no_gain() -> None:
    trig = dossier([DECEMBER], [wants("giant", "o-0", "2023-02-01")])
    moved = case.movements(ask(trig, case.MOVEMENTS))
    (found,) = case.attained(case.distances(ask(trig)), moved, Reading())
    assert (found.nearness, found.gain) == (0.75, None)


def test_each_stage_tells_who_gained_in_the_texts_after_its_opening_one() -> None:
    stage = (
        ':stage a tlg:Stage ; rdfs:label "end game"@en ; tlg:beginsWithText :text-1 '
        f"{span('', '2023-12-31')} ."
    )
    said = [
        wants("start-up", "o-0", "2023-02-01"),
        wants("giant", "o-4", "2023-02-01"),
        wants("council", "o-2", "2023-02-01"),
    ]
    columns = ("group", "nearer", "farther", "same", "mean")
    found = rows(dossier(TEXTS, said, stage), *columns, name="who-gained-and-lost-at-each-stage")
    assert {row[0]: (*row[1:4], float(row[4])) for row in found} == {
        SMALL: ("1", "0", "0", 0.5),
        LARGE: ("0", "1", "0", -0.5),
        "council": ("0", "0", "1", 0.0),
    }


# Channels, strategies and frames.

SIZES = """
:start-up a tlg:Firm ; tlg:hasFirmSize <https://w3id.org/trilogue/id/firm-size/sme> .
:giant a tlg:Firm ; tlg:hasFirmSize <https://w3id.org/trilogue/id/firm-size/large-multinational> .
"""
INSIDE, OUTSIDE = (
    f"<https://w3id.org/trilogue/id/strategy/{way}>" for way in ("inside", "outside")
)
SAFETY = "<https://w3id.org/trilogue/id/frame/safety>"


def deed(name: str, more: str, first: str = "2023-07-01", last: str = "2023-07-31") -> str:
    return f':{name} a tlg:Act ; rdfs:label "{name}"@en ; {more}{span(first, last)} .'


def test_access_is_told_by_whom_an_act_is_directed_to() -> None:
    acts = (
        deed("dinner", "tlg:isPerformedBy :start-up ; tlg:addressesActor :ministry"),
        deed(
            "talk", "tlg:isPerformedBy :start-up ; tlg:addressesActor :ministry", "", "2023-11-30"
        ),
        deed("hearing", "tlg:isPerformedBy :giant ; tlg:addressesActor :committee"),
        deed(
            "post",
            "tlg:isPerformedBy :founder ; tlg:isOnBehalfOf :giant ; tlg:addressesActor :arcadia",
        ),
        deed("reply", "tlg:isPerformedBy :council ; tlg:addressesActor :giant"),
        ":ministry a tlg:NationalDecisionMaker . :arcadia a tlg:NationalDecisionMaker . "
        ":council a tlg:PublicBody .",
    )
    columns = ("actor", "access", "acts", "first", "last", "act")
    found = rows(dossier(TEXTS, [], "\n".join(acts)), *columns, name="access-of-each-actor")
    july, november = ("2023-07-01", "2023-07-31"), ("2023-07-01", "2023-11-30")
    assert found == [
        ("giant", "EU institution", "1", *july, "hearing"),
        ("giant", "national executive", "1", *july, "post"),
        ("start-up", "national executive", "2", *november, "dinner"),
        ("start-up", "national executive", "2", *november, "talk"),
    ]


def test_strategies_are_counted_by_size_for_the_whole_and_for_the_stage_of_the_acts() -> None:
    acts = (
        deed("a", f"tlg:isPerformedBy :start-up ; tlg:usesStrategy {INSIDE}"),
        deed("b", f"tlg:isPerformedBy :start-up ; tlg:usesStrategy {OUTSIDE}"),
        deed("c", f"tlg:isOnBehalfOf :start-up ; tlg:usesStrategy {OUTSIDE}", "", "2023-12-31"),
        deed("d", f"tlg:isPerformedBy :giant ; tlg:usesStrategy {INSIDE}", "2023-01-01"),
        ':stage a tlg:Stage ; rdfs:label "end game"@en ; tlg:beginsWithText :text-1 '
        f"{span('', '2023-12-31')} .",
    )
    found = rows(
        dossier(TEXTS, [], "\n".join((SIZES, *acts))),
        *("stage", "size", "strategy", "acts", "share"),
        name="strategies-of-each-firm-type",
    )
    assert [(*row[:4], float(row[4])) for row in found] == [
        ("", "large multinational enterprise", "inside strategy", "1", 1.0),
        ("", SMALL, "outside strategy", "2", 0.667),
        ("", SMALL, "inside strategy", "1", 0.333),
        ("end game", SMALL, "inside strategy", "1", 0.5),
        ("end game", SMALL, "outside strategy", "1", 0.5),
    ]


def test_a_claim_on_both_sizes_stands_beside_what_their_acts_use() -> None:
    acts = (
        deed("a", f"tlg:isPerformedBy :start-up ; tlg:usesStrategy {INSIDE}"),
        deed("b", f"tlg:isPerformedBy :giant ; tlg:usesStrategy {INSIDE} ; tlg:usesFrame {SAFETY}"),
        ':alike a tlg:Claim ; tlg:claimContent "alike"@en ; tlg:restsOn :a , :b .',
        ':wider a tlg:Claim ; tlg:claimContent "wider"@en ; tlg:restsOn :alike .',
        ':other a tlg:Claim ; tlg:claimContent "other"@en ; tlg:restsOn :a .',
    )
    columns = ("claim", "practice", "smallActs", "smallOf", "largeActs", "largeOf", "usedBy")
    found = rows(
        dossier(TEXTS, [], "\n".join((SIZES, *acts))), *columns, name="claims-of-equal-practice"
    )
    used = [
        ("inside strategy", "1", "1", "1", "1", "both"),
        ("safety", "0", "0", "1", "1", "large"),
    ]
    assert found == [(claim, *row) for claim in ("alike", "wider") for row in used]


# The comparison of two groups.

few = st.lists(st.integers(-8, 8), min_size=1, max_size=3)


@settings(max_examples=40)
@given(few, few)
def test_p_is_that_of_all_permutations_of_the_labels(first: list[int], second: list[int]) -> None:
    size, rest = len(first), len(second)

    def gap(values: Sequence[int]) -> int:
        return sum(values[:size]) * rest - sum(values[size:]) * size  # whole, so without rounding

    observed = gap((*first, *second))
    every = [gap(order) for order in itertools.permutations((*first, *second))]
    found = permutation.difference(first, second, draws=50)
    assert found.exact
    assert found.arrangements == math.comb(size + rest, size)
    assert found.difference == pytest.approx(observed / (size * rest))
    assert found.more == pytest.approx(sum(one >= observed for one in every) / len(every))
    assert found.two_sided == pytest.approx(
        sum(abs(one) >= abs(observed) for one in every) / len(every)
    )
    assert found.least == pytest.approx(sum(one == max(every) for one in every) / len(every))
    ahead = [(a > b) + (a == b) / 2 for a in first for b in second]
    assert found.superiority == pytest.approx(sum(ahead) / len(ahead))
    assert min(first) - max(second) <= found.lower <= found.upper <= max(first) - min(second)


def test_drawn_arrangements_give_about_the_exact_p_and_the_same_for_the_same_seed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = [3.0, 5.0, 6.0, 8.0, 9.0], [1.0, 2.0, 4.0, 7.0, 10.0]
    exact = permutation.difference(first, second)
    monkeypatch.setattr(permutation, "MOST_ARRANGEMENTS", 1)
    drawn = permutation.difference(first, second, draws=4000, seed=7)
    assert not drawn.exact
    assert drawn.more == pytest.approx(exact.more, abs=0.03)
    assert drawn.two_sided == pytest.approx(exact.two_sided, abs=0.03)
    assert drawn == permutation.difference(first, second, draws=4000, seed=7)


def distance(group: str, actor: str, share: float, **more: Any) -> Distance:
    named = {
        "issued": "2023-12-09",
        "text": "agreement",
        "issue": "rules",
        "stance": "supports",
        "option": "none",
        "taken": "some",
        "order": "certain",
    }
    return Distance(group=group, actor=actor, share=share, **{**named, **more})


def step(actor: str, gain: float, before: str = "draft", text: str = "agreement") -> Movement:
    return Movement(actor, "rules", "none", "certain", before, text, gain)


def sides(number: int) -> tuple[list[Distance], list[Movement]]:
    """Small firms that attained all, and large ones that attained nothing."""
    far = [distance(SMALL, f"small {n}", 0.0) for n in range(number)]
    far += [distance(LARGE, f"large {n}", 1.0) for n in range(number)]
    moved = [step(f"small {n}", 1.0) for n in range(number)]
    return far, moved + [step(f"large {n}", -1.0) for n in range(number)]


@pytest.mark.parametrize(
    ("number", "says"), [(2, "but chance can give as much"), (4, "the claim is borne out")]
)
def test_the_same_difference_bears_a_claim_out_only_with_enough_actors(
    number: int, says: str
) -> None:
    words = report.in_words(case.compared(*sides(number), (SMALL, LARGE)), (SMALL, LARGE), (0, 3))
    assert says in " ".join(words)
    assert ("So few actors cannot give a p below 0.167" in words[0]) == (number == 2)
    assert f"n = {number}: large 0, large 1" in words[0]
    assert f"3 of '{LARGE}'" in " ".join(words)


def test_measures_that_disagree_do_not_bear_a_claim_out() -> None:
    far, moved = sides(2)
    against = [step(each.actor, -each.gain) for each in moved]
    words = report.in_words(case.compared(far, against, (SMALL, LARGE)), (SMALL, LARGE), (0, 0))
    assert "the comparisons disagree, and none is more than chance can give" in " ".join(words)


def test_an_actor_counts_once_with_the_mean_over_its_issues() -> None:
    far = [distance(SMALL, "many", share, issue=str(share)) for share in (0.0, 0.5, 1.0)]
    far += [distance(SMALL, "one", -1.0), distance(LARGE, "large", 0.0)]
    (mean,) = [each for each in case.means(far) if each.group == SMALL]
    assert (mean.actors, mean.cases, mean.distance, mean.direction) == (2, 4, 0.75, -0.25)
    found = {
        each.unit: each.result
        for each in case.compared(far, [], (SMALL, LARGE))
        if each.measure is Measure.nearness and each.reading == Reading() and each.result
    }
    assert found[Unit.actor].first == 0.25
    assert found[Unit.case].first == 0.375


def test_readings_leave_out_what_was_only_accepted_or_only_possibly_said_before() -> None:
    far = [
        distance(SMALL, "accepts", 0.0, stance="accepts with conditions"),
        distance(SMALL, "perhaps", 0.0, order="possible"),
        distance(SMALL, "sure", 0.0),
        distance(LARGE, "large", 1.0),
    ]
    members = {
        each.reading: each.members[0]
        for each in case.compared(far, [], (SMALL, LARGE))
        if each.measure is Measure.nearness and each.unit is Unit.actor
    }
    assert members == {
        Reading(accepted=True, possible=True): ("accepts", "perhaps", "sure"),
        Reading(accepted=True, possible=False): ("accepts", "sure"),
        Reading(accepted=False, possible=True): ("perhaps", "sure"),
        Reading(accepted=False, possible=False): ("sure",),
    }


def test_a_group_or_an_issue_of_which_nothing_is_known_is_named() -> None:
    far, moved = sides(1)
    with pytest.raises(QueryError, match="of a group 'large'"):
        case.compared(far, moved, (SMALL, "large"))
    with pytest.raises(QueryError, match=r"'rule'.*rules"):
        case.on_issue(far, "rule")
    unknown = case.compared(far, moved, (SMALL, LARGE), issue="other")
    assert report.in_words(unknown, (SMALL, LARGE), (0, 0))[-1] == "Nothing can be compared."


# The chart.


def drawn() -> list[Distance]:
    """Distances from two texts, of as many groups as there are signs."""
    groups = [f"group {n}" for n in range(len(chart.MARKERS))]
    days = (("2023-06-14", "position"), ("2023-12-09", "agreement"))
    return [
        distance(group, group, n / 10, issued=issued, text=text)
        for n, group in enumerate(groups)
        for issued, text in days
    ]


def test_a_chart_tells_what_it_shows_and_is_the_same_each_time(tmp_path: Path) -> None:
    found = drawn()
    for name in ("a.svg", "b.svg", "a.png", "b.png"):
        save(chart.draw(found), tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    root = ElementTree.parse(tmp_path / "a.svg").getroot()
    assert root.get("role") == "img"
    title, description = (
        root.find(f"{{http://www.w3.org/2000/svg}}{tag}") for tag in ("title", "desc")
    )
    assert title is not None
    assert title.text == chart.TITLED
    assert description is not None
    assert description.text
    assert "rules, group 7: +0.70 (position), +0.70 (agreement)." in description.text


def test_groups_in_a_chart_differ_without_colour_and_all_are_dark_on_white() -> None:
    figure = chart.draw(drawn())
    lines = [line for line in figure.axes[0].get_lines() if line.get_gid()]
    assert len(lines) == len(chart.MARKERS)
    assert len({line.get_marker() for line in lines}) == len(lines)
    weights = (0.2126, 0.7152, 0.0722)
    assert all(np.dot(weights, to_rgb(line.get_color())) < 0.35 for line in lines)
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == [line.get_label() for line in lines]


def test_an_issue_with_a_single_text_is_not_drawn() -> None:
    with pytest.raises(QueryError, match="no issue has distances from two texts"):
        chart.draw([distance(SMALL, "small", 0.0)])


# The thesis.


def test_the_command_prints_what_is_measured_and_how_little_it_rests_on(run: Any) -> None:
    printed = run("attainment", "--part", "tests")
    assert printed.returncode == 0
    words = " ".join(printed.stdout.split())
    assert re.search(r"'small or medium enterprise' \(n = 2: Aleph Alpha, Mistral AI\)", words)
    assert "The numbers do not bear the claim out" in words


def test_the_tests_come_as_rows_too(graph: Any) -> None:
    far = case.distances(graph.query(case.DISTANCES))
    moved = case.movements(graph.query(case.MOVEMENTS))
    table = report.table_of_tests(case.compared(far, moved, (SMALL, LARGE)))
    first, *_ = csv.DictReader(io.StringIO(table.serialize("csv")))
    assert (first["measure"], first["n_first"], first["n_second"]) == ("nearness", "2", "2")
    assert first["p_more"] == first["least_p"] == "0.167"
