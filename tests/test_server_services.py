"""SERVICE and LOAD over HTTP: only hosts that were allowed are asked, and paths are found here."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from pyoxigraph import QueryResultsFormat, QuerySolutions, RdfFormat, Store
from serving import Served, served

from trilogue import disk
from trilogue.errors import TrilogueError
from trilogue.graph import EmbeddedBackend, Graph
from trilogue.paths import reading
from trilogue.paths.network import Network
from trilogue.paths.service import SERVICE
from trilogue.project import Project
from trilogue.server.networks import Networks
from trilogue.server.remote import Allowed, Client, NotAllowedError

TOKEN = "the-token-of-the-tests"
DATA = '<a:x> <a:name> "service } \\" X"@en ; <a:knows> [ <a:name> 2 ] .'
network_of = reading.read
INJECTION = "http://x/> } } SERVICE <http://127.0.0.1:PORT/hit> { ?s ?p ?o } #"


class Other(BaseHTTPRequestHandler):
    """A service of others, which does at each path what services may do."""

    store = Store()
    asked: list[str]

    def do_POST(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        size = int(self.headers.get("Content-Length", 0))
        form = parse_qs(self.rfile.read(size).decode())
        self.asked.append(self.path)
        port = int(str(self.headers["Host"]).rpartition(":")[2])
        results = "application/sparql-results+json"
        if self.path == "/sparql":
            found = self.store.query(form["query"][0])
            assert isinstance(found, QuerySolutions)
            self._send(200, results, found.serialize(format=QueryResultsFormat.JSON) or b"")
        elif self.path == "/redirect":
            self.send_response(302)
            self.send_header("Location", f"http://127.0.0.1:{port}/hit")
            self.end_headers()
        elif self.path == "/slow":
            self.send_response(200)
            self.end_headers()
            for _ in range(100):
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(0.1)
        elif self.path == "/inject":
            row = {"o": {"type": "uri", "value": INJECTION.replace("PORT", str(port))}}
            body = {"head": {"vars": ["o"]}, "results": {"bindings": [row]}}
            self._send(200, results, json.dumps(body).encode())
        elif self.path == "/data.ttl":
            self._send(200, "text/turtle", DATA.encode())
        else:
            bodies = {"/huge": b"x" * (2 << 20), "/page": b"<html>", "/broken": b'{"head":'}
            self._send(200 if self.path in bodies else 500, results, bodies.get(self.path, b""))

    def _send(self, status: int, media_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Take no notice of clients that have gone."""


@pytest.fixture(scope="module")
def other() -> Iterator[str]:
    Other.asked = []
    Other.store.load(DATA, RdfFormat.TURTLE)
    with Quiet(("127.0.0.1", 0), Other) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{running.server_address[1]}"
        running.shutdown()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, other: str) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("services")
    limits = {"workers": 2, "timeout": 4.0}
    with served(
        folder / "store", folder / "log", token=TOKEN, allowed=[other, "localhost"], **limits
    ) as running:
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "text/turtle"}
        data = "<a:x> <a:age> 7 . <a:y> <a:age> 8 ."
        put = httpx.put(f"{running.address}/store?graph=a:g", content=data, headers=headers)
        assert put.status_code == 201
        yield running


def ask(server: Served, query: str, form: str = "csv") -> httpx.Response:
    return httpx.get(server.endpoint, params={"query": query, "format": form}, timeout=20)


