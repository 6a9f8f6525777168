"""Keys over tokens bind the same individuals as keys over values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, parse

from trilogue import consistency, inference, layers, reasoner
from trilogue.namespaces import ONTOLOGY_GRAPH, RDFS, TYPE, XSD, iri_of
from trilogue.project import Project

INCONSISTENT = sorted((Path(__file__).parent / "fixtures" / "inconsistent").glob("*.ttl"))
BROKEN_KEYS = [path for path in INCONSISTENT if "HasKey" in path.read_text("utf-8")]
BASE = "https://example.org/"
# Each thing has a class of its own, so that the types tell which things are one.
AXIOMS = """
@prefix : <https://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:Page a owl:Class ; owl:hasKey ( :number ) .
:Note a owl:Class ; owl:hasKey ( :page :place ) .
:Reading a owl:Class ; owl:hasKey ( :page :line :field ) .
:number a owl:DatatypeProperty . :place a owl:DatatypeProperty . :line a owl:DatatypeProperty .
:field a owl:DatatypeProperty . :rank a owl:DatatypeProperty .
:page a owl:ObjectProperty .
:A a owl:Class . :B a owl:Class . :C a owl:Class ; owl:disjointWith :A . :P a owl:Class . :Q a owl:Class .
:a a :A . :b a :B . :c a :C . :p a :P . :q a :Q .
"""


def node(name: str) -> NamedNode:
    return NamedNode(BASE + name)


def triples(text: str) -> list[Triple]:
    return [quad.triple for quad in parse(text, format=RdfFormat.TURTLE)]


def number(text: str) -> Literal:
    return Literal(text, datatype=NamedNode(XSD + "integer"))


NUMBERS = [number(text) for text in ("1", "01", "2")]
FIELDS = [Literal(text) for text in "xy"]
KINDS = [node(name) for name in ("Page", "Note", "Reading")]


@st.composite
def statements(draw: st.DrawFn) -> list[Triple]:
    """Return what is stated of two pages and of three things on them, in part alike."""
    said: list[Triple] = []
    for name in "abcpq":
        of_page = name in "pq"
        values: dict[NamedNode, list[Any]] = {
            TYPE: KINDS[:1] if of_page else KINDS[1:],
            node("number"): NUMBERS if of_page else [],
            node("place"): [] if of_page else NUMBERS,
            node("line"): [] if of_page else NUMBERS,
            node("field"): [] if of_page else FIELDS,
            node("page"): [] if of_page else [node("p"), node("q")],
        }
        for predicate, choice in values.items():
            some = st.sampled_from([choice[:1], choice[:1], choice[-1:], [], choice])
            said.extend(Triple(node(name), predicate, value) for value in draw(some))
    pairs = st.sampled_from([("p", "q"), ("a", "b")])
    same = draw(st.sets(pairs, max_size=1))
    return said + [Triple(node(one), reasoner.SAME, node(other)) for one, other in same]


FUNCTIONAL = [
    Triple(node(name), TYPE, NamedNode(reasoner.OWL + "FunctionalProperty"))
    for name in ("number", "place", "line", "field", "page")
]
NARROWER = [
    Triple(node("rank"), NamedNode(RDFS + "subPropertyOf"), node("number")),
    Triple(node("c"), node("rank"), NUMBERS[0]),
]
characteristics = st.one_of(
    st.just(FUNCTIONAL),
    st.lists(st.sampled_from(FUNCTIONAL)),
    st.just(FUNCTIONAL + NARROWER),
)


def found(ontology: Any) -> set[tuple[str, str]] | None:
    """Return the types of all things, or nothing where the ontology is inconsistent."""
    engine = reasoner.Reasoner(ontology)
    return (
        {pair for pair in engine.types() if pair[0].startswith(BASE)} if engine.consistent else None
    )


@settings(max_examples=100, deadline=None)
@given(statements(), characteristics)
def test_the_same_follows_from_keys_over_tokens(said: list[Triple], more: list[Triple]) -> None:
    stated = [*triples(AXIOMS), *more, *said]
    assert found(consistency.load(stated)) == found(reasoner.load(stated))


@pytest.mark.parametrize(
    "text",
    [
        ":a a :Page ; :number 1 . :b a :Page ; :number 1 .",
        ":a a :Page ; :number 1 . :b a :Page ; :number '01'^^xsd:integer .",
        ":a a :Page ; :number 1 . :b a :Page ; :rank 1 . :rank rdfs:subPropertyOf :number .",
        ":a a :Page ; :number 1 . :b a :Page ; :rank 1 . :rank owl:equivalentProperty :number .",
        ":a a :Page ; :number 1 . :b a :Page , [ a owl:Restriction ;"
        "  owl:onProperty :number ; owl:hasValue 1 ] .",
        ":p a :Page ; :number 1 . :q a :Page ; :number 1 ."
        ":a a :Note ; :page :p ; :place 3 . :b a :Note ; :page :q ; :place 3 .",
        ":a a :Reading ; :page :p ; :line 1 ; :field 'x' ."
        ":b a :Reading ; :page :p ; :line 1 . :d :field 'x' ; owl:sameAs :b .",
    ],
    ids=[
        "one value",
        "two spellings of a value",
        "value by a narrower property",
        "value by an equal property",
        "value by a restriction",
        "values on pages that are one",
        "values that meet in one thing",
    ],
)
def test_what_a_key_makes_one_is_one(text: str) -> None:
    stated = triples(AXIOMS + text) + FUNCTIONAL
    types = found(consistency.load(stated))
    assert types == found(reasoner.load(stated))
    assert types is not None
    assert (BASE + "a", BASE + "B") in types


@pytest.mark.parametrize("fixture", BROKEN_KEYS, ids=lambda path: path.stem)
def test_a_broken_key_is_found(project: Project, fixture: Path) -> None:
    ontology = layers.ontology_quads(project)
    data = [
        Quad(quad.subject, quad.predicate, quad.object, ONTOLOGY_GRAPH)
        for quad in layers.parse_turtle(fixture)
    ]
    assert consistency.check(ontology).consistent
    assert not consistency.check([*ontology, *data]).consistent


def test_all_keys_over_values_are_put_over_tokens_and_the_same_follows(project: Project) -> None:
    stated = consistency.logical(inference.given(project))
    ontology, whole = consistency.load(stated), reasoner.load(stated)
    kept = {str(axiom) for axiom in whole.getAxioms() if "HasKey" in str(axiom.getAxiomType())}
    assert len(kept) == 7
    assert not kept & {str(axiom) for axiom in ontology.getAxioms()}
    names = {iri_of(triple.subject) for triple in stated}
    assert {pair for pair in reasoner.Reasoner(ontology).types() if pair[0] in names} == {
        pair for pair in reasoner.Reasoner(whole).types() if pair[0] in names
    }
