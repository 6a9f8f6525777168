"""What a site is made from: the graph, and what is read once for all of its documents."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import urlsplit

from pyoxigraph import Dataset, Literal, NamedNode, Quad, RdfFormat, Store, parse

from trilogue import catalogue, contradictions, layers, mapping
from trilogue.errors import TrilogueError
from trilogue.graph import EmbeddedBackend, Graph
from trilogue.namespaces import ONTOLOGY_GRAPH, THINGS, expand
from trilogue.project import Project
from trilogue.publication import addresses, answers, header, jsonld
from trilogue.publication.kept import KeptResults
from trilogue.publication.things import Reader
from trilogue.remote.addresses import ASSERTED


class Source:
    """The graph with its project, the address of the site, and that of an endpoint, if any.

    Raises `TrilogueError` for a remote graph: pages look things up in the store.
    """

    def __init__(self, graph: Graph, address: str = addresses.HOME, endpoint: str = "") -> None:
        if not isinstance(graph.backend, EmbeddedBackend):
            raise TrilogueError("a site is made from the embedded store, not from an endpoint")
        if not address.startswith(("http://", "https://")) or any(c in address for c in '?# "<>\\'):
            raise TrilogueError(f"address '{address}': expected an http or https address")
        self.graph = graph
        self.address = address.rstrip("/") + "/"
        self.endpoint = endpoint

    def root(self, path: str) -> str:
        """Return what leads from a page to the root of the site: relative, so that it may move.

        The page for what is missing is sent under any path; it begins at the host, with the path
        of the address, or with nothing where no address was given.
        """
        if path != addresses.MISSING:
            return addresses.upwards(path)
        return "/" if self.address == addresses.HOME else urlsplit(self.address).path

    @property
    def project(self) -> Project:
        """The checkout that the graph was built from."""
        return self.graph.project

    @property
    def store(self) -> Store:
        """The store that holds the graph."""
        assert isinstance(self.graph.backend, EmbeddedBackend)
        return self.graph.backend.store

    @functools.cached_property
    def reader(self) -> Reader:
        """Reads things from the store."""
        return Reader(self.store)

    @property
    def asserted(self) -> Store:
        """The store of the layer that also holds the rows which a resolution sets aside."""
        backend = self.graph.layers.backend(ASSERTED)
        assert isinstance(backend, EmbeddedBackend)
        return backend.store

    def store_of(self, row: str) -> Store:
        """Return the store that holds what a row states: one that is set aside is not published."""
        graph = NamedNode(row)
        published = any(True for _ in self.store.quads_for_pattern(None, None, None, graph))
        return self.store if published else self.asserted

    @functools.cached_property
    def header(self) -> header.Header:
        """What the ontology says of itself."""
        return header.read(self.reader)

    @functools.cached_property
    def context(self) -> jsonld.Context:
        """The JSON-LD context of all terms."""
        return jsonld.context_of(self.store)

    @functools.cached_property
    def queries(self) -> tuple[catalogue.Query, ...]:
        """The queries that the catalogue shows, with their answers."""
        found = catalogue.read(self.project)
        return tuple(query for query in found if query.answered_here)

    @functools.cached_property
    def names(self) -> dict[str, str]:
        """The English labels that only one thing has, each with its IRI.

        Titles are left out: that of a web site is often the name of its firm.
        """
        named = (
            (quad.object.value, quad.subject.value)
            for name in ("rdfs:label", "skos:prefLabel")
            for quad in self.store.quads_for_pattern(None, NamedNode(expand(name)), None, None)
            if isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal)
            if quad.subject.value.startswith(THINGS) and quad.object.language == "en"
        )
        return answers.unambiguous(named)

    @functools.cache  # noqa: B019 - a source lives as long as its site
    def result(self, query: catalogue.Query) -> str:
        """Return the result of a SELECT query as CSV: of this graph, whatever is recorded."""
        kept = self._kept.get(query)
        return self.graph.query(query).serialize("csv") if kept is None else kept

    @functools.cached_property
    def _kept(self) -> KeptResults:
        assert isinstance(self.graph.backend, EmbeddedBackend)
        return KeptResults(self.project, self.graph.backend.path)

    @functools.cached_property
    def paths(self) -> dict[str, list[answers.PathAnswer]]:
        """The paths that each path query found, by the name of the query."""
        queries = (query for query in self.queries if query.kind == "paths")
        return {
            query.name: answers.paths(query.name, self.result(query), self.names)
            for query in queries
        }

    @functools.cached_property
    def paths_of(self) -> dict[str, list[answers.PathAnswer]]:
        """The paths that pass each thing, by its IRI."""
        found: dict[str, list[answers.PathAnswer]] = defaultdict(list)
        for paths in self.paths.values():
            for path in paths:
                for iri in path.things:
                    found[iri].append(path)
        return dict(found)

    @functools.cached_property
    def found_contradictions(self) -> tuple[contradictions.Contradiction, ...]:
        """The contradictions of the source."""
        return contradictions.known(self.project, self.graph.layers)

    @functools.cached_property
    def contradictions_of(self) -> dict[str, list[contradictions.Contradiction]]:
        """The contradictions that speak of each thing, by its IRI."""
        found: dict[str, list[contradictions.Contradiction]] = defaultdict(list)
        for item in self.found_contradictions:
            words = {word for side in (item.first, item.second) for word in side.statement.split()}
            for name in sorted(words):
                iri = expand(name)
                if addresses.name_of(iri) and "/" in name:
                    found[iri].append(item)
        return dict(found)

    @functools.cached_property
    def places(self) -> dict[str, str]:
        """`file:line` of each row's named graph."""
        return mapping.places_of(self.project)

    @functools.cached_property
    def rows_at(self) -> dict[str, str]:
        """The named graph of the row that stands at each `file:line`."""
        return {place: row for row, place in self.places.items()}

    @functools.cached_property
    def canonical(self) -> list[bytes]:
        """The canonical N-Quads of the whole graph, one a line."""
        return layers.canonical_lines(Dataset(self.store))

    @functools.cached_property
    def quads(self) -> list[Quad]:
        """The quads of the whole graph with canonical blank nodes, in order of the lines."""
        return list(parse(b"".join(self.canonical), format=RdfFormat.N_QUADS))

    @functools.cached_property
    def ontology(self) -> list[Quad]:
        """The quads of the ontology's graph."""
        return [quad for quad in self.quads if quad.graph_name == ONTOLOGY_GRAPH]

    @functools.cached_property
    def alignments(self) -> dict[str, bytes]:
        """The files that align our terms with other vocabularies, by name."""
        folder = self.project.ontology / "alignments"
        return {path.stem: path.read_bytes() for path in sorted(folder.glob("*.ttl"))}

    @functools.cached_property
    def shapes(self) -> dict[str, bytes]:
        """The files of shapes, by name."""
        return {path.stem: path.read_bytes() for path in self.project.shapes}

    @functools.cached_property
    def kinds(self) -> dict[str, list[NamedNode]]:
        """The things that have a page, by their kind."""
        found: dict[str, list[NamedNode]] = defaultdict(list)
        for node, name in self.pages():
            found[name.partition("/")[0]].append(node)
        return dict(sorted(found.items()))

    def pages(self) -> Iterator[tuple[NamedNode, str]]:
        """Yield everything that has a page, with the name that the site has for it."""
        for node in self.reader.subjects():
            name = addresses.name_of(node.value)
            if name is not None:
                yield node, name

    @functools.lru_cache(maxsize=100_000)  # noqa: B019 - a source lives as long as its site
    def has_page(self, iri: str) -> bool:
        """Tell whether there is a page on an IRI."""
        return addresses.name_of(iri) is not None and self.reader.known(iri)

    def href(self, root: str, iri: str) -> str:
        """Return where a page that stands `root` below the site's root links to for an IRI.

        Nothing, where the IRI is one of ours without a page, or no address of the web.
        """
        if self.has_page(iri):
            return root + addresses.page_path(addresses.name_of(iri) or "")
        foreign = iri.startswith(("http://", "https://")) and not iri.startswith(addresses.HOME)
        return iri if foreign else ""
