"""What this process and all that it started have used; others on the machine do not count."""

from __future__ import annotations

import os
import re
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Used:
    """Seconds by the clock and of processors, and the megabytes of the peak so far."""

    wall: float = 0.0
    work: float = 0.0
    megabytes: float = 0.0


@contextmanager
def used() -> Iterator[Used]:
    """Measure what is done inside; the figures stand in what is yielded at the end."""
    found = Used()
    begun, worked = time.perf_counter(), work()
    yield found
    found.wall, found.work = time.perf_counter() - begun, work() - worked
    found.megabytes = peak()


def work() -> float:
    """Return the seconds that this process and all that it started, and they, have worked."""
    return sum(sum(map(int, fields[11:15])) for fields in _ours().values()) / TICKS


def peak() -> float:
    """Return the most megabytes that the processes held, each at its time, mapped files included.

    Of those that have ended, the largest counts.
    """
    running = 0
    for process in _ours():
        try:
            status = Path(f"/proc/{process}/status").read_text()
        except OSError:
            continue  # ended in the meantime
        running += sum(map(int, re.findall(r"VmHWM:\s+(\d+)", status)))
    ended = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return max(running, ended) / 1024


def load() -> str:
    """Return how many processes were ready to run in the last minute, five, and fifteen."""
    return " ".join(f"{load:.1f}" for load in os.getloadavg())


def _ours() -> dict[int, list[str]]:
    """Return what the system tells of each process that is ours, from its state on."""
    found: dict[int, list[str]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            found[int(path.parent.name)] = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # ended in the meantime

    def is_ours(process: int) -> bool:
        return process == os.getpid() or (process in found and is_ours(int(found[process][1])))

    return {process: fields for process, fields in found.items() if is_ours(process)}
