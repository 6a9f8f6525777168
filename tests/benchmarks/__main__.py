"""Print medians, peaks of memory, ratios to peers, and growth: `python -m benchmarks [MAX_SIZE]`.

Each measure runs in a process of its own, so that neither memory nor caches are shared. Seconds
are those of the processor, so that others on the machine count little. Where a measure takes too
long or too much, the table says so. One alone: `python -m benchmarks --one NAME SIZE`.
"""

from __future__ import annotations

import math
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from functools import cache

from rich.console import Console
from rich.table import Table

from . import measures

_RUNS = {1: 3, 10: 3, 100: 1}
_LONGEST = 300  # seconds of processor time for the work of one process, its preparation apart
_LARGEST = 16 * 2**30  # bytes of memory for one process
_Found = tuple[float, float] | str


@cache
def measured(name: str, size: int) -> _Found:
    """Return median seconds and peak megabytes of a measure, or why there are none."""
    command = [sys.executable, "-m", "benchmarks", "--one", name, str(size)]
    with tempfile.TemporaryDirectory() as folder:  # a process that is stopped leaves its files
        environment = {**os.environ, "TMPDIR": folder}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode == -signal.SIGXCPU:
        return f"did not finish in {_LONGEST} s"
    if done.returncode:
        sys.stderr.write(f"{name} {size}: {done.stderr or f'ended with {done.returncode}'}\n")
        return "failed"
    seconds, megabytes = done.stdout.split()[-2:]
    return float(seconds), float(megabytes)


def one(name: str, size: int) -> None:
    """Measure in this process, and print median seconds and peak megabytes."""
    resource.setrlimit(resource.RLIMIT_DATA, (_LARGEST, _LARGEST))
    work = getattr(measures, name)(size)
    limit = int(time.process_time()) + _LONGEST
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
    times = []
    for _ in range(1 if name in measures.SLOW else _RUNS.get(size, 1)):
        begun = _processor_time()
        work()
        times.append(_processor_time() - begun)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"{statistics.median(times)} {peak}\n")


def _processor_time() -> float:
    """Return the seconds that this process and those that it started have used."""
    return sum(os.times()[:4])


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
            other = measured(peer.__name__, size) if peer and size in peer_sizes else ""
            row += [peer.__name__ if peer and size in peer_sizes else "", _figures(other)[0]]
            row += [_ratio(found, other), _growth(before, size, found)]
            before = None if isinstance(found, str) else (size, found[0])
            table.add_row(*row)
            sys.stderr.write(" ".join(row) + "\n")
    Console(width=140).print(table)


def _figures(found: _Found) -> tuple[str, str]:
    return (found, "") if isinstance(found, str) else (f"{found[0]:.2f}", f"{found[1]:.0f}")


def _ratio(found: _Found, other: _Found) -> str:
    if isinstance(found, str) or isinstance(other, str):
        return ""
    return f"{other[0] / found[0]:.1f}x"


def _growth(before: tuple[int, float] | None, size: int, found: _Found) -> str:
    """Return the exponent of growth since the size before: 1 is linear."""
    if before is None or isinstance(found, str):
        return ""
    return f"n^{math.log(found[0] / before[1]) / math.log(size / before[0]):.2f}"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], int(sys.argv[3]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
