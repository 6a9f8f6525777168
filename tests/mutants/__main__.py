"""Print how many mutants the checks kill, by operator.

`python -m mutants [PER_OPERATOR]`, from the folder `tests`; `make mutants` does it.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.table import Table

from trilogue.project import Project

from . import axioms, draft
from .harness import Harness
from .operators import OPERATORS

assert axioms
_LEAST_KILLED = 0.95
_SURVIVORS = Path(__file__).parent / "survivors.csv"


@cache
def harness() -> Harness:
    """Return the harness of this process, made once."""
    return Harness(Project.find(), Path(tempfile.mkdtemp()) / "checkout")


def mutants(name: str, count: int) -> list[tuple[str, str]]:
    """Return so many different mutants of an operator, each with the check that kills it."""
    found: dict[str, str] = {}
    for number in range(10 * count):
        if len(found) == count:
            break
        mutant = draft.read(Project.find(), f"{name} {number}")
        try:
            told = OPERATORS[name](mutant)
        except draft.NotApplicableError:
            continue
        if told not in found:
            found[told] = harness().killer(mutant)
    return list(found.items())


def explained() -> dict[tuple[str, str], str]:
    """Return why survivors survive, by operator and mutant."""
    with _SURVIVORS.open(encoding="utf-8", newline="") as file:
        return {(row["operator"], row["mutant"]): row["reason"] for row in csv.DictReader(file)}


def main(per_operator: int) -> int:
    """Run all operators, print the table and the survivors; return the exit code."""
    console = Console()
    killers: dict[str, Counter[str]] = defaultdict(Counter)
    survivors: list[tuple[str, str]] = []
    with ProcessPoolExecutor(2) as pool:
        runs = pool.map(mutants, OPERATORS, [per_operator] * len(OPERATORS))
        for name, results in zip(OPERATORS, runs, strict=True):
            console.print(f"{name}: {sum(bool(killer) for _, killer in results)} of {len(results)}")
            for told, killer in results:
                killers[name][killer] += 1
                if not killer:
                    survivors.append((name, told))
    table = Table("operator", "killed", "of", "by", title="Mutants", title_justify="left")
    for name, found in killers.items():
        by = ", ".join(f"{count} {killer}" for killer, count in found.items() if killer)
        table.add_row(name, str(found.total() - found[""]), str(found.total()), by)
    console.print(table)
    reasons = explained()
    for survivor in survivors:
        console.print(f"survivor: {': '.join(survivor)}: {reasons.get(survivor, 'unexplained')}")
    total = sum(found.total() for found in killers.values())
    killed = total - len(survivors)
    console.print(f"{len(killers)} operators, killed {killed} of {total}")
    return int(killed < _LEAST_KILLED * total or any(item not in reasons for item in survivors))


if __name__ == "__main__":
    sys.exit(main(int(next(islice(sys.argv, 1, None), "5"))))
