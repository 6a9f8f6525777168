"""Reasoning finds what clashes, and nothing where nothing does."""

from __future__ import annotations

from pathlib import Path

import owlapi
import pytest
from conftest import Run
from pyoxigraph import Quad, RdfFormat, Triple, serialize

from trilogue import consistency, layers, reasoner
from trilogue.namespaces import ONTOLOGY_GRAPH
from trilogue.project import Project

INCONSISTENT = sorted((Path(__file__).parent / "fixtures" / "inconsistent").glob("*.ttl"))


def quads_of(project: Project, fixture: Path) -> list[Quad]:
    data = [
        Quad(quad.subject, quad.predicate, quad.object, ONTOLOGY_GRAPH)
        for quad in layers.parse_turtle(fixture)
    ]
    return layers.ontology_quads(project) + data


def save(triples: list[Triple], path: Path) -> Path:
    content = serialize(triples, format=RdfFormat.N_TRIPLES)
    assert content is not None
    path.write_bytes(content)
    return path


def test_the_ontology_is_in_the_dl_profile(project: Project, tmp_path: Path) -> None:
    triples = [quad.triple for quad in layers.ontology_quads(project)]
    assert owlapi.profile_violations(save(triples, tmp_path / "ontology.nt")) == []


def test_the_resolved_layer_as_the_reasoner_sees_it_is_in_the_dl_profile(
    project: Project, tmp_path: Path
) -> None:
    triples = consistency.logical(layers.load(project.resolved))
    assert owlapi.profile_violations(save(triples, tmp_path / "resolved.nt")) == []


def test_terms_that_nothing_declares_are_outside_the_profile(tmp_path: Path) -> None:
    file = tmp_path / "outside.ttl"
    file.write_text("<https://example.org/a> <https://example.org/b> <https://example.org/c> .")
    assert owlapi.profile_violations(file)


def test_the_asserted_layer_keeps_the_contradictions_of_the_thesis(project: Project) -> None:
    assert not consistency.check(layers.load(project.asserted)).consistent


def test_the_resolved_layer_is_consistent(project: Project) -> None:
    outcome = consistency.check(layers.load(project.resolved))
    assert outcome == reasoner.Outcome(consistent=True, unsatisfiable=())


@pytest.fixture(scope="module")
def background(project: Project) -> owlapi.Background:
    return owlapi.Background(layers.ontology_quads(project))


@pytest.mark.parametrize("fixture", INCONSISTENT, ids=lambda path: path.stem)
def test_a_contradiction_is_found_for_the_axiom_that_it_breaks(
    background: owlapi.Background, fixture: Path
) -> None:
    justification = " ".join(background.justification(layers.parse_turtle(fixture)))
    expected = fixture.read_text("utf-8").splitlines()[0].removeprefix("# breaks: ").split()
    assert expected
    assert all(word in justification for word in expected), justification


def test_what_contradicts_nothing_has_no_justification(
    background: owlapi.Background, tmp_path: Path
) -> None:
    file = tmp_path / "firm.ttl"
    file.write_text(
        "<https://w3id.org/trilogue/id/actor/a> a <https://w3id.org/trilogue/ns#Firm> ."
    )
    assert background.justification(layers.parse_turtle(file)) == []


def test_two_dates_of_one_act_clash_although_xsd_date_is_no_owl_datatype(project: Project) -> None:
    fixture = Path(__file__).parent / "fixtures" / "inconsistent" / "two-earliest-days.ttl"
    assert "xsd:date" in fixture.read_text("utf-8")
    assert not consistency.check(quads_of(project, fixture)).consistent


def test_a_class_that_cannot_have_members_is_named(project: Project, tmp_path: Path) -> None:
    file = tmp_path / "impossible.ttl"
    file.write_text(
        "@prefix tlg: <https://w3id.org/trilogue/ns#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        "tlg:Impossible a owl:Class ; rdfs:subClassOf tlg:Person , tlg:Firm ."
    )
    outcome = consistency.check(quads_of(project, file))
    assert outcome.consistent
    assert outcome.unsatisfiable == ("https://w3id.org/trilogue/ns#Impossible",)


def test_an_inconsistent_layer_stops_the_build_and_names_the_rows(
    checkout: Project, run: Run
) -> None:
    path = checkout.root / "data" / "resolutions.csv"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("general-approach-date-page-36,")]
    assert len(kept) == len(lines) - 1
    path.write_text("".join(kept), "utf-8")
    before = checkout.dataset.read_bytes()
    assert run("build", cwd=checkout.root).returncode == 0
    result = run("reason", cwd=checkout.root)
    assert result.returncode == 1
    assert "the resolved layer is inconsistent (HermiT)" in result.stderr
    for day in ("2022-11-25", "2022-12-06"):
        assert (
            f"the earliest day of General approach of the Council, 2022 is {day}" in result.stderr
        )
    assert "“earliest day” has one value at most" in result.stderr
    assert "p. 36" in result.stderr
    assert result.stderr.count("data/thesis/texts.csv:") == 4
    assert checkout.dataset.read_bytes() == before


def test_a_thing_of_two_kinds_is_named_with_its_row(checkout: Project, run: Run) -> None:
    path = checkout.root / "data" / "thesis" / "actors.csv"
    with path.open("a", encoding="utf-8") as file:
        file.write("dust-as-a-person,dust,Person,,,,,,,,p43,reported\n")
    line = len(path.read_text("utf-8").splitlines())
    assert run("build", cwd=checkout.root).returncode == 0
    result = run("reason", cwd=checkout.root)
    assert result.returncode == 1
    assert f"data/thesis/actors.csv:{line}; p. 43: Dust is a person" in result.stderr
    assert "nothing is both" in result.stderr
