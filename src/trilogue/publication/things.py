"""What the graph says of one thing, read from the store for its page.

Each page costs a handful of look-ups by index, whatever the size of the store. What refers to a
thing is read up to a bound: the classes of a big graph have members without end.
"""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store

from trilogue import passages
from trilogue.describe import NAMED_BY
from trilogue.namespaces import (
    DERIVED_FROM,
    INFERRED_GRAPH,
    ONTOLOGY_GRAPH,
    PROV,
    PROVENANCE_GRAPH,
    THINGS,
    TYPE,
    XSD,
    compact,
    expand,
    term,
)
from trilogue.publication.expressions import Expressions
from trilogue.publication.statements import (
    INFERRED,
    Evidence,
    Group,
    Moment,
    Statement,
    Thing,
    Value,
)

MOST_REFERENCES = 10_000
"""So many references to a thing are read; what lies beyond is told as "more than"."""

_MOST_SHOWN = 60
_PASSAGES = THINGS + "passage/"
_ROWS = THINGS + "row/"
_LABEL_PROPERTIES = tuple(NamedNode(expand(name)) for name in NAMED_BY)
_FIRST = tuple(
    NamedNode(expand(name))
    for name in (
        "skos:definition",
        "dcterms:description",
        "tlg:content",
        "tlg:date",
        "tlg:endDate",
        "tlg:earliest",
        "tlg:latest",
    )
)
_LAST = tuple(
    NamedNode(expand(name))
    for name in (*NAMED_BY, "skos:altLabel", "dcterms:identifier", "rdf:type")
)
_CALLED = {
    "rdf:type": "kind",
    "rdfs:label": "name",
    "skos:altLabel": "also called",
    "skos:prefLabel": "name",
}
"""What pages call foreign properties whose own names are words of the trade."""

LINKS = frozenset(
    NamedNode(expand(name))
    for name in (
        "owl:sameAs",
        "rdfs:seeAlso",
        *(f"skos:{kind}Match" for kind in ("exact", "close", "broad", "narrow", "related")),
    )
)
"""Properties that lead to the same or a like thing elsewhere."""

_ADDRESS = NamedNode(XSD + "anyURI")
_CHINESE = "zh"
_ORIGINS = {
    INFERRED_GRAPH: INFERRED,
    ONTOLOGY_GRAPH: "ontology",
    PROVENANCE_GRAPH: "provenance",
}


