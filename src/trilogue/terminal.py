"""Answers drawn for the terminal: tables, paths, descriptions, findings."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING

from rich.box import HEAVY_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from trilogue.results import Bindings, show

if TYPE_CHECKING:
    from trilogue.catalogue import Query
    from trilogue.contradictions import Contradiction
    from trilogue.describe import Description, Statement
    from trilogue.explanation import Explanation
    from trilogue.report import Score
    from trilogue.validation import Finding

_MOST_ROWS = 3
_UNBOUNDED = 100_000  # columns: wider than any finding


def print_bindings(console: Console, bindings: Bindings, title: str = "") -> None:
    """Print bindings as a table, one row a solution, or as records where the columns do not fit."""
    cells = [[show(term) for term in row] for row in bindings.rows]
    needed = [
        max(_longest_word(name), *(_longest_word(row[place]) for row in cells), 1)
        for place, name in enumerate(bindings.variables)
    ]
    if sum(needed) + 3 * len(needed) + 1 <= console.width:
        console.print(_table(bindings.variables, cells, needed, title))
    else:
        _print_records(console, bindings.variables, cells, title)


def _table(names: tuple[str, ...], rows: list[list[str]], needed: list[int], title: str) -> Table:
    wordy = any(len(cell) > 60 for row in rows for cell in row)
    table = Table(title=title or None, title_justify="left", show_lines=wordy)
    for name, width in zip(names, needed, strict=True):
        table.add_column(name, min_width=width, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _print_records(
    console: Console, names: tuple[str, ...], rows: list[list[str]], title: str
) -> None:
    if title:
        console.print(Text(title, style="italic"))
    for row in rows:
        console.print()
        grid = Table(box=None, show_header=False, pad_edge=False)
        grid.add_column(style="cyan", no_wrap=True)
        grid.add_column(overflow="fold")
        for name, cell in zip(names, row, strict=True):
            if cell:
                grid.add_row(name, Text(cell))
        console.print(grid)


def _longest_word(text: str) -> int:
    return max((cell_len(word) for word in text.split()), default=0)


def print_catalogue(console: Console, queries: Iterable[Query]) -> None:
    """Print the name of each query with its question below, kind by kind."""
    for kind, group in groupby(queries, key=lambda query: query.kind):
        console.print(Text(kind, style="bold"))
        for query in group:
            console.print(Text(f"  {query.name}", style="cyan"))
            console.print(Padding(Text(query.question), (0, 0, 0, 4)))
        console.print()


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


def print_chance(console: Console, bindings: Bindings) -> None:
    """Print how the numbers of one null model stand against its draws, the main figures only."""
    rows = [{name: show(row[name]) for name in bindings.variables} for row in bindings]
    table = Table(title=f"{rows[0]['null']} shuffled", title_justify="left")
    table.add_column("")
    for name in ("observed", "mean", "95 % of draws", "z", "p, as many", "p, two-sided"):
        table.add_column(name, justify="right")
    for row in rows:
        interval = f"{row['lower']} to {row['upper']}"
        tails = (row["p_more"], row["p_two_sided"])
        table.add_row(row["of"], row["observed"], row["mean"], interval, row["z"], *tails)
    console.print(table)


def print_means(console: Console, bindings: Bindings) -> None:
    """Print how far each text is from each group, the texts one after the other."""
    table = Table(title="How far each text is from what each group wanted", title_justify="left")
    for name in ("text", "group"):
        table.add_column(name, overflow="fold")
    for name in ("actors", "cases", "distance", "direction"):
        table.add_column(name, justify="right")
    rows = [{name: show(row[name]) for name in bindings.variables} for row in bindings]
    for (issued, text), part in groupby(rows, key=lambda row: (row["issued"], row["text"])):
        named = f"{issued} {text}"
        groups = list(part)
        for row in groups:
            numbers = (row[name] for name in ("actors", "cases", "distance", "direction"))
            table.add_row(named, row["group"], *numbers, end_section=row is groups[-1])
            named = ""
    console.print(table)
    explanation = (
        "Shares of the ranks of strictness that an issue spans, a mean over actors of their mean "
        "over issues; direction is above zero where the text is stricter than wanted."
    )
    console.print(Text(explanation, style="dim"))


def print_tests(console: Console, bindings: Bindings, groups: tuple[str, str]) -> None:
    """Print how two groups compare under each measure and reading, the main figures only."""
    every = [{name: show(row[name]) for name in bindings.variables} for row in bindings]
    rows = [row for row in every if row["difference"]]
    for measure, part in groupby(rows, key=lambda row: row["measure"]):
        title = f"{measure}: {groups[0]} against {groups[1]}"
        table = Table(title=title, title_justify="left")
        for name in ("counted", "days", "unit"):
            table.add_column(name)
        for name in ("n", "first", "second", "difference", "p, more", "2-sided", "least p"):
            table.add_column(name, justify="right")
        for row in part:
            sizes = f"{row['n_first']}, {row['n_second']}"
            names = ("first", "second", "difference", "p_more", "p_two_sided", "least_p")
            cells = (row[name] for name in names)
            table.add_row(row["counted"], row["days"], row["unit"], sizes, *cells)
        console.print(table)


def print_description(console: Console, description: Description) -> None:
    """Print what is said of a thing, then what refers to it."""
    if description.label:
        console.print(Text(description.label, style="bold"))
    console.print(Text(description.iri))
    for title, names, statements in (
        ("Statements", ("property", "value"), description.statements),
        ("Referred to by", ("property", "thing"), description.references),
    ):
        if statements:
            console.print(_statements_table(title, names, statements))


def _statements_table(title: str, names: tuple[str, str], statements: Iterable[Statement]) -> Table:
    table = Table(title=title, title_justify="left")
    for name in (*names, "evidence", "row"):
        table.add_column(name, overflow="fold")
    for item in statements:
        value = f"{item.value}\n{item.label}" if item.label else item.value
        place = f"{item.evidence} ({item.basis})" if item.basis else item.evidence
        evidence = "\n".join(filter(None, (place, *item.sources)))
        table.add_row(*(Text(cell) for cell in (item.property, value, evidence, item.graph)))
    return table


def print_findings(console: Console, findings: Iterable[Finding]) -> None:
    """Print the findings of a validation as a table: file and line, thing, what is expected.

    Where the output is no terminal, each finding is one line, however long.
    """
    wraps = console.is_terminal
    table = Table(show_lines=wraps, box=HEAVY_HEAD if wraps else None, pad_edge=False)
    for name in ("row", "severity", "thing", "property", "value", "message"):
        table.add_column(name, overflow="fold")
    for item in findings:
        rest = len(item.rows) - _MOST_ROWS
        some = (*item.rows[:_MOST_ROWS], *([f"and {rest} more"] if rest > 0 else []))
        rows = ("\n" if wraps else ", ").join(some)
        cells = (rows, item.severity, item.focus, item.path, item.value, item.message)
        table.add_row(*map(Text, cells))
    (console if wraps else Console(file=console.file, width=_UNBOUNDED)).print(table)


def print_explanation(console: Console, number: int, item: Explanation) -> None:
    """Print the reasons of a conclusion, each with its pages and its place in the files."""
    console.print(Text(f"{number}. {item.conclusion}:", style="bold"))
    for reason in item.reasons:
        console.print(Padding(Text(reason.words), (0, 0, 0, 3)))
        where = " · ".join(("; ".join(reason.locators), ", ".join(reason.places)))
        console.print(Padding(Text(where.removeprefix(" · "), style="dim"), (0, 0, 0, 6)))
    console.print()


def print_contradictions(console: Console, found: Iterable[Contradiction]) -> None:
    """Print each contradiction with both sides, kind by kind, and how many there are."""
    from trilogue.contradictions import summary

    found = list(found)
    for (kind, severity), group in groupby(found, key=lambda item: (item.kind, item.severity)):
        console.print(Text(f"{kind.replace('-', ' ')} ({severity})", style="bold"))
        for item in group:
            grid = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
            grid.add_column(style="dim", no_wrap=True, min_width=8)
            grid.add_column(overflow="fold")
            for name, side in ((item.confidence, item.first), ("against", item.second)):
                where = Text(f"{side.locator} · {side.row}", style="dim")
                grid.add_row(name, Text(side.statement + "\n").append_text(where))
            grid.add_row(item.decision, Text(item.reason))
            console.print(grid)
            console.print()
    console.print(summary(found))


def print_scores(console: Console, scores: Iterable[Score]) -> None:
    """Print each bar with what was measured, and below what missed it."""
    table = Table(title="How the graph stands", title_justify="left")
    for name in ("bar", "measured", "required", ""):
        table.add_column(name, overflow="fold")
    missed = []
    for score in scores:
        sign = Text("✓", style="green") if score.passed else Text("missed", style="red")
        table.add_row(Text(score.bar), Text(score.measured), Text(score.required), sign)
        missed += [] if score.passed else [f"{score.bar}: {line}" for line in score.details]
    console.print(table)
    for line in missed:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
