"""Measure everything by size: `python -m benchmarks.scale [ACTS]` (`src/trilogue/scale.md`).

Registers of ten thousand acts up to so many are written as Parquet and N-Quads; then they are
loaded, asked, searched and reasoned over. Each step and size has a process of its own, and a limit:
what did not end in it, or would not as far as its growth tells, is not tried at a larger size.
Seconds are those by the clock and those of all processors, and megabytes the peak of all processes
of the step. Where two engines answer one question, the answers must be the same.

Fuseki needs Java 17 and its jar (`python -m fuseki`), Spark PySpark (`make test-spark` installs
it); what is missing is left out, and named.
"""

from __future__ import annotations

import importlib.util
import json
import math
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import fuseki
import numpy as np
from rich.console import Console
from rich.table import Table

from .processes import load
from .scale_steps import LONGEST, MOST_MEMORY, PROJECT, STEPS, Row

SIZES = [10**power for power in range(4, 9)]
MOST_QUADS = 1_000_000  # acts, of which one is 15 quads and 2.8 kB as text
THEMES = {
    "Generate": {"generate": "", "generate_quads": ""},
    "Load": {"load": "embedded", "load_fuseki": "Fuseki"},
    "Query": {"query": "embedded", "query_fuseki": "Fuseki"},
    "Paths": {
        "search": "embedded, one core",
        "search_together": "embedded, one and two cores",
        "spark_of_one": "Spark, one worker",
        "spark_of_two": "Spark, two workers",
    },
    "Reason": {"reason": "embedded"},
}
OF_QUADS = {"generate_quads", "load", "load_fuseki", "query", "query_fuseki", "reason"}
ENOUGH = 0.1  # seconds of processors that are worth comparing
ON_SPARK = {"spark_of_one", "spark_of_two"}
FEWEST_ON_SPARK = 100_000  # acts; below, it is all overhead
COMPARED = (("query", "query_fuseki"), ("search", "spark_of_one"), ("search", "spark_of_two"))

Found = dict[str, Any]
"""The rows of a step at one size, and a note where some or all are missing."""

Measured = dict[str, dict[int, Found]]


def main(largest: int) -> None:
    """Measure all sizes up to one, and print a table for each theme."""
    console = Console(width=130)
    measured: Measured = {step: {} for step in STEPS}
    for acts in (size for size in SIZES if size <= largest):
        folder = PROJECT.build / "scale" / str(acts)
        folder.mkdir(parents=True, exist_ok=True)
        for step in STEPS:
            if (step in OF_QUADS and acts > MOST_QUADS) or (
                step in ON_SPARK and acts < FEWEST_ON_SPARK
            ):
                continue
            console.print(f"{acts:,} acts: {step}; load {load()}", style="dim")
            measured[step][acts] = _measured(step, folder, measured[step])
        _compare(measured, acts)
        (PROJECT.build / "benchmark-scale.json").write_text(json.dumps(measured, indent=1))
        shutil.rmtree(folder)
    for theme, steps in THEMES.items():
        console.print(_table(theme, steps, measured))


def _measured(step: str, folder: Path, before: dict[int, Found]) -> Found:
    """Run a step in a process of its own; return its rows as far as it came."""
    if note := _missing(step) or _too_much(step, int(folder.name), before):
        return {"rows": [], "note": note}
    command = [sys.executable, "-m", "benchmarks.scale", "--one", step, str(folder)]
    pipe, note = subprocess.PIPE, ""
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, start_new_session=True) as process:
        try:
            printed, errors = process.communicate(timeout=LONGEST)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # with the servers and workers that it started
            printed, errors = process.communicate()
            note = f"did not end in {LONGEST:.0f} s"
    if process.returncode and not note:
        sys.stderr.write(errors.decode())
        note = "failed"
    return {"rows": [json.loads(line) for line in printed.splitlines()], "note": note}


def _missing(step: str) -> str:
    """Return what a step needs that is not here, if anything."""
    if "fuseki" in step and not (fuseki.JAR.is_file() and shutil.which("java")):
        return "no Fuseki: needs Java 17 and its jar (python -m fuseki)"
    if "spark" in step and importlib.util.find_spec("pyspark") is None:
        return "no PySpark: make test-spark installs it"
    return ""


def _too_much(step: str, acts: int, before: dict[int, Found]) -> str:
    """Say why a step is not tried: it failed before, or takes too much if it grows linearly."""
    if not before:
        return ""
    size, found = max(before.items())
    if found["note"]:
        return "not tried"
    seconds = sum(row["wall"] for row in found["rows"]) * acts / size
    memory = max(row["megabytes"] for row in found["rows"]) * acts / size
    if step == "reason" and memory * 1e6 > MOST_MEMORY:
        return f"not tried: {memory / 1000:,.0f} GB by its growth"
    return f"not tried: {seconds:,.0f} s by its growth" if seconds > 3 * LONGEST else ""


def _compare(measured: Measured, acts: int) -> None:
    """Raise `AssertionError` where two engines answer one question otherwise."""
    for one, other in COMPARED:
        answers: list[dict[str, Any]] = []
        for step in (one, other):
            rows = measured[step].get(acts, {"rows": []})["rows"]
            answers.append({row["what"]: row["answer"] for row in rows})
        for what in answers[0].keys() & answers[1].keys():
            if answers[0][what] != answers[1][what]:
                raise AssertionError(f"{acts} acts, {what}: {one} and {other} differ")


def _table(theme: str, steps: dict[str, str], measured: Measured) -> Table:
    names = ("acts", "seconds", "of processors", "MB", "", "growth")
    table = Table("", "what", *names, title=theme)
    for step, engine in steps.items():
        for acts, found in measured[step].items():
            if found["note"]:
                table.add_row(engine, found["note"], f"{acts:,}")
        for what, sizes in by_what(measured[step]).items():
            for acts, row in sizes.items():
                figures = (_seconds(row["wall"]), _seconds(row["work"]), f"{row['megabytes']:,.0f}")
                last = growth(sizes) if acts == max(sizes) else ""
                table.add_row(engine, what, f"{acts:,}", *figures, row["detail"], last)
    return table


def by_what(found: dict[int, Found]) -> dict[str, dict[int, Row]]:
    """Return the rows of a step by what was done, then by size."""
    ordered: dict[str, dict[int, Row]] = {}
    for acts, rows in found.items():
        for row in rows["rows"]:
            ordered.setdefault(row["what"], {})[acts] = row
    return ordered


def growth(sizes: dict[int, Row]) -> str:
    """Return by which power of the acts the seconds of processors grow: 1 is linear.

    What takes too short for these, which are counted in hundredths, goes by the clock.

    >>> growth({10: {"wall": 9.0, "work": 1.0}, 1000: {"wall": 400.0, "work": 100.0}})
    'n^1.00'
    """
    if len(sizes) < 2:
        return ""
    by = "work" if min(row["work"] for row in sizes.values()) >= ENOUGH else "wall"
    seconds = [math.log(row[by]) for row in sizes.values()]
    return f"n^{np.polyfit([math.log(acts) for acts in sizes], seconds, 1)[0]:.2f}"


def _seconds(seconds: float) -> str:
    return f"{seconds:,.0f}" if seconds >= 100 else f"{seconds:.3g}"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        for row in STEPS[sys.argv[2]](Path(sys.argv[3])):
            sys.stdout.write(json.dumps(row) + "\n")
            sys.stdout.flush()  # what is done counts, even if the rest takes too long
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else MOST_QUADS)