class Reader:
    """Reads things from a store; keeps the names that it has met."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.labels = functools.lru_cache(maxsize=100_000)(self._labels)
        self.evidence = functools.lru_cache(maxsize=100_000)(self._evidence)
        self._dates_of = functools.lru_cache(maxsize=100_000)(self._dates)
        self._expressions = Expressions(store, lambda node: self.name(node))

    def known(self, iri: str) -> bool:
        """Tell whether the graph says anything of an IRI."""
        node = NamedNode(iri)
        patterns: tuple[tuple[Any, ...], ...] = (
            (node, None, None, None),
            (None, None, None, node),
        )
        return any(True for pattern in patterns for _ in self.store.quads_for_pattern(*pattern))

    def thing(self, iri: str) -> Thing | None:
        """Return what is known of a thing or named graph; `None` where nothing is stated of it."""
        node = NamedNode(iri)
        own = [*self.store.quads_for_pattern(node, None, None, None)]
        if not own and not self.known(iri):
            return None
        english, chinese = self.labels(node)
        groups = list(self._groups(own, lambda quad: quad.object))
        referring = list(
            islice(self.store.quads_for_pattern(None, None, node, None), MOST_REFERENCES + 1)
        )
        referring = [quad for quad in referring if not isinstance(quad.subject, BlankNode)]
        timeline, others = self._timeline(referring)
        return Thing(
            iri,
            english or self.name(node),
            chinese,
            tuple(self._kinds(own)),
            tuple(group for group in groups if NamedNode(group.property.iri) not in LINKS),
            tuple(group for group in groups if NamedNode(group.property.iri) in LINKS),
            tuple(self._groups(others, lambda quad: quad.subject, _MOST_SHOWN)),
            timeline,
            len(referring) > MOST_REFERENCES,
        )

    def name(self, node: Any) -> str:
        """Return what a node is called in English; its locator, key or short IRI where unnamed."""
        english, chinese = self.labels(node)
        if english or chinese:
            return english or chinese
        iri = str(node.value)
        if iri.startswith(_PASSAGES):
            return passages.locator(iri.removeprefix(_PASSAGES))
        if iri.startswith(_ROWS):
            return iri.removeprefix(_ROWS)
        return compact(iri)

    def value(self, node: Any) -> Value:
        """Return a node as a page shows it."""
        if isinstance(node, Literal):
            address = node.value if node.datatype == _ADDRESS else ""
            return Value(node.value, address, node.language or "")
        if isinstance(node, BlankNode):
            return Value(self._expressions.words(node))
        english, chinese = self.labels(node)
        language = "" if english else _CHINESE if chinese else ""
        return Value(self.name(node), node.value, language)

    def property(self, node: NamedNode) -> Value:
        """Return a property as a page shows it: a foreign one by the words of its local name."""
        english, _ = self.labels(node)
        name = compact(node.value)
        return Value(english or _CALLED.get(name) or _in_words(name), node.value)

    @functools.cache  # noqa: B019 - a reader lives as long as its site
    def subjects(self) -> tuple[NamedNode, ...]:
        """Return all IRIs that the graph speaks of, rows included; reads the whole store once."""
        nodes = {quad.subject for quad in self.store if isinstance(quad.subject, NamedNode)}
        nodes |= {node for node in self.store.named_graphs() if isinstance(node, NamedNode)}
        return tuple(sorted(nodes, key=lambda node: node.value))

    def literals(self, node: Any, name: str) -> list[str]:
        """Return the literals of a property, in order."""
        prop = NamedNode(expand(name))
        found = self.store.quads_for_pattern(node, prop, None, None)
        return sorted({quad.object.value for quad in found if isinstance(quad.object, Literal)})

    def objects(self, node: Any, name: str) -> list[NamedNode]:
        """Return the things that a property leads to, in order of their IRIs."""
        found = self.store.quads_for_pattern(node, NamedNode(expand(name)), None, None)
        nodes = {quad.object for quad in found if isinstance(quad.object, NamedNode)}
        return sorted(nodes, key=lambda item: item.value)

    def subjects_of(self, name: str, node: Any) -> list[NamedNode]:
        """Return the things from which a property leads to a node, in order of their IRIs."""
        found = self.store.quads_for_pattern(None, NamedNode(expand(name)), node, None)
        nodes = {quad.subject for quad in found if isinstance(quad.subject, NamedNode)}
        return sorted(nodes, key=lambda item: item.value)

    def _labels(self, node: Any) -> tuple[str, str]:
        """Return the English and the Chinese name, each the first by the order of properties."""
        if not isinstance(node, NamedNode):
            return "", ""
        found: dict[tuple[str, Any], list[str]] = defaultdict(list)
        for quad in self.store.quads_for_pattern(node, None, None, None):
            if quad.predicate in _LABEL_PROPERTIES and isinstance(quad.object, Literal):
                language = (quad.object.language or "en").partition("-")[0].lower()
                found[language, quad.predicate].append(quad.object.value)
        english, chinese = (
            next(
                (min(found[language, name]) for name in _LABEL_PROPERTIES if found[language, name]),
                "",
            )
            for language in ("en", _CHINESE)
        )
        return english, chinese

    def kinds(self, node: Any) -> Iterator[Value]:
        """Yield the classes of a thing that rows or the ontology state."""
        return self._kinds(self.store.quads_for_pattern(node, TYPE, None, None))

    def _kinds(self, own: Iterable[Quad]) -> Iterator[Value]:
        stated: dict[NamedNode, bool] = {}
        for quad in own:
            if quad.predicate == TYPE and isinstance(quad.object, NamedNode):
                inferred = quad.graph_name == INFERRED_GRAPH
                stated[quad.object] = stated.get(quad.object, True) and inferred
        names = {node: (inferred, self.name(node)) for node, inferred in stated.items()}
        for node in sorted(names, key=lambda item: (*names[item], item.value)):
            if not names[node][0]:
                yield self.value(node)

    def _groups(self, quads: Iterable[Quad], end: Any, most: int | None = None) -> Iterator[Group]:
        entailed = {INFERRED_GRAPH}
        found: dict[NamedNode, dict[Any, set[Any]]] = defaultdict(lambda: defaultdict(set))
        for quad in quads:
            found[quad.predicate][end(quad)].add(quad.graph_name)
        for prop in sorted(found, key=lambda item: (_place(item), self.name(item), item.value)):
            ends = sorted(
                found[prop], key=lambda node: (found[prop][node] == entailed, *self._order(node))
            )
            shown = ends if most is None else ends[:most]
            statements = (
                Statement(self.value(node), self._all_evidence(found[prop][node])) for node in shown
            )
            yield Group(self.property(prop), tuple(statements), len(ends) - len(shown))

    def _order(self, node: Any) -> tuple[Any, ...]:
        """Put blank nodes last, by their words: their labels are other ones in each store."""
        if isinstance(node, BlankNode):
            return (2, "", 0, self._expressions.words(node))
        return _order(node)

    def _all_evidence(self, graphs: set[Any]) -> tuple[Evidence, ...]:
        stated = graphs - {INFERRED_GRAPH} or graphs
        found = (self.evidence(graph) for graph in sorted(stated, key=str))
        return tuple(sorted(found, key=_place_of_evidence))

    def _evidence(self, graph: Any) -> Evidence:
        if not isinstance(graph, NamedNode) or not graph.value.startswith(_ROWS):
            return Evidence(_ORIGINS.get(graph, ""))
        origins = self.objects(graph, compact(DERIVED_FROM.value))
        pages = [node for node in origins if node.value.startswith(_PASSAGES)]
        bases = self.objects(graph, "tlg:hasBasis")
        return Evidence(
            "row",
            self.value(graph),
            tuple(self.value(node) for node in sorted(pages, key=_page)),
            self.value(bases[0]) if bases else None,
            tuple(map(self.value, self.objects(graph, compact(PROV + "hadPrimarySource")))),
        )

    def _timeline(self, referring: list[Quad]) -> tuple[tuple[Moment, ...], list[Quad]]:
        """Take the acts out of what refers to a thing, and put them in order of their days."""
        acts: dict[tuple[Any, Any], set[Any]] = defaultdict(set)
        others = []
        for quad in referring:
            if self._is_act(quad.subject):
                acts[quad.subject, quad.predicate].add(quad.graph_name)
            else:
                others.append(quad)
        stated = {act for (act, _), graphs in acts.items() if graphs != {INFERRED_GRAPH}}
        moments = [
            (self._dates_of(act), self.name(act), act, role, graphs)
            for (act, role), graphs in acts.items()
            if graphs != {INFERRED_GRAPH} or act not in stated
        ]
        moments.sort(key=lambda item: (item[0], item[1], item[2].value, item[3].value))
        return tuple(
            Moment(dates[1], self.value(act), self.property(role), self._all_evidence(graphs))
            for dates, _, act, role, graphs in moments
        ), others

    def _is_act(self, node: Any) -> bool:
        quads = self.store.quads_for_pattern(node, TYPE, term("Act"), None)
        return next(iter(quads), None) is not None

    def _dates(self, node: Any) -> tuple[str, str]:
        """Return the first day, for sorting, and the date as printed."""
        first = self.literals(node, "tlg:earliest") or self.literals(node, "tlg:latest")
        end = self.literals(node, "tlg:endDate")
        printed = " or ".join(self.literals(node, "tlg:date"))
        if end:
            printed = f"{printed} – {' or '.join(end)}" if printed else f"until {end[0]}"
        return (first[0] if first else "9999", printed)


def _in_words(name: str) -> str:
    """Return the local part of a prefixed name in words.

    >>> _in_words("prov:wasDerivedFrom")
    'was derived from'
    """
    local = name.rpartition(":")[2].rpartition("/")[2]
    return re.sub(r"(?<=[a-z])([A-Z])", lambda found: f" {found[1].lower()}", local) or name


def _place(prop: NamedNode) -> int:
    """Put what a thing is about first, and what it is called and what kind it is of last."""
    if prop in _LAST:
        return len(_FIRST) + 1 + _LAST.index(prop)
    return _FIRST.index(prop) if prop in _FIRST else len(_FIRST)


def _order(node: Any) -> tuple[Any, ...]:
    """Put literals in order of language and text, and links in order of IRI."""
    if isinstance(node, Literal):
        number = node.value.lstrip("-").isdigit() and not node.language
        return (0, node.language or "", len(node.value) if number else 0, node.value)
    return (1, "", 0, node.value)


def rank(quad: Quad) -> tuple[Any, ...]:
    """Return the place of a statement among all that are made of a thing."""
    return (_place(quad.predicate), quad.predicate.value, *_order(quad.object))


def _page(node: NamedNode) -> tuple[int, ...]:
    return passages.place(node.value.removeprefix(_PASSAGES))


def _place_of_evidence(evidence: Evidence) -> tuple[Any, ...]:
    pages = [_page(NamedNode(page.iri)) for page in evidence.passages]
    return (pages, evidence.row.iri if evidence.row else "")