def change(server: Served, update: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return httpx.post(server.endpoint, data={"update": update}, headers=headers, timeout=20)


def test_what_a_service_answers_joins_with_the_rest(server: Served, other: str) -> None:
    query = (
        "PREFIX a: <a:> SELECT ?s ?age ?name ?other {\n ?s a:age ?age .\n"
        f"OPTIONAL {{ SERVICE <http://{other}/sparql> {{ ?s a:name ?name ; a:knows ?k\n."
        " ?k a:name ?other } FILTER(isIRI(?k)) } } ORDER BY ?s"
    )
    answer = ask(server, query)
    assert answer.status_code == 200, answer.text
    assert answer.text.splitlines() == ["s,age,name,other", 'a:x,7,"service } "" X",2', "a:y,8,,"]
    assert ask(server, query.replace("<a:>", "<a:>\n") + " nonsense").text.startswith("5:")


REFUSED = [
    ("<http://example.org/sparql>", "can allow it"),
    ("<http://127.0.0.1:9/sparql>", "can allow it"),
    ("<http://127.0.0.1/sparql>", "can allow it"),
    ("<http://OTHER@127.0.0.1:9/>", "can allow it"),
    ("<http://user@OTHER/sparql>", "user name"),
    ("<http://localhost/sparql>", "not of the public Web"),
    ("<ftp://localhost/sparql>", "http or https"),
    ("<file:///etc/passwd>", "http or https"),
    ("<http://OTHER/sparql#> { SERVICE <http://OTHER/hit> { ?s ?p ?o } } #", "beside"),
    ("?where", "as an IRI"),
    (f"<{SERVICE}>", "can allow it"),
]


@pytest.mark.parametrize(("name", "reason"), REFUSED, ids=[name for name, _ in REFUSED])
@pytest.mark.parametrize("silent", ["", "SILENT "])
def test_no_other_service_is_asked(
    server: Served, other: str, name: str, reason: str, silent: str
) -> None:
    """Not even one that is allowed, where another one beside it is not."""
    Other.asked.clear()
    allowed = f"SERVICE <http://{other}/sparql> {{ ?a ?b ?c }}"
    refused = f"SERVICE {silent}{name.replace('OTHER', other)} {{ ?s ?p ?o }}"
    for query in (f"SELECT * {{ {allowed} {refused} \n}}", f"SELECT * {{ {refused} {allowed} \n}}"):
        answer = ask(server, query)
        assert (answer.status_code, answer.text.count("\n")) == (403, 1), answer.text
        assert reason in answer.text
    if "localhost" not in name:  # whose address is known only when it is looked up
        assert Other.asked == []
    assert "/hit" not in Other.asked


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/redirect", "answered 302"), ("/slow", "no answer within"), ("/huge", "longer than"),
        ("/page", "no SPARQL result"), ("/broken", "no SPARQL result"), ("/error", "answered 500"),
        ("/inject", "no SPARQL result"),
    ],
)  # fmt: skip
def test_a_service_that_fails_is_named_or_passed_over(
    server: Served, other: str, path: str, reason: str
) -> None:
    Other.asked.clear()
    begun = time.monotonic()
    query = f"SELECT * {{ ?s <a:age> ?age SERVICE SILENT <http://{other}{path}> {{ ?s ?p ?o }} }}"
    answer = ask(server, query.replace("SILENT ", ""))
    assert (answer.status_code, answer.text.count("\n")) == (502, 1), answer.text
    assert reason in answer.text
    assert ask(server, query).text.count("\n") == 3
    assert time.monotonic() - begun < 8
    assert Other.asked == [path, path]


def test_a_name_is_looked_up_once_and_held_against_what_is_allowed(other: str) -> None:
    """A name that leads to this machine, at once or at the second look-up, leads nowhere."""
    Other.asked.clear()
    host, _, port = other.partition(":")
    looked: list[str] = []

    def rebinding(name: str, _: int) -> list[str]:
        looked.append(name)
        return ["8.8.8.8"] if len(looked) == 1 else [host]

    iri = f"http://rebinding.example:{port}/sparql"
    allowed = (Allowed.read(f"rebinding.example:{port}"),)
    client = Client(allowed, 0.2, resolve=rebinding)
    with pytest.raises(TrilogueError, match="no answer"):  # from where the first look-up led
        client.ask(iri, b"", {}, ())
    assert looked == ["rebinding.example"]
    for addresses in (
        [host], ["8.8.8.8", host], ["::1"], ["::ffff:127.0.0.1"], ["10.0.0.1"], ["169.254.169.254"],
        ["fe80::1%eth0"], ["fd00::1"], ["64:ff9b::7f00:1"], ["2002:7f00:1::"], ["0.0.0.0"], ["224.0.0.1"],
        ["100.64.0.1"],
    ):  # fmt: skip
        client = Client(allowed, 0.2, resolve=lambda *_, found=addresses: found)
        with pytest.raises(NotAllowedError, match="not of the public Web"):
            client.ask(iri, b"", {}, ())
    assert Other.asked == []


