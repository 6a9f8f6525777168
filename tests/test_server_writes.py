"""Writes over HTTP, for whoever holds the token: all of a change is made, or nothing of it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from pyoxigraph import Quad, RdfFormat, Store, parse
from serving import Served, served
from test_server_protocol import CASES, Case, content

from trilogue.disk import Versions
from trilogue.errors import TrilogueError
from trilogue.server import Access, read_token

TOKEN = "the-token-of-the-tests"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
UPDATE = {"Content-Type": "application/sparql-update"}
TURTLE = {"Content-Type": "text/turtle"}
G = "http://example.org/g"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An empty store that can be written to."""
    folder = tmp_path_factory.mktemp("writes")
    with served(folder / "store", folder / "log", token=TOKEN, workers=2) as running:
        yield running


@pytest.fixture(scope="module")
def client(server: Served) -> Iterator[httpx.Client]:
    """Whoever holds the token."""
    with httpx.Client(base_url=server.address, timeout=20, headers=BEARER) as client:
        insert(client, "<http://example.org/s> <http://example.org/p> 1")
        yield client


@pytest.fixture
def graph() -> str:
    """The name of a graph that there is not yet."""
    return f"http://example.org/{uuid.uuid4()}"


@pytest.fixture(scope="module")
def stranger(server: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.address, timeout=20) as client:
        yield client


def insert(client: httpx.Client, triples: str, graph: str = G) -> None:
    update = f"INSERT DATA {{ GRAPH <{graph}> {{ {triples} }} }}"
    assert client.post("/sparql", content=update, headers=UPDATE).status_code == 204


def ask(client: httpx.Client, pattern: str) -> bool:
    answer = client.get("/sparql", params={"query": f"ASK {{ {pattern} }}"})
    return bool(answer.json()["boolean"])


WRITES = [case for case in CASES if case.name.startswith(("update_", "bad_"))]


@pytest.mark.parametrize("case", WRITES, ids=lambda case: case.name)
def test_updates_are_made_as_the_w3c_tests_them(client: httpx.Client, case: Case) -> None:
    before = content(client)
    answer = client.request(
        case.method,
        "/sparql/",
        params=list(case.parameters),
        headers=case.headers,
        content=case.body,
    )
    if case.name.startswith("bad_"):
        assert 400 <= answer.status_code < 500
        assert content(client) == before
        return
    assert answer.status_code == 204
    assert ask(client, case.check)


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
WRONG = (
    "", "Bearer", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", TOKEN, "Bearer \xe9",
    f"Bearer {TOKEN}, Bearer {TOKEN}", f"Bearer {TOKEN.upper()}",
)  # fmt: skip


def test_without_the_right_token_nothing_is_written(
    client: httpx.Client, stranger: httpx.Client
) -> None:
    before = content(client)
    for credentials in WRONG:
        given = {"Authorization": credentials} if credentials else {}
        for method, target, body, kind in (
            ("POST", "/sparql", "CLEAR ALL", UPDATE),
            ("POST", "/sparql", "update=CLEAR+ALL", FORM),
            ("PUT", f"/store?graph={G}", "<a:b> <a:b> 1 .", TURTLE),
            ("POST", f"/store?graph={G}", "<a:b> <a:b> 1 .", TURTLE),
            ("POST", "/store", "<a:b> <a:b> 1 .", TURTLE),
            ("DELETE", f"/store?graph={G}", "", {}),
            ("PUT", "/store/some/graph", "<a:b> <a:b> 1 .", TURTLE),
        ):
            headers = [(name, value.encode("latin-1")) for name, value in {**kind, **given}.items()]
            answer = stranger.request(
                method, target, content=body, headers=[(n.encode(), v) for n, v in headers]
            )
            assert answer.status_code == 401
            challenge = answer.headers["WWW-Authenticate"]
            assert challenge.startswith('Bearer realm="trilogue"')
            assert ("invalid_token" in challenge) is bool(credentials)
            assert answer.text.count("\n") == 1
    assert content(stranger) == before


