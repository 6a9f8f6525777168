"""Which rows each passage of the thesis gave: the ledger in `data/coverage.csv`.

The ledger is made from the rows, and kept with them: whoever drops a row sees it in the ledger's
diff, and a passage without rows needs a reason. Only the reasons are written by hand.
`python -m trilogue.coverage` writes it; with `--check` it only says where it differs.
"""

from __future__ import annotations

import csv
import io
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping

from trilogue import mapping, tables
from trilogue.errors import DataError, Problem, TrilogueError
from trilogue.namespaces import THINGS
from trilogue.project import Project, written_aside
from trilogue.tables import Row

_HEADER = ("key", "rows", "reason")


def rows_by_passage(rows: Iterable[Row]) -> dict[str, list[str]]:
    """Return the names of the rows (`{table}-{key}`) that each passage gave, in order.

    Passages stand in the order of their table; those that gave no row have an empty list.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row.table.local_name.endswith("/passages.csv"):
            found[row.cells["key"]].extend(())
        for passage in row.cells.get("passage") or ():
            found[passage].append(mapping.row_graph(row).value.removeprefix(THINGS + "row/"))
    return {passage: sorted(names) for passage, names in found.items()}


def ledger(rows: Iterable[Row], reasons: Mapping[str, str]) -> str:
    """Return the ledger as CSV: passage, the rows that it gave, or else the reason why none."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_HEADER)
    for passage, names in rows_by_passage(rows).items():
        reason = "" if names else reasons.get(passage, "")
        writer.writerow((passage, " ".join(names), reason))
    return text.getvalue()


def update(project: Project) -> None:
    """Write the ledger anew where it differs from the rows."""
    text = _wanted(project)
    if text != project.coverage.read_text("utf-8"):
        with written_aside(project.coverage) as file:
            file.write(text.encode())


def check(project: Project) -> None:
    """Hold the ledger against the rows.

    Raises `DataError`, naming the first line that differs.
    """
    wanted, found = _wanted(project).splitlines(), project.coverage.read_text("utf-8").splitlines()
    for number, (expected, line) in enumerate(zip(wanted, found, strict=False), start=1):
        if expected != line:
            _refuse(project, number, f"'{line[:60]}': expected '{expected[:60]}'")
    if len(wanted) != len(found):
        number = min(len(wanted), len(found)) + 1
        _refuse(project, number, f"{len(found)} lines: expected {len(wanted)}")


def _refuse(project: Project, line: int, message: str) -> None:
    file = project.relative(project.coverage)
    raise DataError([Problem(file, line, 0, "", f"{message}; run `make fmt`")])


def _wanted(project: Project) -> str:
    rows = tables.read(project)
    reasons = {
        row.cells["key"]: row.cells["reason"] or ""
        for row in rows
        if row.table.local_name.endswith("/coverage.csv")
    }
    return ledger(rows, reasons)


if __name__ == "__main__":
    try:
        (check if "--check" in sys.argv else update)(Project.find())
    except TrilogueError as failure:
        sys.exit(f"trilogue: {failure}")
