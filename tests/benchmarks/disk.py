"""Measure a dataset on disk: `python -m benchmarks.disk FOLDER [QUADS]`.

Copies of the thesis graph, as many as have so many quads, are loaded in bulk; the text is made as
it is read. What the copies share is loaded once, and so there are fewer in the end. Then the dataset is opened, asked and updated in fresh processes. The folder is removed.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from pyoxigraph import Quad, RdfFormat, serialize
from rich.console import Console

from trilogue import disk, layers
from trilogue.project import Project

from .copies import copied

QUADS = 50_000_000
_MARK = b"-copy-1>"
_ASKED = """
import sys, time
from pathlib import Path
from trilogue import disk
folder = Path(sys.argv[1])
begun = time.perf_counter()
store = disk.opened(folder)
opened = time.perf_counter()
label = "<http://www.w3.org/2000/01/rdf-schema#label>"
first = store.query("SELECT ?s { ?s %s ?l } LIMIT 1" % label, use_default_graph_as_union=True)
thing = next(iter(first))["s"]
begun_asking = time.perf_counter()
for _ in range(100):
    list(store.query("SELECT ?p ?o { %s ?p ?o }" % thing, use_default_graph_as_union=True))
asked = time.perf_counter()
del store
begun_updating = time.perf_counter()
disk.update(folder, "INSERT DATA { GRAPH <http://x/g> { <http://x/a> <http://x/b> <http://x/c> } }")
updated = time.perf_counter()
print(f"open {opened - begun:.2f} s, a thing {(asked - begun_asking) * 10:.2f} ms,"
      f" update {updated - begun_updating:.2f} s")
"""


class Copies:
    """N-Quads of so many quads or a few more, as a file that is only read."""

    def __init__(self, quads: Iterable[Quad], number: int) -> None:
        quads = list(quads)
        self.copies = -(-number // len(quads))
        self._rest = b""
        self._parts = self._texts(quads)

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes."""
        if size < 0:
            return b"".join([self._rest, *self._parts])
        if not self._rest:
            self._rest = next(self._parts, b"")
        found, self._rest = self._rest[:size], self._rest[size:]
        return found

    def _texts(self, quads: list[Quad]) -> Iterator[bytes]:
        yield _text(quads)
        if self.copies > 1:
            pieces = _text(islice(copied(quads, 2), len(quads), None)).split(_MARK)
            for number in range(1, self.copies):
                text = b"-copy-%d>" % number
                for begin in range(0, len(pieces), 1000):
                    yield text.join(pieces[begin : begin + 1000]) + (
                        text if begin + 1000 < len(pieces) else b""
                    )


def _text(quads: Iterable[Quad]) -> bytes:
    return serialize(quads, format=RdfFormat.N_QUADS) or b""


def main(folder: Path, number: int) -> None:
    """Load, open, ask and update, and print what it took."""
    console = Console()
    if folder.exists():
        raise FileExistsError(f"{folder}: expected a folder that is not there yet")
    source = Copies(layers.load(Project.find(Path(__file__)).dataset), number)
    begun, worked = time.perf_counter(), time.process_time()
    try:
        loaded = disk.load(folder, source)
        seconds, work = time.perf_counter() - begun, time.process_time() - worked
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**30
        console.print(
            f"{loaded:,} quads: {seconds:.0f} s ({work:.0f} s of processor time), "
            f"peak {peak:.1f} GiB, on disk {size:.1f} GiB; load {os.getloadavg()[0]:.1f}"
        )
        subprocess.run([sys.executable, "-c", _ASKED, str(folder)], check=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else QUADS)
