"""A dataset on disk is the old one or the new one, whenever its writer is killed."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from io import BytesIO
from pathlib import Path

import pytest
from conftest import Run
from pyoxigraph import QuerySolutions

from trilogue import disk
from trilogue.errors import QueryError, TrilogueError
from trilogue.graph import Graph
from trilogue.project import Project

KILLS = int(os.environ.get("TRILOGUE_KILLS", "4"))
LONGEST = 0.4  # seconds that a writer lives
SIZES = (500, 30_000)  # quads; the second takes a while to load
UPDATED = 2_000  # quads of each update

# Both write without end, so that they are killed in the middle of something.
LOADING = f"""
import sys
from io import BytesIO
from pathlib import Path
from test_disk import quads
from trilogue import disk
texts = [quads(size) for size in {SIZES}]
print("begun", flush=True)
while True:
    for text in texts:
        disk.load(Path(sys.argv[1]), BytesIO(text))
"""
UPDATING = """
import itertools, sys, uuid
from pathlib import Path
from test_disk import insertion
from trilogue import disk
print("begun", flush=True)
while True:
    disk.update(Path(sys.argv[1]), insertion(str(uuid.uuid4())))
"""

HOLDING = """
import sys, time
from pathlib import Path
from trilogue import disk
def hold(_):
    print("begun", flush=True)
    time.sleep(600)
disk.Versions.of(Path(sys.argv[1])).write(hold)
"""


def quads(size: int) -> bytes:
    line = "<http://x/{0}> <http://x/of> <http://x/{1}> <http://x/graph/{1}> .\n"
    return "".join(line.format(number, size) for number in range(size)).encode()


def insertion(graph: str) -> str:
    triples = " ".join(f"<http://x/{number}> <http://x/of> 1 ." for number in range(UPDATED))
    return f"INSERT DATA {{ GRAPH <http://x/updated/{graph}> {{ {triples} }} }}"


def sizes(folder: Path) -> dict[str, int]:
    """Return how many quads each graph of a dataset has."""
    with closing(disk.Versions(folder)) as versions:
        found = versions.store.query(
            "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
        )
        assert isinstance(found, QuerySolutions)
        return {row["g"].value: int(row["n"].value) for row in found}


@contextmanager
def writer(code: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a writer that has begun to write."""
    with subprocess.Popen(
        [sys.executable, "-c", code, str(folder)],
        cwd=Path(__file__).parent,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "begun\n"
            yield process
        finally:
            process.kill()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A dataset of the smaller size."""
    folder = tmp_path / "store"
    assert disk.load(folder, BytesIO(quads(SIZES[0]))) == SIZES[0]
    return folder


def test_a_load_that_is_killed_leaves_the_old_dataset_or_the_new_one(folder: Path) -> None:
    draws = random.Random(1)
    for _ in range(KILLS):
        with writer(LOADING, folder):
            time.sleep(draws.uniform(0, LONGEST))
        assert sizes(folder) in [{f"http://x/graph/{size}": size} for size in SIZES]
    disk.load(folder, BytesIO(quads(SIZES[0])))
    disk.load(folder, BytesIO(quads(SIZES[1])))
    assert len(list(folder.glob("[0-9]*"))) == 1, "what was left half is removed"


def test_an_update_that_is_killed_is_in_the_dataset_as_a_whole_or_not_at_all(folder: Path) -> None:
    draws = random.Random(2)
    begun: set[str] = set()
    for _ in range(KILLS):
        with writer(UPDATING, folder):
            time.sleep(draws.uniform(0, LONGEST))
        found = sizes(folder)
        assert found.pop(f"http://x/graph/{SIZES[0]}") == SIZES[0]
        assert set(found.values()) <= {UPDATED}
        assert begun <= set(found), "what was written once stays"
        begun = set(found)
    assert begun


def test_a_second_writer_is_refused_in_one_line(folder: Path, run: Run) -> None:
    refusal = "another process is writing to it"
    with writer(HOLDING, folder):
        result = run("load", "--store", str(folder))
        assert (result.returncode, result.stderr) == (1, f"trilogue: {folder}: {refusal}\n")
        assert sizes(folder)
    disk.update(folder, "CLEAR ALL")
    assert sizes(folder) == {}


def test_what_does_not_parse_changes_nothing(folder: Path) -> None:
    with pytest.raises(TrilogueError, match="no N-Quads"):
        disk.load(folder, BytesIO(quads(10) + b"<http://x/"))
    with pytest.raises(QueryError, match="update: "):
        disk.update(folder, "INSERT { ")
    assert sizes(folder) == {f"http://x/graph/{SIZES[0]}": SIZES[0]}
    assert len(list(folder.glob("[0-9]*"))) == 1


def test_the_graph_on_disk_answers_as_the_one_in_memory(
    run: Run, graph: Graph, project: Project, tmp_path: Path
) -> None:
    folder = tmp_path / "store"
    result = run("load", "--store", str(folder))
    assert result.stdout == f"{folder}: {len(disk.opened(folder)):,} quads\n"
    assert result.stderr == ""
    on_disk = Graph.open(project=project, store=folder)
    assert on_disk.query("table-5") == graph.query("table-5")
    with pytest.raises(TrilogueError, match="no store on disk"):
        Graph.open(project=project, store=tmp_path)
