"""What the endpoint says of itself: SPARQL 1.1 Service Description.

https://www.w3.org/TR/sparql11-service-description/. The named graphs are not listed, since each
row of the tables is one; `SELECT ?g { GRAPH ?g {} }` lists them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from trilogue.namespaces import TYPE, XSD
from trilogue.server.messages import Response
from trilogue.server.negotiation import Form

SD = "http://www.w3.org/ns/sparql-service-description#"
VOID = "http://rdfs.org/ns/void#"
_FORMATS = "http://www.w3.org/ns/formats/"
_RESULTS = (
    "SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV",
    "Turtle", "JSON-LD", "RDF_XML", "N-Triples", "TriG", "N-Quads",
)  # fmt: skip


def describe_service(
    triples: int | None, address: str, form: Form, more: Sequence[tuple[str, str]] = ()
) -> Response:
    """Return the description of the service at an address, with its number of triples if known.

    `more` is what it can beyond queries: properties and values of the vocabulary.
    """
    assert isinstance(form.format, RdfFormat)
    prefixes = {"sd": SD, "void": VOID, "formats": _FORMATS}
    if form.format in (RdfFormat.N_TRIPLES, RdfFormat.N_QUADS, RdfFormat.JSON_LD):
        prefixes = {}
    body = serialize(
        statements(triples, address, more), format=form.format, prefixes=prefixes or None
    )
    assert body is not None
    return Response(200, {"Content-Type": form.content_type}, body)


def statements(
    triples: int | None, address: str, more: Sequence[tuple[str, str]] = ()
) -> Iterator[Triple]:
    """Yield what is said of the service at an address."""
    service, dataset, graph = NamedNode(address), BlankNode("dataset"), BlankNode("graph")
    yield Triple(service, TYPE, _sd("Service"))
    yield Triple(service, _sd("endpoint"), service)
    yield Triple(service, _sd("supportedLanguage"), _sd("SPARQL11Query"))
    for name, value in more:
        yield Triple(service, _sd(name), _sd(value))
    yield Triple(service, _sd("feature"), _sd("UnionDefaultGraph"))
    for name in _RESULTS:
        yield Triple(service, _sd("resultFormat"), NamedNode(_FORMATS + name))
    yield Triple(service, _sd("defaultDataset"), dataset)
    yield Triple(dataset, TYPE, _sd("Dataset"))
    yield Triple(dataset, _sd("defaultGraph"), graph)
    yield Triple(graph, TYPE, _sd("Graph"))
    if triples is not None:
        count = Literal(str(triples), datatype=NamedNode(XSD + "integer"))
        yield Triple(graph, NamedNode(VOID + "triples"), count)


def _sd(name: str) -> NamedNode:
    return NamedNode(SD + name)