@pytest.mark.parametrize("name", ["access_token", "token"])
def test_a_token_in_an_address_is_refused(stranger: httpx.Client, name: str) -> None:
    for target in (f"/sparql?{name}=a-token", f"/store?graph={G}&{name}=a-token"):
        answer = stranger.post(target, content="CLEAR ALL", headers=UPDATE | BEARER)
        assert (answer.status_code, "logged" in answer.text) == (400, True)


def test_no_page_of_another_site_can_send_a_token(stranger: httpx.Client) -> None:
    for path in ("/sparql", "/store"):
        allowed = stranger.options(path).headers["Access-Control-Allow-Headers"]
        assert "authorization" not in allowed.lower()


def test_the_token_is_not_logged(server: Served, client: httpx.Client) -> None:
    answer = client.post("/sparql", content="# a:marked\nCLEAR NAMED", headers=UPDATE)
    assert answer.status_code == 204
    deadline = time.monotonic() + 10
    while "a:marked" not in server.log.read_text() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert "a:marked" in server.log.read_text()
    assert TOKEN not in server.log.read_text()


@pytest.mark.parametrize(
    ("update", "status", "reason"),
    [
        ("INSERT DATA { <a:b> <a:b> 1 }", 403, "outside of a named graph"),
        (f"INSERT DATA {{ GRAPH <{G}> {{ <a:c> <a:c> 1 }} }} ; INSERT {{ ?s ?p ?o }} WHERE {{ GRAPH <{G}> {{ ?s ?p ?o }} }}", 403, "outside"),
        (f"INSERT DATA {{ GRAPH <{G}> {{ <a:c> <a:c> 1 }} }} ; COPY <{G}> TO DEFAULT", 403, "union of the named graphs"),
        (f"INSERT DATA {{ GRAPH <{G}> {{ <a:c> <a:c> 1 }} }} ; INSERT DATA {{ <a:b> <a:b> 1 }}", 403, "outside"),
        (f"INSERT DATA {{ GRAPH <{G}> {{ <a:c> <a:c> 1 }} }} ; CREATE GRAPH <{G}>", 400, "cannot be made"),
        (f"INSERT DATA {{ GRAPH <{G}> {{ <a:c> <a:c> 1 }} }} ; DROP ALL ; NONSENSE", 400, "malformed"),
        ("DELETE DATA { <a:b> <a:b> 1 }", 403, "nothing can be deleted outside of a named graph"),
        ("DELETE WHERE { ?s ?p ?o }", 403, "deleted outside"),
        (f"DELETE {{ ?s ?p ?o }} USING <{G}> WHERE {{ ?s ?p ?o }}", 403, "deleted outside"),
        (f"DELETE {{ GRAPH <{G}> {{ ?s ?p ?o }} }} WHERE {{ ?s ?p ?o }}", 400, "matches nothing"),
        (f"INSERT {{ GRAPH <{G}> {{ ?s ?p 1 }} }} WHERE {{ GRAPH ?g {{ ?s ?p ?o }} OPTIONAL {{ ?o ?q ?r }} }}", 400, "GRAPH ?g { }, or name graphs by USING or WITH"),
        (f"INSERT {{ GRAPH <{G}> {{ ?s ?p 1 }} }} WHERE {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(?o > 1 && NOT EXISTS {{ ?s a ?c }}) }}", 400, "matches nothing"),
        (f"INSERT {{ GRAPH <{G}> {{ ?s ?p 1 }} }} WHERE {{ {{ SELECT ?s ?p WHERE {{ ?s ?p ?o }} }} }}", 400, "matches nothing"),
        ("CLEAR DEFAULT", 403, "union of the named graphs"),
        ("DROP SILENT DEFAULT", 403, "union of the named graphs"),
        (f"COPY DEFAULT TO <{G}>", 403, "union of the named graphs"),
        (f"MOVE DEFAULT TO <{G}>", 403, "union of the named graphs"),
        (f"ADD <{G}> TO DEFAULT", 403, "union of the named graphs"),
        ("LOAD <http://127.0.0.1:9/>", 403, "LOAD"),
        ("load silent <http://127.0.0.1:9/> INTO GRAPH <a:g>", 403, "LOAD"),
        ("PREFIX load: <http://127.0.0.1:9/> LOAD load:x INTO GRAPH <a:g>", 403, "LOAD"),
        ("CLEAR ALL;LOAD<http://127.0.0.1:9/>", 403, "LOAD"),
        ("DELETE WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", 403, "SERVICE"),
        ("INSERT DATA { " + "{" * 101 + "}" * 101 + " }", 400, "levels deep"),
    ],
)  # fmt: skip
def test_an_update_that_is_refused_changes_nothing(
    client: httpx.Client, update: str, status: int, reason: str
) -> None:
    before = content(client)
    answer = client.post("/sparql", content=update, headers=UPDATE)
    assert (answer.status_code, reason in answer.text) == (status, True), answer.text
    assert answer.text.count("\n") == 1
    assert content(client) == before


