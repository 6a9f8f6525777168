"""The layers of the dataset: everything in named graphs, with its evidence, byte for byte the same."""

from __future__ import annotations

import hashlib
from pathlib import Path

from conftest import Run
from pyoxigraph import BlankNode, DefaultGraph, NamedNode

from trilogue import layers
from trilogue.graph import Graph
from trilogue.namespaces import DERIVED_FROM, ONTOLOGY_GRAPH, PROVENANCE_GRAPH, compact, thing
from trilogue.project import Project

LAYERS = ("asserted.nq", "resolved.nq", "inferred.nq", "trilogue.nq")


def digests(project: Project) -> dict[str, str]:
    return {
        name: hashlib.sha256((project.build / name).read_bytes()).hexdigest() for name in LAYERS
    }


def test_two_checkouts_build_the_same_bytes(project: Project, checkout: Project, run: Run) -> None:
    for path in checkout.build.iterdir():
        path.unlink()
    for command in ("build", "reason", "validate"):
        result = run(command, cwd=checkout.root, env={"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo"})
        assert result.returncode == 0, result.stderr
    assert digests(checkout) == digests(project)


def test_the_order_of_rows_does_not_matter(project: Project, checkout: Project, run: Run) -> None:
    path = checkout.root / "data" / "thesis" / "acts.csv"
    header, *lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text(header + "".join(reversed(lines)), "utf-8")
    assert run("build", cwd=checkout.root).returncode == 0
    assert checkout.asserted.read_bytes() == project.asserted.read_bytes()


def test_nothing_stands_outside_a_named_graph_and_no_row_has_blank_nodes(project: Project) -> None:
    for quad in layers.load(project.dataset):
        assert not isinstance(quad.graph_name, DefaultGraph)
        if quad.graph_name != ONTOLOGY_GRAPH:
            assert not isinstance(quad.subject, BlankNode)
            assert not isinstance(quad.object, BlankNode)


def test_every_row_leads_to_a_passage_of_the_thesis(project: Project) -> None:
    quads = layers.load(project.dataset)
    rows = {quad.graph_name for quad in quads if "/id/row/" in str(quad.graph_name)}
    derived = {quad.subject for quad in quads if quad.predicate == DERIVED_FROM}
    without = {row.value.rpartition("/")[2] for row in rows - derived if isinstance(row, NamedNode)}
    of_curation = (
        "coverage",
        "disagreements",
        "identifiers",
        "likelihoods",
        "readings",
        "resolutions",
    )
    assert {row.partition("-")[0] for row in without} <= set(of_curation)


def test_from_any_statement_of_a_row_one_query_leads_to_page_and_note(graph: Graph) -> None:
    answer = graph.query(
        """PREFIX tlg: <https://w3id.org/trilogue/ns#>
        SELECT ?evidence WHERE {
          GRAPH ?row { <https://w3id.org/trilogue/id/act/elysee-dinner> tlg:addressesActor ?actor }
          ?row tlg:locator ?evidence
        }"""
    )
    assert [str(row["evidence"].value) for row in answer] == ["p. 43; p. 43, n. 4; p. 50"]


def test_both_sides_of_a_contradiction_are_asserted_and_one_is_resolved(project: Project) -> None:
    aside = thing("row/texts-general-approach-2022-date-november-25")
    preferred = thing("row/texts-general-approach-2022-date-december-6")
    asserted = {quad.graph_name for quad in layers.load(project.asserted)}
    resolved = {quad.graph_name for quad in layers.load(project.resolved)}
    assert {aside, preferred} <= asserted
    assert aside not in resolved
    assert preferred in resolved


def test_provenance_of_a_row_stands_in_the_provenance_graph(project: Project) -> None:
    row = thing("row/acts-elysee-dinner")
    said = {
        (quad.predicate.value.rpartition("#")[2], quad.graph_name)
        for quad in layers.load(project.resolved)
        if quad.subject == row
    }
    assert ("wasDerivedFrom", PROVENANCE_GRAPH) in said
    assert ("hasBasis", PROVENANCE_GRAPH) in said
    assert {graph for _, graph in said} == {PROVENANCE_GRAPH}


def test_a_missing_build_says_what_to_do(checkout: Project, run: Run) -> None:
    checkout.dataset.unlink()
    result = run("query", "table-1", cwd=checkout.root)
    assert result.returncode == 1
    assert "not built yet; run `make`" in result.stderr


