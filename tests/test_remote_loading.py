"""Loading into a real store: whole, in batches, cut off, gone on with, and checked."""

from __future__ import annotations

import itertools
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from threading import Event
from urllib.parse import unquote_plus

import pytest
from conftest import Run
from faulty import CUTS, Says, serving
from oxigraph_server import served
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store

from trilogue.errors import EndpointError
from trilogue.namespaces import XSD, term, thing
from trilogue.project import Project
from trilogue.remote import addresses, holdings, loading
from trilogue.remote.connection import Connection
from trilogue.remote.endpoint import Endpoint
from trilogue.remote.loading import GraphStoreWriter, UpdateWriter, Writer
from trilogue.remote.settings import Settings
from trilogue.remote.union import LOADING_GRAPH

QUICK = Settings(timeout=5, retries=1, pause=0.01)
LABEL = NamedNode("http://www.w3.org/2000/01/rdf-schema#label")


def statements() -> list[Quad]:
    """Graphs of all kinds: small ones, one of many statements, and one of many blank nodes."""
    small = [
        Quad(thing("act/a"), LABEL, Literal(text, language="zh"), thing(f"row/{number}"))
        for number, text in enumerate(["欧盟", 'a "quote" and \\', "line\nbreak\t", "Élysée"])
    ]
    values = [
        Literal("10.0", datatype=NamedNode(XSD + "decimal")),
        Literal("007", datatype=NamedNode(XSD + "integer")),
        Literal("2023-06", datatype=NamedNode(XSD + "gYearMonth")),
        Literal("2023-06-01", datatype=NamedNode(XSD + "date")),
    ]
    small += [Quad(thing("act/a"), term("value"), value, thing("row/values")) for value in values]
    large = [
        Quad(thing(f"act/{number}"), LABEL, Literal(str(number)), thing("graph/provenance"))
        for number in range(30)
    ]
    nodes = [BlankNode(f"b{number}") for number in range(30)]
    chain = [
        Quad(first, term("next"), second, thing("graph/ontology"))
        for first, second in itertools.pairwise(nodes)
    ]
    return [*small, *large, *chain]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with served("--union-default-graph") as address:
        yield address


@pytest.fixture
def store(server: str) -> Endpoint:
    """An empty store."""
    request = urllib.request.Request(
        f"{server}/update", b"DROP ALL", {"Content-Type": "application/sparql-update"}
    )
    urllib.request.urlopen(request).close()
    return Endpoint(f"{server}/query", QUICK)


def by_update(server: str, most: int = 10) -> UpdateWriter:
    return UpdateWriter(Connection(f"{server}/update", QUICK), most)


def by_graph_store(server: str) -> GraphStoreWriter:
    return GraphStoreWriter(Connection(f"{server}/store", QUICK))


@pytest.mark.parametrize("way", [by_update, by_graph_store])
def test_all_graphs_arrive_as_they_are(server: str, store: Endpoint, way: object) -> None:
    writer: Writer = way(server)  # type: ignore[operator]
    loaded = loading.load(statements(), store, writer)
    assert (loaded.graphs, loaded.quads, loaded.sent) == (7, 67, 7)
    there = holdings.quads(store, holdings.counts(store))
    assert holdings.digests(there) == holdings.digests(statements())
    again = loading.load(statements(), store, writer)
    assert (again.sent, again.removed) == (0, 0)


@pytest.mark.parametrize("way", [by_update, by_graph_store])
def test_only_what_differs_is_sent_and_what_is_gone_is_removed(
    server: str, store: Endpoint, way: object
) -> None:
    writer: Writer = way(server)  # type: ignore[operator]
    strange = Quad(thing("act/a"), LABEL, Literal("theirs"), NamedNode("urn:theirs"))
    loading.load([*statements(), strange], store, writer)
    changed = [
        Quad(quad.subject, quad.predicate, Literal("another"), quad.graph_name)
        if quad.graph_name == thing("row/1")
        else quad
        for quad in statements()
        if quad.graph_name != thing("row/0")
    ]
    loaded = loading.load(changed, store, writer)
    assert (loaded.sent, loaded.removed, loaded.foreign) == (1, 1, 1)
    kept = holdings.digests(holdings.quads(store, holdings.counts(store)))
    assert kept == holdings.digests([*changed, strange])


class CutOff(UpdateWriter):
    """Fails at the third batch."""

    batches = 0

    def write(self, graphs: Sequence[str], store: Store) -> None:
        self.batches += 1
        if self.batches == 3:
            raise EndpointError("the store has gone")
        super().write(graphs, store)