def test_an_update_whose_patterns_name_their_graphs_is_made(client: httpx.Client) -> None:
    insert(client, "<a:s> <a:p> 1")
    for condition in (
        "GRAPH ?g { ?s <a:p> ?o } FILTER(EXISTS { GRAPH ?g { ?s ?p ?o } } && ?o IN (1, 2)) BIND(?o + 1 AS ?n)",
        "{ SELECT ?s (COUNT(*) + 2 AS ?n) { GRAPH ?g { ?s <a:p> ?o } } GROUP BY ?s VALUES ?x { 1 } }",
        "VALUES (?s ?n) { (<a:s> 4) }",
    ):
        update = f"INSERT {{ GRAPH <{G}> {{ ?s <a:q> ?n }} }} WHERE {{ {condition} }}"
        assert client.post("/sparql", content=update, headers=UPDATE).status_code == 204, condition
    assert ask(client, "<a:s> <a:q> 2, 3, 4")
    update = f"WITH <{G}> DELETE {{ ?s <a:q> ?n }} WHERE {{ ?s <a:q> ?n FILTER(?n < 4) }}"
    assert client.post("/sparql", content=update, headers=UPDATE).status_code == 204
    assert ask(client, "<a:s> <a:q> 4 FILTER NOT EXISTS { <a:s> <a:q> 2 }")


def test_an_update_that_takes_too_long_or_too_much_is_stopped_and_changes_nothing(
    tmp_path: Path,
) -> None:
    explode = (
        f"INSERT DATA {{ GRAPH <{G}> {{ <a:x> <a:x> 1 }} }} ; INSERT {{ GRAPH <{G}> {{ ?a ?b ?i }} }} "
        "WHERE { GRAPH ?x { ?a ?b ?c } GRAPH ?y { ?d ?e ?f } GRAPH ?z { ?g ?h ?i } }"
    )
    _fill(tmp_path / "store", 3_000)
    with (
        served(tmp_path / "store", tmp_path / "log", token=TOKEN, timeout=1.5) as server,
        httpx.Client(base_url=server.address, timeout=20, headers=BEARER) as client,
    ):
        before = content(client)
        answer = client.post("/sparql", content=explode, headers=UPDATE)
        assert answer.status_code in (503, 504)
        assert content(client) == before
        insert(client, "<a:b> <a:b> 1")  # the lock is free
    found = Versions(tmp_path / "store").store
    assert len(found) == 3_001
    assert sum(path.name.isdecimal() for path in (tmp_path / "store").iterdir()) <= 4


def _fill(folder: Path, size: int) -> None:
    store = Store(folder)
    graph = "<http://g>"
    lines = (f"<http://a/{n}> <http://p> <http://b/{n}> {graph} .\n" for n in range(size))
    store.bulk_load("".join(lines), RdfFormat.N_QUADS)
    store.flush()


