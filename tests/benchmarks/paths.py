"""Measure the path search beside DuckDB: `python -m benchmarks.paths [ACTS]`.

Registers of ten thousand acts up to so many (`registers.py`), each engine and size in a process of
its own. Seconds are those of the processor, medians of several runs in a warm process; one thread
each. Every answer is compared with DuckDB's, and a difference ends the run.

`bound` is what it would take to read at random, once each, the acts and relations that lie on a
matching walk, whatever their days: what no engine can undercut that looks at each of them.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numba import njit
from rich.console import Console
from rich.table import Table

from trilogue.paths.compiled.index import Index
from trilogue.paths.compiled.search import Search
from trilogue.paths.network import day_in_words
from trilogue.paths.query import PathQuery, Score
from trilogue.project import Project

from .path_peers import ByHand, Weighed
from .processes import load
from .registers import Register

BUILD = Project.find(Path(__file__)).build
SIZES = [10**power for power in range(4, 9)]
ORIGINS, FIRMS, BEST = "tlg:SmallOrMediumEnterprise", "tlg:Firm", 100
ENOUGH, MOST_RUNS = 2.0, 15  # seconds of measuring, and runs, after which it ends
LONG = 20.0  # seconds after which a task runs once only
LONGEST = 1800  # seconds for one process
OURS, BY_HAND, BY_JOINS, PEER = "trilogue", "DuckDB by hand", "DuckDB joins", "DuckDB, the faster"
ENGINES = {OURS: "-", PEER: "--"}

Task = Callable[[], Any]
Facts = dict[str, Any]


def main(largest: int) -> None:
    """Measure all sizes up to one; print two tables and write a picture."""
    console = Console(width=150)
    console.print(f"{os.cpu_count()} processors; load at the beginning {load()}")
    measured: dict[int, Facts] = {}
    for acts in SIZES:
        if acts <= largest:
            measured[acts] = _measured(acts)
            _print_tasks(console, acts, measured[acts])
    _print_index(console, measured)
    if len(measured) > 1:
        _print_growth(console, measured)
        path = BUILD / "benchmark-paths.svg"
        path.with_suffix(".json").write_text(json.dumps(measured, indent=1))
        _picture(measured).savefig(path)
        console.print(f"{path.relative_to(BUILD.parent)} shows time against size.")


def _measured(acts: int) -> Facts:
    """Run each part in a process of its own, and compare the answers."""
    folder = BUILD / "registers" / str(acts)
    facts: Facts = {"load": load()}
    for part in PARTS:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.paths", "--one", part, str(folder)],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            timeout=LONGEST,
        )
        facts[part] = json.loads(done.stdout.splitlines()[-1])
    ours = facts["search"]["tasks"]
    for peer in (BY_HAND, BY_JOINS):
        for task, found in facts["peers"]["tasks"][peer].items():
            if found["answer"] != ours[task]["answer"]:
                raise AssertionError(
                    f"{acts} acts, {task}: {ours[task]['answer']}, {peer} {found['answer']}"
                )
    return facts


def choose(folder: Path) -> Facts:
    """Make the register, and choose what is asked by rule.

    The provision is the middle one, by day, of those on an issue of average size, or the next to it
    that small firms reach. The firm is the middle one, by number of paths, of those that reach it.
    """
    if not (folder / "things.parquet").exists():
        Register(int(folder.name)).write(folder)
    peer = ByHand(folder)
    issue = peer.average_issue()
    provisions = peer.provisions(issue)
    middle = len(provisions) // 2
    provision = next(
        provisions[place]
        for place in sorted(range(len(provisions)), key=lambda place: abs(place - middle))
        if peer.earliest(ORIGINS, provisions[place]) is not None
    )
    firms = peer.by_number_of_paths(FIRMS, provision)
    chosen = {"provision": provision, "firm": firms[len(firms) // 2], "busiest": firms[-1]}
    (folder / "chosen.json").write_text(json.dumps(chosen))
    return chosen


def build(folder: Path) -> Facts:
    """Build the index anew."""
    path = folder / "paths.index"
    path.unlink(missing_ok=True)
    begun = time.process_time()
    Index.of_folder(folder)
    seconds = time.process_time() - begun
    return {"seconds": seconds, "bytes": path.stat().st_size, "peak": _peak()}


def cold(folder: Path) -> Facts:
    """Answer one question in a fresh process, which imports what the search needs."""
    chosen = _chosen(folder)
    ends = [[chosen["firm"]], [chosen["provision"]]]
    code = _COLD.format(folder / "paths.index", ByHand.EXPRESSION, *ends)
    for _ in range(2):  # the first time, code may have to be compiled, and is kept
        done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True)
    found: Facts = json.loads(done.stdout)
    return found


_COLD = """
import json, time
from pathlib import Path
from trilogue.paths.compiled.index import Index
from trilogue.paths.query import PathQuery
from trilogue.paths.compiled.search import Search
begun = time.process_time()
index = Index.at(Path("{}"))
opened = time.process_time()
Search(index, PathQuery("{}", frozenset({}), frozenset({}))).earliest()
done = time.process_time()
print(json.dumps({{"open": opened - begun, "query": done - opened, "process": done}}))
"""


def search(folder: Path) -> Facts:
    """Measure our engine."""
    index = Index.at(folder / "paths.index")
    tasks = _tasks_of_search(index, _chosen(folder))
    measured = {name: _timed(task) for name, task in tasks.items()}
    return {"tasks": measured, "peak": _peak()}


def peers(folder: Path) -> Facts:
    """Measure DuckDB, and how many rows each task touches."""
    peer, chosen = ByHand(folder), _chosen(folder)
    firm, busiest, provision = chosen["firm"], chosen["busiest"], chosen["provision"]
    pairs = {
        "pair": lambda: peer.paths(firm, provision),
        "busiest pair": lambda: peer.paths(busiest, provision),
    }
    tasks: dict[str, dict[str, Task]] = {
        BY_HAND: {
            "earliest": lambda: peer.earliest(firm, provision),
            "count": lambda: peer.count(ORIGINS, provision),
            "top": lambda: peer.top(BEST, ORIGINS, provision),
        },
        BY_JOINS: {
            "earliest": lambda: peer.earliest_by_joins(firm, provision),
            "count": lambda: peer.count_by_joins(ORIGINS, provision),
            "top": lambda: peer.top_by_joins(BEST, ORIGINS, provision),
            **pairs,
        },
    }
    measured = {
        name: {task: _timed(work) for task, work in group.items()} for name, group in tasks.items()
    }
    of_firm, of_all = peer.touched(firm, provision), peer.touched(ORIGINS, provision)
    touched = {"earliest": of_firm, "count": of_all, "top": of_all, "pair": of_firm}
    touched["busiest pair"] = peer.touched(busiest, provision)
    size = (folder / "paths.index").stat().st_size
    return {"tasks": measured, "touched": touched, "access": _access(size), "peak": _peak()}


PARTS: dict[str, Callable[[Path], Facts]] = {
    part.__name__: part for part in (choose, build, cold, search, peers)
}


def _tasks_of_search(index: Index, chosen: dict[str, str]) -> dict[str, Task]:
    def asked(origin: str) -> Search:
        ends = frozenset([origin]), frozenset([chosen["provision"]])
        return Search(index, PathQuery(ByHand.EXPRESSION, *ends))

    def paths(origin: str) -> list[Weighed]:
        return [
            (tuple(int(hop.ground) for hop in path.hops), path.weight)
            for path in asked(origin).paths()
        ]

    def top() -> list[Weighed]:
        best = asked(ORIGINS).top(BEST, Score.weight)
        return [(tuple(int(hop.ground) for hop in path.hops), path.weight) for path in best]

    return {
        "earliest": lambda: asked(chosen["firm"]).earliest().get(chosen["provision"]),
        "count": lambda: asked(ORIGINS).count(),
        "top": top,
        "pair": lambda: paths(chosen["firm"]),
        "busiest pair": lambda: paths(chosen["busiest"]),
    }


def _timed(task: Task) -> Facts:
    """Return the median seconds of a task, and its answer; the first run fills caches."""
    first, answer = _once(task)
    times = [first] if first > LONG else []
    while first <= LONG and (len(times) < 3 or (sum(times) < ENOUGH and len(times) < MOST_RUNS)):
        times.append(_once(task)[0])
    return {"seconds": statistics.median(times), "answer": _comparable(answer)}


def _once(task: Task) -> tuple[float, Any]:
    begun = time.process_time()
    answer = task()
    return time.process_time() - begun, answer


def _comparable(answer: int | list[Weighed] | None) -> object:
    """Return an answer so that two equal ones are the same.

    Which of several paths of one weight comes last among the best is not defined.
    """
    if not isinstance(answer, list):
        return answer
    weights = sorted((weight for _, weight in answer), reverse=True)
    certain = answer
    if len(answer) == BEST:
        certain = [path for path in answer if path[1] > weights[-1]]
    content = repr([weights, sorted(certain)])
    return [len(answer), hashlib.sha256(content.encode()).hexdigest()]


@njit(cache=True)
def _read(content: Any, places: Any) -> int:
    total = 0
    for place in places:
        total += content[place]
    return total


def _access(size: int) -> float:
    """Return the seconds of one of many reads at random from memory of a size."""
    draws = np.random.default_rng(0)
    content = np.ones(max(size // 8, 1), dtype=np.int64)
    places = draws.integers(0, len(content), 2_000_000)
    _read(content, places)
    times = []
    for _ in range(5):
        begun = time.process_time()
        _read(content, places)
        times.append(time.process_time() - begun)
    return statistics.median(times) / len(places)


def _chosen(folder: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((folder / "chosen.json").read_text())
    return found


def _peak() -> float:
    """Return the most megabytes that this process held; pages of mapped files count."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _times(facts: Facts, task: str) -> dict[str, float]:
    """Return the seconds of each engine; a task may have no form by hand."""
    peers = {
        peer: float(found[task]["seconds"])
        for peer, found in facts["peers"]["tasks"].items()
        if task in found
    }
    ours = float(facts["search"]["tasks"][task]["seconds"])
    return {OURS: ours, **peers, PEER: min(peers.values())}


