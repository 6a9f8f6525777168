"""Axioms are said in words that a person who knows no OWL can follow."""

from __future__ import annotations

import pytest
from pyoxigraph import RdfFormat, parse

from trilogue import reasoner
from trilogue.verbalisation import verbalise

PREFIXES = """
@prefix : <https://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:act a owl:Class . :firm a owl:Class . :person a owl:Class .
:meets a owl:ObjectProperty . :knows a owl:ObjectProperty . :size a owl:DatatypeProperty .
"""


def said(text: str) -> set[str]:
    triples = [quad.triple for quad in parse(PREFIXES + text, format=RdfFormat.TURTLE)]
    return {
        verbalise(axiom, lambda iri: iri.rpartition("/")[2])
        for axiom in reasoner.load(triples).getAxioms()
        if str(axiom.getAxiomType().getName()) != "Declaration"
    }


@pytest.mark.parametrize(
    ("axiom", "sentence"),
    [
        (":a a :firm .", "a is a firm"),
        (":a a :act .", "a is an act"),
        (":a :meets :b .", "a meets b"),
        (":a :size 3 .", "the size of a is 3"),
        (":a owl:sameAs :b .", "a and b are the same"),
        (":a owl:differentFrom :b .", "a and b are different"),
        (":firm rdfs:subClassOf :act .", "a firm is an act"),
        (":firm owl:disjointWith :person .", "nothing is both a firm and a person"),
        (":meets rdfs:domain :firm .", "whatever “meets” is said of is a firm"),
        (":meets rdfs:range :person .", "whatever “meets” leads to is a person"),
        (":meets a owl:FunctionalProperty .", "“meets” leads to one thing at most"),
        (":size a owl:FunctionalProperty .", "“size” has one value at most"),
        (":meets a owl:AsymmetricProperty .", "“meets” never holds both ways"),
        (":meets a owl:IrreflexiveProperty .", "“meets” never leads from a thing to itself"),
        (":meets a owl:SymmetricProperty .", "“meets” holds both ways"),
        (":meets a owl:TransitiveProperty .", "“meets” holds along its chains"),
        (":meets rdfs:subPropertyOf :knows .", "where “meets” holds, “knows” holds too"),
        (
            ":knows owl:propertyChainAxiom ( :meets :meets ) .",
            "“meets” followed by “meets” gives “knows”",
        ),
        (
            ":meets owl:propertyDisjointWith :knows .",
            "no two things are joined by both “knows” and “meets”",
        ),
        (
            ":firm owl:hasKey ( :size ) .",
            "two with the same “size” are one, where each is a firm",
        ),
        (
            ":firm rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :meets ; owl:allValuesFrom :person ] .",
            "a firm is what has only “meets” that is a person",
        ),
        (
            ":firm rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :meets ; "
            'owl:maxCardinality "1"^^xsd:nonNegativeInteger ] .',
            "a firm is what has at most 1 “meets”",
        ),
        (
            ":firm owl:equivalentClass [ a owl:Class ; owl:intersectionOf ( :act [ a owl:Restriction ; "
            "owl:onProperty [ owl:inverseOf :meets ] ; owl:someValuesFrom :person ] ) ] .",
            "a firm is the same as an act and what has some “inverse of meets” that is a person",
        ),
        (
            ':firm rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :size ; owl:hasValue "3" ] .',
            "a firm is what has “size” 3",
        ),
    ],
)
def test_an_axiom_is_said_in_words(axiom: str, sentence: str) -> None:
    assert said(axiom) == {sentence}


def test_an_axiom_without_a_sentence_is_shown_as_it_is() -> None:
    (text,) = said(":firm owl:disjointUnionOf ( :act :person ) .")
    assert text.startswith("DisjointUnion(")
