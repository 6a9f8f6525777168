"""Answers drawn for the terminal: tables, paths, descriptions, findings."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from trilogue.results import Bindings, show

if TYPE_CHECKING:
    from trilogue.describe import Description, Statement
    from trilogue.validation import Finding


def bindings_table(bindings: Bindings, title: str = "") -> Table:
    """Draw bindings as a table, one row a solution."""
    table = Table(title=title or None, title_justify="left", show_lines=_is_wordy(bindings))
    for name in bindings.variables:
        table.add_column(name, overflow="fold")
    for row in bindings.rows:
        table.add_row(*(Text(show(term)) for term in row))
    return table


def _is_wordy(bindings: Bindings) -> bool:
    return any(len(show(term)) > 60 for row in bindings.rows for term in row)


def print_paths(console: Console, bindings: Bindings) -> int:
    """Print each path hop by hop, with act, date, order and evidence; return how many there are.

    The bindings hold one row a hop: path, hop, kind, from, to, act, date, order, evidence.
    """
    count = 0
    for path, hops in groupby(bindings, key=lambda row: show(row["path"])):
        count += 1
        console.print(Text(path, style="bold"))
        grid = Table(box=None, show_header=False, pad_edge=False)
        grid.add_column(justify="right", style="dim", no_wrap=True)
        grid.add_column(style="cyan", no_wrap=True)
        grid.add_column()
        for hop in hops:
            cells = {name: show(hop[name]) for name in bindings.variables}
            grid.add_row(cells["hop"], cells["kind"], _hop(cells))
        console.print(grid)
        console.print()
    return count


def _hop(cells: dict[str, str]) -> Text:
    """Return a hop in two lines: from whom to whom, then the act and where it stands."""
    text = Text(f"{cells['from']} → {cells['to']}")
    begin, _, end = cells["date"].partition("/")
    date = f"{begin} to {end}" if begin and end else begin or (end and f"by {end}")
    order = f"order {cells['order']}" if cells["order"] else ""
    details = (cells["act"], date, order, cells["evidence"])
    text.append("\n" + " · ".join(detail for detail in details if detail), style="dim")
    return text


def print_description(console: Console, description: Description) -> None:
    """Print what is said of a thing, then what refers to it."""
    console.print(Text(description.iri, style="bold"))
    for title, statements in (
        ("Statements", description.statements),
        ("References", description.references),
    ):
        if statements:
            console.print(_statements_table(title, statements))


def _statements_table(title: str, statements: Iterable[Statement]) -> Table:
    table = Table(title=title, title_justify="left")
    for name in ("property", "value", "evidence", "row"):
        table.add_column(name, overflow="fold")
    for item in statements:
        value = f"{item.value}\n{item.label}" if item.label else item.value
        evidence = "\n".join(filter(None, (item.evidence, *item.sources)))
        table.add_row(*(Text(cell) for cell in (item.property, value, evidence, item.graph)))
    return table


def findings_table(findings: Iterable[Finding]) -> Table:
    """Draw the findings of a validation."""
    table = Table(show_lines=True)
    for name in ("severity", "thing", "property", "value", "message", "row"):
        table.add_column(name, overflow="fold")
    for item in findings:
        cells = (item.severity, item.focus, item.path, item.value, item.message)
        table.add_row(*(Text(cell) for cell in cells), Text("\n".join(item.rows)))
    return table
