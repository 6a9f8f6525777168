"""The published dataset without some of its rows, for questions of the kind "what if it fell?"."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from pyoxigraph import Quad, Store

from trilogue import catalogue
from trilogue.graph import EmbeddedBackend
from trilogue.namespaces import PREFIXES, PROVENANCE_GRAPH, RDF, iri_of
from trilogue.results import Bindings

_NAME = re.compile(r"<([^<>\s]+)>|\b([a-z]+):([A-Za-z]\w*)")
_TYPE = re.compile(r"\ba\b")


def spoken_of(query: str) -> frozenset[str]:
    """Return the IRIs that a query names, in full or by a prefix, and `rdf:type` for `a`.

    >>> sorted(spoken_of("SELECT ?s { ?s a tlg:Act }"))[-1]
    'https://w3id.org/trilogue/ns#Act'
    """
    text = re.sub(r"^#.*$|^PREFIX.*$", "", query, flags=re.MULTILINE)
    names = {
        full or PREFIXES[prefix] + local
        for full, prefix, local in _NAME.findall(text)
        if full or prefix in PREFIXES
    }
    return frozenset(names | {RDF + "type"} if _TYPE.search(text) else names)


class Dataset:
    """Quads from which rows can be withdrawn, reduced to what some queries speak of.

    A statement whose property a query does not name cannot match it, provided that a variable in
    the place of a property is bound to names in the query, as the catalogue's are.
    """

    def __init__(self, quads: Iterable[Quad], queries: Iterable[catalogue.Query]) -> None:
        names = frozenset[str]().union(*(spoken_of(query.text) for query in queries))
        self._store = Store()
        self._rows: dict[str, list[Quad]] = defaultdict(list)
        for quad in quads:
            if quad.predicate.value not in names:
                continue
            self._store.add(quad)
            home = quad.subject if quad.graph_name == PROVENANCE_GRAPH else quad.graph_name
            self._rows[iri_of(home)].append(quad)

    def quads(self) -> Iterator[Quad]:
        """Yield the quads that the queries can match."""
        return iter(self._store)

    def ask(self, query: catalogue.Query, without: Collection[str] = ()) -> Bindings:
        """Return what a SELECT query answers when some rows, with their evidence, are withdrawn."""
        quads = [quad for row in without for quad in self._rows.get(row, ())]
        for quad in quads:
            self._store.remove(quad)
        try:
            answer = EmbeddedBackend(self._store).answer(query.text, "json")
            assert isinstance(answer, Bindings)
            return answer
        finally:
            self._store.extend(quads)
