"""Requests a second beside Oxigraph's own server and Fuseki, and what exploding queries do to small ones.

`python -m benchmarks.endpoint [SECONDS [COPIES]]`. With copies, also how start-up grows with a
store on disk that holds the graph so many times over (150 make 9 million quads). All servers hold the published dataset on this
machine, which they share with the client: it keeps so many connections busy from one process.
Fuseki takes part where its jar is in `build/cache`; `python -m fuseki` fetches it.
All limits are on, but for rates: they are set so high that the client does not run into them.
Then it asks for pages of things, some of each kind, one after the other.
"""

from __future__ import annotations

import itertools
import selectors
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

import fuseki
from pyoxigraph import Store
from rich.console import Console
from rich.table import Table

from trilogue import layers
from trilogue.graph import Graph
from trilogue.project import Project
from trilogue.publication import addresses
from trilogue.publication.site import Site

from .copies import copied

PROJECT = Project.find(Path(__file__))
ACCEPT = "application/sparql-results+json"
EXPLODING = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?a != ?f) }"
CLIENTS = (16, 64)
ROUNDS = 3
PAGES = 40
EXPLODERS = 8
_UNLIMITED = ("--rate", "1e9", "--burst", "1e9", "--timeout", "10")


def small_queries() -> list[str]:
    """The label of each thing that has one: many queries, each of them small."""
    things = Graph.open(project=PROJECT).query(
        "SELECT DISTINCT ?thing { ?thing <http://www.w3.org/2000/01/rdf-schema#label> ?label"
        " FILTER(isIRI(?thing)) } ORDER BY ?thing"
    )
    label = "<http://www.w3.org/2000/01/rdf-schema#label>"
    return [f"SELECT ?label {{ <{thing}> {label} ?label }}" for (thing,) in things.values()]


def request(path: str, query: str) -> bytes:
    """A request as it goes over the wire."""
    lines = (f"GET {path}?query={quote(query)} HTTP/1.1", "Host: localhost", f"Accept: {ACCEPT}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _complete(answer: bytes) -> bool:
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        return False
    length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
    return len(body) >= int(length) if length else body.endswith(b"0\r\n\r\n")


def latencies(port: int, requests: Sequence[bytes], clients: int, seconds: float) -> list[float]:
    """Keep so many clients asking for so long, each again when it is answered; return the times."""
    selector = selectors.DefaultSelector()
    following = itertools.cycle(requests)
    begun: dict[socket.socket, float] = {}
    received: dict[socket.socket, bytes] = {}

    def ask(stream: socket.socket) -> None:
        received[stream] = b""
        begun[stream] = time.perf_counter()
        stream.send(next(following))

    for _ in range(clients):
        stream = socket.create_connection(("127.0.0.1", port))
        selector.register(stream, selectors.EVENT_READ)
        ask(stream)
    times = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for key, _ in selector.select(1):
            stream = key.fileobj  # type: ignore[assignment]
            received[stream] += stream.recv(65_536)
            if not received[stream].startswith(b"HTTP/1.1 200"):
                raise RuntimeError(f"no answer: {received[stream][:200]!r}")
            if _complete(received[stream]):
                times.append(time.perf_counter() - begun[stream])
                ask(stream)
    for stream in begun:
        stream.close()
    return times


@contextmanager
def ours(*options: str) -> Iterator[tuple[int, float]]:
    """Our server; its port, and the seconds until it listened."""
    command = [sys.executable, "-m", "trilogue.cli", "serve", "--port", "0", *_UNLIMITED, *options]
    begun = time.perf_counter()
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(command, cwd=PROJECT.root, stderr=log)
        try:
            while not (address := _first_line(log)):
                time.sleep(0.005)
            port = int(address.split("/sparql")[0].rsplit(":", 1)[1])
            _wait(port)
            yield port, time.perf_counter() - begun
        finally:
            process.terminate()
            process.wait()


def _first_line(log: object) -> str:
    log.seek(0)  # type: ignore[attr-defined]
    text = str(log.read())  # type: ignore[attr-defined]
    return text.split("\n")[0] if "\n" in text else ""


@contextmanager
def theirs() -> Iterator[tuple[int, float]]:
    """Oxigraph's server over the same data; its port, and the seconds until it listened."""
    program = str(Path(sys.executable).parent / "oxigraph")
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        for step in (("load", "--file", str(PROJECT.dataset)), ("optimize",)):
            command = [program, step[0], "--location", folder, *step[1:]]
            subprocess.run(command, check=True, capture_output=True)
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        options = ("--location", folder, "--bind", f"127.0.0.1:{port}", "--union-default-graph")
        begun = time.perf_counter()
        process = subprocess.Popen(
            [program, "serve-read-only", *options], stderr=subprocess.DEVNULL
        )
        try:
            _wait(port)
            yield port, time.perf_counter() - begun
        finally:
            process.terminate()
            process.wait()


@contextmanager
def jena() -> Iterator[int]:
    """Apache Jena Fuseki with TDB2 over the same data; its port."""
    with (
        tempfile.TemporaryDirectory() as folder,
        # without a locked dataset, its passwords would lock the whole server
        fuseki.served(Path(folder), union=("graph",), locked=("other",)) as address,
    ):
        load = urllib.request.Request(
            f"{address}/graph/data",
            PROJECT.dataset.read_bytes(),
            {"Content-Type": "application/n-quads"},
            method="PUT",
        )
        urllib.request.urlopen(load).close()
        yield int(address.rsplit(":", 1)[1])


def _wait(port: int) -> None:
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.005)
        else:
            return


