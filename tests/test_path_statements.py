"""Paths as RDF hold what the shapes ask of them, and make nanopublications."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
import rdflib
import small_dossier
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, parse
from rdflib.namespace import DCTERMS, PROV, RDF
from small_dossier import HOPS, NETWORK, WHOLE
from test_path_semantics import networks, queries

import trilogue
from trilogue import layers, validation
from trilogue.errors import QueryError
from trilogue.graph import Graph
from trilogue.namespaces import INFERRED_GRAPH, TERMS, THINGS, expand, iri_of, term, thing
from trilogue.paths.enumeration import Enumeration, InfluencePath
from trilogue.paths.network import NO_BEGINNING, Network
from trilogue.paths.query import Carry, Order, PathQuery, Score
from trilogue.paths.statements import FORMATS, Statements, hop_classes, key
from trilogue.project import Project

NP = rdflib.Namespace("http://www.nanopub.org/nschema#")
TLG = rdflib.Namespace(TERMS)
QUERY = PathQuery(
    WHOLE,
    frozenset({TERMS + "Firm"}),
    frozenset({THINGS + "provision/threshold"}),
    carry=Carry.stance,
    most_hops=10,
)


def asked(expression: str, origin: str, destination: str) -> PathQuery:
    """Return the query for paths between two things, or the members of a class."""
    return PathQuery(expression, frozenset({expand(origin)}), frozenset({expand(destination)}))


@cache
def answers(query: PathQuery = QUERY) -> tuple[InfluencePath, ...]:
    return tuple(Enumeration(NETWORK, query).paths())


@cache
def statements(query: PathQuery = QUERY) -> Statements:
    return Statements.of(query, answers(query), small_dossier.ask)


def of_the_meeting() -> InfluencePath:
    """Return the path over meeting and ministry, which the government discussed."""
    grounds = {THINGS + name for name in ("act/meeting", "tenure/minister", "act/discussion")}
    return next(p for p in answers() if grounds <= {hop.ground for hop in p.hops})


def in_turtle(paths: list[InfluencePath]) -> rdflib.Graph:
    return rdflib.Graph().parse(data=statements().serialize(paths, "turtle"), format="turtle")


def dataset(text: str) -> rdflib.Dataset:
    found = rdflib.Dataset()
    found.parse(data=text, format="trig")
    return found


def test_a_path_says_whence_whither_when_and_what_it_carries() -> None:
    path = of_the_meeting()
    graph, iri = in_turtle([path]), rdflib.URIRef(statements().iri(path).value)
    said = {
        str(p).removeprefix(TERMS): o
        for p, o in graph.predicate_objects(iri)
        if str(p).startswith(TERMS)
    }
    things = {name: str(value).removeprefix(THINGS) for name, value in said.items()}
    del things["hasHop"]
    assert things == {
        "hasOrigin": "actor/small-firm",
        "hasDestination": "provision/threshold",
        "carriesIssue": "issue/threshold",
        "carriesStance": "stance/supports",
        "carriesOption": "option/high-threshold",
        "arrivalDay": "2023-12-09",
        "durationInDays": "162",
        "numberOfHops": "9",
        "pathWeight": "1.0",
    }
    assert said["arrivalDay"] == rdflib.Literal("2023-12-09", datatype=rdflib.XSD.date)


def test_a_hop_says_its_place_ends_ground_evidence_and_order() -> None:
    path = of_the_meeting()
    graph = in_turtle([path])
    (hop,) = graph.subjects(TLG.restsOnAct, rdflib.URIRef(THINGS + "act/meeting"))
    assert set(graph.objects(hop, RDF.type)) == {TLG.Hop, TLG.ContactHop}
    assert {str(each) for each in graph.objects(hop, TLG.evidenceLocator)} == {"p. 1", "p. 1, n. 1"}
    # The second row about the meeting stands on a page that is no evidence of this hop.
    assert {str(each).removeprefix(THINGS) for each in graph.objects(hop, PROV.wasDerivedFrom)} == {
        "passage/p1",
        "passage/p1-n1",
        "row/cited",
    }
    assert graph.value(hop, TLG.hopNumber) == rdflib.Literal(2)
    assert graph.value(hop, TLG.hasOrderCertainty) == rdflib.URIRef(THINGS + "certainty/certain")


def test_a_relation_is_no_act_and_has_no_order() -> None:
    graph = in_turtle([of_the_meeting()])
    (hop,) = graph.subjects(TLG.restsOnGround, rdflib.URIRef(THINGS + "tenure/minister"))
    assert graph.value(hop, TLG.restsOnAct) is None
    assert graph.value(hop, TLG.hasOrderCertainty) is None


def test_a_kind_without_a_class_is_a_hop_that_says_its_kind() -> None:
    query = asked("appearance", "tlg:Firm", "actor/newspaper")
    (path,) = answers(query)
    said = set(statements(query).triples(path))
    hop = thing(f"hop/{key(path)}-1")
    assert Triple(hop, term("hopKind"), Literal("appearance")) in said
    types = {iri_of(triple.object) for triple in said if triple.subject == hop}
    assert TERMS + "Hop" in types
    assert not any(name.endswith("earanceHop") for name in types)


def test_acts_of_one_day_are_in_no_certain_order() -> None:
    dinner = next(hop for hop in HOPS if hop.ground == THINGS + "act/dinner")
    discussion = next(hop for hop in HOPS if hop.ground == THINGS + "act/discussion")
    same_day = replace(
        discussion, source=dinner.target, earliest=dinner.earliest, latest=dinner.latest
    )
    query = asked("contact/uptake", dinner.source, same_day.target)
    (path,) = Enumeration(Network((dinner, same_day)), query).paths()
    order = {t.object for t in Statements(query).triples(path, {term("hasOrderCertainty")})}
    assert order == {thing("certainty/possible")}


def test_an_act_that_comes_twice_is_two_hops() -> None:
    letter = replace(HOPS[1], source=HOPS[1].target)
    query = asked("contact{2}", "actor/minister", "actor/minister")
    (path,) = Enumeration(Network((letter,)), query).paths()
    said = list(Statements(query).triples(path))
    assert sum(triple.predicate == term("hasHop") for triple in said) == 2
    assert not any(triple.predicate == term("hasOrderCertainty") for triple in said)


def test_a_path_without_an_act_has_no_day() -> None:
    query = asked("office/part", "actor/minister", "actor/government")
    (path,) = answers(query)
    assert path.arrival == NO_BEGINNING
    assert not list(Statements(query).triples(path, {term("arrivalDay")}))


def test_the_iri_of_a_path_stays_the_same() -> None:
    path = of_the_meeting()
    assert key(path) == "97f95faeadae24ff87e7426463a22ffb"
    found_otherwise = PathQuery("any{9}", NETWORK.things, NETWORK.things, carry=Carry.stance)
    again = [p for p in Enumeration(NETWORK, found_otherwise).paths() if p.hops == path.hops]
    assert [Statements(found_otherwise).iri(p) for p in again] == [statements().iri(path)]


@given(networks(), queries())
def test_paths_that_differ_have_iris_that_differ(network: Network, query: PathQuery) -> None:
    paths = list(Enumeration(network, query).paths())
    assert len(paths) == len({key(path) for path in paths})


def test_every_kind_of_the_dossier_with_a_class_gets_it() -> None:
    assert set(hop_classes(small_dossier.ask)) == {
        "adoption",
        "contact",
        "demand",
        "membership",
        "office",
        "part",
        "position",
        "provision",
        "relaxation",
        "response",
        "uptake",
    }


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "nanopub"])
def test_each_form_says_the_same(form: str) -> None:
    named = {"jsonld": "json-ld", "nt": "nt", "rdfxml": "xml", "turtle": "turtle"}[form]
    graph = rdflib.Graph().parse(data=statements().serialize(answers(), form), format=named)
    expected = {triple for path in answers() for triple in statements().triples(path)}
    assert len(answers()) > 3
    assert len(graph) == len(expected)
    assert {str(s) for s in graph.subjects(RDF.type, TLG.InfluencePath)} == {
        statements().iri(path).value for path in answers()
    }


def test_another_form_is_refused() -> None:
    with pytest.raises(QueryError, match=r"format 'pdf': expected one of .*nanopub"):
        statements().serialize(answers(), "pdf")


def test_a_name_that_is_no_iri_is_refused() -> None:
    hop = replace(HOPS[1], target=THINGS + "actor/a> <b")
    query = asked("contact", hop.source, hop.target)
    (path,) = Enumeration(Network((hop,)), query).paths()
    with pytest.raises(QueryError, match="actor/a> <b' cannot be written as an IRI"):
        list(Statements(query).triples(path))


def test_quotes_and_braces_in_evidence_stay_what_they_are() -> None:
    locator = 'p. 1 "}" \\ <x>\n# é'
    hop = replace(HOPS[1], evidence=(locator,))
    query = asked("contact", hop.source, hop.target)
    (path,) = Enumeration(Network((hop,)), query).paths()
    for form in ("turtle", "nt"):
        graph = rdflib.Graph().parse(data=Statements(query).serialize([path], form))
        assert [str(each) for each in graph.objects(None, TLG.evidenceLocator)] == [locator]


# Nanopublications: the rules of well-formedness in https://nanopub.net/guidelines/working_draft/


def published(query: PathQuery = QUERY) -> list[tuple[rdflib.URIRef, rdflib.Dataset]]:
    """Return each nanopublication of the answers, with its IRI."""
    found = []
    for path in answers(query):
        data = dataset(statements(query).serialize([path], "nanopub"))
        ((itself, _),) = {(s, g) for s, p, o, g in data.quads() if o == NP.Nanopublication}
        found.append((itself, data))
    return found  # type: ignore[return-value]


def test_a_nanopublication_is_well_formed() -> None:
    assert len(published()) == len(answers())
    for itself, data in published():
        quads = list(data.quads())
        (head,) = {graph for s, p, o, graph in quads if o == NP.Nanopublication}
        parts = []
        for name in (NP.hasAssertion, NP.hasProvenance, NP.hasPublicationInfo):
            ((part, graph),) = {(o, g) for s, p, o, g in quads if s == itself and p == name}
            assert graph == head
            parts.append(part)
        assert len({itself, head, *parts}) == 5
        assert {graph for *_, graph in quads} == {head, *parts}
        assertion, provenance, information = parts
        assert any(assertion in (s, o) for s, _, o, graph in quads if graph == provenance)
        assert any(itself in (s, o) for s, _, o, graph in quads if graph == information)
        assert not any(isinstance(node, rdflib.BNode) for quad in quads for node in quad)


def test_all_nanopublications_of_an_answer_stand_in_one_document() -> None:
    data = dataset(statements().serialize(answers(), "nanopub"))
    whole = {s for s, p, o, g in data.quads() if o == NP.Nanopublication}
    assert whole == {itself for itself, _ in published()}


def test_the_assertion_is_the_path_and_nothing_else() -> None:
    path = of_the_meeting()
    quads = statements().nanopublication(path)
    said = {quad.triple for quad in quads if iri_of(quad.graph_name).endswith("/assertion")}
    assert said == set(statements().triples(path))


def test_the_provenance_names_sources_and_the_query_that_can_be_asked_again() -> None:
    path = of_the_meeting()
    data = dataset(statements().serialize([path], "nanopub"))
    quads = {(s, p, o) for s, p, o, _ in data.quads()}
    sources = {str(o).removeprefix(THINGS) for s, p, o, g in data.quads()
               if p == PROV.wasDerivedFrom and str(g).endswith("/provenance")}  # fmt: skip
    assert sources == {"passage/p1", "passage/p1-n1", "row/cited"}
    ((plan, _),) = {(s, o) for s, p, o in quads if o == TLG.PathQuery}
    assert {(p, str(o)) for s, p, o in quads if s == plan and p != RDF.type} == {
        (TLG.expression, WHOLE),
        (TLG.searchesFrom, TERMS + "Firm"),
        (TLG.searchesTo, THINGS + "provision/threshold"),
        (TLG.requiredOrder, "possible"),
        (TLG.allowsTies, "true"),
        (TLG.carriedMatter, "stance"),
        (TLG.mostHops, "10"),
        (TLG.isSimple, "false"),
    }
    generated = {o for s, p, o in quads if p == PROV.wasGeneratedBy}
    assert {s for s, p, o in quads if o == PROV.Activity} == generated
    assert {o for s, p, o in quads if p == PROV.hadPlan} == {plan}


def test_the_publication_info_names_software_licence_and_path_and_no_time() -> None:
    path = of_the_meeting()
    data = dataset(statements().serialize([path], "nanopub"))
    info = {(p, o) for s, p, o, g in data.quads() if str(g).endswith("/publication-info")}
    licence = rdflib.URIRef("https://creativecommons.org/licenses/by/4.0/")
    assert (DCTERMS.license, licence) in info
    assert any(str(o) == f"Trilogue {trilogue.__version__}" for _, o in info)
    assert any(str(o) == statements().iri(path).value for _, o in info)
    assert not any(
        getattr(o, "datatype", None) == rdflib.XSD.dateTime for _, _, o, _ in data.quads()
    )


def test_the_same_question_gives_the_same_bytes_and_another_one_another_iri() -> None:
    path = of_the_meeting()
    first = statements().serialize([path], "nanopub")
    other = replace(QUERY, order=Order.certain)
    again = Statements.of(QUERY, answers(), small_dossier.ask)
    assert again.serialize([path], "nanopub") == first

    def heads(query: PathQuery) -> set[str]:
        quads = Statements(query).nanopublication(path)
        return {
            iri_of(quad.subject) for quad in quads if iri_of(quad.object).endswith("ublication")
        }

    assert heads(QUERY).isdisjoint(heads(other))


# What is written here, held against the shapes together with the dossier.


@cache
def shapes() -> bytes:
    return validation.shapes_of(Project.find())


def breaches(triples: set[Triple]) -> set[str]:
    """Return the messages about paths and hops."""
    own = {iri_of(triple.subject).removeprefix(THINGS) for triple in triples}
    quads = [Quad(t.subject, t.predicate, t.object, INFERRED_GRAPH) for t in triples]
    found = validation.validate_quads([*small_dossier.quads(), *quads], shapes()).findings
    return {finding.message for finding in found if finding.focus in own}


def of_all() -> set[Triple]:
    plan = set(statements().plan())
    return plan | {triple for path in answers() for triple in statements().triples(path)}


def test_what_is_written_conforms() -> None:
    assert breaches(of_all()) == set()


def without(name: NamedNode, value: str = "") -> Callable[[set[Triple]], set[Triple]]:
    """Return what takes away one property of the second hop of a path, or gives another value."""

    def spoil(triples: set[Triple]) -> set[Triple]:
        hop = thing(f"hop/{key(of_the_meeting())}-2")
        left = {t for t in triples if not (t.subject == hop and t.predicate == name)}
        return left | ({Triple(hop, name, thing(value))} if value else set())

    return spoil


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (without(term("hopNumber")), "path: hops numbered from one on without a gap"),
        (without(term("endsAt"), "actor/council"), "path: each hop starts where the hop before ends"),
        (without(term("restsOnAct")), "hop of an act: the act on which it rests"),
        (without(term("evidenceLocator")), None),
        (
            lambda triples: without(NamedNode(str(PROV.wasDerivedFrom)))(
                without(term("evidenceLocator"))(triples)
            ),
            "hop: evidence",
        ),
    ],
)  # fmt: skip
def test_what_is_spoilt_does_not(
    spoil: Callable[[set[Triple]], set[Triple]], message: str | None
) -> None:
    found = breaches(spoil(of_all()))
    assert (message in found) if message else not found


def test_the_store_reads_what_rdflib_reads() -> None:
    text = statements().serialize(answers(), "nanopub")
    assert len(list(parse(text, format=RdfFormat.TRIG))) == len(set(dataset(text).quads()))


@given(st.text(min_size=1))
def test_any_locator_can_be_written(locator: str) -> None:
    told = replace(HOPS[1], evidence=(locator,))
    query = asked("contact", told.source, told.target)
    (path,) = Enumeration(Network((told,)), query).paths()
    written = Statements(query).serialize([path], "nt")
    values = [triple.object for triple in parse(written, format=RdfFormat.N_TRIPLES)
              if triple.predicate == term("evidenceLocator")]  # fmt: skip
    assert values == [Literal(locator)]


def test_what_is_written_of_the_thesis_conforms(graph: Graph, project: Project) -> None:
    found = graph.paths(
        "demand/contact/office?/part*/(position|uptake)/any{0,2}/adoption/(provision|relaxation)",
        origins="Firm",
        destinations="ProvisionVersion",
        most_hops=9,
    )
    paths = found.top(200, Score.evidence)
    assert len(paths) == 200
    written = Statements.of(found.query, paths, graph.query)
    triples = {triple for path in paths for triple in written.triples(path)}
    own = {iri_of(triple.subject).removeprefix(THINGS) for triple in triples}
    quads = [Quad(t.subject, t.predicate, t.object, INFERRED_GRAPH) for t in triples]
    data = [*layers.load(project.dataset), *quads]
    findings = validation.validate_quads(data, shapes()).findings
    assert [finding for finding in findings if finding.focus in own] == []
