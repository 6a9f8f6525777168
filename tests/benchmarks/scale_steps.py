"""The steps of `benchmarks.scale`: each is run in a process of its own, in the folder of one size.

A step yields its rows: what was done, the figures, and an answer where engines are to agree.
"""

from __future__ import annotations

import csv
import hashlib
import io
import multiprocessing
import os
import resource
import shutil
import statistics
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import fuseki
from pyoxigraph import QueryResultsFormat, QuerySolutions, RdfFormat, parse

from trilogue import catalogue, checks, disk, inference, layers, memory
from trilogue.paths.distributed.register import DistributedRegister
from trilogue.paths.distributed.session import connected
from trilogue.paths.query import PathQuery
from trilogue.paths.register import Register
from trilogue.project import Project

from .processes import Used, used
from .registers import ISSUES, TEXTS
from .registers import Register as Synthetic

Row = dict[str, Any]

PROJECT = Project.find(Path(__file__))
QUESTIONS = Path(__file__).parent / "questions"
EXPRESSION = "contact/office?/(membership|part)?/position/adoption"
ORIGINS = "tlg:SmallOrMediumEnterprise"
# The general approach on a dossier of middle rank.
DESTINATION = f"text/text-{ISSUES // 2 * TEXTS + 1}"
QUADS, OWN, JENA = "register.nq", "trilogue", "graph"
LONG = 5.0  # seconds after which a question is not asked again
LONGEST = 600.0  # seconds for one step
MOST_MEMORY = 12 << 30  # bytes for a step that holds the graph in memory


def generate(folder: Path) -> Iterator[Row]:
    """Write the register as Parquet files."""
    with used() as found:
        Synthetic(int(folder.name)).write(folder)
    yield _row("Parquet", found, _size(*folder.glob("*.parquet")))


def generate_quads(folder: Path) -> Iterator[Row]:
    """Write the register as N-Quads."""
    from .register_quads import write

    with used() as found:
        write(Synthetic(int(folder.name)), folder / QUADS)
    yield _row("N-Quads", found, _size(folder / QUADS))


def load(folder: Path) -> Iterator[Row]:
    """Load the N-Quads into the embedded store on disk."""
    with used() as found, (folder / QUADS).open("rb") as file:
        quads = disk.load(folder / OWN, file)
    size = _size(folder / OWN)
    yield _row("load", found, f"{quads:,} quads, {size}", quads)


def load_fuseki(folder: Path) -> Iterator[Row]:
    """Load the N-Quads into TDB2 by its own loader, which writes the files that Fuseki serves."""
    java = shutil.which("java") or "java"
    into = ("tdb2.tdbloader", f"--loc={folder / JENA}", str(folder / QUADS))
    with used() as found:
        subprocess.run([java, "-cp", str(fuseki.JAR), *into], check=True, capture_output=True)
    yield _row("load", found, _size(folder / JENA))


def query(folder: Path) -> Iterator[Row]:
    """Ask the embedded store."""
    with used() as found:
        store = disk.opened(folder / OWN)
    yield _row("open", found)

    def ask(text: str) -> bytes:
        answer = cast(QuerySolutions, store.query(text, use_default_graph_as_union=True))
        return answer.serialize(format=QueryResultsFormat.CSV) or b""

    yield from _asked(ask)


def query_fuseki(folder: Path) -> Iterator[Row]:
    """Ask Fuseki, over HTTP."""
    with ExitStack() as stack:
        with used() as found:
            server = fuseki.served(folder, union=(JENA,), locked=("other",))
            address = stack.enter_context(server)
        yield _row("open", found)

        def ask(text: str) -> bytes:
            fields = urllib.parse.urlencode({"query": text}).encode()
            request = urllib.request.Request(
                f"{address}/{JENA}/sparql", fields, {"Accept": "text/csv"}
            )
            with urllib.request.urlopen(request, timeout=LONGEST) as response:
                return bytes(response.read())

        yield from _asked(ask)


def search(folder: Path) -> Iterator[Row]:
    """Build the index and search paths on one core, without and with the register at hand."""
    (folder / "paths.index").unlink(missing_ok=True)
    with used() as found:
        register = Register(folder)
    yield _row("index", found, _size(folder / "paths.index"))
    yield from _searched(register)


