"""Loading a layer into a store elsewhere, so that it can be cut off at any time and gone on with.

What is there already is found by counts and digests of the named graphs: only graphs that are
missing or differ are sent, whole, and each request can be sent twice. Graphs of this project that
the layer does not have are removed, those of others are left alone. While it lasts a graph of its
own marks the store as incomplete; it goes when all digests agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol
from urllib.parse import quote
from urllib.request import Request

from pyoxigraph import NamedNode, Quad, RdfFormat, Store, serialize

from trilogue.errors import EndpointError, InterruptionError, QueryError
from trilogue.namespaces import RDFS, THINGS, iri_of
from trilogue.remote import addresses, holdings
from trilogue.remote.connection import Connection, RefusedError
from trilogue.remote.endpoint import Endpoint
from trilogue.remote.settings import Settings
from trilogue.remote.union import LOADING_GRAPH

QUADS_AT_ONCE = 5_000
"""How many statements go into one update, if no graph with blank nodes has more."""

Progress = Callable[[str, int, int], None]
"""Is told what is done, how far it is, and how far it goes."""

_MARK = f'{LOADING_GRAPH} <{RDFS}label> "This store is being loaded."@en .'


class Writer(Protocol):
    """A way to write named graphs; each call may be repeated.

    `most` is how many statements it is given at once, if no single graph has more.
    """

    most: int

    def write(self, graphs: Sequence[str], store: Store) -> None:
        """Replace these graphs by what they hold in `store`."""

    def remove(self, graphs: Sequence[str]) -> None:
        """Remove these graphs, whether or not they are there."""

    def mark(self) -> None:
        """Say in the store that it is incomplete."""


class UpdateWriter:
    """Writes by SPARQL 1.1 Update, many graphs in a request."""

    def __init__(self, connection: Connection, most: int = QUADS_AT_ONCE) -> None:
        self.connection = connection
        self.most = most

    def write(self, graphs: Sequence[str], store: Store) -> None:
        """Drop the graphs and insert them; a larger one in parts, if it has no blank nodes.

        A blank node has a name only within one request.
        """
        if len(graphs) > 1:
            inserted = " ".join(_in_graph(graph, _lines(_held(store, graph))) for graph in graphs)
            self._update(f"{_drop(graphs)} INSERT DATA {{ {inserted} }}")
            return
        quads = _held(store, graphs[0])
        size = len(quads) if holdings.has_blank_nodes(quads) else self.most
        for begin in range(0, len(quads), size):
            drop = "" if begin else _drop(graphs)
            inserted = _in_graph(graphs[0], _lines(quads[begin : begin + size]))
            self._update(f"{drop} INSERT DATA {{ {inserted} }}")

    def remove(self, graphs: Sequence[str]) -> None:
        """Drop the graphs."""
        if graphs:
            self._update(_drop(graphs))

    def mark(self) -> None:
        """Insert the mark."""
        self._update(f"INSERT DATA {{ {_in_graph(LOADING_GRAPH.value, _MARK)} }}")

    def _update(self, text: str) -> None:
        def request() -> Request:
            headers = {"Content-Type": "application/sparql-update", "Accept": "*/*"}
            return Request(self.connection.url, text.encode(), headers, method="POST")  # noqa: S310

        self.connection.send(request, patient=True)


class GraphStoreWriter:
    """Writes by the SPARQL 1.1 Graph Store Protocol, one graph in a request."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.most = 1

    def write(self, graphs: Sequence[str], store: Store) -> None:
        """Put each graph in the place of what is there."""
        for graph in graphs:
            self._request("PUT", graph, _lines(_held(store, graph)))

    def remove(self, graphs: Sequence[str]) -> None:
        """Delete each graph."""
        for graph in graphs:
            self._request("DELETE", graph)

    def mark(self) -> None:
        """Put the mark."""
        self._request("PUT", LOADING_GRAPH.value, _MARK)

    def _request(self, method: str, graph: str, lines: str | None = None) -> None:
        separator = "&" if "?" in self.connection.url else "?"
        url = f"{self.connection.url}{separator}graph={quote(graph, safe='')}"
        body = None if lines is None else lines.encode()

        def request() -> Request:
            headers = {"Content-Type": "application/n-triples", "Accept": "*/*"}
            return Request(url, body, headers, method=method)  # noqa: S310

        try:
            self.connection.send(request, patient=True)
        except RefusedError as error:
            if (method, error.status) != ("DELETE", HTTPStatus.NOT_FOUND):
                raise


def writer(endpoint: str, settings: Settings, *, update: str = "", graph_store: str = "") -> Writer:
    """Return what writes to a store: by the Graph Store Protocol where its address is given."""
    if graph_store:
        return GraphStoreWriter(Connection(graph_store, settings))
    return UpdateWriter(Connection(update or addresses.update_address(endpoint), settings))


@dataclass(frozen=True)
class Loaded:
    """What a store holds after loading, what of it was sent, and whose else it holds."""

    graphs: int
    quads: int
    sent: int
    removed: int
    foreign: int


