"""Our rules entail what an independent OWL 2 RL reasoner entails, in the part that we use."""

from __future__ import annotations

import owlrl
import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, parse, serialize
from rdflib import Graph, URIRef

from trilogue import catalogue, inference, layers
from trilogue.errors import QueryError, TrilogueError
from trilogue.namespaces import ONTOLOGY_GRAPH, TERMS, THINGS
from trilogue.project import Project

HEAD = (
    "@prefix : <https://example.org/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
    "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
)


def quads(turtle: str) -> list[Quad]:
    return [
        Quad(quad.subject, quad.predicate, quad.object, ONTOLOGY_GRAPH)
        for quad in parse(HEAD + turtle, format=RdfFormat.TURTLE)
    ]


def entailed(project: Project, turtle: str) -> set[str]:
    added = inference.materialise(quads(turtle), catalogue.read(project, "inference"))
    return {
        " ".join(str(node.value).rpartition("/")[2].rpartition("#")[2] for node in quad.triple)
        for quad in added
    }


@pytest.mark.parametrize(
    ("turtle", "expected"),
    [
        (":B rdfs:subClassOf :A . :C rdfs:subClassOf :B . :x a :C .", "x type A"),
        (":q rdfs:subPropertyOf :p . :x :q :y .", "x p y"),
        (":p rdfs:domain :A . :x :p :y .", "x type A"),
        (":p a owl:ObjectProperty ; rdfs:range :A . :x :p :y .", "y type A"),
        (":p owl:inverseOf :q . :x :p :y .", "y q x"),
        (":p a owl:SymmetricProperty . :x :p :y .", "y p x"),
        (":p a owl:TransitiveProperty . :x :p :y . :y :p :z . :z :p :u .", "x p u"),
        (":p owl:propertyChainAxiom ( :q :r ) . :x :q :y . :y :r :z .", "x p z"),
        (":A owl:equivalentClass :B . :x a :A .", "x type B"),
        (
            ":A owl:equivalentClass [ owl:intersectionOf ( :B [ owl:onProperty :p ;"
            " owl:someValuesFrom :C ] ) ] . :x a :B ; :p :y . :y a :C .",
            "x type A",
        ),
        (
            ":A owl:equivalentClass [ owl:intersectionOf ( :B [ owl:onProperty [ owl:inverseOf :p ] ;"
            " owl:someValuesFrom :C ] ) ] . :x a :B . :y a :C ; :p :x .",
            "x type A",
        ),
        (
            ":A owl:equivalentClass [ owl:intersectionOf ( :B [ owl:onProperty :p ; owl:someValuesFrom"
            " [ owl:intersectionOf ( :C [ owl:onProperty [ owl:inverseOf :q ] ;"
            " owl:someValuesFrom :D ] ) ] ] ) ] . :x a :B ; :p :y . :y a :C . :z a :D ; :q :y .",
            "x type A",
        ),
        (
            ":A owl:equivalentClass [ owl:intersectionOf ( :B [ owl:onProperty :p ;"
            " owl:someValuesFrom rdfs:Literal ] ) ] . :x a :B ; :p 3 .",
            "x type A",
        ),
        (":A owl:equivalentClass [ owl:intersectionOf ( :B :C ) ] . :x a :A .", "x type C"),
    ],
)
def test_a_rule_entails_what_its_axiom_says(project: Project, turtle: str, expected: str) -> None:
    assert expected in entailed(project, turtle)


def test_half_a_definition_entails_nothing(project: Project) -> None:
    turtle = (
        ":A owl:equivalentClass [ owl:intersectionOf ( :B [ owl:onProperty :p ; owl:someValuesFrom :C ] ) ] ."
        " :x a :B ; :p :w . :y :p :v . :v a :C . :v :p :z . :z a :B ."
    )
    assert not {"x type A", "y type A", "z type A"} & entailed(project, turtle)


def test_a_description_without_a_name_is_no_type_in_the_result(project: Project) -> None:
    turtle = (
        ":A owl:equivalentClass [ owl:intersectionOf ( :B [ owl:onProperty :p ; owl:someValuesFrom :C ] ) ] ."
        " :x a :B ; :p :y . :y a :C ."
    )
    assert entailed(project, turtle) == {"x type A"}


LINE = (
    "@prefix tlg: <https://w3id.org/trilogue/ns#> .\n"
    ":one a tlg:TextVersion . :two tlg:succeedsText :one . :three tlg:succeedsText :two .\n"
    ":mild tlg:isOptionOf :issue ; tlg:strictness 1 . :strict tlg:isOptionOf :issue ; tlg:strictness 2 .\n"
)


