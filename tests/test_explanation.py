"""An explanation is minimal, complete, in words, and leads to rows and pages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Run
from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from trilogue import consistency, explanation, layers, reasoner
from trilogue.errors import TrilogueError
from trilogue.explanation import Explainer, Explanation
from trilogue.namespaces import ONTOLOGY_GRAPH, RDFS, TYPE, thing
from trilogue.project import Project

FIRM = thing("actor/firm").value
CLASH = """
@prefix tlg: <https://w3id.org/trilogue/ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix id: <https://w3id.org/trilogue/id/> .
<https://w3id.org/trilogue/id/row/actors-firm> { <https://w3id.org/trilogue/id/actor/firm> a tlg:Firm . }
<https://w3id.org/trilogue/id/row/actors-firm-again> { <https://w3id.org/trilogue/id/actor/firm> a tlg:Person . }
<https://w3id.org/trilogue/id/row/acts-one> { <https://w3id.org/trilogue/id/act/one> a tlg:Act ; tlg:earliest "2023-06-01"^^xsd:date . }
<https://w3id.org/trilogue/id/row/acts-two> { <https://w3id.org/trilogue/id/act/one> tlg:earliest "2023-07-01"^^xsd:date . }
<https://w3id.org/trilogue/id/graph/provenance> {
  <https://w3id.org/trilogue/id/row/actors-firm> tlg:locator "p. 43" .
  <https://w3id.org/trilogue/id/row/actors-firm-again> tlg:locator "p. 44" .
}
"""


def clash(project: Project) -> list[Quad]:
    return [*layers.ontology_quads(project), *parse(CLASH, format=RdfFormat.TRIG)]


def explained(project: Project, *suspects: str, limit: int = 10) -> list[Explanation]:
    explainer = Explainer(clash(project), layers.places(project))
    return list(explainer.inconsistency(suspects, limit))


def words(item: Explanation) -> list[str]:
    return [reason.words for reason in item.reasons]


def test_without_a_suspect_all_contradictions_are_found(project: Project) -> None:
    blamed = {word for item in explained(project) for word in words(item)}
    assert {
        "actor/firm is a firm",
        "actor/firm is a person",
        "the earliest day of act/one is 2023-06-01",
        "the earliest day of act/one is 2023-07-01",
    } <= blamed


@pytest.mark.parametrize("name", ["two-pages-of-one-number", "two-notes-of-one-number"])
def test_a_clash_of_keys_is_explained_although_no_statement_joins_the_two(
    project: Project, name: str
) -> None:
    fixture = Path(__file__).parent / "fixtures" / "inconsistent" / f"{name}.ttl"
    data = layers.parse_turtle(fixture)
    explainer = Explainer([*layers.ontology_quads(project), *data], {})
    item = next(explainer.inconsistency([], 1))
    assert any(" are one, where each is a " in word for word in words(item))


def test_a_suspect_is_looked_at_first(project: Project) -> None:
    first = next(iter(Explainer(clash(project), {}).inconsistency([FIRM])))
    assert "actor/firm is a person" in words(first)


def test_each_reason_leads_to_its_page_and_each_axiom_to_its_file(project: Project) -> None:
    (item,) = explained(project, FIRM, limit=1)
    pages = {reason.words: reason.locators for reason in item.reasons}
    assert pages["actor/firm is a firm"] == ("p. 43",)
    assert pages["actor/firm is a person"] == ("p. 44",)
    axioms = [reason for reason in item.reasons if not reason.locators]
    assert axioms
    assert all(
        place.startswith("ontology/modules/") for reason in axioms for place in reason.places
    )


def test_no_reason_can_be_left_out(project: Project) -> None:
    explainer = Explainer(clash(project), {})
    ontology = reasoner.load(consistency.logical(clash(project)))
    known = {str(axiom): axiom for axiom in ontology.getAxioms()}
    for item in explainer.inconsistency([]):
        axioms = [known[reason.axiom] for reason in item.reasons if reason.axiom in known]
        assert len(axioms) >= 2
        for left_out in axioms:
            rest = [axiom for axiom in axioms if axiom is not left_out]
            assert reasoner.Reasoner(reasoner.joined(rest)).consistent


def test_what_is_not_blamed_is_consistent(project: Project) -> None:
    asserted = layers.load(project.asserted)
    blamed: set[str] = set()
    for item in explanation.why_inconsistent(project, asserted, limit=500):
        for reason in item.reasons:
            blamed.update(place for place in reason.places if place.startswith("data/"))
    places = layers.places(project)
    left = [
        quad
        for quad in asserted
        if not blamed & set(places.get(getattr(quad.graph_name, "value", ""), ()))
    ]
    logical = consistency.logical(left)
    assert reasoner.Reasoner(reasoner.load(logical)).consistent
    assert len(blamed) < 100


def test_a_consistent_layer_has_no_explanation(project: Project) -> None:
    quads = layers.ontology_quads(project)
    assert list(Explainer(quads, {}).inconsistency([])) == []


def test_a_class_without_possible_members_is_explained(project: Project) -> None:
    name = "https://w3id.org/trilogue/ns#Chimera"
    classes = [
        Quad(NamedNode(name), NamedNode(iri), NamedNode(value), ONTOLOGY_GRAPH)
        for iri, value in (
            (TYPE.value, reasoner.OWL + "Class"),
            (RDFS + "subClassOf", "https://w3id.org/trilogue/ns#Firm"),
            (RDFS + "subClassOf", "https://w3id.org/trilogue/ns#Person"),
        )
    ]
    explainer = Explainer([*layers.ontology_quads(project), *classes], {})
    item = next(explainer.unsatisfiable(name))
    assert item.conclusion == "Nothing can be a tlg:Chimera, because"
    assert {"a tlg:Chimera is a firm", "a tlg:Chimera is a person"} <= set(words(item))


def test_what_does_not_follow_is_said_not_to(project: Project) -> None:
    act = [quad for quad in clash(project) if quad.graph_name != thing("row/actors-firm-again")]
    act = [quad for quad in act if quad.graph_name != thing("row/acts-two")]
    explainer = Explainer(act, {})
    with pytest.raises(TrilogueError, match="it does not follow that act/one is a person"):
        next(explainer.statement(thing("act/one").value, TYPE.value, "https://w3id.org/trilogue/ns#Person"))  # fmt: skip


def test_an_entailment_of_the_thesis_graph_is_explained_with_its_pages(run: Run) -> None:
    result = run("explain", "actor/mistral-ai", "a", "tlg:SmallOrMediumEnterprise")
    assert result.returncode == 0
    assert "Mistral AI is a small or medium enterprise, because" in result.stdout
    assert "Mistral AI is a firm" in result.stdout
    assert "data/thesis/actors.csv:" in result.stdout
    assert "p. 43" in result.stdout


def test_explanations_can_be_read_by_programs_and_as_markdown(run: Run) -> None:
    lines = run("explain", "--limit", "2", "--format", "json").stdout.splitlines()
    assert len(lines) == 2
    for line in lines:
        reasons = json.loads(line)["reasons"]
        assert any(reason["locators"] for reason in reasons)
        assert any("data/thesis/" in place for reason in reasons for place in reason["places"])
    markdown = run("explain", "--limit", "1", "--format", "markdown").stdout
    assert markdown.startswith("## 1. Not all of this can hold")
    assert "(p. " in markdown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("actor/mistral", "a", "tlg:Firm"), "'actor/mistral': nothing is known of it; nearest:"),
        (("actor/mistral-ai", "a"), "'a': expected a class or a statement of three words"),
        (("actor/mistral-ai", "a", "tlg:Person"), "it does not follow that Mistral AI is a person"),
        (("tlg:Person",), "it does not follow that nothing can be a person"),
        (("--layer", "resolved"), "the resolved layer is consistent: nothing to explain"),
    ],
)
def test_a_question_without_an_explanation_is_answered_in_one_line(
    run: Run, arguments: tuple[str, ...], message: str
) -> None:
    result = run("explain", *arguments)
    assert result.returncode in (1, 2)
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_the_axioms_blamed_in_the_thesis_graph_are_those_of_its_contradictions(
    project: Project,
) -> None:
    first = next(iter(explanation.why_inconsistent(project, layers.load(project.asserted))))
    assert any("one value at most" in reason.words for reason in first.reasons)
