"""Paths as RDF: each a resource that says what it claims, and nanopublications of them.

The terms stand in `ontology/modules/paths.ttl`, and `ontology/shapes/paths.ttl` holds for what is
written here together with the dataset. A path has the same IRI wherever it is found: its key is a
digest of its hops and of what it carries. Its day of arrival and its duration are those of the
query that found it.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Self

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, serialize

from trilogue import __version__, namespaces, nanopublication, passages
from trilogue.errors import QueryError
from trilogue.namespaces import DERIVED_FROM, PROV, RDFS, TYPE, XSD, term, thing
from trilogue.paths.enumeration import InfluencePath
from trilogue.paths.network import Hop, day_in_words
from trilogue.paths.query import PathQuery
from trilogue.results import GRAPH_FORMATS, Bindings

LICENCE = NamedNode("https://creativecommons.org/licenses/by/4.0/")
NANOPUBLICATION_EXTENSIONS = "http://purl.org/nanopub/x/"

FORMATS = (*GRAPH_FORMATS, "nanopub")
"""The forms in which paths are written."""

Node = NamedNode | Literal
Rows = Mapping[str, Iterable[tuple[NamedNode, str]]]


def hop_classes(ask: Callable[[str], Bindings]) -> dict[str, NamedNode]:
    """Return the kinds of hops that have a class of their own in the ontology, each with it."""
    subclass = f"?class <{RDFS}subClassOf> {term('Hop')}"
    return {
        class_.value.removeprefix(namespaces.TERMS).removesuffix("Hop").lower(): class_
        for (class_,) in ask(f"SELECT DISTINCT ?class {{ {subclass} }} ORDER BY ?class").rows
    }


def carrying_rows(ask: Callable[[str], Bindings], paths: Iterable[InfluencePath]) -> Rows:
    """Return for each ground the rows that state something of it, each with its locator."""
    grounds = sorted({hop.ground for path in paths for hop in path.hops})
    values = " ".join(str(node(ground)) for ground in grounds)
    answer = ask(
        f"SELECT DISTINCT ?ground ?row ?locator {{ VALUES ?ground {{ {values} }} "
        f"GRAPH ?row {{ ?ground ?property ?value }} ?row {term('locator')} ?locator }} "
        "ORDER BY ?ground ?row"
    )
    rows: dict[str, list[tuple[NamedNode, str]]] = {}
    for ground, row, locator in answer.rows:
        rows.setdefault(ground.value, []).append((row, locator.value))
    return rows


def key(path: InfluencePath) -> str:
    """Return the key of a path: a digest of its hops and of what it carries."""
    hops = [[hop.kind, hop.ground, hop.source, hop.target] for hop in path.hops]
    return _digest([hops, path.matter])


@dataclass(frozen=True)
class Statements:
    """Writes the answers of a query as RDF.

    `classes` gives the class of each kind of hop that has one. Of the `rows` about a ground, a hop
    is derived from those that stand where its evidence does.
    """

    query: PathQuery
    classes: Mapping[str, NamedNode] = field(default_factory=dict)
    rows: Rows = field(default_factory=dict)

    @classmethod
    def of(
        cls, query: PathQuery, paths: Iterable[InfluencePath], ask: Callable[[str], Bindings]
    ) -> Self:
        """Return what writes these paths, with the classes and rows that a graph has for them."""
        return cls(query, hop_classes(ask), carrying_rows(ask, paths))

    def triples(
        self, path: InfluencePath, wanted: Collection[NamedNode] | None = None
    ) -> Iterator[Triple]:
        """Yield what a path says; where properties are `wanted`, these alone."""
        for triple in self._all(path):
            if wanted is None or triple.predicate in wanted:
                yield triple

    def iri(self, path: InfluencePath) -> NamedNode:
        """Return the IRI of a path."""
        return thing(f"path/{key(path)}")

    def plan(self) -> Iterator[Triple]:
        """Yield what was asked for, in the terms in which SPARQL asks for it."""
        query, plan = self.query, self.plan_iri
        yield Triple(plan, TYPE, term("PathQuery"))
        yield Triple(plan, TYPE, NamedNode(PROV + "Plan"))
        things = {
            "searchesFrom": query.origins,
            "searchesTo": query.destinations,
            "asksForIssue": query.issues or frozenset(),
        }
        for name, found in things.items():
            yield from (Triple(plan, term(name), node(item)) for item in sorted(found))
        values: dict[str, str | int | None] = {
            "expression": query.expression,
            "requiredOrder": str(query.order),
            "allowsTies": query.ties,
            "carriedMatter": str(query.carry),
            "largestGap": query.largest_gap,
            "largestDuration": query.largest_duration,
            "mostHops": query.most_hops,
            "isSimple": query.simple,
        }
        for name, value in values.items():
            if value is not None:
                yield Triple(plan, term(name), Literal(value))

    @property
    def plan_iri(self) -> NamedNode:
        """The IRI of the query: the same wherever the same is asked."""
        query = self.query
        issues = None if query.issues is None else sorted(query.issues)
        parts = [
            *(query.expression, sorted(query.origins)),
            *(sorted(query.destinations), query.order, query.ties, query.carry),
            *(issues, query.largest_gap, query.largest_duration, query.most_hops, query.simple),
        ]
        return thing(f"path-query/{_digest(parts)}")

    def serialize(self, paths: Iterable[InfluencePath], form: str) -> str:
        """Return paths as Turtle, JSON-LD, N-Triples or RDF/XML, or as nanopublications in TriG.

        Raises `QueryError` for another form.
        """
        prefixes: dict[str, str] | None = {**namespaces.PREFIXES, "np": nanopublication.NAMESPACE}
        if form == "nanopub":
            quads = [quad for path in paths for quad in self.nanopublication(path)]
            return _written(quads, RdfFormat.TRIG, prefixes)
        if form not in GRAPH_FORMATS:
            raise QueryError(f"format '{form}': expected one of {', '.join(FORMATS)}")
        prefixes = namespaces.PREFIXES if form in ("turtle", "rdfxml") else None
        triples = [triple for path in paths for triple in self.triples(path)]
        return _written(triples, GRAPH_FORMATS[form], prefixes)

    def nanopublication(self, path: InfluencePath) -> list[Quad]:
        """Return a path as a nanopublication: head, assertion, provenance, publication info.

        It follows the guidelines at https://nanopub.net/guidelines/working_draft/, and names no
        time of the clock: the same data and the same query give the same nanopublication.
        """
        base = f"nanopublication/{_digest([key(path), self.plan_iri.value])}"
        parts = ("head", "assertion", "provenance", "publication-info")
        head, assertion, provenance, information = (thing(f"{base}/{part}") for part in parts)
        itself = thing(base)
        sources = sorted(self._sources(path), key=str)
        graphs = {
            head: nanopublication.head(itself, assertion, provenance, information),
            assertion: [*self.triples(path)],
            provenance: [
                *(Triple(assertion, DERIVED_FROM, source) for source in sources),
                *self._generation(assertion, base),
            ],
            information: self._information(itself, self.iri(path)),
        }
        return [
            Quad(triple.subject, triple.predicate, triple.object, graph)
            for graph, triples in graphs.items()
            for triple in triples
        ]

    def _all(self, path: InfluencePath) -> Iterator[Triple]:
        name = key(path)
        iri = thing(f"path/{name}")
        yield Triple(iri, TYPE, term("InfluencePath"))
        for property_, value in _properties(path):
            yield Triple(iri, term(property_), value)
        for number, (hop, order) in enumerate(zip(path.hops, path.orders, strict=True), 1):
            step = thing(f"hop/{name}-{number}")
            yield Triple(iri, term("hasHop"), step)
            yield from self._step(step, number, hop)
            if order:
                yield Triple(step, term("hasOrderCertainty"), thing(f"certainty/{order}"))

    def _step(self, step: NamedNode, number: int, hop: Hop) -> Iterator[Triple]:
        yield Triple(step, TYPE, term("Hop"))
        if hop.kind in self.classes:
            yield Triple(step, TYPE, self.classes[hop.kind])
        yield Triple(step, term("hopKind"), Literal(hop.kind))
        yield Triple(step, term("hopNumber"), Literal(number))
        yield Triple(step, term("startsAt"), node(hop.source))
        yield Triple(step, term("endsAt"), node(hop.target))
        yield Triple(step, term("restsOnGround"), node(hop.ground))
        if not hop.standing:
            yield Triple(step, term("restsOnAct"), node(hop.ground))
        for locator in sorted(set(hop.evidence)):
            yield Triple(step, term("evidenceLocator"), Literal(locator))
        for source in sorted(self._sources_of(hop), key=str):
            yield Triple(step, DERIVED_FROM, source)

    def _sources(self, path: InfluencePath) -> set[NamedNode]:
        return set().union(*(self._sources_of(hop) for hop in path.hops))

    def _sources_of(self, hop: Hop) -> set[NamedNode]:
        """Return the rows that carry a hop and the passages that its locators point to."""
        places = _parts(hop.evidence)
        keys = {passages.key_of(place) for place in places} - {None}
        rows = self.rows.get(hop.ground, ())
        return {
            *(thing(f"passage/{passage}") for passage in keys),
            *(row for row, locator in rows if places & _parts([locator])),
        }

    def _generation(self, assertion: NamedNode, base: str) -> Iterator[Triple]:
        activity, association = thing(f"{base}/search"), thing(f"{base}/association")
        yield Triple(assertion, NamedNode(PROV + "wasGeneratedBy"), activity)
        yield Triple(activity, TYPE, NamedNode(PROV + "Activity"))
        yield Triple(activity, NamedNode(PROV + "wasAssociatedWith"), _SOFTWARE)
        yield Triple(activity, NamedNode(PROV + "qualifiedAssociation"), association)
        yield Triple(association, TYPE, NamedNode(PROV + "Association"))
        yield Triple(association, NamedNode(PROV + "agent"), _SOFTWARE)
        yield Triple(association, NamedNode(PROV + "hadPlan"), self.plan_iri)
        yield from self.plan()

    @staticmethod
    def _information(itself: NamedNode, path: NamedNode) -> list[Triple]:
        terms = namespaces.PREFIXES["dcterms"]
        introduces = NamedNode(NANOPUBLICATION_EXTENSIONS + "introduces")
        return [
            Triple(itself, NamedNode(terms + "creator"), _SOFTWARE),
            Triple(itself, NamedNode(terms + "license"), LICENCE),
            Triple(itself, introduces, path),
            Triple(_SOFTWARE, TYPE, NamedNode(PROV + "SoftwareAgent")),
            Triple(_SOFTWARE, NamedNode(RDFS + "label"), Literal(f"Trilogue {__version__}")),
        ]


_SOFTWARE = thing(f"software/trilogue-{__version__}")


def _properties(path: InfluencePath) -> Iterator[tuple[str, Node]]:
    yield "hasOrigin", node(path.origin)
    yield "hasDestination", node(path.destination)
    yield "numberOfHops", Literal(len(path.hops))
    yield "durationInDays", Literal(path.duration)
    yield "pathWeight", Literal(path.weight)
    if day := day_in_words(path.arrival):
        yield "arrivalDay", Literal(day, datatype=NamedNode(XSD + "date"))
    yield from _carried(path)


def _carried(path: InfluencePath) -> Iterator[tuple[str, NamedNode]]:
    if path.matter is None:
        return
    yield "carriesIssue", node(path.matter.issue)
    if path.matter.stance is not None:
        stance, option = path.matter.stance_and_option
        yield "carriesStance", node(stance)
        if option:
            yield "carriesOption", node(option)


def _parts(locators: Iterable[str]) -> set[str]:
    """Return the passages of locators: a row may stand on several."""
    return {part.strip() for locator in locators for part in locator.split(";")}


def node(name: str) -> NamedNode:
    """Return the node of a name; raises `QueryError` where it is no IRI."""
    try:
        return NamedNode(name)
    except ValueError:
        raise QueryError(f"'{name}' cannot be written as an IRI") from None


def _digest(parts: object) -> str:
    content = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()[:32]


def _written(
    statements: list[Triple] | list[Quad], form: RdfFormat, prefixes: dict[str, str] | None
) -> str:
    output = io.BytesIO()
    serialize(statements, output, format=form, prefixes=prefixes)
    return output.getvalue().decode()