def _bound(facts: Facts, task: str) -> float:
    return float(facts["peers"]["touched"][task] * facts["peers"]["access"])


def _milliseconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds * 1000:.3g}"


def _in_words(task: str, answer: Any) -> str:
    if isinstance(answer, list):
        return f"{answer[0]:,} paths"
    return day_in_words(answer) if task == "earliest" else f"{answer:,} paths"


def _print_tasks(console: Console, acts: int, facts: Facts) -> None:
    title = f"{acts:,} acts, milliseconds (load {facts['load']})"
    names = ("answer", "touched", "bound", OURS, BY_HAND, BY_JOINS, "ratio")
    table = Table("task", *names, title=title)
    for task, found in facts["search"]["tasks"].items():
        times = _times(facts, task)
        table.add_row(
            task,
            _in_words(task, found["answer"]),
            f"{facts['peers']['touched'][task]:,}",
            _milliseconds(_bound(facts, task)),
            *(_milliseconds(times.get(engine)) for engine in (OURS, BY_HAND, BY_JOINS)),
            f"{times[PEER] / times[OURS]:.1f}x",
        )
    console.print(table)


def _print_index(console: Console, measured: dict[int, Facts]) -> None:
    names = ("build s", "bytes/act", "build MB", "open ms", "first query ms", "cold process ms")
    table = Table("acts", *names, "search MB", "DuckDB MB", "random read ns")
    for acts, facts in measured.items():
        cold_ones = (facts["cold"]["open"], facts["cold"]["query"], facts["cold"]["process"])
        table.add_row(
            f"{acts:,}",
            f"{facts['build']['seconds']:.2f}",
            f"{facts['build']['bytes'] / acts:.1f}",
            f"{facts['build']['peak']:.0f}",
            *map(_milliseconds, cold_ones),
            *(f"{facts[part]['peak']:.0f}" for part in ("search", "peers")),
            f"{facts['peers']['access'] * 1e9:.1f}",
        )
    console.print(table)