_EXPLODE = """if True:
    import socket, sys
    port, request = int(sys.argv[1]), sys.argv[3].encode()
    while True:
        with socket.create_connection(("127.0.0.1", port), source_address=(sys.argv[2], 0)) as stream:
            stream.sendall(request)
            while stream.recv(65_536):
                pass
"""


@contextmanager
def explosions(port: int, path: str) -> Iterator[None]:
    """Clients at other addresses, each of which asks for what would last for hours, again and again."""
    lines = request(path, EXPLODING).decode().replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")
    with ExitStack() as stack:
        for number in range(EXPLODERS):
            source = f"127.0.0.{2 + number // 2}"
            command = [sys.executable, "-c", _EXPLODE, str(port), source, lines]
            process = stack.enter_context(subprocess.Popen(command))
            stack.callback(process.kill)
        time.sleep(2)
        yield


def page_times(port: int) -> dict[str, float]:
    """Ask for pages of each kind of thing, as a browser does; return the seconds that each took."""
    kinds = Site(Graph.open(project=PROJECT)).source.kinds
    times = {}
    for nodes in kinds.values():
        for node in nodes[:: -(-len(nodes) // PAGES)]:
            path = addresses.page_path(addresses.name_of(node.value) or "")
            with socket.create_connection(("127.0.0.1", port)) as stream:
                begun = time.perf_counter()
                stream.sendall(f"GET /{path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
                received = b""
                while not _complete(received):
                    received += stream.recv(65_536)
                times[path] = time.perf_counter() - begun
    return times


def milliseconds(times: Sequence[float]) -> str:
    """Return median and 99th percentile in words."""
    return f"{statistics.median(times) * 1000:.2f} / {percentile(times) * 1000:.2f}"


def percentile(times: Sequence[float]) -> float:
    """Return the time within which 99 in 100 requests were answered."""
    return statistics.quantiles(times, n=100)[98]


def main(seconds: float) -> None:
    """Measure all servers in turn, several times over, and print medians."""
    console = Console(width=100)
    queries = small_queries()
    paths = {"trilogue": "/sparql", "oxigraph": "/query", "fuseki": "/graph/sparql"}
    table = Table("clients", "server", "requests a second", "ms: median / 99 %", "ratio")
    with ExitStack() as stack:
        own, begun = stack.enter_context(ours())
        ports = {"trilogue": own, "oxigraph": stack.enter_context(theirs())[0]}
        if fuseki.JAR.is_file() and shutil.which("java"):
            ports["fuseki"] = stack.enter_context(jena())
        else:
            console.print("Fuseki: not found; it needs Java 17 and its jar (python -m fuseki)")
        for name, port in ports.items():  # each gets warm before any is measured
            latencies(port, [request(paths[name], query) for query in queries], 16, seconds)
        for clients in CLIENTS:
            rates: dict[str, list[float]] = {name: [] for name in ports}
            times: dict[str, list[float]] = {name: [] for name in ports}
            for _, name in itertools.product(range(ROUNDS), ports):
                requests = [request(paths[name], query) for query in queries]
                found = latencies(ports[name], requests, clients, seconds)
                rates[name].append(len(found) / seconds)
                times[name] += found
            for name in ports:
                rate = statistics.median(rates[name])
                ratio = f"{rate / statistics.median(rates['oxigraph']):.2f}"
                row = (str(clients), name, f"{rate:,.0f}", milliseconds(times[name]), ratio)
                table.add_row(*row)
        requests = [request("/sparql", query) for query in queries]
        idle = latencies(own, requests, CLIENTS[-1], seconds)
        with explosions(own, "/sparql"):
            exploding = latencies(own, requests, CLIENTS[-1], 3 * seconds)
        pages = page_times(own)
    console.print(table)
    console.print(f"{len(queries):,} different queries; start-up {begun:.2f} s")
    console.print(
        f"{CLIENTS[-1]} clients, ms: median / 99 %: {milliseconds(idle)} when idle,"
        f" {milliseconds(exploding)} while {EXPLODERS} others send exploding queries"
        f" ({percentile(exploding) / percentile(idle):.1f}x)"
    )
    slowest = max(pages, key=lambda path: pages[path])
    console.print(
        f"{len(pages):,} pages of things, ms: median / 99 %: {milliseconds([*pages.values()])};"
        f" the slowest {pages[slowest] * 1000:.0f}: {slowest}"
    )


def growth(seconds: float, largest: int) -> None:
    """Serve stores on disk of growing size, and print how long the start takes."""
    table = Table("quads", "start-up, s", "requests a second", "ms: median / 99 %")
    requests = [request("/sparql", query) for query in small_queries()]
    for copies in (size for size in (1, 10, 50, 150) if size <= largest):
        with tempfile.TemporaryDirectory() as folder:
            store = Store(folder)
            store.bulk_extend(copied(layers.load(PROJECT.dataset), copies))
            store.optimize()
            store.flush()
            count = len(store)
            del store
            with ours("--store", folder) as (port, begun):
                times = latencies(port, requests, CLIENTS[0], seconds)
        rate = f"{len(times) / seconds:,.0f}"
        table.add_row(f"{count:,}", f"{begun:.2f}", rate, milliseconds(times))
    Console(width=100).print(table)


if __name__ == "__main__":
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 5
    main(seconds)
    if len(sys.argv) > 2:
        growth(seconds, int(sys.argv[2]))