@pytest.mark.parametrize("text", ["", "http://a", "a:0", "a:65536", "a:x", "a/b", "a b", "[::1"])
def test_a_host_that_cannot_be_one_is_no_option(text: str) -> None:
    with pytest.raises(TrilogueError, match="expected a host"):
        Allowed.read(text)


def test_an_update_loads_and_asks_only_what_is_allowed(server: Served, other: str) -> None:
    Other.asked.clear()
    assert (
        change(server, f"LOAD <http://{other}/data.ttl> INTO GRAPH <a:loaded>").status_code == 204
    )
    loaded = "SELECT ?n { GRAPH <a:loaded> { ?s <a:knows> ?b . ?b <a:name> ?n } }"
    assert ask(server, loaded).text.split() == ["n", "2"]
    insert = f"INSERT {{ GRAPH <a:asked> {{ ?s <a:b> ?n }} }} WHERE {{ SERVICE <http://{other}/sparql> {{ ?s <a:name> ?n }} }}"
    assert change(server, insert).status_code == 204
    assert ask(server, "SELECT ?n { GRAPH <a:asked> { <a:x> ?p ?n } }").text.count("service") == 1
    assert Other.asked == ["/data.ttl", "/sparql"]
    for update, status in (
        (f"LOAD <http://{other}/data.ttl>", 403),
        ("LOAD <http://127.0.0.1:9/> INTO GRAPH <a:g>", 403),
        (f"CLEAR ALL ; LOAD <http://{other}/error> INTO GRAPH <a:g>", 502),
        (f"CLEAR ALL ; LOAD <http://{other}/redirect> INTO GRAPH <a:g>", 502),
        (f"CLEAR ALL ; LOAD <http://{other}/page> INTO GRAPH <a:g>", 502),
        (f"CLEAR ALL ; LOAD <http://{other}/data.ttl> INTO GRAPH <a:g>{{}}", 403),
    ):
        answer = change(server, update)
        assert (answer.status_code, answer.text.count("\n")) == (status, 1), answer.text
    assert change(server, f"LOAD SILENT <http://{other}/error> INTO GRAPH <a:g>").status_code == 204
    assert ask(server, loaded).text.split() == ["n", "2"]
    assert "/hit" not in Other.asked


def test_the_description_tells_that_others_are_asked(server: Served) -> None:
    assert "BasicFederatedQuery" in httpx.get(server.endpoint).text


PATHS = """PREFIX tlg: <https://w3id.org/trilogue/ns#>
SELECT ?text ?day ?number ?act WHERE {
  SERVICE <https://w3id.org/trilogue/service/paths> {
    [] tlg:expression "contact/office?/position/adoption" ;
      tlg:searchesFrom ?firm ; tlg:searchesTo ?text ; tlg:findsPath ?path .
    ?firm a tlg:SmallOrMediumEnterprise .
    ?path tlg:arrivalDay ?day ; tlg:hasHop ?hop . ?hop tlg:hopNumber ?number ; tlg:restsOnGround ?act .
  }
} ORDER BY ?text ?day ?number ?act"""


