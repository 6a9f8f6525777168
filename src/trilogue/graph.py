"""The graph that questions are put to: the embedded store, or a remote endpoint."""

from __future__ import annotations

import functools
import itertools
import re
import urllib.error
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pyoxigraph import Quad, QueryBoolean, QueryTriples, RdfFormat, Store, parse

from trilogue import catalogue, layers
from trilogue.errors import EndpointError, QueryError, TrilogueError
from trilogue.namespaces import iri_of
from trilogue.project import Project
from trilogue.results import Bindings, serialize_triples

if TYPE_CHECKING:
    from trilogue.paths.answers import Paths
    from trilogue.paths.enumeration import InfluencePath
    from trilogue.paths.network import Network
    from trilogue.paths.statements import Statements

Answer = Bindings | bool | str


class Backend(Protocol):
    """Anything that answers SPARQL 1.1 queries."""

    def answer(self, text: str, form: str) -> Answer:
        """Return bindings, a truth value, or triples serialized in `form`."""


class EmbeddedBackend:
    """A store in memory, loaded from a file of quads.

    The default graph of a query is the union of the named graphs. Loading takes time in
    proportion to the file: some 0.3 s for 100,000 quads.
    """

    def __init__(self, store: Store) -> None:
        self.store = store

    @classmethod
    def of(cls, quads: Iterable[Quad]) -> EmbeddedBackend:
        """Return a store that holds the quads."""
        return cls(layers.stored(quads))

    @classmethod
    def load(cls, path: Path) -> EmbeddedBackend:
        """Return a store that holds the quads of a file.

        Raises `TrilogueError` where the file is missing or damaged.
        """
        store = layers.opened(path)
        if not len(store):
            raise TrilogueError(f"{path}: damaged (empty); run `make clean all`")
        return cls(store)

    def answer(self, text: str, form: str) -> Answer:
        """Return what the store answers; raises `QueryError` with the parser's position."""
        try:
            result = self.store.query(text, use_default_graph_as_union=True)
            if isinstance(result, QueryBoolean):
                return bool(result)
            if isinstance(result, QueryTriples):
                return serialize_triples(result, form)
            return Bindings.of(result)
        except SyntaxError as error:
            raise QueryError(_in_words(str(error))) from None
        except (OSError, RuntimeError, ValueError) as error:
            raise QueryError(f"query failed: {' '.join(str(error).split())}") from None


class RemoteBackend:
    """A SPARQL 1.1 endpoint, asked through SPARQLWrapper.

    The endpoint must take the union of the named graphs for the default graph.
    """

    def __init__(self, url: str, timeout: int = 60) -> None:
        self.url = url
        self.timeout = timeout

    def answer(self, text: str, form: str) -> Answer:
        """Return what the endpoint answers.

        Raises `QueryError` where it refuses the query, `EndpointError` where it does not
        answer, answers too late, or answers something else than SPARQL results.
        """
        from SPARQLWrapper import JSON, POST, TURTLE, SPARQLExceptions, SPARQLWrapper

        if not self.url.startswith(("http://", "https://")):
            raise EndpointError(f"{self.url}: expected an http or https address")
        wrapper = SPARQLWrapper(self.url)
        wrapper.setMethod(POST)
        wrapper.setTimeout(self.timeout)
        wrapper.setQuery(_without_header(text))
        graph = wrapper.queryType in ("CONSTRUCT", "DESCRIBE")
        wrapper.setReturnFormat(TURTLE if graph else JSON)
        try:
            content = wrapper.query().response.read()
        except SPARQLExceptions.QueryBadFormed as error:
            raise QueryError(_first_line(error)) from None
        except (SPARQLExceptions.SPARQLWrapperException, urllib.error.HTTPError) as error:
            raise EndpointError(f"{self.url}: {_first_line(error)}") from None
        except OSError as error:
            reason = getattr(error, "reason", None) or error
            raise EndpointError(f"{self.url}: no answer: {reason}") from None
        try:
            return self._read(content, form, graph=graph)
        except (SyntaxError, ValueError):
            raise EndpointError(f"{self.url}: the answer is no SPARQL result") from None

    def _read(self, content: bytes, form: str, *, graph: bool) -> Answer:
        if graph:
            store = Store()
            store.extend(parse(content, format=RdfFormat.TURTLE))
            triples = store.query("CONSTRUCT WHERE { ?s ?p ?o }")
            assert isinstance(triples, QueryTriples)
            return serialize_triples(triples, form)
        if b'"boolean"' in content and b'"bindings"' not in content:
            return b"true" in content
        return Bindings.from_json(content)


def _in_words(message: str) -> str:
    r"""Return a message of the parser as `line:column what was expected`.

    >>> _in_words("error at 3:1: expected one of \".\", \"}\", ['a' ..= 'z']")
    '3:1 expected one of . }'
    >>> _in_words("error at 2:17: expected one of Prefix not found, ['%']")
    '2:17 prefix not declared'
    """
    match = re.match(r"error at (\d+:\d+): (.*)", message, re.DOTALL)
    if match is None:
        return " ".join(message.split())
    place, reason = match.groups()
    if "Prefix not found" in reason:
        return f"{place} prefix not declared"
    tokens = re.findall(r'"([^"\s]+)"', reason)
    expected = f"expected one of {' '.join(tokens)}" if tokens else "nothing that SPARQL knows"
    return f"{place} {expected}"