@dataclass
class _Course:
    """How far a load has come: what it says where it fails or is interrupted."""

    wanted: int = 0
    surplus: int = 0
    sent: int = 0
    removed: int = 0
    place: str = "before"

    def __str__(self) -> str:
        return {
            "before": "nothing was changed in the store",
            "marking": "nothing was removed or sent, but the store may be marked as incomplete: "
            "the same command begins again",
            "writing": f"{self.sent} of {self.wanted} graphs were sent, {self.removed} of "
            f"{self.surplus} stale ones removed, and the store is marked as incomplete: "
            "the same command goes on from there",
            "checking": f"{self.sent} graphs were sent and {self.removed} stale ones removed, "
            "but not all is checked, and the store is marked as incomplete: "
            "the same command goes on from there",
            "unmarking": "all graphs are there as they were sent, but the store may still be "
            "marked as incomplete: the same command takes the mark away",
        }[self.place]


@contextmanager
def _telling(course: _Course, place: str) -> Iterator[None]:
    """Say how far a load has come where it fails: what an endpoint refuses was asked by us."""
    try:
        yield
    except (EndpointError, QueryError) as error:
        told = f"{place}: {error}" if isinstance(error, QueryError) else error
        raise EndpointError(f"{told}; {course}") from None
    except KeyboardInterrupt:
        raise InterruptionError(f"interrupted; {course}") from None


def load(
    quads: Iterable[Quad], endpoint: Endpoint, writer: Writer, progress: Progress = lambda *_: None
) -> Loaded:
    """Bring a store to hold these named graphs, and check that it does.

    Takes a request for each batch that is written and for each that is checked. Raises
    `EndpointError` where the store fails or holds something else in the end, and
    `InterruptionError`; both say how far it came.
    """
    store = Store()
    store.bulk_extend(quads)
    local = {graph: len(_held(store, graph)) for graph in sorted(map(iri_of, store.named_graphs()))}
    course = _Course()
    with _telling(course, endpoint.place):
        there = holdings.counts(endpoint)
        wanted = _differing(store, local, there, endpoint, progress)
        ours = {graph: size for graph, size in there.items() if graph.startswith(THINGS)}
        surplus = {
            graph: size
            for graph, size in ours.items()
            if graph not in local and graph != LOADING_GRAPH.value
        }
        left = []
        if wanted or surplus or LOADING_GRAPH.value in there:
            course.wanted, course.surplus = len(wanted), len(surplus)
            course.place = "marking"
            writer.mark()
            course.place = "writing"
            _remove(surplus, writer, course, progress)
            _write(store, {graph: local[graph] for graph in wanted}, writer, course, progress)
            course.place = "checking"
            left = _differing(store, local, holdings.counts(endpoint), endpoint, progress)
            if not left:
                course.place = "unmarking"
                writer.remove([LOADING_GRAPH.value])
    if left:
        raise EndpointError(
            f"{endpoint.place}: {len(left)} of {len(local)} graphs are not there as they were "
            f"sent, such as {left[0]}; the store stays marked as incomplete"
        )
    foreign = len(there) - len(ours)
    return Loaded(len(local), sum(local.values()), len(wanted), len(surplus), foreign)


def _differing(
    store: Store,
    local: Mapping[str, int],
    there: Mapping[str, int],
    endpoint: Endpoint,
    progress: Progress,
) -> list[str]:
    """Return the graphs that are missing from a store, or hold something else there."""
    same = {graph: size for graph, size in local.items() if there.get(graph) == size}
    differing = local.keys() - same
    done, total = 0, sum(same.values())
    for graphs in holdings.batches(same, holdings.QUADS_AT_ONCE):
        progress("checking", done, total)
        part = {graph: same[graph] for graph in graphs}
        found = holdings.digests(holdings.quads(endpoint, part))
        differing |= {
            graph for graph in graphs if found.get(graph) != holdings.digest(store, graph)
        }
        done += sum(part.values())
    return sorted(differing)


def _remove(
    surplus: Mapping[str, int], writer: Writer, course: _Course, progress: Progress
) -> None:
    """Remove graphs in batches."""
    for graphs in holdings.batches(surplus, writer.most):
        progress("removing", course.removed, len(surplus))
        writer.remove(graphs)
        course.removed += len(graphs)


def _write(
    store: Store, wanted: Mapping[str, int], writer: Writer, course: _Course, progress: Progress
) -> None:
    """Write graphs in batches."""
    done, total = 0, sum(wanted.values())
    for graphs in holdings.batches(wanted, writer.most):
        progress("loading", done, total)
        writer.write(graphs, store)
        course.sent += len(graphs)
        done += sum(wanted[graph] for graph in graphs)


def _held(store: Store, graph: str) -> list[Quad]:
    return list(store.quads_for_pattern(None, None, None, NamedNode(graph)))


def _lines(quads: Iterable[Quad]) -> str:
    content = serialize((quad.triple for quad in quads), format=RdfFormat.N_TRIPLES)
    assert content is not None
    return content.decode()


def _in_graph(graph: str, lines: str) -> str:
    return f"GRAPH {NamedNode(graph)} {{\n{lines}}}"


def _drop(graphs: Iterable[str]) -> str:
    return " ".join(f"DROP SILENT GRAPH {NamedNode(graph)} ;" for graph in graphs)
