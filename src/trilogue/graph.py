"""The graph that questions are put to: the embedded store, or a remote endpoint."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pyoxigraph import Quad, QueryBoolean, QueryTriples, Store

from trilogue import catalogue, disk, memory
from trilogue.errors import QueryError
from trilogue.namespaces import iri_of
from trilogue.project import Project
from trilogue.remote.addresses import ASSERTED, CONTESTED, PUBLISHED, REASONED, RESOLVED
from trilogue.results import Bindings, serialize_triples

if TYPE_CHECKING:
    from trilogue.paths.answers import Paths
    from trilogue.paths.enumeration import InfluencePath
    from trilogue.paths.network import Network
    from trilogue.paths.statements import Statements
    from trilogue.remote.settings import Settings

Answer = Bindings | bool | str


class Backend(Protocol):
    """Anything that answers SPARQL 1.1 queries."""

    def answer(self, text: str, form: str) -> Answer:
        """Return bindings, a truth value, or triples serialized in `form`."""


class EmbeddedBackend:
    """A store in memory, loaded from a file of quads.

    The default graph of a query is the union of the named graphs. Loading takes time in
    proportion to the file: some 0.3 s for 100,000 quads. `path` is the file, where it came whole
    from one.
    """

    def __init__(self, store: Store, path: Path | None = None) -> None:
        self.store = store
        self.path = path

    @classmethod
    def of(cls, quads: Iterable[Quad]) -> EmbeddedBackend:
        """Return a store that holds the quads."""
        return cls(memory.stored(quads))

    @classmethod
    def load(cls, path: Path) -> EmbeddedBackend:
        """Return a store that holds the quads of a file.

        Raises `TrilogueError` where the file is missing or damaged.
        """
        return cls(memory.opened(path), path)

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


class Layers(Protocol):
    """The layers of a dataset, by name (`trilogue.remote.addresses.LAYERS`)."""

    def backend(self, name: str) -> Backend:
        """Return what answers queries on a layer."""

    def quads(self, name: str) -> list[Quad]:
        """Return the statements of a layer."""


class LayersInMemory(Layers, Protocol):
    """Layers that a command computes over as a whole, and the checkout that has all the rest.

    Beside the layers that a store can hold there are `RESOLVED` and `REASONED`.
    """

    project: Project

    def store(self, name: str) -> Store:
        """Return a store that holds a layer; it is read at first use, and must not be changed."""


class EmbeddedLayers:
    """The layers as they were built."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._stores: dict[str, Store] = {}

    def backend(self, name: str) -> EmbeddedBackend:
        """Return what answers queries on a layer."""
        files = () if name == CONTESTED else self._files(name)
        return EmbeddedBackend(self.store(name), files[0] if len(files) == 1 else None)

    def quads(self, name: str) -> list[Quad]:
        """Return the statements of a layer, in the order of its files."""
        from trilogue import layers

        if name == CONTESTED:
            return list(self.store(name))
        return [quad for path in self._files(name) for quad in layers.load(path)]

    def store(self, name: str) -> Store:
        """Return a store that holds a layer; the contested one is put together from others."""
        if name not in self._stores:
            self._stores[name] = self._opened(name)
        return self._stores[name]

    def _opened(self, name: str) -> Store:
        if name == CONTESTED:
            from trilogue import layers

            return layers.contested(self.project)
        return memory.opened(*self._files(name))

    def _files(self, name: str) -> tuple[Path, ...]:
        project = self.project
        files: dict[str, tuple[Path, ...]] = {
            ASSERTED: (project.asserted,),
            RESOLVED: (project.resolved,),
            REASONED: (project.resolved, project.inferred),
            PUBLISHED: (project.dataset,),
        }
        return files[name]


class PublishedLayer:
    """A store that holds what is published alone: other layers may be those of another state."""

    def __init__(self, published: EmbeddedBackend) -> None:
        self._published = published

    def backend(self, name: str) -> Backend:
        """Return the store; raises `QueryError` for a layer that it does not hold."""
        if name != PUBLISHED:
            raise QueryError(f"it reads the {name} layer, and this store holds what is published")
        return self._published

    def quads(self, name: str) -> list[Quad]:
        """Return the statements; raises `QueryError` for a layer that the store does not hold."""
        self.backend(name)
        return list(self._published.store)


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


class Graph:
    """The evidence graph, open for questions.

    >>> graph = Graph.open()
    >>> graph.ask("ASK { ?act a <https://w3id.org/trilogue/ns#Act> }")
    True
    """

    def __init__(
        self,
        backend: Backend,
        project: Project,
        layers: Layers | None = None,
        read_network: Callable[[Graph], Network] | None = None,
    ) -> None:
        self.backend = backend
        self.project = project
        self.layers = layers or EmbeddedLayers(project)
        self._read_network = read_network

    @classmethod
    def open(
        cls,
        endpoint: str | None = None,
        *,
        project: Project | None = None,
        path: Path | None = None,
        settings: Settings | None = None,
        store: Path | None = None,
    ) -> Graph:
        """Open the built dataset, or a SPARQL endpoint that holds it.

        `endpoint` may name endpoints of more layers than the published one, such as
        `http://host/graph contested=http://host/contested`; `settings` say how they are asked.
        `path` opens another file of quads; `store` a dataset on disk.
        """
        project = project or Project.find()
        if store:
            return cls(EmbeddedBackend(disk.opened(store)), project)
        if endpoint:
            from trilogue.remote.layers import RemoteLayers

            remote = RemoteLayers(endpoint, settings)
            return cls(remote.published, project, remote)
        return cls(EmbeddedBackend.load(path or project.dataset), project)

    @classmethod
    def over(cls, layers: LayersInMemory) -> Graph:
        """Open the published dataset among layers in memory."""
        return cls(layers.backend(PUBLISHED), layers.project, layers)

    def answer(self, query: str | catalogue.Query, form: str = "turtle") -> Answer:
        """Run a query of the catalogue, itself or by name, a query file, or query text.

        A query whose header says that it reads the asserted layer is put to that layer.
        Raises `QueryError` where it does not parse, or asks for a layer that no endpoint holds.
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
        return self.layers.backend(CONTESTED if "inferred" in query.reads else ASSERTED)

    @functools.cached_property
    def network(self) -> Network:
        """All hops that the queries of `queries/hops/` find, read at first use."""
        from trilogue.paths.reading import read

        return (self._read_network or read)(self)

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