def _without_header(text: str) -> str:
    """Drop leading comments: SPARQLWrapper takes words in them, such as "adds", for the form."""
    lines = text.splitlines()
    return "\n".join(itertools.dropwhile(lambda line: line.startswith("#"), lines))


def _first_line(error: Exception) -> str:
    text = str(error).replace("\\n", "\n")
    lines = [line.strip(" '\"b") for line in text.splitlines()]
    return next((line for line in lines[::-1] if line), type(error).__name__)


class Graph:
    """The evidence graph, open for questions.

    >>> graph = Graph.open()
    >>> graph.ask("ASK { ?act a <https://w3id.org/trilogue/ns#Act> }")
    True
    """

    def __init__(self, backend: Backend, project: Project) -> None:
        self.backend = backend
        self.project = project

    @classmethod
    def open(
        cls,
        endpoint: str | None = None,
        *,
        project: Project | None = None,
        path: Path | None = None,
    ) -> Graph:
        """Open the built dataset, or the SPARQL endpoint at that address.

        `path` opens another file of quads, such as the asserted layer.
        """
        project = project or Project.find()
        if endpoint:
            return cls(RemoteBackend(endpoint), project)
        return cls(EmbeddedBackend.load(path or project.dataset), project)

    def answer(self, query: str | catalogue.Query, form: str = "turtle") -> Answer:
        """Run a query of the catalogue, itself or by name, a query file, or query text.

        A query whose header says that it reads the asserted layer is put to that layer.
        Raises `QueryError` where it does not parse, or asks an endpoint for the asserted layer.
        """
        if isinstance(query, str):
            if any(mark in query for mark in "{\n"):
                return self._answered(self.backend, query, form)
            query = catalogue.find(self.project, query)
        try:
            return self._answered(self._backend(query), query.text, form)
        except QueryError as error:
            place = f"{self.project.relative(query.path)}:"
            gap = "" if str(error)[:1].isdigit() else " "
            raise QueryError(f"{place}{gap}{error}") from None

    def _answered(self, backend: Backend, text: str, form: str) -> Answer:
        """Put a query to a backend, after the path blocks in it (`paths/service.md`)."""
        from trilogue.paths import service

        def ask(question: str) -> Bindings:
            answer = backend.answer(question, form)
            assert isinstance(answer, Bindings)
            return answer

        return backend.answer(service.evaluate(text, lambda: self.network, ask), form)

    def _backend(self, query: catalogue.Query) -> Backend:
        if not query.asserted:
            return self.backend
        if isinstance(self.backend, RemoteBackend):
            raise QueryError("it reads the asserted layer, which an endpoint does not serve")
        return self._contested if "inferred" in query.reads else self._asserted

    @functools.cached_property
    def _asserted(self) -> EmbeddedBackend:
        return EmbeddedBackend.load(self.project.asserted)

    @functools.cached_property
    def _contested(self) -> EmbeddedBackend:
        return EmbeddedBackend.of(layers.contested(self.project))

    @functools.cached_property
    def network(self) -> Network:
        """All hops that the queries of `queries/hops/` find, read at first use."""
        from trilogue.paths.reading import read

        return read(self)

    def paths(
        self,
        expression: str,
        *,
        origins: str | Iterable[str],
        destinations: str | Iterable[str],
        **conditions: Any,
    ) -> Paths:
        """Return the influence paths along an expression; `paths/semantics.md` defines them.

        Origins and destinations are names of things or classes, or a SELECT query whose first
        variable gives things. The conditions are those of `PathQuery`. Raises `QueryError` for
        what cannot be asked.

        >>> paths = Graph.open().paths(
        ...     "contact/office", origins="SmallOrMediumEnterprise", destinations="actor/france"
        ... )
        >>> paths.title(next(iter(paths)))
        'Mistral AI → Macron → France'
        """
        from trilogue.paths.answers import Paths
        from trilogue.paths.query import PathQuery

        ends = (self._chosen(origins), self._chosen(destinations))
        return Paths(self.network, PathQuery(expression, *ends, **conditions))

    def statements(self, found: Paths, paths: Iterable[InfluencePath]) -> Statements:
        """Return what writes some of the paths that were found as RDF, with their rows."""
        from trilogue.paths.statements import Statements

        return Statements.of(found.query, paths, self.query)

    def _chosen(self, names: str | Iterable[str]) -> frozenset[str]:
        found: set[str] = set()
        for name in [names] if isinstance(names, str) else names:
            if "{" in name:
                rows = self.query(name).rows
                found |= {iri_of(row[0]) for row in rows} & self.network.things
            else:
                found.add(name)
        return frozenset(found)

    def query(self, query: str | catalogue.Query) -> Bindings:
        """Run a SELECT query; raises `QueryError` where it is of another form."""
        answer = self.answer(query)
        if not isinstance(answer, Bindings):
            raise QueryError("expected a SELECT query")
        return answer

    def ask(self, query: str | catalogue.Query) -> bool:
        """Run an ASK query; raises `QueryError` where it is of another form."""
        answer = self.answer(query)
        if not isinstance(answer, bool):
            raise QueryError("expected an ASK query")
        return answer