def _print_growth(console: Console, measured: dict[int, Facts]) -> None:
    """Print by which power of the acts, and of the acts touched, time grows: 1 is linear."""
    table = Table("task", *(f"{engine} by {x}" for engine in ENGINES for x in ("acts", "touched")))
    for task in _tasks(measured):
        row = []
        for engine in ENGINES:
            acts, touched, seconds = _series(measured, engine, task)
            row += [_power(acts, seconds), _power(touched, seconds)]
        table.add_row(task, *row)
    console.print(table)


def _tasks(measured: dict[int, Facts]) -> list[str]:
    return list(next(iter(measured.values()))["search"]["tasks"])


def _series(
    measured: dict[int, Facts], engine: str, task: str
) -> tuple[list[float], list[float], list[float]]:
    """Return acts, acts touched, and seconds of each size."""
    touched = [float(facts["peers"]["touched"][task]) for facts in measured.values()]
    seconds = [_times(facts, task)[engine] for facts in measured.values()]
    return [float(acts) for acts in measured], touched, seconds


def _power(sizes: list[float], seconds: list[float]) -> str:
    if len(set(sizes)) < 2:
        return ""
    return f"n^{np.polyfit(np.log(sizes), np.log(seconds), 1)[0]:.2f}"


def _picture(measured: dict[int, Facts]) -> Figure:
    """Draw time against acts in the register, and against acts touched."""
    figure = Figure(figsize=(11, 5), layout="constrained")
    axes = figure.subplots(1, 2, sharey=True)
    for number, task in enumerate(_tasks(measured)):
        for engine, style in ENGINES.items():
            acts, touched, seconds = _series(measured, engine, task)
            for axis, sizes in zip(axes, (acts, touched), strict=True):
                label = task if engine == OURS else None
                axis.plot(sizes, seconds, style, marker="o", ms=3, color=f"C{number}", label=label)
    for axis, name in zip(
        axes, ("acts in the register", "acts and relations touched"), strict=True
    ):
        axis.set(xscale="log", yscale="log", xlabel=name)
        axis.grid(alpha=0.3)
    axes[0].set_ylabel("seconds of processor time")
    for engine, style in ENGINES.items():
        axes[0].plot([], [], style, color="grey", label=engine)
    points = sorted(
        (facts["peers"]["touched"][task], _bound(facts, task))
        for facts in measured.values()
        for task in _tasks(measured)
    )
    axes[1].plot(*zip(*points, strict=True), color="black", lw=0.8, label="random reads")
    axes[0].legend(fontsize="small")
    axes[1].legend(fontsize="small")
    return figure


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        sys.stdout.write(json.dumps(PARTS[sys.argv[2]](Path(sys.argv[3]))) + "\n")
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000)
