"""Which rows each passage of the thesis gave: the ledger in `data/coverage.csv`.

The ledger is made from the rows, and kept with them: whoever drops a row sees it in the ledger's
diff, and a passage without rows needs a reason. Only the reasons are written by hand.
`python -m trilogue.coverage` writes it; with `--check` it only says where it differs.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable, Iterator, Mapping

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
    found: dict[str, list[str]] = {}
    for row in rows:
        if row.table.local_name.endswith("/passages.csv"):
            found.setdefault(row.cells["key"], [])
        for passage in row.cells.get("passage") or ():
            name = mapping.row_graph(row).value.removeprefix(THINGS + "row/")
            found.setdefault(passage, []).append(name)
    return {passage: sorted(names) for passage, names in found.items()}


def uncovered(rows: Iterable[Row]) -> list[Problem]:
    """Return a problem for each passage that gave no row and has no reason why."""
    rows = list(rows)
    given = rows_by_passage(rows)
    reasons = {row.cells["key"] for row in rows if _is_line(row) and row.cells["reason"]}
    return [
        row.problem("key", f"'{key}' gave no row: expected one, or a reason in data/coverage.csv")
        for row in rows
        if row.table.local_name.endswith("/passages.csv")
        and not given[key := row.cells["key"]]
        and key not in reasons
    ]


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

    Raises `DataError`, naming the rows that a line lacks or has too many.
    """
    rows = tables.read(project)
    listed = {row.cells["key"]: row for row in rows if _is_line(row)}
    problems = [
        problem
        for passage, names in rows_by_passage(rows).items()
        for problem in _differences(project, passage, names, listed.get(passage))
    ]
    if problems:
        raise DataError(problems)


def _differences(
    project: Project, passage: str, names: list[str], line: Row | None
) -> Iterator[Problem]:
    if line is None:
        file = project.relative(project.coverage)
        yield Problem(file, 0, 0, "key", f"no line for {passage}; run `make fmt`")
        return
    listed = set(line.cells["rows"] or ())
    for name in sorted(set(names) - listed):
        yield line.problem("rows", f"'{name}' is missing for {passage}; run `make fmt`")
    for name in sorted(listed - set(names)):
        yield line.problem("rows", f"'{name}' does not come from {passage}; run `make fmt`")


def _is_line(row: Row) -> bool:
    return bool(row.table.local_name.endswith("/coverage.csv"))


def _wanted(project: Project) -> str:
    rows = tables.read(project)
    return ledger(
        rows, {row.cells["key"]: row.cells["reason"] or "" for row in rows if _is_line(row)}
    )


if __name__ == "__main__":
    try:
        (check if "--check" in sys.argv else update)(Project.find())
    except TrilogueError as failure:
        sys.exit(f"trilogue: {failure}")