def test_every_process_sees_a_change_as_soon_as_it_is_answered(
    server: Served, client: httpx.Client, graph: str
) -> None:
    """Readers go on meanwhile, on the version before."""
    stop = threading.Event()

    def read() -> list[int]:
        counts = []
        with httpx.Client(base_url=server.address, timeout=20) as reader:
            query = {"query": f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"}
            while not stop.is_set():
                row = reader.get("/sparql", params=query).json()["results"]["bindings"][0]
                counts.append(int(row["n"]["value"]))
        return counts

    with ThreadPoolExecutor() as pool:
        readers = [pool.submit(read) for _ in range(3)]
        for number in range(3):
            insert(client, f"<a:{number}> <a:b> 1 , 2", graph)
            with httpx.Client(base_url=server.address, timeout=20) as reader:
                assert ask(reader, f"GRAPH <{graph}> {{ <a:{number}> <a:b> 1 , 2 }}")
        stop.set()
        for each in readers:
            counts = each.result()
            assert counts == sorted(counts)
            assert set(counts) <= {0, 2, 4, 6}  # never half of a change


def test_changes_at_the_same_time_are_all_made(
    server: Served, client: httpx.Client, graph: str
) -> None:
    def write(number: int) -> None:
        with httpx.Client(base_url=server.address, timeout=20, headers=BEARER) as writer:
            insert(writer, f"<a:{number}> <a:b> {number}", graph)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    query = {"query": f"SELECT ?o {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}", "format": "csv"}
    assert sorted(client.get("/sparql", params=query).text.split()[1:]) == ["0", "1", "2", "3"]


def triples(answer: httpx.Response) -> set[str]:
    """The triples of an answer, with blank nodes alike."""
    form = RdfFormat.from_media_type(answer.headers["Content-Type"])
    assert form is not None
    return {_shown(quad) for quad in parse(answer.content, format=form)}


def _shown(quad: Quad) -> str:
    return " ".join("_" if str(term).startswith("_:") else str(term) for term in quad.triple)


def _short(found: set[str]) -> set[str]:
    datatype = "^^<http://www.w3.org/2001/XMLSchema#integer>"
    return {line.replace(datatype, "").replace('"', "") for line in found}


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("/store?graph=http://example.org/person", "http://example.org/person"),
        ("/store/person/1.ttl", "{address}/store/person/1.ttl"),
    ],
)
def test_the_graph_store_protocol_is_kept(
    server: Served, client: httpx.Client, target: str, name: str
) -> None:
    """The cases of the W3C: put, replace, post, head and delete, of graphs that are and are not."""
    name = name.format(address=server.address)
    assert client.get(target).status_code == 404
    assert client.delete(target).status_code == 404
    first = client.put(target, content="<#me> a <a:Person> ; <a:knows> [] .", headers=TURTLE)
    assert first.status_code == 201
    found = client.get(target, headers={"Accept": "application/n-triples"})
    assert triples(found) == {
        f"<{name}#me> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <a:Person>",
        f"<{name}#me> <a:knows> _",
    }
    assert ask(client, f"GRAPH <{name}> {{ ?s a <a:Person> }}")
    json = b'{"@id": "a:x", "a:p": "1"}'
    put = client.put(target, content=json, headers={"Content-Type": "application/ld+json"})
    assert put.status_code == 204
    head = client.head(target)
    assert (head.status_code, head.content) == (200, b"")
    assert triples(client.get(target)) == {'<a:x> <a:p> "1"'}
    post = client.post(target, content="<a:x> <a:p> 2 .", headers=TURTLE)
    assert post.status_code == 204
    assert len(triples(client.get(target))) == 2
    assert client.post(target, content="", headers=TURTLE).status_code == 204
    assert client.put(target, content="", headers=TURTLE).status_code == 204
    assert triples(client.get(target)) == set()
    assert client.delete(target).status_code == 204
    assert client.get(target).status_code == 404


