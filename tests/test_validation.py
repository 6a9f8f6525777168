"""The shapes find what is wrong, for the stated reason, and two engines agree on it.

Fixtures stand in one graph, since a validation costs more than a fixture: the valid ones are a
small dossier, and each invalid one describes wrong things that may lean on it, after the
messages that it expects, one a line. What an invalid one names and the dossier does not is
renamed, so that no fixture touches another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any
from zlib import crc32

import pyparsing
import pyshacl
import pytest
import rdflib
from conftest import Run
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, serialize
from rdflib.namespace import RDF, SH

from trilogue import catalogue, inference, layers, validation
from trilogue.errors import TrilogueError
from trilogue.namespaces import INFERRED_GRAPH, ONTOLOGY_GRAPH, THINGS, iri_of, thing
from trilogue.project import Project

FIXTURES = Path(__file__).parent / "fixtures"
VALID = sorted((FIXTURES / "valid").glob("*.ttl"))
INVALID = sorted((FIXTURES / "invalid").glob("*.ttl"))
PROJECT = Project.find(Path(__file__).parent)

Result = tuple[str, str, str, str]

# What a shape says of itself beside its constraints.
OF_THE_SHAPE = {
    SH.message,
    SH.path,
    SH.property,
    SH.qualifiedValueShape,
    SH.severity,
    SH.sparql,
    SH.targetClass,
    SH.targetObjectsOf,
    SH.targetSubjectsOf,
}

# Values that break a constraint of this kind, whatever the property.
SPOILT: dict[Any, list[Any]] = {
    SH["class"]: [thing("spoilt/first")],
    SH.datatype: [thing("spoilt/first")],
    SH.languageIn: [Literal("en français", language="fr")],
    SH.maxCount: [thing("spoilt/first"), thing("spoilt/second")],
    SH.minCount: [],
    SH.minInclusive: [Literal(-1)],
    SH.minLength: [Literal("", language="en")],
    SH.nodeKind: [Literal("in words")],
    SH.uniqueLang: [Literal("one", language="en"), Literal("other", language="en")],
}


def described(paths: Iterable[Path]) -> list[Quad]:
    """Return the statements of fixtures."""
    return [
        Quad(quad.subject, quad.predicate, quad.object, INFERRED_GRAPH)
        for path in paths
        for quad in layers.parse_turtle(path)
    ]


@cache
def dossier() -> list[Quad]:
    return described(VALID)


@cache
def ontology() -> list[Quad]:
    return layers.ontology_quads(PROJECT)


@cache
def known() -> set[Any]:
    return {term for quad in ontology() + dossier() for term in (quad.subject, quad.object)}


def apart(quads: Iterable[Quad], name: str) -> Iterator[Quad]:
    """Give the quads with names of their own for what neither dossier nor ontology knows."""

    def renamed(term: Any) -> Any:
        if iri_of(term).startswith(THINGS) and term not in known():
            return NamedNode(f"{term.value}--{name}")
        return term

    for quad in quads:
        yield Quad(renamed(quad.subject), quad.predicate, renamed(quad.object), INFERRED_GRAPH)


def with_entailments(quads: Iterable[Quad]) -> list[Quad]:
    """Return ontology, dossier and quads with what they entail, as `make` validates them."""
    quads = [*ontology(), *dossier(), *quads]
    return [*quads, *inference.materialise(quads, catalogue.read(PROJECT, "inference"))]


def report(quads: list[Quad]) -> rdflib.Graph:
    validated = validation.validate_quads(quads, validation.shapes_of(PROJECT))
    return rdflib.Graph().parse(data=validated.turtle, format="nt")


@cache
def wrong() -> list[Quad]:
    """Return all fixtures in one graph."""
    return with_entailments(
        chain.from_iterable(apart(described([path]), path.stem) for path in INVALID)
    )


@cache
def broken() -> dict[str, set[tuple[str, str]]]:
    """Return message and component of what each invalid fixture breaks."""
    found: dict[str, set[tuple[str, str]]] = {path.stem: set() for path in INVALID}
    for focus, breach in breaches(report(wrong())):
        found.setdefault(focus.partition("--")[2], set()).add(breach)
    return found


def breaches(found: rdflib.Graph) -> Iterator[tuple[str, tuple[str, str]]]:
    """Give the focus node of each result with the message and the component that it breaks."""
    for result in found.subjects(RDF.type, SH.ValidationResult):
        message, component = (
            str(found.value(result, name))
            for name in (SH.resultMessage, SH.sourceConstraintComponent)
        )
        yield str(found.value(result, SH.focusNode)), (message, component)


@cache
def shapes() -> rdflib.Graph:
    return rdflib.Graph().parse(data=validation.shapes_of(PROJECT), format="nt")


@cache
def constraints() -> list[tuple[rdflib.term.Node, rdflib.term.Node, rdflib.term.Node]]:
    """Return node shape, the shape or query that states a constraint, and its kind."""
    found = []
    for shape in shapes().subjects(RDF.type, SH.NodeShape):
        for stated in (shape, *shapes().objects(shape, SH.property)):
            for kind in set(shapes().predicates(stated)) - OF_THE_SHAPE:
                if str(kind).startswith(str(SH)):
                    found.append((shape, stated, kind))
        for stated in shapes().objects(shape, SH.sparql):
            found.append((shape, stated, SH.sparql))
    return found


def breach(stated: rdflib.term.Node, kind: rdflib.term.Node) -> tuple[str, str]:
    """Return message and component of the results of a constraint."""
    name = str(kind).removeprefix(str(SH))
    name = "SPARQL" if kind == SH.sparql else name[0].upper() + name[1:]
    return str(shapes().value(stated, SH.message)), f"{SH}{name}ConstraintComponent"


@cache
def entailed() -> list[Quad]:
    return with_entailments([])


@cache
def entailed_of_dossier() -> list[Quad]:
    own = {quad.subject for quad in dossier()}
    return [quad for quad in entailed() if quad.subject in own]


def focus_nodes(shape: rdflib.term.Node) -> Iterator[tuple[str, list[Any]]]:
    """Give what the shape targets, each with the things of the dossier that are held against it."""
    described_here = entailed_of_dossier()
    for item in map(str, shapes().objects(shape, SH.targetClass)):
        yield item, [quad.subject for quad in described_here if iri_of(quad.object) == item]
    for item in map(str, shapes().objects(shape, SH.targetSubjectsOf)):
        yield item, [quad.subject for quad in described_here if iri_of(quad.predicate) == item]
    for item in map(str, shapes().objects(shape, SH.targetObjectsOf)):
        yield item, [quad.object for quad in described_here if iri_of(quad.predicate) == item]


def spoilt() -> Iterator[Quad]:
    """Give a copy of a thing of the dossier for each constraint, with values that break it."""
    for number, (shape, stated, kind) in enumerate(constraints()):
        path = shapes().value(stated, SH.path)
        if kind not in SPOILT or not isinstance(path, rdflib.URIRef):
            continue
        _, (focus, *_) = next(focus_nodes(shape))
        copy = thing(f"spoilt/copy-{number}")
        kept = [
            Quad(copy, quad.predicate, quad.object)
            for quad in dossier()
            if quad.subject == focus and iri_of(quad.predicate) != str(path)
        ]
        values = [Quad(copy, NamedNode(path), value) for value in SPOILT[kind]]
        yield from apart([*kept, *values], str(number))


def results(found: rdflib.Graph) -> set[Result]:
    """Return the results without blank nodes and messages, which the standard leaves open."""
    held = set()
    for result in found.subjects(RDF.type, SH.ValidationResult):
        path, component, severity, focus = (
            "" if isinstance(node := found.value(result, name), rdflib.BNode) else str(node or "")
            for name in (
                SH.resultPath,
                SH.sourceConstraintComponent,
                SH.resultSeverity,
                SH.focusNode,
            )
        )
        held.add((focus, path, component, severity))
    return held


def reference(quads: list[Quad]) -> rdflib.Graph:
    """Return the report of the reference implementation."""
    content = serialize({quad.triple for quad in quads}, format=RdfFormat.N_TRIPLES)
    assert content is not None
    data = rdflib.Graph().parse(data=content, format="nt")
    # Matplotlib, where another test has imported it, makes the parser of rdflib's queries slow.
    pyparsing.ParserElement.disable_memoization()
    _, found, _ = pyshacl.validate(data, shacl_graph=shapes(), inference="none", advanced=False)
    assert isinstance(found, rdflib.Graph)
    return found


def test_what_is_right_conforms() -> None:
    described_here = {iri_of(quad.subject) for quad in dossier()}
    assert not {
        item for item in breaches(report(with_entailments([]))) if item[0] in described_here
    }


@pytest.mark.parametrize("fixture", INVALID, ids=lambda path: path.stem)
def test_what_is_wrong_is_found_for_the_stated_reason_alone(fixture: Path) -> None:
    lines = fixture.read_text("utf-8").splitlines()
    expected = {
        line.removeprefix("# expects: ") for line in lines if line.startswith("# expects: ")
    }
    assert {message for message, _ in broken()[fixture.stem]} == expected


@pytest.mark.parametrize("fixture", INVALID, ids=lambda path: path.stem)
def test_an_invalid_fixture_leaves_the_dossier_alone(fixture: Path) -> None:
    assert not known() & {quad.subject for quad in described([fixture])}


def test_the_reference_implementation_reports_the_same_on_every_fixture() -> None:
    quads = [quad for quad in wrong() if quad.graph_name != ONTOLOGY_GRAPH]
    assert results(report(quads)) == results(reference(quads))


def test_the_reference_implementation_reports_the_same_on_the_thesis_graph() -> None:
    quads = layers.load(PROJECT.dataset)
    assert results(report(quads)) == results(reference(quads))


def test_the_reference_implementation_reports_the_same_on_a_quarter_of_the_thesis_graph() -> None:
    # What the other things state is missing, so that there is much to find.
    quads = [
        quad for quad in layers.load(PROJECT.dataset) if crc32(str(quad.subject).encode()) % 4 == 0
    ]
    found = results(report(quads))
    assert len(found) > 1000
    assert found == results(reference(quads))


def test_each_constraint_has_a_message_of_its_own() -> None:
    stated: dict[str, set[rdflib.term.Node]] = {}
    for _, constraint, kind in constraints():
        stated.setdefault(breach(constraint, kind)[0], set()).add(constraint)
    assert not {message: where for message, where in stated.items() if len(where) > 1}


def test_each_constraint_is_broken_by_a_fixture() -> None:
    messages = {breach(constraint, kind)[0] for _, constraint, kind in constraints()}
    assert messages == {message for found in broken().values() for message, _ in found}


def test_each_part_of_each_constraint_can_fail() -> None:
    parts = [breach(constraint, kind) for _, constraint, kind in constraints()]
    failed = {
        item
        for focus, item in breaches(report(with_entailments(spoilt())))
        if (number := focus.partition("--")[2]) and item == parts[int(number)]
    }
    never = set(parts) - failed - set().union(*broken().values())
    assert not never


def test_each_shape_is_met_by_something_valid() -> None:
    unmet = {
        target
        for shape in shapes().subjects(RDF.type, SH.NodeShape)
        for target, focus in focus_nodes(shape)
        if not focus
    }
    assert not unmet


def test_every_class_has_a_shape() -> None:
    modules = rdflib.Graph()
    for path in sorted((PROJECT.ontology / "modules").glob("*.ttl")):
        modules.parse(path)
    classes = {
        item
        for item in modules.subjects(RDF.type, rdflib.OWL.Class)
        if isinstance(item, rdflib.URIRef)
    }
    assert classes | {rdflib.SKOS.Concept} == set(shapes().objects(None, SH.targetClass))


def test_the_ontology_follows_its_own_style(project: Project) -> None:
    style = (project.ontology / "shapes" / "ontology-style.ttl").read_bytes()
    rules = rdflib.Graph().parse(data=style).serialize(format="nt").encode()
    validated = validation.validate_quads(layers.ontology_quads(project), rules)
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
    rules = rdflib.Graph().parse(data=style).serialize(format="nt").encode()
    findings = validation.validate_quads(layers.parse_turtle(file), rules).findings
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
    assert "position: a stance towards its option" in result.stdout
    assert f"data/thesis/positions.csv:{line}" in result.stdout


def test_a_shape_that_cannot_be_read_is_named(project: Project) -> None:
    broken = (
        b"@prefix sh: <http://www.w3.org/ns/shacl#> . <urn:s> a sh:NodeShape ; sh:targetNode <urn:x> ; "
        b'sh:sparql [ sh:select "SELECT $this WHERE { $this rdfs:label ?x }" ] .'
    )
    with pytest.raises(TrilogueError, match="ontology/shapes: invalid shapes graph"):
        validation.validate_quads([], broken)
