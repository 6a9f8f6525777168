"""The vocabularies hold what Skosify asks of them, and our checks say the same as Skosify."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, parse, serialize
from rdflib import RDF, Graph
from rdflib.namespace import SKOS
from skosify import check

from trilogue import catalogue, layers
from trilogue.graph import EmbeddedBackend
from trilogue.namespaces import ONTOLOGY_GRAPH
from trilogue.project import Project
from trilogue.results import Bindings

PREFIXES = """
@prefix channel: <https://w3id.org/trilogue/id/channel/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""
Oracle = Callable[[Graph], object]


def preflabel_uniqueness(graph: Graph) -> None:
    """Run Skosify's function with a policy: by its default, "all", it stops before it looks."""
    check.preflabel_uniqueness(graph, policy="shortest")


# What of Skosify, which of our checks, a fault of the kind, and the concepts that it is about.
FAULTS: list[tuple[Oracle, str, str, set[str]]] = [
    (
        check.hierarchy_cycles,
        "concept-broader-than-itself",
        "channel:letter skos:broader channel:email . channel:email skos:broader channel:letter .",
        {"letter", "email"},
    ),
    (
        check.disjoint_relations,
        "concept-related-and-broader",
        "channel:email skos:broader channel:letter ; skos:related channel:media ."
        " channel:letter skos:broader channel:media .",
        {"email", "media"},
    ),
    (
        check.hierarchical_redundancy,
        "hierarchy-told-twice",
        "channel:email skos:broader channel:letter , channel:media ."
        " channel:letter skos:broader channel:media .",
        {"email", "media"},
    ),
    (
        preflabel_uniqueness,
        "two-labels-in-one-language",
        'channel:letter skos:prefLabel "missive"@en .',
        {"letter"},
    ),
    (
        check.label_overlap,
        "label-that-is-also-an-alternative",
        'channel:letter skos:altLabel "letter"@en .',
        {"letter"},
    ),
]
NAMES = [name for _, name, _, _ in FAULTS]


def local_names(concepts: Iterable[object]) -> set[str]:
    """Return the last parts of IRIs, by which Skosify names concepts in some of its warnings."""
    return {str(concept).rpartition("/")[2] for concept in concepts}


def found_by_skosify(oracle: Oracle, quads: list[Quad], log: pytest.LogCaptureFixture) -> set[str]:
    """Return the concepts that one of Skosify's functions warns of.

    It knows concepts by skos:Concept alone, so the class is spelt out for those of subclasses.
    """
    content = serialize({quad.triple for quad in quads}, format=RdfFormat.N_TRIPLES)
    assert content is not None
    graph = Graph().parse(data=content, format="nt")
    concepts = set(graph.subjects(SKOS.inScheme))
    for concept in concepts:
        graph.add((concept, RDF.type, SKOS.Concept))
    log.clear()
    with log.at_level(logging.WARNING):
        oracle(graph)
    named = [part for record in log.records for part in record.args or ()]
    return local_names(named) & local_names(concepts)


def found_by_our_check(project: Project, name: str, quads: list[Quad]) -> set[str]:
    """Return the concepts that one of our checks names, as thing or as value."""
    answer = EmbeddedBackend.of(quads).answer(catalogue.find(project, name).text, "csv")
    assert isinstance(answer, Bindings)
    nodes = [row[place] for row in answer for place in ("entity", "value")]
    return local_names(node.value for node in nodes if isinstance(node, NamedNode))


@pytest.fixture(scope="module")
def vocabularies(project: Project) -> list[Quad]:
    """All concepts and schemes that the files of the ontology declare, merged."""
    return layers.ontology_quads(project)


@pytest.mark.parametrize(("oracle", "name"), [fault[:2] for fault in FAULTS], ids=NAMES)
def test_skosify_and_our_check_find_nothing_in_the_vocabularies(
    project: Project,
    vocabularies: list[Quad],
    caplog: pytest.LogCaptureFixture,
    oracle: Oracle,
    name: str,
) -> None:
    assert found_by_skosify(oracle, vocabularies, caplog) == set()
    assert found_by_our_check(project, name, vocabularies) == set()


@pytest.mark.parametrize(("oracle", "name", "fault", "concepts"), FAULTS, ids=NAMES)
def test_skosify_and_our_check_name_the_same_concepts_in_a_spoilt_vocabulary(
    project: Project,
    vocabularies: list[Quad],
    caplog: pytest.LogCaptureFixture,
    oracle: Oracle,
    name: str,
    fault: str,
    concepts: set[str],
) -> None:
    extra = parse(PREFIXES + fault, format=RdfFormat.TURTLE)
    spoilt = vocabularies + [
        Quad(quad.subject, quad.predicate, quad.object, ONTOLOGY_GRAPH) for quad in extra
    ]
    assert found_by_skosify(oracle, spoilt, caplog) == concepts
    assert found_by_our_check(project, name, spoilt) == concepts


def test_each_function_of_skosify_has_a_check_that_says_so(project: Project) -> None:
    covered = {
        name.removeprefix("Skosify ")
        for query in catalogue.read(project, "checks")
        for name in query.covers
        if name.startswith("Skosify ")
    }
    assert covered == {oracle.__name__ for oracle, *_ in FAULTS}
