"""A copy of rows and ontology that an operator may spoil."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import Quad

from trilogue import layers
from trilogue.project import Project

Cells = dict[str, str]


class NotApplicableError(Exception):
    """No row or axiom is left that the operator could spoil."""


@dataclass
class Draft:
    """Tables by name (`acts`, `resolutions`), and the quads of the ontology."""

    tables: dict[str, list[Cells]]
    ontology: list[Quad]
    random: random.Random
    changed: set[str] = field(default_factory=set)
    axioms_changed: bool = False

    def pick(self, table: str, fits: Callable[[Cells], object] = bool) -> Cells:
        """Return a row drawn at random, free to be changed; notes that the table changes.

        Rows that a resolution sets aside are left alone: nothing is published of them.
        """
        aside = {row["set_aside"] for row in self.tables["resolutions"]}
        found = [
            row for row in self.tables[table] if fits(row) and f"{table}-{row['key']}" not in aside
        ]
        if not found:
            raise NotApplicableError(table)
        self.changed.add(table)
        return self.random.choice(found)

    def add(self, table: str, row: Cells, **changes: str) -> Cells:
        """Append a copy of a row under a key of its own, with other cells."""
        copy = {**row, "key": f"{row['key']}-mutant", **changes}
        self.tables[table].append(copy)
        self.changed.add(table)
        return copy

    def axiom(self, fits: Callable[[Quad], object]) -> Quad:
        """Return a quad of the ontology drawn at random."""
        found = sorted((quad for quad in self.ontology if fits(quad)), key=str)
        if not found:
            raise NotApplicableError("ontology")
        self.axioms_changed = True
        return self.random.choice(found)

    def replace(self, old: Quad, *fresh: Quad) -> None:
        """Put quads in the place of another."""
        self.ontology.remove(old)
        self.ontology.extend(fresh)
        self.axioms_changed = True


def paths(project: Project) -> Iterator[Path]:
    """Yield the files of all tables that people write."""
    yield from sorted((project.root / "data" / "thesis").glob("*.csv"))
    for name in ("resolutions", "identifiers"):
        yield project.root / "data" / f"{name}.csv"


def read(project: Project, seed: str) -> Draft:
    """Return a fresh draft; `seed` settles what its random choices are."""
    tables = {}
    for path in paths(project):
        with path.open(encoding="utf-8", newline="") as file:
            tables[path.stem] = list(csv.DictReader(file))
    return Draft(tables, layers.ontology_quads(project), random.Random(seed))


def write(draft: Draft, project: Project) -> None:
    """Write the tables that have changed over those of a project."""
    for path in paths(project):
        if path.stem in draft.changed:
            rows = draft.tables[path.stem]
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
