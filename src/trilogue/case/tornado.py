"""Which observations sway a hypothesis most, as a tornado plot."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from trilogue.case.likelihood import Reading, Swing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST = 12
WIDTH, LINE = 7.5, 0.42  # inches
LABEL = 46  # characters in a line of a label


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
    the posterior falls without the observation. The same reading gives the same picture.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    swings, belief = told(reading), reading.posterior.judged
    figure = Figure(figsize=(WIDTH, 1.4 + LINE * max(len(swings), 1)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for place, swing in enumerate(swings):
        for end, look in (
            (swing.lowest, ("#444444", None)),
            (swing.highest, ("white", "////")),
        ):
            (bar,) = axes.barh(place, end - belief, left=belief, height=0.6, edgecolor="black")
            bar.set_facecolor(look[0])
            bar.set_hatch(look[1])
        axes.plot(swing.without, place, "D", color="white", markeredgecolor="black", markersize=5)
    axes.axvline(belief, color="black", linewidth=1)
    axes.axvline(reading.prior, color="black", linewidth=0.8, linestyle=":")
    labels = [_label(swing.judgement.words) for swing in swings]
    axes.set_yticks(range(len(swings)), labels, fontsize=6.5)
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.set_xlabel(
        "posterior: lowest ratio (dark), highest (hatched), left out (diamond); prior dotted",
        fontsize=7,
    )
    axes.tick_params(axis="x", labelsize=7)
    axes.set_title(f"{title}: {reading.prior:.2f} → {belief:.2f}", fontsize=10, loc="left")
    figure.set_label(title)
    axes.set_label(description(title, reading))
    return figure


def _label(words: str) -> str:
    return "\n".join(textwrap.wrap(words, LABEL, max_lines=2, placeholder=" …"))
