"""What terminals show of verdicts and of how far they hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from trilogue.case.likelihood import Reading
from trilogue.case.path_robustness import MOST, PathRobustness
from trilogue.case.robustness import KINDS, Robustness, some
from trilogue.case.verdicts import Outcome, Verdict
from trilogue.namespaces import compact

_MOST_SWINGS = 3


def print_verdicts(console: Console, verdicts: Iterable[Verdict]) -> None:
    """Print each hypothesis with verdicts, tests, differences and belief."""
    for item in verdicts:
        console.print(Text(item.hypothesis, style="bold"))
        lines = [
            ("computed", f"{item.computed}: {item.because}"),
            ("stated", item.stated() or "nothing"),
            *(("differs", difference) for difference in item.differences()),
            ("belief", _belief(item.reading)),
            *(("sways", line) for line in _swings(item.reading)),
        ]
        console.print(Padding(_grid(lines), (0, 0, 0, 2)))
        console.print(Padding(_tests(item.outcomes), (0, 0, 1, 2)))


def _grid(lines: Iterable[tuple[str, str]]) -> Table:
    grid = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    before = ""
    for name, text in lines:
        grid.add_row("" if name == before else name, Text(text))
        before = name
    return grid


def _belief(reading: Reading) -> str:
    belief = reading.posterior
    return (
        f"{reading.prior:.2f} → {belief.judged:.2f} after {reading.happenings} happenings "
        f"({belief.lowest:.2f} with every ratio at its lowest, {belief.highest:.2f} at its highest)"
    )


def _swings(reading: Reading) -> Iterable[str]:
    for swing in reading.swings[:_MOST_SWINGS]:
        if swing.width > 0:
            ends = f"{swing.lowest:.2f} to {swing.highest:.2f}, left out {swing.without:.2f}"
            yield f"{ends}: {swing.judgement.words}"


def _tests(outcomes: Sequence[Outcome]) -> Table:
    table = Table(show_lines=False, pad_edge=False)
    for name in ("outcome", "test", "what would be seen"):
        table.add_column(name, overflow="fold")
    for name in ("+", "−", "="):
        table.add_column(name, justify="right", no_wrap=True)
    for item in outcomes:
        table.add_row(item.outcome, item.kind, Text(item.implication), *map(str, item.counts))
    return table


def print_robustness(
    console: Console, found: Iterable[Robustness], names: Mapping[str, str]
) -> None:
    """Print how far each verdict holds."""
    for item in found:
        head = f"{names[item.hypothesis]}: {item.verdict}, {item.belief:.2f}"
        console.print(Text(head, style="bold"))
        lines = []
        for kind in KINDS:
            number = sum(fall.kind == kind for fall in item.falls)
            breaking = [f"{compact(f.item)} ({f.verdict})" for f in item.breaking(kind)]
            lines.append((kind, f"{number} left out in turn; other verdict: {some(breaking)}"))
        for kind, cut in item.cuts.items():
            smallest = "none" if cut is None else f"{len(cut)}: {some(sorted(cut))}"
            lines.append(("falls with", f"{kind}, fewest: {smallest}"))
        page = item.weightiest("pages")
        if page is not None:
            weight = f"{page.item}: without its {page.observations} observations {page.belief:.2f}"
            lines.append(("weightiest", weight))
        swaps = [f"{compact(name)} ({verdict})" for name, verdict in item.swaps.items()]
        lines.append(("resolved", f"the other way, other verdict: {some(swaps)}"))
        console.print(Padding(_grid(lines), (0, 0, 1, 2)))


def print_path_robustness(console: Console, found: Iterable[PathRobustness]) -> None:
    """Print how far each path holds."""
    for item in found:
        console.print(Text(item.path, style="bold"))
        lines = [
            (kind, f"not found without: {some([compact(name) for name in item.breaking[kind]])}")
            for kind in KINDS
        ]
        for kind, cut in item.cuts.items():
            smallest = f"more than {MOST}" if cut is None else f"{len(cut)}: {some(sorted(cut))}"
            lines.append(("falls with", f"{kind}, fewest: {smallest}"))
        loose = [compact(name) for kind in KINDS for name in item.less_certain[kind]]
        lines.append(("order", f"less certain without: {some(loose)}"))
        lines.append(("resolved", f"the other way, not found: {some(map(compact, item.swaps))}"))
        console.print(Padding(_grid(lines), (0, 0, 1, 2)))