def test_a_graph_without_a_name_gets_one(client: httpx.Client) -> None:
    made = client.post("/store", content="<a:x> <a:p> 2 .", headers=TURTLE)
    assert made.status_code == 201
    assert len(triples(client.get(made.headers["Location"]))) == 1
    assert ask(client, f"GRAPH <{made.headers['Location']}> {{ <a:x> <a:p> 2 }}")


def test_the_default_graph_is_read_as_the_union_and_not_written(
    client: httpx.Client, graph: str
) -> None:
    insert(client, f"<a:a> <a:b> 1 }} GRAPH <{graph}2> {{ <a:a> <a:b> 2", graph)
    assert {"<a:a> <a:b> 1", "<a:a> <a:b> 2"} <= _short(triples(client.get("/store?default")))
    for method in ("PUT", "POST", "DELETE"):
        answer = client.request(method, "/store?default", content="", headers=TURTLE)
        assert (answer.status_code, "named graphs" in answer.text) == (403, True)


@pytest.mark.parametrize(
    ("target", "body", "media_type", "status"),
    [
        ("/store", "<a:b> <a:b> 1 .", "text/turtle", 400),
        ("/store?graph=relative", "", "text/turtle", 400),
        ("/store?graph=a%0D%0AX:y", "", "text/turtle", 400),
        (f"/store?graph={G}&default", "", "text/turtle", 400),
        (f"/store?graph={G}&graph={G}", "", "text/turtle", 400),
        (f"/store/x?graph={G}", "", "text/turtle", 400),
        (f"/store?graph={G}", "<a:b> <a:b> ", "text/turtle", 400),
        (f"/store?graph={G}", "<a:b> <a:b> 1 .", "text/html", 415),
        (f"/store?graph={G}", "<a:b> <a:b> 1 .", "multipart/form-data; boundary=x", 415),
        (f"/store?graph={G}", f"<{G}2> {{ <a:b> <a:b> 1 }}", "application/trig", 415),
        (f"/store?graph={G}", '{"@id": "a:g", "@graph": {"@id": "a:x", "a:p": 1}}', "application/ld+json", 400),
        (f"/store?graph={G}", "<a:b> <a:b> 1 .", "", 415),
        (f"/store?graph={G}", b"\xff\xfe<a>", "text/turtle", 400),
    ],
)  # fmt: skip
def test_what_is_no_graph_is_refused_and_changes_nothing(
    client: httpx.Client, target: str, body: str | bytes, media_type: str, status: int
) -> None:
    before = content(client)
    answer = client.put(target, content=body, headers={"Content-Type": media_type})
    assert answer.status_code == status, answer.text
    assert answer.text.count("\n") == 1
    assert content(client) == before
    assert client.patch(f"/store?graph={G}").status_code == 405


def test_an_upload_is_larger_than_what_strangers_may_send(
    server: Served, client: httpx.Client, stranger: httpx.Client, graph: str
) -> None:
    lines = "".join(f"<http://a/{n}> <http://p> <http://b/{n}> .\n" for n in range(40_000))
    assert len(lines) > 1 << 20
    target, headers = f"/store?graph={graph}", {"Content-Type": "application/n-triples"}
    assert client.put(target, content=lines, headers=headers).status_code == 201
    assert ask(client, f"GRAPH <{graph}> {{ <http://a/39999> ?p ?o }}")
    assert stranger.put(target, content=lines, headers=headers).status_code == 413
    huge = f"PUT {target} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: {10**12}\r\n\r\n"
    assert server.exchange(huge.encode())[0] == 413


