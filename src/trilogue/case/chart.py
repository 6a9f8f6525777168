"""Distances as a chart: how far each group is from each text version, one panel an issue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from trilogue.case.attainment import Distance, Mean, means
from trilogue.drawing.canvas import DPI, FONT, GREY, PALE, SMALL, TEXT, TITLE
from trilogue.errors import QueryError
from trilogue.paths.picture import COLOURS, DASHED, DOTTED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

LINES = ("-", DASHED, DOTTED)
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*")
COLUMNS = 2
WIDTH, PANEL, MARGIN, ROW = 7.6, 2.4, 0.9, 0.2  # inches
SPREAD = 0.05  # of the width of a panel, over which the groups at a text stand beside each other
SIDES = "Above zero the text is stricter than the group wanted, below zero milder."
TITLED = "How far each text version is from what each group wanted"


def draw(found: Sequence[Distance]) -> Figure:
    """Return a chart of mean distances by group, for each issue on which two texts can be compared.

    Groups differ by sign and by line as well as by colour. Raises `QueryError` where no issue has
    two texts.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    panels = _panels(found)
    if not panels:
        raise QueryError("no issue has distances from two texts or more, so that none can be drawn")
    groups = sorted({mean.group for part in panels.values() for mean in part})
    rows = -(-len(panels) // COLUMNS)
    legend = -(-len(groups) // COLUMNS) * ROW
    height = rows * PANEL + MARGIN + legend
    figure = Figure(figsize=(WIDTH, height), dpi=DPI)
    FigureCanvasAgg(figure)
    styles = {group: _style(place) for place, group in enumerate(groups)}
    for place, (issue, part) in enumerate(panels.items()):
        axes = figure.add_subplot(rows, COLUMNS, place + 1)
        _panel(axes, issue, part, styles, place)
    figure.subplots_adjust(
        left=0.08, right=0.98, top=1 - 0.75 / height, bottom=(0.65 + legend) / height, hspace=0.6
    )
    figure.text(0.02, 1 - 0.25 / height, TITLED, fontsize=TITLE, family=FONT, weight="bold")
    figure.text(0.02, 1 - 0.45 / height, SIDES, fontsize=TEXT, family=FONT, color=GREY)
    figure.legend(
        handles=[_line([], [], group, styles[group]) for group in groups],
        loc="lower left",
        ncols=COLUMNS,
        frameon=False,
        handlelength=4,
        prop={"family": FONT, "size": TEXT},
    )
    figure.set_label(TITLED)
    figure.axes[0].set_label("\n".join((SIDES, *_told(panels))))
    return figure


def _panels(found: Sequence[Distance]) -> dict[str, list[Mean]]:
    """Return the mean distances on each issue with two texts or more."""
    by_issue: dict[str, list[Distance]] = defaultdict(list)
    for each in found:
        by_issue[each.issue].append(each)
    return {
        issue: means(part)
        for issue, part in sorted(by_issue.items())
        if len({each.text for each in part}) > 1
    }


Style = tuple[str, str, object]


def _style(place: int) -> Style:
    """Return sign, colour and line of a group; lines change faster than colours repeat."""
    return (
        MARKERS[place % len(MARKERS)],
        COLOURS[place % len(COLOURS)],
        LINES[place % len(LINES)],
    )


def _line(x: Sequence[float], y: Sequence[float], group: str, style: Style) -> Line2D:
    from matplotlib.lines import Line2D

    marker, colour, line = style
    return Line2D(
        x,
        y,
        marker=marker,
        color=colour,
        linestyle=line,  # type: ignore[arg-type]
        linewidth=1.1,
        markersize=4.5,
        markerfacecolor="white",
        label=group,
    )


def _panel(
    axes: Axes, issue: str, part: Sequence[Mean], styles: dict[str, Style], place: int
) -> None:
    texts = sorted({(each.issued, each.text) for each in part})
    for number, (group, style) in enumerate(styles.items()):
        shift = len(texts) * SPREAD * ((number + 0.5) / len(styles) - 0.5)
        points = [
            (texts.index((each.issued, each.text)) + shift, each.direction)
            for each in part
            if each.group == group
        ]
        if points:
            x, y = zip(*points, strict=True)
            line = _line(x, y, group, style)
            line.set_gid(f"panel-{place}-group-{number}")
            axes.add_line(line)
    axes.axhline(0, color=GREY, linewidth=0.8, zorder=1)
    for number in range(len(texts)):
        axes.axvline(number, color=PALE, linewidth=0.5, zorder=0)
    axes.set_xlim(-0.6, len(texts) - 0.4)
    axes.set_ylim(-1.1, 1.1)
    axes.set_xticks(range(len(texts)), [_month(issued) for issued, _ in texts])
    axes.tick_params(labelsize=SMALL, labelfontfamily=FONT)
    for label in axes.get_xticklabels():
        label.set(rotation=40, ha="right", rotation_mode="anchor")
    axes.set_title(issue, fontsize=TEXT, family=FONT, weight="bold", loc="left")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _month(issued: str) -> str:
    """Return the month of a text: of some the day is not known.

    >>> _month("2023-06-14")
    'Jun 2023'
    """
    return date.fromisoformat(issued).strftime("%b %Y")


def _told(panels: dict[str, list[Mean]]) -> list[str]:
    """Return what the chart shows in words, one line an issue and group."""
    lines = []
    for issue, part in panels.items():
        for group in sorted({each.group for each in part}):
            points = ", ".join(
                f"{each.direction:+.2f} ({each.text})" for each in part if each.group == group
            )
            lines.append(f"{issue}, {group}: {points}.")
    return lines
