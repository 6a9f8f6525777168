"""Queries that take too much, clients that ask too often, processes that end: others go on."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest
from pyoxigraph import RdfFormat, Store
from serving import Served, read_answer, served

from trilogue.errors import TrilogueError
from trilogue.project import Project
from trilogue.server import stores_on_disk

EXPLODING = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?a != ?f) }"
HUNGRY = "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?a ?f"
SMALL = "ASK { <http://a/1> ?p ?o }"
OTHER, THIRD = "127.0.0.2", "127.0.0.3"

if sys.platform != "linux":
    OTHER = THIRD = "127.0.0.1"
linux = pytest.mark.skipif(sys.platform != "linux", reason="asks from several loopback addresses")


@pytest.fixture(scope="module")
def quads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough quads for a join without conditions to last for hours."""
    path = tmp_path_factory.mktemp("limits") / "data.nq"
    lines = [f"<http://a/{n}> <http://p> <http://b/{n}> <http://g> .\n" for n in range(5_000)]
    path.write_text("".join(lines))
    return path


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def asynchronous() -> Iterator[Callable[..., Future[tuple[int, bytes]]]]:
    """Ask in the background."""
    with ThreadPoolExecutor() as pool:

        def start(server: Served, query: str, source: str) -> Future[tuple[int, bytes]]:
            return pool.submit(server.exchange, asking(query), source=source)

        yield start


