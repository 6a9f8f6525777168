"""Print medians, peaks of memory, ratios to peers, and growth: `python -m benchmarks [MAX_SIZE]`.

Each measure runs in a process of its own, so that neither memory nor caches are shared; it is left
blank where it takes too long or too much. One alone: `python -m benchmarks --one NAME SIZE`.
"""

from __future__ import annotations

import math
import os
import resource
import statistics
import subprocess
import sys
import time
from functools import cache

from rich.console import Console
from rich.table import Table

from . import measures

_RUNS = {1: 3, 10: 3, 100: 1}
_LONGEST = 300  # seconds for one process
_LARGEST = 16 * 2**30  # bytes of memory for one process


@cache
def measured(name: str, size: int) -> tuple[float, float] | None:
    """Return median seconds and peak megabytes of a measure, or nothing where it fails or lasts."""
    command = [sys.executable, "-m", "benchmarks", "--one", name, str(size)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=_LONGEST)
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
        sys.stderr.write(f"{name} {size}: {error}\n")
        return None
    seconds, megabytes = done.stdout.split()[-2:]
    return float(seconds), float(megabytes)


def one(name: str, size: int) -> None:
    """Measure in this process, and print median seconds and peak megabytes."""
    resource.setrlimit(resource.RLIMIT_DATA, (_LARGEST, _LARGEST))
    work = getattr(measures, name)(size)
    times = []
    for _ in range(1 if name in measures.SLOW else _RUNS.get(size, 1)):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"{statistics.median(times)} {peak}\n")


def main(largest: int) -> None:
    """Measure everything up to a size, and print it."""
    load = f"{os.getloadavg()[0]:.1f} processes ready to run on {os.cpu_count()} processors"
    columns = ("measure", "copies", "seconds", "MB", "peer", "peer seconds", "ratio", "growth")
    table = Table(*columns, caption=f"growth as a power of the size; at the start {load}")
    for measure, sizes, peer, peer_sizes in measures.MEASURES:
        before: tuple[int, float] | None = None
        for size in sizes:
            if size > largest:
                continue
            found = measured(measure.__name__, size)
            row = [measure.__name__, str(size), *_figures(found)]
            other = measured(peer.__name__, size) if peer and size in peer_sizes else None
            row += [peer.__name__ if peer and size in peer_sizes else "", _seconds(other)]
            row.append(f"{other[0] / found[0]:.1f}x" if found and other else "")
            row.append(_growth(before, size, found))
            before = (size, found[0]) if found else None
            table.add_row(*row)
            sys.stderr.write(" ".join(row) + "\n")
    Console(width=140).print(table)


def _figures(found: tuple[float, float] | None) -> tuple[str, str]:
    return (_seconds(found), f"{found[1]:.0f}" if found else "")


def _seconds(found: tuple[float, float] | None) -> str:
    return f"{found[0]:.2f}" if found else ""


def _growth(before: tuple[int, float] | None, size: int, found: tuple[float, float] | None) -> str:
    """Return the exponent of growth since the size before: 1 is linear."""
    if before is None or found is None:
        return ""
    return f"n^{math.log(found[0] / before[1]) / math.log(size / before[0]):.2f}"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], int(sys.argv[3]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
