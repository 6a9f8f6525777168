"""The shapes find what is wrong, for the stated reason, and two engines agree on it."""

from __future__ import annotations

from pathlib import Path

import pyshacl
import pytest
import rdflib
from conftest import Run
from pyoxigraph import Quad, RdfFormat, serialize
from rdflib.namespace import RDF, SH

from trilogue import catalogue, inference, layers, validation
from trilogue.namespaces import INFERRED_GRAPH, ONTOLOGY_GRAPH
from trilogue.project import Project

FIXTURES = Path(__file__).parent / "fixtures"
VALID = sorted((FIXTURES / "valid").glob("*.ttl"))
INVALID = sorted((FIXTURES / "invalid").glob("*.ttl"))

Result = tuple[str, str, str, str]


def with_entailments(project: Project, fixture: Path) -> list[Quad]:
    """Return ontology and fixture with what they entail, as `make` validates them."""
    data = [
        Quad(quad.subject, quad.predicate, quad.object, INFERRED_GRAPH)
        for quad in layers.parse_turtle(fixture)
    ]
    quads = [*layers.ontology_quads(project), *data]
    return [*quads, *inference.materialise(quads, catalogue.read(project, "inference"))]


def ours(project: Project, quads: list[Quad]) -> set[Result]:
    report = rdflib.Graph().parse(
        data=validation.validate_quads(quads, validation.shapes_of(project)).turtle, format="nt"
    )
    return results(report)


def reference(project: Project, quads: list[Quad]) -> set[Result]:
    content = serialize({quad.triple for quad in quads}, format=RdfFormat.N_TRIPLES)
    assert content is not None
    data = rdflib.Graph().parse(data=content, format="nt")
    shapes = rdflib.Graph().parse(data=validation.shapes_of(project), format="nt")
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes, inference="none", advanced=False)
    return results(report)


def results(report: rdflib.Graph) -> set[Result]:
    """Return the results without blank nodes and messages, which the standard leaves open."""
    found = set()
    for result in report.subjects(RDF.type, SH.ValidationResult):
        path, component, severity, focus = (
            "" if isinstance(node := report.value(result, name), rdflib.BNode) else str(node or "")
            for name in (
                SH.resultPath,
                SH.sourceConstraintComponent,
                SH.resultSeverity,
                SH.focusNode,
            )
        )
        found.add((focus, path, component, severity))
    return found


@pytest.mark.parametrize("fixture", VALID, ids=lambda path: path.stem)
def test_what_is_right_conforms(project: Project, fixture: Path) -> None:
    quads = with_entailments(project, fixture)
    findings = {
        finding
        for finding in validation.validate_quads(quads, validation.shapes_of(project)).findings
        if not finding.focus.startswith("risk-tier/")
    }
    assert not findings


@pytest.mark.parametrize("fixture", INVALID, ids=lambda path: path.stem)
def test_what_is_wrong_is_found_for_the_stated_reason(project: Project, fixture: Path) -> None:
    expected = fixture.read_text("utf-8").splitlines()[0].removeprefix("# expects: ")
    quads = with_entailments(project, fixture)
    findings = validation.validate_quads(quads, validation.shapes_of(project)).findings
    assert any(expected in finding.message for finding in findings), findings


@pytest.mark.parametrize("fixture", [*VALID, *INVALID], ids=lambda path: path.stem)
def test_the_reference_implementation_reports_the_same(project: Project, fixture: Path) -> None:
    quads = [
        quad for quad in with_entailments(project, fixture) if quad.graph_name != ONTOLOGY_GRAPH
    ]
    assert ours(project, quads) == reference(project, quads)


def test_the_reference_implementation_reports_the_same_on_the_thesis_graph(
    project: Project,
) -> None:
    quads = layers.load(project.dataset)
    assert ours(project, quads) == reference(project, quads)


def test_every_class_has_a_shape(project: Project) -> None:
    ontology, shapes = rdflib.Graph(), rdflib.Graph()
    for path in sorted((project.ontology / "modules").glob("*.ttl")):
        ontology.parse(path)
    for path in project.shapes:
        shapes.parse(path)
    classes = {
        item
        for item in ontology.subjects(RDF.type, rdflib.OWL.Class)
        if isinstance(item, rdflib.URIRef)
    }
    assert classes == set(shapes.objects(None, SH.targetClass))


def test_the_ontology_follows_its_own_style(project: Project) -> None:
    style = (project.ontology / "shapes" / "ontology-style.ttl").read_bytes()
    shapes = rdflib.Graph().parse(data=style).serialize(format="nt").encode()
    validated = validation.validate_quads(layers.ontology_quads(project), shapes)
    assert validated.conforms, validated.findings


@pytest.mark.parametrize(
    ("term", "message"),
    [
        ('tlg:badClass a owl:Class ; skos:prefLabel "bad class"@en', "upper camel case"),
        ('tlg:Bad a owl:Class ; skos:definition "A bad class is a class."@en', "preferred label"),
        ('tlg:Bad a owl:Class ; skos:prefLabel "bad"@en', "one definition"),
        ('tlg:Bad a owl:Class ; skos:prefLabel "bad"@en ; skos:definition "no full stop"@en', "one definition"),
        ('tlg:Bad a owl:Class ; skos:prefLabel "Bad Class"@en', "lower case"),
        ('tlg:Bad a owl:ObjectProperty ; skos:prefLabel "bad"@en', "lower camel case"),
        ("tlg:bad a owl:ObjectProperty ; owl:inverseOf tlg:date", "no inverse"),
        ("tlg:bad a owl:ObjectProperty ; rdfs:range tlg:Act , tlg:Actor", "at most one domain"),
    ],
)  # fmt: skip
def test_a_term_against_the_style_is_found(
    project: Project, tmp_path: Path, term: str, message: str
) -> None:
    file = tmp_path / "term.ttl"
    file.write_text(
        "@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix tlg: <https://w3id.org/trilogue/ns#> .\n"
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        f"@prefix skos: <http://www.w3.org/2004/02/skos/core#> . {term} ."
    )
    style = (project.ontology / "shapes" / "ontology-style.ttl").read_bytes()
    shapes = rdflib.Graph().parse(data=style).serialize(format="nt").encode()
    findings = validation.validate_quads(layers.parse_turtle(file), shapes).findings
    assert any(message in finding.message for finding in findings), findings


def test_a_finding_names_file_and_line_of_the_row(checkout: Project, run: Run) -> None:
    path = checkout.root / "data" / "thesis" / "positions.csv"
    path.write_text(path.read_text("utf-8").replace(",opposes,", ",,", 1), "utf-8")
    line = next(
        number
        for number, (old, new) in enumerate(
            zip(
                (checkout.root / "data/thesis/positions.csv").read_text("utf-8").splitlines(),
                (Project.find().root / "data/thesis/positions.csv").read_text("utf-8").splitlines(),
                strict=True,
            ),
            1,
        )
        if old != new
    )
    for command in ("build", "reason"):
        assert run(command, cwd=checkout.root).returncode == 0
    result = run("validate", cwd=checkout.root)
    assert result.returncode == 1
    assert "a position towards an option needs a stance" in result.stdout
    assert f"data/thesis/positions.csv:{line}" in result.stdout