@pytest.fixture(scope="module")
def published(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Served]]:
    """The graph as the command serves it, and as it serves a store on disk."""
    folder = tmp_path_factory.mktemp("store")
    store = Store(folder)
    store.bulk_load(path=project.dataset, format=RdfFormat.N_QUADS)
    store.flush()
    del store
    command = [sys.executable, "-m", "trilogue.cli", "serve", "--port", "0", "--workers", "1"]
    options: list[list[str]] = [[], ["--store", str(folder)]]
    running = [
        subprocess.Popen([*command, *more], cwd=project.root, stderr=subprocess.PIPE, text=True)
        for more in options
    ]
    try:
        found = []
        for process in running:
            assert process.stderr is not None
            port = int(process.stderr.readline().strip().rsplit(":", 1)[1].split("/")[0])
            found.append(Served(process, port, Path()))
        yield found
    finally:
        for process in running:
            process.terminate()


def test_paths_are_found_in_the_midst_of_a_query(published: list[Served], graph: Graph) -> None:
    expected = graph.query(PATHS).serialize("csv")
    assert expected.count("\n") > 5
    for server in published:
        assert ask(server, PATHS).text.replace("\r\n", "\n") == expected
        wrong = ask(server, PATHS.replace("contact/", "contat/"))
        assert (wrong.status_code, wrong.text[:4]) == (400, "3:3 "), wrong.text
        assert "nearest: contact" in wrong.text
        within = PATHS.replace("?firm a", "SERVICE <http://127.0.0.1:9/> { ?a ?b ?c } ?firm a")
        assert ask(server, within).status_code == 403
        named = httpx.get(
            server.endpoint,
            params={"query": PATHS, "format": "csv", "default-graph-uri": "a:none"},
            timeout=20,
        )
        assert named.text.count("\n") == 1  # no firm in a graph that there is not


def test_the_api_is_there_beside_a_store_on_disk(published: list[Served]) -> None:
    asked = {"along": "contact/office", "from": "SmallOrMediumEnterprise", "to": "actor/france"}
    in_memory, on_disk = (
        {
            path: httpx.get(f"{server.address}/api/{path}", params=parameters, timeout=20).json()
            for path, parameters in (
                ("paths", asked), ("search", {"q": "Mistral"}), ("things/actor/mistral-ai", {}),
                ("queries/table-3", {}), ("contradictions", {}),
            )
        }
        for server in published
    )  # fmt: skip
    assert in_memory == on_disk
    assert in_memory["paths"]["paths"]


def test_a_store_on_disk_is_not_asked_for_a_layer_of_the_checkout(published: list[Served]) -> None:
    in_memory, on_disk = (
        httpx.get(f"{server.address}/api/queries/both-sides-of-each-contradiction", timeout=20)
        for server in published
    )
    assert in_memory.status_code == 200
    assert on_disk.status_code == 400
    assert "it reads the asserted layer" in on_disk.json()["detail"]


def test_the_network_of_a_store_is_read_once_for_all_processes_until_it_changes(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "store"
    with project.dataset.open("rb") as source:
        disk.load(folder, source)
    read: list[Graph] = []

    def counted(graph: Graph) -> Network:
        read.append(graph)
        return network_of(graph)

    monkeypatch.setattr(reading, "read", counted)
    networks = Networks()

    def found() -> Network:
        """Return what a process finds that has just begun."""
        stores = disk.Versions(folder)
        graph = Graph(EmbeddedBackend(stores.store), project)
        return networks.reader(stores.state)(graph)

    assert found() == found() == network_of(read[0])
    assert len(read) == 1
    disk.update(folder, "DROP ALL")
    assert found().hops == ()
    assert len(read) == 2


def test_an_answer_of_the_api_is_not_sent_twice(published: list[Served]) -> None:
    for server, kept in zip(published, ("max-age", "no-cache"), strict=True):
        address = f"{server.address}/api/queries"
        first = httpx.get(address, timeout=20)
        assert kept in first.headers["Cache-Control"]
        known = {"If-None-Match": f'"other", W/{first.headers["ETag"]}'}
        again = httpx.get(address, headers=known, timeout=20)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
        changed = httpx.get(address, headers={"If-None-Match": '"other"'}, timeout=20)
        assert changed.content == first.content
