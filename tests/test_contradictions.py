"""Contradictions of the source are listed with both sides, their pages, and what was decided."""

from __future__ import annotations

import csv
import io
from functools import cache

import pytest
from conftest import Run
from pyoxigraph import Literal, NamedNode, Quad

from trilogue import catalogue, checks, contradictions, layers
from trilogue.namespaces import XSD, iri_of, term, thing
from trilogue.project import Project

DAY = NamedNode(XSD + "date")


@cache
def survey() -> contradictions.Survey:
    return contradictions.survey(Project.find())


def test_every_contradiction_of_the_thesis_is_decided() -> None:
    assert [item for item in survey().found if item.decision == "open"] == []
    assert all(item.reason for item in survey().found)


def test_no_decision_is_left_without_its_contradiction() -> None:
    assert survey().idle == ()


def test_both_sides_name_a_row_and_a_place_in_the_source() -> None:
    for item in survey().found:
        for side in (item.first, item.second):
            assert side.row.startswith("data/thesis/")
            assert side.locator


def test_the_gravest_come_first() -> None:
    severities = [checks.LEVELS.index(item.severity) for item in survey().found]
    assert severities == sorted(severities)


def test_each_resolution_that_sets_a_row_aside_answers_a_contradiction(project: Project) -> None:
    quads = layers.load(project.asserted)
    aside = {quad.object for quad in quads if quad.predicate == term("setsAside")}
    places = layers.places(project)
    rows = {places[iri_of(row)][0] for row in aside}
    resolved = {
        side.row
        for item in survey().found
        if item.decision == "resolved"
        for side in (item.first, item.second)
    }
    assert rows <= resolved


@pytest.mark.parametrize(
    ("thing_", "first", "second"),
    [
        ("act/mistral-dg-connect-meeting", "2023-07", "2023-06"),
        ("act/white-paper-publication", "2020-02-19", "2020-02-29"),
        ("text/general-approach-2022", "2022-12-06", "2022-11-25"),
        ("act/trilateral-ministers-meeting", "2023-10", "2023-11"),
    ],
)
def test_a_date_that_the_thesis_gives_in_two_ways_is_found(
    thing_: str, first: str, second: str
) -> None:
    found = [
        item
        for item in survey().found
        if thing_ in item.first.statement and thing_ in item.second.statement
    ]
    statements = {side.statement for item in found for side in (item.first, item.second)}
    for day in (first, second):
        assert any(day in statement for statement in statements), statements
    assert any(item.confidence == "certain" for item in found)


def test_what_nobody_has_decided_is_open(project: Project) -> None:
    text, row = thing("text/proposal-2021"), thing("row/texts-ai-act-2024")
    days = [
        Quad(text, term(name), Literal("2019-04-22", datatype=DAY), row)
        for name in ("earliest", "latest")
    ]
    found = contradictions.find(project, [*layers.contested(project), *days])
    undecided = [item for item in found if item.decision == "open"]
    assert undecided
    assert all("text/proposal-2021" in item.first.statement for item in undecided)


def test_a_decision_that_accepts_nothing_is_named(project: Project) -> None:
    resolution = thing("resolution/mutant")
    said = [
        Quad(resolution, term("acceptsFindingOf"), Literal("no-such-check"), thing("row/r")),
        Quad(resolution, term("accepts"), thing("row/texts-ai-act-2024"), thing("row/r")),
    ]
    data = [*layers.contested(project), *said]
    assert contradictions.survey(project, data).idle == ("resolution/mutant",)


def test_the_list_can_be_read_as_csv_one_contradiction_a_row(run: Run) -> None:
    result = run("contradictions", "--format", "csv")
    assert result.returncode == 0
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [tuple(row.values()) for row in rows] == [item.cells() for item in survey().found]
    assert tuple(rows[0]) == contradictions.COLUMNS


def test_a_forgotten_resolution_leaves_its_contradiction_open(checkout: Project, run: Run) -> None:
    path = checkout.root / "data" / "resolutions.csv"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text(
        "".join(line for line in lines if not line.startswith("white-paper-act-date,")), "utf-8"
    )
    assert run("build", cwd=checkout.root).returncode == 0
    result = run("contradictions", "--open", cwd=checkout.root)
    assert "act/white-paper-publication" in result.stdout
    assert "p. 18, n. 2" in result.stdout


def test_no_check_names_anything_of_this_dossier(project: Project) -> None:
    vocabulary = {
        "basis",
        "bearing",
        "certainty",
        "change",
        "graph",
        "measure",
        "row",
        "scheme",
        "stance",
    }
    for check in catalogue.read(project, "checks"):
        for part in check.text.split("https://w3id.org/trilogue/id/")[1:]:
            kind = part.partition("/")[0].partition(">")[0]
            assert kind in vocabulary, f"{check.name}: {part[:40]}"