def test_a_load_that_is_cut_off_says_so_and_goes_on_where_it_ended(
    server: str, store: Endpoint
) -> None:
    with pytest.raises(EndpointError, match=r"has gone; [23] of 7 graphs were sent, .* incomplete"):
        loading.load(statements(), store, CutOff(by_update(server).connection, 10))
    with pytest.raises(EndpointError, match="loaded only in part; `trilogue load` goes on"):
        Endpoint(store.connection.url, QUICK).answer("ASK { ?s ?p ?o }")
    loaded = loading.load(statements(), store, by_update(server))
    assert 0 < loaded.sent < loaded.graphs
    assert Endpoint(store.connection.url, QUICK).answer("ASK { ?s ?p ?o }") is True
    assert sum(holdings.counts(store).values()) == loaded.quads


FAILURES = {
    "counting": ("COUNT", 1, "nothing was changed in the store"),
    "comparing": ("VALUES", 1, "nothing was changed in the store"),
    "marking": ("being loaded", 1, "nothing was removed or sent, .* the same command begins again"),
    "removing": (
        f"DROP SILENT GRAPH {thing('row/stale-b')}", 1,
        "0 of 2 graphs were sent, 1 of 2 stale ones removed, .* the same command goes on",
    ),
    "sending": (
        "INSERT DATA", 3,
        "1 of 2 graphs were sent, 2 of 2 stale ones removed, .* the same command goes on",
    ),
    "checking": (
        "COUNT", 2,
        "2 graphs were sent and 2 stale ones removed, but not all is checked, .* goes on",
    ),
    "unmarking": (
        f"DROP SILENT GRAPH {LOADING_GRAPH}", 1,
        "all graphs are there as they were sent, .* the same command takes the mark away",
    ),
}  # fmt: skip
"""What a request says that fails in each phase, how often it is said, and what is told."""


@pytest.mark.parametrize("phase", FAILURES)
def test_a_failure_in_each_phase_says_what_is_done_and_the_same_load_goes_on(
    server: str, store: Endpoint, phase: str
) -> None:
    said, times, told = FAILURES[phase]
    stale = [Quad(thing("act/a"), LABEL, Literal("x"), thing(f"row/stale-{end}")) for end in "ab"]
    gone = (thing("row/0"), thing("row/1"))
    before = [quad for quad in statements() if quad.graph_name not in gone]
    loading.load([*before, *stale], store, by_update(server))

    def answer(path: str, body: bytes) -> Says:
        if sum(said in unquote_plus(asked.decode()) for *_, asked in proxy.asked) == times:
            return Says(b"disk full", 500, "text/plain")
        headers = {name: proxy.asked[-1][1][name] for name in ("Content-Type", "Accept")}
        with urllib.request.urlopen(urllib.request.Request(server + path, body, headers)) as it:
            return Says(it.read(), it.status, it.headers.get_content_type())

    with serving(answer) as proxy:
        failing = UpdateWriter(Connection(proxy.url.replace("/query", "/update"), QUICK), 1)
        with pytest.raises(EndpointError, match=told) as error:
            loading.load(statements(), Endpoint(proxy.url, QUICK), failing)
    assert "500 disk full; " in str(error.value)
    assert "\n" not in str(error.value)
    assert error.value.exit_code == 3
    loading.load(statements(), store, by_update(server))
    there = holdings.quads(store, holdings.counts(store))
    assert holdings.digests(there) == holdings.digests(statements())


def test_what_a_store_does_not_understand_while_it_is_loaded_is_no_query_of_the_user(
    store: Endpoint,
) -> None:
    with serving([Says(b"what?", 400, "text/plain")]) as server:
        writer = UpdateWriter(store.connection)
        with pytest.raises(EndpointError, match=r"/query: what\?; nothing was changed in"):
            loading.load(statements(), Endpoint(server.url, QUICK), writer)


class Forgetful(UpdateWriter):
    """Loses a statement of each graph, and says nothing."""

    def write(self, graphs: Sequence[str], store: Store) -> None:
        kept = Store()
        for graph in graphs:
            kept.bulk_extend(list(store.quads_for_pattern(None, None, None, NamedNode(graph)))[1:])
        super().write(graphs, kept)


def test_a_store_that_loses_statements_is_found_out(server: str, store: Endpoint) -> None:
    with pytest.raises(EndpointError, match="7 of 7 graphs are not there as they were sent"):
        loading.load(statements(), store, Forgetful(by_update(server).connection))