def search_together(folder: Path) -> Iterator[Row]:
    """Ask about one text of each dossier again and again, in one process, then in two."""
    texts = [f"text/text-{issue * TEXTS + 1}" for issue in range(ISSUES)]
    questions = texts * 25
    for processes in (1, 2):
        with multiprocessing.get_context("spawn").Pool(processes, _open, [folder]) as pool:
            pool.map(_count, questions)  # compiles, and reads the index into memory
            with used() as found:
                counts = pool.map(_count, questions)
        name = f"{len(questions):,} questions, {processes} process{'es' if processes > 1 else ''}"
        yield _row(name, found, f"{sum(counts):,} paths")


def spark_of_one(folder: Path) -> Iterator[Row]:
    """Search paths on Spark with one worker."""
    return _spark(folder, "local-cluster[1,1,2048]")


def spark_of_two(folder: Path) -> Iterator[Row]:
    """Search paths on Spark with two workers."""
    return _spark(folder, "local-cluster[2,1,2048]")


def reason(folder: Path) -> Iterator[Row]:
    """Materialise what the ontology entails, and run the checks on all of it, in memory."""
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
    with used() as found:
        quads = list(parse(path=folder / QUADS, format=RdfFormat.N_QUADS))
        quads += layers.ontology_quads(PROJECT)
    yield _row("read", found, f"{len(quads):,} quads")
    with used() as found:
        inferred = inference.materialise(quads, catalogue.read(PROJECT, "inference"))
    yield _row("materialise", found, f"{len(inferred):,} quads more")
    store = memory.stored(quads)
    store.bulk_extend(inferred)
    del quads, inferred
    with used() as found:
        findings = checks.run(PROJECT, store)
    in_rows = sum(finding.place.startswith("row/") for finding in findings)
    yield _row("checks", found, f"{in_rows:,} findings in rows")


STEPS: dict[str, Callable[[Path], Iterator[Row]]] = {
    step.__name__: step
    for step in (
        *(generate, generate_quads, load, load_fuseki, query, query_fuseki),
        *(search, search_together, spark_of_one, spark_of_two, reason),
    )
}


def _row(what: str, found: Used, detail: str = "", answer: object = None) -> Row:
    return {"what": what, **vars(found), "detail": detail, "answer": answer}


def _size(*paths: Path) -> str:
    """Return what files, and all in folders, take on the disk, holes not counted, in words."""
    os.sync()  # before, what was just written has no place yet
    files = [file for path in paths for file in ([path] if path.is_file() else path.rglob("*"))]
    return f"{sum(file.stat().st_blocks for file in files) * 512 / 1e6:,.0f} MB on disk"


def _asked(ask: Callable[[str], bytes]) -> Iterator[Row]:
    """Ask each question, the first time and again; the answer is a digest of the sorted rows."""
    for path in sorted(QUESTIONS.glob("*.rq")):
        text = path.read_text("utf-8")
        with used() as first:
            content = ask(text)
        name = path.stem.replace("-", " ")
        lines = sorted(csv.reader(io.StringIO(content.decode())))
        digest = hashlib.sha256(repr(lines).encode()).hexdigest()
        yield _row(f"{name}: first", first, f"{len(lines) - 1:,} rows", digest)
        if first.wall <= LONG:
            times = [_again(ask, text) for _ in range(5)]
            again = Used(
                statistics.median(time.wall for time in times),
                statistics.median(time.work for time in times),
                times[-1].megabytes,
            )
            yield _row(f"{name}: again", again)


def _again(ask: Callable[[str], bytes], text: str) -> Used:
    with used() as found:
        ask(text)
    return found


def _question(destination: str) -> PathQuery:
    return PathQuery(EXPRESSION, frozenset([ORIGINS]), frozenset([destination]))


def _searched(register: Register) -> Iterator[Row]:
    """Count the paths of a question and date the first arrival, twice."""
    for name in ("paths: first", "paths: again"):
        with used() as found:
            search = register.search(_question(DESTINATION))
            answer = [search.count(), search.earliest()]
        yield _row(name, found, f"{answer[0]:,} paths", answer)


def _spark(folder: Path, master: str) -> Iterator[Row]:
    shutil.rmtree(folder / "partitions", ignore_errors=True)
    with ExitStack() as stack:
        with used() as found:
            session = stack.enter_context(connected(master))
        yield _row("session", found)
        with used() as found:
            register = DistributedRegister(session, folder)
        yield _row("partitions", found, _size(folder / "partitions"))
        yield from _searched(register)


_OPENED: list[Register] = []


def _open(folder: Path) -> None:
    """Open the register in a process of a pool."""
    _OPENED.append(Register(folder))


def _count(destination: str) -> int:
    return int(_OPENED[0].search(_question(destination)).count())
