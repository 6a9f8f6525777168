"""Answers drawn for the terminal: tables, paths, descriptions, findings."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from rich.console import Console
from rich.table import Table
from rich.text import Text

from trilogue.describe import Description, Statement
from trilogue.results import Bindings, show
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
    """Print each path as its hops, one line a hop; return how many paths there are.

    The bindings hold one row a hop: path, hop, kind, from, to, act, date, order, evidence.
    """
    count = 0
    for path, hops in groupby(bindings, key=lambda row: show(row["path"])):
        count += 1
        table = Table(title=Text(path, style="bold"), title_justify="left", box=None)
        for name in ("", "hop", "from", "to", "act", "date", "order", "evidence"):
            table.add_column(name, overflow="fold")
        for hop in hops:
            names = ("hop", "kind", "from", "to", "act", "date", "order", "evidence")
            table.add_row(*(Text(show(hop[name])) for name in names))
        console.print(table)
        console.print()
    return count


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
        table.add_row(*(Text(cell) for cell in (item.property, value, item.evidence, item.graph)))
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