def test_troubles_that_pass_are_waited_for(server: str, store: Endpoint) -> None:
    troubles = [Says(status=503, headers={"Retry-After": "0"}), CUTS, Says(status=429)]

    def answer(_: str, body: bytes) -> Says:
        if len(proxy.asked) % 2 and troubles:
            return troubles.pop()
        headers = {"Content-Type": "application/sparql-update"}
        with urllib.request.urlopen(
            urllib.request.Request(f"{server}/update", body, headers)
        ) as it:
            return Says(it.read(), it.status)

    with serving(answer) as proxy:
        connection = Connection(proxy.url, QUICK)
        loaded = loading.load(statements(), store, UpdateWriter(connection, 10))
    assert loaded.sent == 7
    assert not troubles


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (Says(b"read only", 403, "text/plain"), "403 read only"),
        (Says(status=401), "401 Unauthorized; expected a user"),
        (Says(status=404), "404 Not Found"),
    ],
)
def test_a_store_that_takes_nothing_is_told_and_left_as_it_was(
    store: Endpoint, said: Says, reason: str
) -> None:
    with serving([said]) as refusing:
        writer = UpdateWriter(Connection(refusing.url, QUICK))
        with pytest.raises(EndpointError, match=reason):
            loading.load(statements(), store, writer)
    assert holdings.counts(store) == {}


def test_a_default_graph_that_is_no_union_is_asked_for_the_union() -> None:
    query = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    with served() as address:
        store = Endpoint(f"{address}/query", QUICK)
        assert store.answer("ASK { ?s ?p ?o }") is False
        loading.load(statements(), store, by_update(address))
        found = Endpoint(f"{address}/query", QUICK).answer(query)
        assert not isinstance(found, bool | str)
        assert found.values() == [(67,)]


def test_a_store_of_which_no_union_is_to_be_had_is_refused() -> None:
    def answer(_: str, body: bytes) -> Says:
        found = b"ASK+%7B+GRAPH+%3Fg" in body
        return Says(b'{"head": {}, "boolean": %s}' % (b"true" if found else b"false"))

    with serving(answer) as server, pytest.raises(EndpointError, match="not the union"):
        Endpoint(server.url, QUICK).answer("ASK { ?s ?p ?o }")


@pytest.mark.parametrize("status", [400, 500])
def test_a_store_that_knows_nothing_of_graphs_is_asked_as_it_is(status: int) -> None:
    def answer(_: str, body: bytes) -> Says:
        if b"GRAPH" in body:
            return Says(b"no quads here", status, "text/plain")
        return Says(b'{"head": {}, "boolean": true}')

    with serving(answer) as server:
        assert Endpoint(server.url, QUICK).answer("ASK { ?s ?p ?o }") is True


def test_an_interrupted_load_says_what_it_leaves(project: Project) -> None:
    rows = b'{"head": {"vars": ["g", "n"]}, "results": {"bindings": []}}'
    writing, told = Event(), Event()

    def answer(path: str, _: bytes) -> Says:
        if path == "/update" and sum(path == "/update" for path, _, _ in faulty.asked) > 1:
            writing.set()
            told.wait(60)
        return Says(rows)

    with serving(answer) as faulty:
        command = [sys.executable, "-m", "trilogue.cli", "load", "--endpoint", faulty.url]
        with subprocess.Popen(
            command, cwd=project.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert writing.wait(60)
            process.send_signal(signal.SIGINT)
            _, said = process.communicate()
            told.set()
    assert process.returncode == 130
    assert re.fullmatch(
        r"trilogue: interrupted; 0 of \d+ graphs were sent, 0 of 0 stale ones removed, "
        "and the store is marked as incomplete: the same command goes on from there",
        " ".join(said.split()),
    )


def test_the_command_line_needs_an_address(run: Run) -> None:
    result = run("load")
    assert result.returncode == 2
    assert (
        result.stderr
        == "trilogue: --endpoint: expected the address of a store, or a --store on disk\n"
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("contsted=http://localhost/", "no layer 'contsted'; nearest: contested"),
        ("http://localhost/a http://localhost/b", "two endpoints of the layer 'published'"),
        ("ftp://ada:secret@localhost/", "^ftp://localhost/: expected an http or https address"),
        ("http://", "expected an http or https address"),
    ],
)
def test_what_is_no_address_is_refused(text: str, reason: str) -> None:
    with pytest.raises(EndpointError, match=reason):
        addresses.by_layer(text)