@pytest.mark.parametrize(
    ("provisions", "expected"),
    [
        (
            ":a tlg:isPartOfText :one ; tlg:takesOption :strict ."
            " :b tlg:isPartOfText :two ; tlg:takesOption :mild .",
            {"b relaxesProvision a"},
        ),
        (
            ":a tlg:isPartOfText :one ; tlg:takesOption :mild ."
            " :c tlg:isPartOfText :three ; tlg:takesOption :strict .",
            {"c tightensProvision a"},
        ),
        (
            ":a tlg:isPartOfText :one ; tlg:takesOption :strict ."
            " :b tlg:isPartOfText :two ; tlg:takesOption :mild ."
            " :c tlg:isPartOfText :three ; tlg:takesOption :mild .",
            {"b relaxesProvision a"},
        ),
        (
            ":a tlg:isPartOfText :two ; tlg:takesOption :mild ."
            " :b tlg:isPartOfText :two ; tlg:takesOption :strict .",
            set(),
        ),
    ],
    ids=[
        "the text before",
        "over a text that is silent",
        "not over a text that speaks",
        "one text",
    ],
)
def test_a_provision_is_compared_with_the_nearest_earlier_one(
    project: Project, provisions: str, expected: set[str]
) -> None:
    found = inference.derivations(quads(LINE + provisions), catalogue.read(project, "inference"))
    assert {
        " ".join(str(node.value).rpartition("/")[2].rpartition("#")[2] for node in quad.triple)
        for quad in found
    } == expected


def test_the_rules_agree_with_owlrl_on_rows_of_the_thesis(project: Project) -> None:
    """The oracle takes minutes on all rows, so it gets those of the pages on which paths rest."""
    pages = tuple(f"passage/p{page}" for page in (43, 44, 45, 46))
    resolved = layers.load(project.resolved)
    graphs = {
        quad.subject
        for quad in resolved
        if quad.predicate.value.endswith("#wasDerivedFrom")
        and str(quad.object).startswith(tuple(f"<{THINGS}{page}" for page in pages))
    }
    part = [
        quad for quad in resolved if quad.graph_name in graphs or quad.graph_name == ONTOLOGY_GRAPH
    ]
    rules = catalogue.read(project, "inference")
    part += inference.derivations(part, rules)
    ours = {quad.triple for quad in [*part, *inference.materialise(part, rules)]}
    # owlrl takes one shared value for the whole of a key of several properties.
    given = {quad.triple for quad in part if not quad.predicate.value.endswith("#hasKey")}
    content = serialize(given, format=RdfFormat.N_TRIPLES)
    assert content is not None
    oracle = Graph().parse(data=content, format="nt")
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(oracle)

    def about_things(triples: object) -> set[tuple[str, str, str]]:
        return {
            (str(s), str(p), str(o))
            for s, p, o in triples  # type: ignore[attr-defined]
            if str(s).startswith(THINGS)
            and (str(p).startswith(TERMS) or str(o).startswith(TERMS))
            and str(o).startswith((THINGS, TERMS))
            and str(o) != TERMS + "ThresholdProvision"  # owlrl counts no value as a literal
        }

    mine = about_things(
        (triple.subject.value, triple.predicate.value, getattr(triple.object, "value", ""))
        for triple in ours
        if isinstance(triple.subject, NamedNode)
    )
    theirs = about_things(triple for triple in oracle if isinstance(triple[0], URIRef))
    assert mine == theirs


def test_a_rule_must_be_a_construct_query(checkout: Project) -> None:
    rule = checkout.queries / "inference" / "wrong.rq"
    rule.write_text("SELECT * WHERE { ?s ?p ?o }")
    with pytest.raises(QueryError, match=r"wrong\.rq: a rule must be a CONSTRUCT query"):
        inference.reason(checkout)


def test_rules_without_end_are_stopped(project: Project) -> None:
    endless = catalogue.Query(
        project.queries / "endless.rq",
        "CONSTRUCT { ?s <https://example.org/p> ?n } WHERE {"
        " ?s <https://example.org/p> ?o BIND(STRDT(CONCAT(STR(?o), '1'),"
        " <http://www.w3.org/2001/XMLSchema#string>) AS ?n) }",
    )
    start = quads(":x :p '1' .")
    with pytest.raises(TrilogueError, match="no fixpoint"):
        inference.materialise(start, [endless])


def test_a_restriction_on_all_values_types_the_value(project: Project) -> None:
    turtle = ":A rdfs:subClassOf [ owl:onProperty :p ; owl:allValuesFrom :B ] . :x a :A ; :p :y ."
    assert "y type B" in entailed(project, turtle)
