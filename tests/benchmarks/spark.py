"""Measure the search on Spark beside the embedded one: `python -m benchmarks.spark [ACTS] [MASTER]`.

Registers are those of `benchmarks.paths`, up to so many acts, and so is what is asked: how many
paths lead from small firms to a provision, and when the first arrives. Seconds of processors are
those of all processes, Java's among them; the first question of a session also warms Java up.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from trilogue.paths.distributed.register import DistributedRegister
from trilogue.paths.distributed.session import connected
from trilogue.paths.query import PathQuery
from trilogue.paths.register import Register

from .path_peers import ByHand
from .paths import BUILD, ORIGINS, choose
from .processes import used

SIZES = [100_000, 1_000_000, 10_000_000]
MASTER = "local-cluster[2,1,2048]"


def main(largest: int, master: str) -> None:
    """Measure all sizes up to one; a difference between the answers ends the run."""
    console = Console(width=120)
    for acts in SIZES:
        if acts <= largest:
            _measure(console, BUILD / "registers" / str(acts), master)


def _measure(console: Console, folder: Path, master: str) -> None:
    chosen = folder / "chosen.json"
    facts = json.loads(chosen.read_text()) if chosen.exists() else choose(folder)
    provision = facts["provision"]
    query = PathQuery(ByHand.EXPRESSION, frozenset([ORIGINS]), frozenset([provision]))
    console.print(f"{int(folder.name):,} acts, load {os.getloadavg()[0]:.1f}")
    with _timed(console, "embedded: open or build the index"):
        embedded = Register(folder).search(query)
    for name in ("first", "again"):
        with _timed(console, f"embedded: {name}"):
            expected = embedded.count(), embedded.earliest()
    with _timed(console, "Spark: session, stopped again"), connected(master) as session:
        with _timed(console, "Spark: partition the acts, or find them so"):
            register = DistributedRegister(session, folder)
        for name in ("first", "again"):
            search = register.search(query)
            with _timed(console, f"Spark: {name}"):
                found = search.count(), search.earliest()
            console.print(f"    {found[0]:,} paths, of {search.left:,} acts and relations left")
            if found != expected:
                raise AssertionError(f"{folder.name} acts: {found}, expected {expected}")


@contextmanager
def _timed(console: Console, name: str) -> Iterator[None]:
    with used() as found:
        yield
    console.print(f"    {name}: {found.wall:.2f} s, {found.work:.2f} s of processors")


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else SIZES[-1],
        sys.argv[2] if len(sys.argv) > 2 else MASTER,
    )