def test_an_upload_goes_on_while_its_process_is_at_a_long_query(tmp_path: Path) -> None:
    """Its connection is handed over, with more than a message holds."""
    _fill(tmp_path / "store", 3_000)
    body = "".join(f"<http://a/{n}> <http://p> <http://b/{n}> .\n" for n in range(9_000)).encode()
    head = (
        f"PUT /store?graph={G} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {TOKEN}\r\n"
        f"Content-Type: application/n-triples\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    explode = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?a != ?f) }"
    with (
        served(tmp_path / "store", tmp_path / "log", token=TOKEN, workers=1, timeout=4) as server,
        server.connect() as stream,
        ThreadPoolExecutor() as pool,
    ):
        stream.sendall(head + body[:-10])
        time.sleep(0.3)
        late = pool.submit(httpx.get, server.endpoint, params={"query": explode}, timeout=20)
        time.sleep(0.5)
        stream.sendall(body[-10:])
        assert stream.recv(100).startswith(b"HTTP/1.1 201")
        assert late.result().status_code == 504


def test_the_description_tells_whether_updates_are_made(stranger: httpx.Client) -> None:
    assert "SPARQL11Update" in stranger.get("/sparql").text


@pytest.mark.parametrize(
    ("content", "environment", "reason"),
    [
        ("short", None, "16 and more"), ("", None, "16 and more"),
        ("a token with spaces in it", None, "16 and more"), (None, None, "cannot be read"),
        ("x" * 20, "y" * 20, "one of them"), ("x" * 15 + "é", None, "16 and more"),
    ],
)  # fmt: skip
def test_a_token_that_cannot_be_one_stops_the_start(
    tmp_path: Path, content: str | None, environment: str | None, reason: str
) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_text(content)
    with pytest.raises(TrilogueError, match=reason):
        read_token(file, {"TRILOGUE_TOKEN": environment} if environment else {})


def test_a_token_is_taken_from_a_file_or_out_of_the_environment(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    assert read_token(tmp_path / "token", {}) == TOKEN
    environment = {"TRILOGUE_TOKEN": TOKEN}
    assert read_token(None, environment) == TOKEN
    assert environment == {}
    assert read_token(None, {}) is None
    assert not Access().permits({"authorization": "Bearer "})


def test_a_store_becomes_the_first_of_its_versions_and_stays_a_store(tmp_path: Path) -> None:
    _fill(tmp_path, 10)
    versions = Versions.of(tmp_path)
    assert len(versions.store) == 10
    assert Versions.of(tmp_path).store is not None
    assert len(Store.read_only(str(tmp_path / "present"))) == 10


def test_a_store_that_is_in_use_or_none_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TrilogueError, match="not empty"):
        Versions.of(tmp_path)
    script = "import sys, pyoxigraph; s = pyoxigraph.Store(sys.argv[1]); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / "store")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(TrilogueError, match="another process"):
            Versions.of(tmp_path / "store")
        process.kill()


def test_what_a_killed_writer_left_is_cleared_away(tmp_path: Path) -> None:
    Versions.of(tmp_path / "store")
    (tmp_path / "store" / "2").mkdir()
    (tmp_path / "store" / "2" / "half").write_text("")
    update = f"INSERT DATA {{ GRAPH <{G}> {{ <a:b> <a:b> 1 }} }}"
    versions = Versions(tmp_path / "store")
    settled: list[int] = []
    versions.write(lambda store: store.update(update), lambda: settled.append(len(versions.store)))
    assert settled == [0]
    assert len(versions.store) == 1
    assert not (tmp_path / "store" / "2" / "half").exists()


def test_the_command_writes_only_to_a_store(
    run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    (tmp_path / "token").write_text(TOKEN)
    refused = run("serve", "--token-file", str(tmp_path / "token"))
    assert (refused.returncode, "--store" in refused.stderr) == (1, True)
    command = [sys.executable, "-m", "trilogue.cli", "serve", "--port", "0", "--workers", "1"]
    environment = {**os.environ, "TRILOGUE_TOKEN": TOKEN}
    with subprocess.Popen(
        [*command, "--store", str(tmp_path / "store")],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        try:
            endpoint = process.stderr.readline().strip()
            with httpx.Client(base_url=endpoint.removesuffix("/sparql"), headers=BEARER) as client:
                insert(client, "<a:b> <a:b> 1")
                assert ask(client, "<a:b> <a:b> 1")
        finally:
            process.terminate()
