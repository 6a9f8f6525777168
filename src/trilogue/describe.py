"""All that is known of one thing, each statement with its pages and the sources cited for it."""

from __future__ import annotations

from dataclasses import dataclass

from trilogue import passages
from trilogue.errors import QueryError, nearest
from trilogue.graph import Graph
from trilogue.namespaces import compact, expand
from trilogue.results import Bindings, show

NAMED_BY = (
    "rdfs:label", "skos:prefLabel", "dcterms:title", "tlg:claimContent", "tlg:figureContent",
    "tlg:implicationContent", "tlg:limitationContent", "tlg:observationContent",
    "tlg:positionContent", "tlg:postTitle", "tlg:questionContent", "tlg:stepContent",
    "tlg:useContent", "tlg:verdictContent",
)  # fmt: skip
"""What stands for a node when people read it: its name, or else the words that it consists of."""

_NAMED_BY = "|".join(NAMED_BY)

_NAME = """
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX tlg: <https://w3id.org/trilogue/ns#>
SELECT (MIN(?label) AS ?name) WHERE {{
  <{iri}> {named_by} ?label FILTER(LANG(?label) IN ("en", ""))
}}"""

_STATEMENTS = """
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX tlg: <https://w3id.org/trilogue/ns#>
SELECT ?property (MIN(?label) AS ?name) ?value ?evidence ?basis ?graph
  (GROUP_CONCAT(DISTINCT STR(?source); SEPARATOR=" ") AS ?sources)
WHERE {{
  GRAPH ?graph {{ {pattern} }}
  FILTER(!isBlank(?value))
  OPTIONAL {{ ?graph tlg:locator ?evidence }}
  OPTIONAL {{ ?graph tlg:hasBasis/skos:prefLabel ?basis FILTER(LANG(?basis) = "en") }}
  OPTIONAL {{ ?graph prov:hadPrimarySource ?source }}
  OPTIONAL {{ ?value {named_by} ?label FILTER(LANG(?label) IN ("en", "")) }}
}}
GROUP BY ?property ?value ?evidence ?basis ?graph
ORDER BY ?property ?value ?evidence ?graph"""


_NAMES = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?thing (MIN(?name) AS ?label) WHERE {
  ?thing rdfs:label|skos:prefLabel ?name
}
GROUP BY ?thing
ORDER BY ?thing"""


@dataclass(frozen=True)
class Statement:
    """A statement about a thing: property, value, label of the value, evidence, named graph.

    The evidence is pages, the basis on which the row stands, and the sources that notes cite.
    """

    property: str
    value: str
    label: str
    evidence: str
    basis: str
    sources: tuple[str, ...]
    graph: str


@dataclass(frozen=True)
class Description:
    """A thing with what is said of it, and what refers to it."""

    iri: str
    label: str
    statements: tuple[Statement, ...]
    references: tuple[Statement, ...]


def describe(graph: Graph, name: str) -> Description:
    """Describe a thing, given its IRI, prefixed name, `kind/key`, or a locator such as p. 43, n. 4.

    Raises `QueryError` where the graph knows nothing of it.
    """
    passage = passages.key_of(name)
    iri = expand(f"passage/{passage}" if passage else name)
    if any(character in iri for character in '<>"{}|\\^` ') or ":" not in iri:
        raise QueryError(f"'{name}' is no IRI and no kind/key{_suggestion(graph, name)}")
    outgoing = _STATEMENTS.format(pattern=f"<{iri}> ?property ?value", named_by=_NAMED_BY)
    incoming = _STATEMENTS.format(pattern=f"?value ?property <{iri}>", named_by=_NAMED_BY)
    statements = _read(graph.query(outgoing))
    references = _read(graph.query(incoming))
    if not statements and not references:
        raise QueryError(f"the graph knows nothing of <{iri}>{_suggestion(graph, name)}")
    (named,) = graph.query(_NAME.format(iri=iri, named_by=_NAMED_BY))
    return Description(iri, show(named["name"]), statements, references)


def _suggestion(graph: Graph, name: str) -> str:
    """Name things whose name or key contains the word, or else whose key looks most like it."""
    word = name.rpartition("/")[2].casefold()
    names = {
        compact(row["thing"].value): show(row["label"]).casefold() for row in graph.query(_NAMES)
    }
    bearing = [key for key, label in names.items() if word in label or word in key]
    if bearing:
        shortest_first = sorted(bearing, key=lambda key: (len(names[key]), key))
        return f"; known: {', '.join(shortest_first[:5])}"
    return nearest(name, names)


def _read(bindings: Bindings) -> tuple[Statement, ...]:
    return tuple(
        Statement(
            compact(row["property"].value),
            show(row["value"]),
            show(row["name"]),
            show(row["evidence"]),
            show(row["basis"]),
            tuple(sorted(map(compact, show(row["sources"]).split()))),
            compact(row["graph"].value),
        )
        for row in bindings
    )
