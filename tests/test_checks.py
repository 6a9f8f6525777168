"""A check finds what it is for, names the row, and finds nothing in what is published."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Run
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from trilogue import catalogue, checks, contradictions, layers, resemblance
from trilogue.graph import EmbeddedBackend
from trilogue.namespaces import DERIVED_FROM, ONTOLOGY_GRAPH, RDFS, SKOS, TERMS, TYPE, term, thing
from trilogue.project import Project
from trilogue.results import Bindings, show

FIXTURES = Path(__file__).parent / "fixtures" / "checks"
CHECKS = catalogue.read(Project.find(), "checks")
CONTRACT = ("entity", "property", "value", "row")
BOTH_SIDES = (*CONTRACT, "otherEntity", "otherProperty", "otherValue", "otherRow", "confidence")
DATE = NamedNode("http://www.w3.org/2001/XMLSchema#date")


def found(project: Project, *extra: Quad) -> list[checks.Finding]:
    """Return what is found in the published dataset with some more quads, notes apart."""
    quads = [*layers.load(project.dataset), *extra]
    findings = checks.run(project, quads, lambda: layers.places(project))
    return [finding for finding in findings if finding.check.level != "INFO"]


def test_the_published_dataset_passes_all_checks(project: Project) -> None:
    assert found(project) == []


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_a_check_says_what_is_wrong_and_what_to_do(check: catalogue.Query) -> None:
    assert check.field("Problem")
    assert check.field("Solution")
    assert check.level in checks.LEVELS


def findings_in(check: catalogue.Query, fixture: Path) -> set[str]:
    """Return what a check finds in a fixture, one line a finding."""
    quads = list(parse(path=fixture, format=RdfFormat.TRIG))
    answer = EmbeddedBackend.of([*quads, *resemblance.quads(quads)]).answer(check.text, "csv")
    assert isinstance(answer, Bindings)
    assert answer.variables == (BOTH_SIDES if check.asserted else CONTRACT)
    found = set()
    for row in answer:
        cells = {name: show(term) for name, term in row.items()}
        line = "{entity} {property} {value}".format(**cells)
        if check.asserted:
            against = "{otherEntity} {otherProperty} {otherValue} ({confidence})".format(**cells)
            line = f"{line} against {against}"
            assert cells["confidence"] in contradictions.CONFIDENCES
            assert cells["otherRow"]
        assert cells["row"]
        found.add(line)
    return found


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_a_check_finds_what_it_is_for(check: catalogue.Query) -> None:
    fixture = FIXTURES / f"{check.name}.failing.trig"
    lines = fixture.read_text("utf-8").splitlines()
    expected = {
        line.removeprefix("# expects: ") for line in lines if line.startswith("# expects: ")
    }
    assert expected
    assert findings_in(check, fixture) == expected


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_a_check_finds_nothing_where_all_is_right(check: catalogue.Query) -> None:
    assert findings_in(check, FIXTURES / f"{check.name}.passing.trig") == set()


def test_the_fixtures_of_checks_are_those_of_the_catalogue() -> None:
    names = {path.name.partition(".")[0] for path in FIXTURES.glob("*.trig")}
    assert names == {check.name for check in CHECKS}


def test_a_second_first_day_is_found_in_both_rows(project: Project) -> None:
    text = thing("text/proposal-2021")
    day = Literal("2021-04-22", datatype=DATE)
    findings = found(project, Quad(text, term("earliest"), day, thing("row/texts-ai-act-2024")))
    assert {finding.value for finding in findings} == {"2021-04-21", "2021-04-22"}
    assert all(finding.place.startswith("data/thesis/texts.csv:") for finding in findings)


def test_a_person_that_is_a_firm_is_found(project: Project) -> None:
    dust, row = thing("actor/dust"), thing("row/actors-dust")
    findings = found(project, Quad(dust, TYPE, term("Person"), row))
    assert findings
    assert {finding.check.name for finding in findings} == {"member-of-disjoint-classes"}
    assert all(finding.entity == "actor/dust" for finding in findings)


def test_a_note_that_gave_no_row_is_found(project: Project) -> None:
    note, row = thing("passage/p99-n1"), thing("row/passages-p43-n4")
    extra = [Quad(note, TYPE, term(name), row) for name in ("Note", "Passage")]
    findings = found(project, *extra)
    assert [(finding.entity, finding.value) for finding in findings] == [
        ("passage/p99-n1", "tlg:Note")
    ]
    assert str(findings[0]).startswith("data/thesis/passages.csv:")


def test_a_class_without_members_is_found_unless_it_says_why(project: Project) -> None:
    owl_class = NamedNode("http://www.w3.org/2002/07/owl#Class")
    defined_by = NamedNode(RDFS + "isDefinedBy")
    ontology = NamedNode(TERMS.removesuffix("#"))
    label = Literal("idle act", language="en")
    definition = Literal("An idle act is an act that nobody does.", language="en")
    idle = [
        Quad(term("Idle"), TYPE, owl_class, ONTOLOGY_GRAPH),
        Quad(term("Idle"), defined_by, ontology, ONTOLOGY_GRAPH),
        Quad(term("Idle"), NamedNode(RDFS + "subClassOf"), term("Act"), ONTOLOGY_GRAPH),
        Quad(term("Idle"), NamedNode(SKOS + "prefLabel"), label, ONTOLOGY_GRAPH),
        Quad(term("Idle"), NamedNode(SKOS + "definition"), definition, ONTOLOGY_GRAPH),
    ]
    findings = found(project, *idle)
    assert [(finding.check.name, finding.entity) for finding in findings] == [
        ("term-without-row", "tlg:Idle")
    ]
    reason = Quad(term("Idle"), term("unusedReason"), Literal("For later."), ONTOLOGY_GRAPH)
    assert found(project, *idle, reason) == []


def test_a_cited_row_without_a_source_is_found(project: Project) -> None:
    note = thing("passage/p33-n5")
    orphan = thing("row/acts-elysee-dinner-orphan")
    extra = [
        Quad(orphan, term("hasBasis"), thing("basis/cited"), thing("graph/provenance")),
        Quad(orphan, DERIVED_FROM, note, thing("graph/provenance")),
    ]
    findings = found(project, *extra)
    assert [(finding.check.name, finding.entity) for finding in findings] == [
        ("cited-row-without-source", "row/acts-elysee-dinner-orphan")
    ]


def test_what_a_check_finds_is_not_published(checkout: Project, run: Run) -> None:
    path = checkout.root / "data" / "thesis" / "row-sources.csv"
    text = path.read_text("utf-8").splitlines(keepends=True)
    row = "acts-openai-frontier-regulation-2023-07"
    path.write_text("".join(line for line in text if f",{row}," not in line), "utf-8")
    before = checkout.dataset.read_bytes()
    assert run("build", cwd=checkout.root).returncode == 0
    assert run("reason", cwd=checkout.root).returncode == 0
    result = run("validate", cwd=checkout.root)
    assert result.returncode == 1
    assert f"row/{row}" in result.stdout
    assert "1 violation, " in result.stdout
    assert checkout.dataset.read_bytes() == before
