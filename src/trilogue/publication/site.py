"""Every document of the site by its path.

`Site.document` makes one; `Site.paths` lists all. What is asked for is looked up in the graph and
never in the file system.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from pyoxigraph import Literal, NamedNode, Triple

from trilogue import catalogue
from trilogue.graph import Graph
from trilogue.namespaces import PREFIXES, RDFS, THINGS
from trilogue.publication import (
    addresses,
    crate,
    descriptions,
    dumps,
    forms,
    jsonld,
    nanopublications,
    pages,
    profile,
    query_descriptions,
    redirects,
    rendering,
)
from trilogue.publication.source import Source

HTML = "text/html; charset=utf-8"
TURTLE = forms.FORMS["ttl"].media_type
TEXT = "text/plain; charset=utf-8"
VOID = "void.ttl"
_OF_HEADER = {
    "bibo": "http://purl.org/ontology/bibo/",
    "vann": "http://purl.org/vocab/vann/",
}
_DCTERMS, _FOAF = PREFIXES["dcterms"], PREFIXES["foaf"]


@dataclass(frozen=True)
class Document:
    """A document of the site: its bytes, and their media type."""

    content: bytes
    media_type: str


Maker = Callable[[], bytes]


class Site:
    """All documents of a graph.

    Pages and data of things are made when they are asked for; other documents are made once and
    kept. `address` is where the site stands, `endpoint` the address of a SPARQL endpoint.
    """

    def __init__(self, graph: Graph, address: str = addresses.HOME, endpoint: str = "") -> None:
        self.source = Source(graph, address, endpoint)
        self._kept: dict[str, Document] = {}

    def document(self, path: str) -> Document | None:
        """Return the document of a path, or `None` where there is none."""
        if path in self._kept:
            return self._kept[path]
        if path in self.fixed:
            maker, media_type = self.fixed[path]
            return self._kept.setdefault(path, Document(maker(), media_type))
        folder, _, rest = path.partition("/")
        name, _, end = rest.rpartition(".")
        iri = addresses.iri_of(name)
        if iri is None or not self.has(path):
            return None
        if folder == "data":
            return Document(self.data(iri, end), forms.FORMS[end].media_type)
        content = pages.page(self.source, iri)
        return Document(content, HTML) if content is not None else None

    def has(self, path: str) -> bool:
        """Tell whether there is a document under a path."""
        folder, _, rest = path.partition("/")
        name, _, end = rest.rpartition(".")
        iri = addresses.iri_of(name)
        if iri is None:
            return path in self.fixed
        ends = {"page": ("html",), "data": pages.forms_of(name)}.get(folder, ())
        return end in ends and self.source.has_page(iri)

    def prepare(self) -> None:
        """Read what all pages share, so that the first one asked for does not wait for it."""
        source = self.source
        for read in (source.names, source.paths_of, source.contradictions_of, source.places):
            len(read)
        len(source.asserted)
        len(self.fixed)
        rendering.prepare()

    def data(self, iri: str, form: str) -> bytes:
        """Return the data about a thing or named graph that has a page."""
        source = self.source
        if iri.startswith(forms.GRAPHS):
            quads = forms.graph_quads(source.store, iri)
            return nanopublications.written(quads, form, source.context)
        if iri.startswith(forms.ROWS):
            store = source.store_of(iri)
            quads = nanopublications.nanopublication(store, iri, source.header)
            quads = quads or forms.quads_about(source.store, iri)
            return nanopublications.written(quads, form, source.context)
        if form == "trig":
            return forms.written(forms.quads_about(source.store, iri), forms.FORMS[form])
        triples = forms.ordered({*self._triples_about(iri), *self._about(iri, form)})
        if form == "jsonld":
            return jsonld.document(triples, source.context)
        return forms.triples_written(triples, forms.FORMS[form])

    def paths(self) -> Iterator[str]:
        """Yield the paths of all documents."""
        yield from self.fixed
        for _, name in self.source.pages():
            yield addresses.page_path(name)
            for form in pages.forms_of(name):
                yield addresses.data_path(name, form)

    @functools.lru_cache(maxsize=8)  # noqa: B019 - several forms of one thing are made in a row
    def _triples_about(self, iri: str) -> list[Triple]:
        return forms.triples_about(self.source.store, iri)

    @property
    def entries(self) -> set[str]:
        """The names of the files and folders at the root, under any address."""
        return {*(path.partition("/")[0] for path in self.fixed), "data", "page", "w3id"}

    def missing(self, iri: str, path: str = addresses.MISSING) -> bytes:
        """Return the page for what the graph knows nothing of."""
        return pages.missing(self.source, iri, path)

    def search(self, words: str, found: Iterable[Mapping[str, Any]]) -> bytes:
        """Return the page of the things that the API's `searchNames` found for some words."""
        return pages.search(self.source, words, found)

    @functools.cached_property
    def fixed(self) -> Mapping[str, tuple[Maker, str]]:
        """The documents that are not about one thing, by path: how to make each, its type."""
        return {
            **self._html(),
            **self._queries(),
            **self._files(),
            **self._descriptions(),
            "style.css": (lambda: rendering.file("style.css"), "text/css; charset=utf-8"),
            "icon.svg": (lambda: rendering.file("icon.svg"), "image/svg+xml"),
        }

    @functools.cached_property
    def graphs(self) -> list[dumps.File]:
        """The whole graph as RDF, in several forms."""
        return dumps.graphs(self.source)

    @functools.cached_property
    def tables(self) -> list[dumps.File]:
        """Tables made from the graph."""
        return list(dumps.tables(self.source))

    @functools.cached_property
    def curated(self) -> list[dumps.File]:
        """The curated tables."""
        return list(dumps.curated(self.source))

    @functools.cached_property
    def ontology(self) -> list[dumps.File]:
        """The ontology in one file, in several forms."""
        return [
            dumps.File(
                f"ontology/trilogue.{form}",
                functools.partial(self._merged_ontology, form),
                forms.FORMS[form].media_type,
                f"The ontology with its vocabularies in one file: {forms.FORMS[form].name}.",
            )
            for form in forms.OF_ONTOLOGY
        ]

    @functools.cached_property
    def collections(self) -> list[descriptions.Collection]:
        """All files to download, as data sets of the catalogue."""
        title, about = self.source.header.title, self.source.header.description
        made = "One table for each kind of thing, one of all statements, one of hops."
        rows = "The tables as they were curated, each row with its page and basis."
        return [
            descriptions.Collection("graph", "Trilogue", about, self.graphs),
            descriptions.Collection("tables", "Trilogue in tables", made, self.tables),
            descriptions.Collection("rows", "Trilogue: curated rows", rows, self.curated),
            descriptions.Collection("ontology", title, about, self.ontology),
        ]

    @property
    def files(self) -> list[dumps.File]:
        """All files to download."""
        return [file for item in self.collections for file in item.files]

    def _merged_ontology(self, form: str) -> bytes:
        triples = forms.ordered({quad.triple for quad in self.source.ontology})
        return forms.triples_written(triples, forms.FORMS[form], _OF_HEADER)

    def _about(self, iri: str, form: str) -> Iterator[Triple]:
        """Yield what is said of a data document: its topic, its data set, its licence."""
        name = addresses.name_of(iri) or ""
        itself = NamedNode(self.source.address + addresses.data_path(name, form))
        yield Triple(itself, NamedNode(_FOAF + "primaryTopic"), NamedNode(iri))
        yield Triple(itself, NamedNode(_DCTERMS + "license"), NamedNode(self.source.header.licence))
        dataset = descriptions.dataset_iri()
        yield Triple(itself, NamedNode(descriptions.VOID + "inDataset"), dataset)
        label, _ = self.source.reader.labels(NamedNode(iri))
        if label:
            title = Literal(f"Data about {label}", language="en")
            yield Triple(itself, NamedNode(RDFS + "label"), title)

    def _html(self) -> dict[str, tuple[Maker, str]]:
        source = self.source
        makers: dict[str, Maker] = {
            "index.html": lambda: pages.home(source),
            addresses.MISSING: lambda: pages.missing(source, ""),
            "page/index.html": lambda: pages.kinds(source),
            "queries/index.html": lambda: pages.query_index(source),
            "contradictions.html": lambda: pages.contradictions_page(source),
            "ontology/index.html": lambda: pages.ontology(source),
            "vocabularies/index.html": lambda: pages.vocabularies(source),
            pages.SEARCH: lambda: pages.names(source),
            "licence.html": lambda: pages.licence(source),
            "downloads.html": lambda: pages.downloads(
                source, [(item.title, item.files) for item in self.collections]
            ),
        }
        for kind in source.kinds:
            makers[f"page/{kind}/index.html"] = functools.partial(pages.kind, source, kind)
        return {path: (maker, HTML) for path, maker in makers.items()}

    def _queries(self) -> dict[str, tuple[Maker, str]]:
        found: dict[str, tuple[Maker, str]] = {}
        for query in self.source.queries:
            path = f"queries/{query.name}"
            page = functools.partial(pages.query, self.source, query)
            found[f"{path}.html"] = (page, HTML)
            found[f"{path}.rq"] = (query.text.encode, "application/sparql-query")
            result = functools.partial(_result, self.source, query)
            found[f"{path}.csv"] = (result, "text/csv")
        catalogue = functools.partial(query_descriptions.catalogue, self.source)
        found["queries/catalogue.ttl"] = (catalogue, TURTLE)
        return found

    def _files(self) -> dict[str, tuple[Maker, str]]:
        found: dict[str, tuple[Maker, str]] = {}
        for file in self.files:
            media_type = "application/gzip" if file.compressed else file.media_type
            found[file.path] = (_content(file), media_type)
        kept = {"alignments": self.source.alignments, "shapes": self.source.shapes}
        for folder, files in kept.items():
            for name, content in files.items():
                found[f"{folder}/{name}.ttl"] = (functools.partial(bytes, content), TURTLE)
        found[dumps.SUMS] = (lambda: dumps.sums(self.files), TEXT)
        return found

    def _descriptions(self) -> dict[str, tuple[Maker, str]]:
        source = self.source
        void = lambda: descriptions.void(source, self.graphs)  # noqa: E731
        found: dict[str, tuple[Maker, str]] = {
            VOID: (void, TURTLE),
            ".well-known/void": (void, TURTLE),
            "dcat.ttl": (lambda: descriptions.dcat(source, self.collections), TURTLE),
            profile.PATH: (lambda: profile.profile(source), TURTLE),
            "context.jsonld": (self._context, forms.FORMS["jsonld"].media_type),
            crate.PATH: (lambda: crate.metadata(source, self.files), "application/ld+json"),
            "sitemap.xml": (self._sitemap, "application/xml"),
            "robots.txt": (self._robots, TEXT),
            "CITATION.cff": ((source.project.root / "CITATION.cff").read_bytes, TEXT),
        }
        if source.address != addresses.HOME:
            found["w3id/.htaccess"] = (lambda: redirects.htaccess(source), TEXT)
            found["w3id/README.md"] = (lambda: redirects.readme(source), TEXT)
        return found

    def _context(self) -> bytes:
        return jsonld.context_document(self.source.context)

    def _sitemap(self) -> bytes:
        """Return the addresses of all pages but those of rows, which pages of things lead to."""
        day = self.source.header.modified
        lines = ['<?xml version="1.0" encoding="UTF-8"?>']
        lines.append('<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">')
        listed = [
            *(path for path, (_, kind) in self.fixed.items() if kind == HTML),
            *(
                addresses.page_path(name)
                for node, name in self.source.pages()
                if not node.value.startswith((forms.ROWS, f"{THINGS}graph/"))
            ),
        ]
        for path in sorted(set(listed) - {addresses.MISSING}):
            is_index = path == "index.html" or path.endswith("/index.html")
            shown = path.removesuffix("index.html") if is_index else path
            address = escape(self.source.address + shown)
            lines.append(f"<url><loc>{address}</loc><lastmod>{day}</lastmod></url>")
        return ("\n".join((*lines, "</urlset>")) + "\n").encode()

    def _robots(self) -> bytes:
        return f"User-agent: *\nAllow: /\nSitemap: {self.source.address}sitemap.xml\n".encode()


def _result(source: Source, query: catalogue.Query) -> bytes:
    return source.result(query).encode()


def _content(file: dumps.File) -> Maker:
    return lambda: file.content
