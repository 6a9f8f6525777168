"""Curated rows, read and checked against their CSVW metadata.

Metadata and checks follow the W3C's *Metadata Vocabulary for Tabular Data*. Types, patterns and
required cells are the csvw library's work; primary and foreign keys are checked here, so that
messages name the line and the nearest key. Line numbers are those of the file, the header
being line 1.
"""

from __future__ import annotations

import csv
import logging
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trilogue.errors import DataError, Problem, nearest
from trilogue.project import Project

if TYPE_CHECKING:
    from csvw import TableGroup
    from csvw.metadata import Table

_PATTERNS = {
    "[a-z0-9]+(-[a-z0-9]+)*": "lower-case words joined by hyphens",
    "[a-z-]+/[a-z0-9]+(-[a-z0-9]+)*": "kind/key",
    "[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?": "YYYY, YYYY-MM or YYYY-MM-DD",
    "abstract|p[0-9]+(-[nt][0-9]+)?": "a passage such as p43, p43-n4 or p20-t1",
}
_PLACED = re.compile(r"(?P<file>.+?):(?P<line>\d+)(?::(?P<column>\d+))?:? (?P<message>.*)", re.S)


@dataclass(frozen=True)
class Row:
    """One row of a table: where it stands, and its cells by column name."""

    table: Table
    file: str
    line: int
    cells: Mapping[str, Any]

    def problem(self, column: str, message: str) -> Problem:
        """Return a problem in the cell of that column."""
        names = [item.header for item in self.table.tableSchema.columns if not item.virtual]
        place = names.index(column) + 1 if column in names else 0
        return Problem(self.file, self.line, place, column, message)


class _Collector(logging.Handler):
    """Keeps what csvw logs, as problems."""

    def __init__(self, project: Project, formats: Mapping[tuple[str, str], str]) -> None:
        super().__init__()
        self.project = project
        self.formats = formats
        self.problems: list[Problem] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        match = _PLACED.fullmatch(text)
        if match is None:
            self.problems.append(Problem(self.project.relative("data"), 0, 0, "", text))
            return
        file = self.project.relative(match["file"])
        name, _, message = match["message"].partition(": ")
        column = int(match["column"] or 0)
        if not column:
            name, message = "", match["message"]
        expected = self.formats.get((Path(file).name, name), "")
        message = _in_words(message, expected)
        self.problems.append(Problem(file, int(match["line"]), column, name, message))


def _in_words(message: str, pattern: str) -> str:
    """Say what csvw found in words that name what was expected.

    >>> _in_words("invalid lexical value for string: Meting", "Interview|Meeting")
    "'Meting': expected one of Interview, Meeting; nearest: Meeting"
    """
    message = " ".join(message.split())
    if message == "required column value is missing":
        return "empty cell: expected a value"
    if message == "Invalid value for decimal":
        return "expected a decimal number"
    _, found, value = message.partition("invalid lexical value for string: ")
    if not found:
        return message
    if re.fullmatch(r"[\w:|]+", pattern):
        words = pattern.split("|")
        return f"'{value}': expected one of {', '.join(words)}{nearest(value, words)}"
    return f"'{value}': expected {_PATTERNS.get(pattern, pattern)}"


def read(project: Project) -> list[Row]:
    """Return all rows of all tables, in the order of metadata and files.

    Raises `DataError` with every problem found: encoding, header, types, patterns,
    missing cells, duplicate keys, references to keys that do not exist.
    """
    from csvw import TableGroup

    try:
        group = TableGroup.from_file(project.mapping)
    except (OSError, ValueError) as error:
        file = project.relative(project.mapping)
        raise DataError([Problem(file, 0, 0, "", f"no CSVW metadata: {error}")]) from None
    problems = [problem for table in group.tables for problem in _form(project, table)]
    if problems:
        raise DataError(problems)
    collector = _Collector(project, _formats(group))
    log = logging.Logger("trilogue.tables")
    log.addHandler(collector)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows = [row for table in group.tables for row in _rows(project, table, log)]
    problems = collector.problems or [*_duplicates(rows), *_dangling(group, rows)]
    if problems:
        raise DataError(problems)
    return rows


def _formats(group: TableGroup) -> dict[tuple[str, str], str]:
    """Return the pattern of each column that has one, by file name and column."""
    return {
        (Path(str(table.url)).name, column.name): column.datatype.format
        for table in group.tables
        for column in table.tableSchema.columns
        if column.datatype is not None and column.datatype.format
    }


def _form(project: Project, table: Table) -> Iterator[Problem]:
    """Check what must hold before cells can be read: file, encoding, header, width of rows."""
    path = Path(table.url.resolve(table.base))
    file = project.relative(path)
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        yield Problem(file, 0, 0, "", f"cannot be read: {error.strerror}")
        return
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        line = before.count(b"\n") + 1
        column = before.decode("utf-8", "replace").rpartition("\n")[2].count(",") + 1
        byte = error.object[error.start]
        yield Problem(file, line, column, "", f"byte 0x{byte:02x} is not UTF-8")
        return
    if text.startswith("\ufeff"):
        yield Problem(file, 1, 1, "", "begins with a byte order mark: expected UTF-8 without one")
        return
    control = re.search("[\x00-\x08\x0b\x0c\x0e-\x1f]", text)
    if control:
        line = text.count("\n", 0, control.start()) + 1
        yield Problem(file, line, 0, "", f"control character U+{ord(control[0]):04X}")
        return
    expected = [column.header for column in table.tableSchema.columns if not column.virtual]
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        header = next(reader, [])
        if header != expected:
            yield Problem(file, 1, 0, "", f"header {header}: expected {expected}")
            return
        for cells in reader:
            if len(cells) != len(expected):
                message = f"{len(cells)} cells: expected {len(expected)}"
                yield Problem(file, reader.line_num, 0, "", message)
    except csv.Error as error:
        yield Problem(file, reader.line_num, 0, "", str(error))


def _rows(project: Project, table: Table, log: logging.Logger) -> Iterator[Row]:
    for file, line, cells in table.iterdicts(log=log, with_metadata=True):
        yield Row(table, project.relative(file), line, cells)


def _duplicates(rows: list[Row]) -> Iterator[Problem]:
    """Check that no two rows of a table have one key."""
    first: dict[tuple[str, str], int] = {}
    for row in rows:
        key = row.cells["key"]
        line = first.setdefault((row.file, key), row.line)
        if line != row.line:
            yield row.problem("key", f"duplicate key '{key}': line {line} has it already")


def _dangling(group: TableGroup, rows: list[Row]) -> Iterator[Problem]:
    """Check that foreign keys are keys of their tables, and name the nearest where not.

    One pass over the rows; csvw's own check reads every table anew for every foreign key.
    """
    keys: dict[str, set[str]] = {}
    for row in rows:
        keys.setdefault(row.table.local_name, set()).add(row.cells["key"])
    for row in rows:
        for foreign in row.table.tableSchema.foreignKeys:
            column = foreign.columnReference[0]
            target = foreign.reference.resource.string
            known = keys.get(target, set())
            for value in cell_items(row.cells[column]):
                if value not in known:
                    message = f"unknown key '{value}': expected a key of {Path(target).name}"
                    yield row.problem(column, message + nearest(value, known))


def cell_items(value: Any) -> list[Any]:
    """Return the items of a cell: none, one, or those of a list.

    >>> cell_items(None), cell_items("a"), cell_items(["a", "b"])
    ([], ['a'], ['a', 'b'])
    """
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