def asking(query: str, *headers: str, form: str = "json") -> bytes:
    lines = [
        f"GET /sparql?format={form}&query={quote(query)} HTTP/1.1",
        "Host: localhost",
        *headers,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def reading(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


def metric(server: Served, name: str) -> float:
    _, answer = server.exchange(
        reading("/metrics"), source="127.0.0.9" if OTHER != "127.0.0.1" else OTHER
    )
    lines = answer.decode().splitlines()
    return float(next(line for line in lines if line.startswith(f"trilogue_{name} ")).split()[1])


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until something holds: long enough for a busy machine."""
    deadline = time.monotonic() + 15
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def processes(server: Served) -> set[int]:
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(server.process.pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    return {int(number) for number in listed.stdout.split()}


def long_queries(server: Served) -> float:
    return metric(server, 'workers{state="long"}')


def test_a_query_is_stopped_at_its_deadline(quads: Path, log: Path) -> None:
    with served(quads, log, timeout=0.5) as server:
        begun = time.monotonic()
        status, answer = server.exchange(asking(EXPLODING))
        assert time.monotonic() - begun >= 0.5
        assert (status, answer.rpartition(b"\r\n")[2]) == (
            504,
            b"the query was stopped after 0.5 seconds\n",
        )
        assert server.exchange(asking(SMALL))[0] == 200
        assert metric(server, "queries_late_total") == 1
        eventually(lambda: long_queries(server) == 0)


def test_a_query_is_stopped_when_it_takes_too_much_memory(quads: Path, log: Path) -> None:
    with served(quads, log, memory=32 << 20) as server:
        status, answer = server.exchange(asking(HUNGRY))
        assert status == 503
        assert b"needs more than 32 MB of memory\n" in answer
        assert metric(server, "queries_hungry_total") == 1
        assert server.exchange(asking(SMALL))[0] == 200


@linux
def test_open_connections_go_on_while_queries_explode(
    quads: Path, log: Path, asynchronous: Callable[..., Future[tuple[int, bytes]]]
) -> None:
    with served(quads, log, timeout=5, workers=2) as server:
        streams = [server.connect() for _ in range(16)]
        for stream in streams:
            stream.sendall(asking(SMALL))
            assert read_answer(stream)[0] == 200
        exploding = [asynchronous(server, EXPLODING, source) for source in (OTHER, OTHER, THIRD)]
        eventually(lambda: long_queries(server) == 3)
        for stream in streams:
            stream.sendall(asking(SMALL))
            assert read_answer(stream)[0] == 200
            stream.close()
        assert [future.result()[0] for future in exploding] == [504] * 3
        assert metric(server, "connections_passed_total") > 0
        assert metric(server, "workers_crashed_total") == 0


@linux
def test_a_client_with_a_long_query_is_served_on_apart_from_others(
    quads: Path, log: Path, asynchronous: Callable[..., Future[tuple[int, bytes]]]
) -> None:
    with served(quads, log, workers=2, concurrency=1) as server:
        first = asynchronous(server, EXPLODING, OTHER)
        eventually(lambda: long_queries(server) == 1)
        heavy = [server.connect(OTHER) for _ in range(4)]
        light = [server.connect() for _ in range(4)]
        for _ in range(3):
            for stream in (*heavy, *light):
                stream.sendall(asking(SMALL))
            for stream in (*heavy, *light):
                assert read_answer(stream)[0] == 200
        for stream in (*heavy, *light):
            stream.close()
        server.process.kill()
        assert first.result()[0] == 0


@linux
def test_a_killed_process_is_replaced(quads: Path, log: Path) -> None:
    with served(quads, log, workers=2) as server:
        eventually(lambda: len(processes(server)) == 2)
        before = processes(server)
        os.kill(min(before), signal.SIGKILL)
        eventually(lambda: len(processes(server)) == 2 and processes(server) != before)
        assert metric(server, "workers_crashed_total") == 1
        assert server.exchange(asking(SMALL))[0] == 200


@linux
def test_one_client_runs_so_many_long_queries_and_all_so_many(
    quads: Path, log: Path, asynchronous: Callable[..., Future[tuple[int, bytes]]]
) -> None:
    with served(quads, log, concurrency=1, long_queries=2) as server:
        first = asynchronous(server, EXPLODING, OTHER)
        eventually(lambda: long_queries(server) == 1)
        status, answer = server.exchange(asking(EXPLODING), source=OTHER)
        assert (status, b"Retry-After: " in answer) == (429, True)
        second = asynchronous(server, EXPLODING, THIRD)
        eventually(lambda: long_queries(server) == 2)
        status, answer = server.exchange(asking(EXPLODING))
        assert (status, b"Retry-After: " in answer) == (503, True)
        assert server.exchange(asking(SMALL), source=OTHER)[0] == 200
        server.process.kill()  # and with it the queries, which nobody need wait for
        assert (first.result()[0], second.result()[0]) == (0, 0)


@linux
def test_a_client_that_asks_too_often_is_told_when_to_come_back(quads: Path, log: Path) -> None:
    with served(quads, log, rate=0.01, burst=3) as server:
        answers = [server.exchange(asking(SMALL)) for _ in range(4)]
        assert [status for status, _ in answers] == [200, 200, 200, 429]
        (seconds,) = re.findall(rb"Retry-After: (\d+)\r\n", answers[-1][1])
        assert 50 < int(seconds) <= 100
        assert server.exchange(asking(SMALL), source=OTHER)[0] == 200
        assert server.exchange(reading("/health"))[0] == 200


def test_an_answer_has_so_many_rows(quads: Path, log: Path) -> None:
    with served(quads, log, rows=100) as server:
        for form in ("json", "xml", "csv", "tsv"):
            query = "SELECT * { ?s ?p ?o } LIMIT "
            assert server.exchange(asking(query + "100", form=form))[0] == 200
            status, answer = server.exchange(asking(query + "101", form=form))
            assert (status, b"more than 100 rows; give a LIMIT" in answer) == (422, True)
        query = "CONSTRUCT WHERE { ?s ?p ?o } LIMIT "
        assert server.exchange(asking(query + "100", form="nt"))[0] == 200
        assert server.exchange(asking(query + "101", form="nt"))[0] == 422


def test_a_large_answer_arrives_whole_and_a_client_that_does_not_read_is_dropped(
    quads: Path, log: Path
) -> None:
    query = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 30000"
    with served(quads, log, patience=3) as server:
        status, answer = server.exchange(asking(query))
        assert (
            status,
            len(json.loads(answer.partition(b"\r\n\r\n")[2])["results"]["bindings"]),
        ) == (
            200,
            30_000,
        )
        with socket.socket() as stream:
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            stream.connect(("127.0.0.1", server.port))
            stream.sendall(asking(query))
            eventually(lambda: metric(server, "connections_dropped_total") == 1)
        assert server.exchange(asking(SMALL))[0] == 200


def test_an_idle_connection_is_closed(quads: Path, log: Path) -> None:
    with served(quads, log, idle=0.2) as server, server.connect() as stream:
        stream.sendall(asking(SMALL))
        assert read_answer(stream)[0] == 200
        assert stream.recv(1) == b""


def test_too_many_connections_push_out_the_oldest(quads: Path, log: Path) -> None:
    with served(quads, log, workers=1, connections=2) as server:
        streams = [server.connect() for _ in range(3)]
        assert streams[0].recv(1) == b""
        for stream in streams[1:]:
            stream.sendall(asking(SMALL))
            assert read_answer(stream)[0] == 200
        for stream in streams:
            stream.close()


@linux
def test_a_shutdown_lets_the_last_answers_out(
    quads: Path, log: Path, asynchronous: Callable[..., Future[tuple[int, bytes]]]
) -> None:
    with served(quads, log, timeout=4) as server:
        last = asynchronous(server, EXPLODING, OTHER)
        eventually(lambda: long_queries(server) == 1)
        children = processes(server)
        server.process.send_signal(signal.SIGTERM)
        assert last.result()[0] == 504
        assert server.process.wait(20) == 0
        assert not [number for number in children if Path(f"/proc/{number}").exists()]


@linux
def test_no_process_outlives_its_supervisor(
    quads: Path, log: Path, asynchronous: Callable[..., Future[tuple[int, bytes]]]
) -> None:
    with served(quads, log, workers=2) as server:
        asynchronous(server, EXPLODING, OTHER)
        eventually(lambda: long_queries(server) == 1 and len(processes(server)) == 3)
        children = processes(server)
        server.process.kill()
        eventually(lambda: not any(Path(f"/proc/{number}").exists() for number in children))


def test_a_store_on_disk_is_served_as_one_in_memory(
    quads: Path, log: Path, tmp_path: Path, asynchronous: Callable[..., Future[tuple[int, bytes]]]
) -> None:
    folder = tmp_path / "store"
    store = Store(folder)
    store.bulk_load(path=quads, format=RdfFormat.N_QUADS)
    store.flush()
    del store
    with served(folder, log, timeout=2) as server:
        last = asynchronous(server, EXPLODING, OTHER)
        status, answer = server.exchange(asking("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", form="csv"))
        assert (status, answer.split()[-1]) == (200, b"5000")
        assert server.exchange(asking(HUNGRY + " LIMIT 1"))[0] in (200, 503, 504)
        assert last.result()[0] == 504
        assert server.exchange(asking(SMALL))[0] == 200
        assert metric(server, "workers_crashed_total") == 0


def test_a_folder_without_a_store_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrilogueError, match="no store"):
        stores_on_disk(tmp_path)


def test_each_request_is_a_line_of_the_log(quads: Path, log: Path) -> None:
    with served(quads, log) as server:
        server.exchange(asking('ASK { ?s ?p "\u2028" }', 'User-Agent: "quoted"'))
        server.exchange(b"nonsense\r\n\r\n")
        eventually(lambda: log.read_text().count("\n") == 2)
    lines = map(json.loads, log.read_text().splitlines())
    first, second = sorted(lines, key=lambda line: int(line["status"]))
    assert (first["status"], first["path"], first["agent"]) == (200, "/sparql", '"quoted"')
    assert "ASK" in first["query"]
    assert (second["status"], second["client"]) == (400, "127.0.0.1")


def test_the_command_line_serves_the_graph(project: Project) -> None:
    arguments = ["serve", "--port", "0", "--behind-proxy", "--burst", "1", "--rate", "0.1"]
    with subprocess.Popen(
        [sys.executable, "-m", "trilogue.cli", *arguments],
        cwd=project.root,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        try:
            port = int(line.split("/sparql")[0].rsplit(":", 1)[1])
            server = Served(process, port, Path())
            for client in ("192.0.2.1", "192.0.2.2"):
                forwarded = asking("ASK { ?s ?p ?o }", f"X-Forwarded-For: 10.0.0.1, {client}")
                status, answer = server.exchange(forwarded)
                assert (status, answer.endswith(b'"boolean":true}')) == (200, True)
                assert server.exchange(forwarded)[0] == 429
        finally:
            process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


def test_the_command_line_says_that_an_address_is_taken(
    run: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = run("serve", "--port", str(taken.getsockname()[1]))
    assert result.returncode == 1
    assert "in use" in result.stderr
    assert "Traceback" not in result.stderr