def test_a_damaged_build_says_what_to_do(checkout: Project, run: Run) -> None:
    checkout.dataset.write_bytes(checkout.dataset.read_bytes()[:1000])
    result = run("query", "table-1", cwd=checkout.root)
    assert result.returncode == 1
    assert "damaged" in result.stderr


def test_broken_turtle_in_the_ontology_is_named_with_its_line(checkout: Project, run: Run) -> None:
    module: Path = checkout.ontology / "modules" / "acts.ttl"
    module.write_text(module.read_text("utf-8") + "tlg:Broken a owl:Class\n", "utf-8")
    result = run("build", cwd=checkout.root)
    assert result.returncode == 1
    assert "modules/acts.ttl:" in result.stderr
    assert "Traceback" not in result.stderr


def test_an_unwritable_build_folder_is_named(checkout: Project, run: Run) -> None:
    for path in checkout.build.iterdir():
        path.unlink()
    checkout.build.rmdir()
    checkout.build.write_text("in the way")
    result = run("build", cwd=checkout.root)
    assert result.returncode == 1
    assert "cannot be written" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_firm_is_linked_to_its_entries_in_registers(graph: Graph) -> None:
    answer = graph.query(
        """PREFIX tlg: <https://w3id.org/trilogue/ns#>
        SELECT ?scheme ?relation WHERE {
          GRAPH ?row { <https://w3id.org/trilogue/id/actor/mistral-ai> ?relation ?iri }
          ?row tlg:identifierScheme ?scheme
          FILTER(isIRI(?iri))
        } ORDER BY ?scheme"""
    )
    links = {str(row["scheme"].value): compact(row["relation"].value) for row in answer}
    assert links == {
        "eu-transparency-register": "rdfs:seeAlso",
        "ror": "owl:sameAs",
        "wikidata": "owl:sameAs",
    }


def test_only_concepts_are_matched_as_concepts(graph: Graph) -> None:
    # SKOS gives its mapping properties the domain skos:Concept (S19, S20).
    assert not graph.ask(
        """PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
        ASK {
          ?thing skos:exactMatch|skos:closeMatch ?iri .
          FILTER NOT EXISTS { ?thing a skos:Concept }
        }"""
    )


def test_a_link_without_a_relation_is_refused(checkout: Project, run: Run) -> None:
    path = checkout.root / "data" / "identifiers.csv"
    with path.open("a", encoding="utf-8") as file:
        file.write("mistral-ai-x,actor/mistral-ai,x,X1,,https://example.org/x,Nowhere.\n")
    line = len(path.read_text("utf-8").splitlines())
    result = run("build", cwd=checkout.root)
    assert result.returncode == 1
    assert f"data/identifiers.csv:{line}:5 relation: empty cell: expected a value" in result.stderr


def test_a_resolution_that_sets_aside_what_another_prefers_is_refused(
    checkout: Project, run: Run
) -> None:
    path = checkout.root / "data" / "resolutions.csv"
    with path.open("a", encoding="utf-8") as file:
        file.write(
            "reversed,texts-general-approach-2022-date-december-6,"
            "texts-general-approach-2022-date-november-25,,,The other way round.\n"
        )
    result = run("build", cwd=checkout.root)
    assert result.returncode == 1
    assert "set aside and preferred: texts-general-approach-2022-date-" in result.stderr


def test_an_invalid_dataset_is_not_published(checkout: Project, run: Run) -> None:
    path = checkout.root / "data" / "thesis" / "positions.csv"
    path.write_text(path.read_text("utf-8").replace(",opposes,", ",,", 1), "utf-8")
    before = checkout.dataset.read_bytes()
    for command, code in (("build", 0), ("reason", 0), ("validate", 1)):
        assert run(command, cwd=checkout.root).returncode == code
    assert checkout.dataset.read_bytes() == before


def test_the_asserted_layer_can_be_asked_for_both_sides(run: Run) -> None:
    sides = run("show", "act/mistral-dg-connect-meeting", "--asserted").stdout
    assert "2023-07" in sides
    assert "2023-06" in sides
    assert "2023-06" not in run("show", "act/mistral-dg-connect-meeting").stdout
