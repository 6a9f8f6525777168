"""Which observations sway a hypothesis most, as a tornado plot."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from trilogue.case.likelihood import Reading, Swing, log_odds

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 12
WIDTH, LINE = 7.5, 0.42  # inches
LABEL = 46  # characters in a line of a label
TICKS = (0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999)


def told(reading: Reading, most: int = MOST) -> list[Swing]:
    """Return the swings that a plot shows: the widest, and none that sways nothing."""
    return [swing for swing in reading.swings if swing.width > 0][:most]


def description(title: str, reading: Reading) -> str:
    """Return in words what the plot shows, for those who do not see it."""
    belief = reading.posterior
    head = (
        f"{title}: from a prior of {reading.prior:.2f} to {belief.judged:.2f}, "
        f"{reading.happenings} happenings counted."
    )
    bars = (
        f"{swing.judgement.words} From {swing.lowest:.2f} to {swing.highest:.2f}; "
        f"left out, {swing.without:.2f}."
        for swing in told(reading)
    )
    return " ".join((head, *bars))


def draw(title: str, reading: Reading) -> Figure:
    """Return a tornado plot: a bar for each observation, the widest on top.

    A bar reaches from the posterior with the lowest ratio of the observation to that with its
    highest; dark on the side of the lowest, hatched on that of the highest, and a diamond where
    the posterior falls without the observation. The axis has odds as steps, on which the same
    evidence is as long near 0 and 1 as in the middle. The same reading gives the same picture.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    swings, belief = told(reading), log_odds(reading.posterior.judged)
    figure = Figure(figsize=(WIDTH, 1.4 + LINE * max(len(swings), 1)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    _bars(axes, swings, belief)
    axes.axvline(belief, color="black", linewidth=1)
    axes.axvline(log_odds(reading.prior), color="black", linewidth=0.8, linestyle=":")
    labels = [_label(swing.judgement.words) for swing in swings]
    axes.set_yticks(range(len(swings)), labels, fontsize=6.5)
    axes.invert_yaxis()
    drawn = axes.get_xlim()
    ticks = [tick for tick in TICKS if drawn[0] <= log_odds(tick) <= drawn[1]]
    axes.set_xticks([log_odds(tick) for tick in ticks], [f"{tick:g}" for tick in ticks])
    axes.set_xlabel(
        "posterior: lowest ratio (dark), highest (hatched), left out (diamond); prior dotted",
        fontsize=7,
    )
    axes.tick_params(axis="x", labelsize=7)
    axes.set_title(
        f"{title}: {reading.prior:.2f} → {reading.posterior.judged:.2f}", fontsize=10, loc="left"
    )
    figure.set_label(title)
    axes.set_label(description(title, reading))
    return figure


def _bars(axes: Axes, swings: Sequence[Swing], belief: float) -> None:
    for place, swing in enumerate(swings):
        for end, look in (
            (swing.lowest, ("#444444", None)),
            (swing.highest, ("white", "////")),
        ):
            (bar,) = axes.barh(
                place, log_odds(end) - belief, left=belief, height=0.6, edgecolor="black"
            )
            bar.set_facecolor(look[0])
            bar.set_hatch(look[1])
        axes.plot(
            log_odds(swing.without),
            place,
            "D",
            color="white",
            markeredgecolor="black",
            markersize=5,
        )


def _label(words: str) -> str:
    return "\n".join(textwrap.wrap(words, LABEL, max_lines=2, placeholder=" …"))
