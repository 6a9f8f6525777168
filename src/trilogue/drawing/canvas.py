"""A sheet to draw on: text that is measured before it is written, lines, bands and signs."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

FONT = "DejaVu Sans"  # comes with matplotlib
ELSEWHERE = "Verdana, sans-serif"  # as wide, where an SVG is read without our font
# Fonts that have Chinese characters, as systems ship them.
FALLBACKS = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Microsoft YaHei",
    "SimHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "Heiti SC",
    "Arial Unicode MS",
    "Droid Sans Fallback",
)
GREY, PALE, BAND = "#555555", "#d9d9d9", "#efefef"
TITLE, TEXT, SMALL, NUMBER = 11.0, 8.0, 7.0, 6.0  # sizes of fonts
DPI = 200


class Canvas:
    """A figure with one axes over it, in points from the top; time begins at `left`."""

    def __init__(self, left: float) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.left = left
        self.figure = Figure(dpi=DPI)
        self.canvas = FigureCanvasAgg(self.figure)
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set_axis_off()

    def measure(self, text: str, size: float, weight: str = "normal") -> float:
        """Return the width of a line of text."""
        from matplotlib.font_manager import FontProperties

        font = FontProperties(family=families(text), size=size, weight=weight)
        renderer: Any = self.canvas.get_renderer()  # type: ignore[no-untyped-call]
        width, _, _ = renderer.get_text_width_height_descent(text, font, ismath=False)
        return float(width) * 72 / DPI

    def wrapped(self, text: str, width: float, size: float, weight: str) -> list[str]:
        """Return a text in two lines as even as can be, the second shortened to what fits."""
        words = text.split(" ")
        breaks = [(" ".join(words[:n]), " ".join(words[n:])) for n in range(1, len(words))]
        measured = [[self.measure(line, size, weight) for line in lines] for lines in breaks]
        even = [max(both) if both[0] <= width else math.inf for both in measured]
        if min(even, default=math.inf) == math.inf:
            return [self.fit(text, width, size, weight)]
        first, second = breaks[even.index(min(even))]
        return [first, self.fit(second, width, size, weight)]

    def fit(self, text: str, width: float, size: float, weight: str = "normal") -> str:
        """Return a text, or as much of it as fits."""
        if not text or self.measure(text, size, weight) <= width:
            return text
        fits, long = 0, len(text)
        while long - fits > 1:
            middle = (fits + long) // 2
            shortened = f"{text[:middle].rstrip()}…"
            if self.measure(shortened, size, weight) <= width:
                fits = middle
            else:
                long = middle
        return f"{text[:fits].rstrip()}…"

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = TEXT,
        *,
        full: str = "",
        **properties: Any,
    ) -> None:
        """Write a text; `full` is what a shortened one stands for."""
        self.axes.text(
            x,
            y,
            text,
            fontsize=size,
            family=families(text),
            va="center_baseline",
            parse_math=False,
            label=full,
            **properties,
        )

    def line(
        self,
        x: Sequence[float],
        y: Sequence[float],
        colour: str,
        width: float,
        style: Any = "-",
        *,
        full: str = "",
        zorder: float = 5,
        gid: str | None = None,
    ) -> None:
        """Draw a line through points right of the names."""
        from matplotlib.lines import Line2D

        self.axes.add_line(
            Line2D(
                [self.left + one for one in x],
                list(y),
                color=colour,
                linewidth=width,
                linestyle=style,
                solid_capstyle="butt",
                dash_capstyle="butt",
                zorder=zorder,
                label=full,
                gid=gid,
            )
        )

    def band(self, begin: float, end: float, top: float, bottom: float) -> None:
        """Shade a stretch of time."""
        from matplotlib.patches import Rectangle

        corner = (self.left + begin, top)
        self.axes.add_patch(
            Rectangle(corner, end - begin, bottom - top, facecolor=BAND, edgecolor="none", zorder=0)
        )

    def marker(self, x: float, y: float, marker: str, fill: str, size: float = 3.6) -> None:
        """Draw a sign at a point right of the names."""
        from matplotlib.lines import Line2D

        self.axes.add_line(
            Line2D(
                [self.left + x],
                [y],
                marker=marker,
                markersize=size,
                markerfacecolor=fill,
                markeredgecolor="black" if fill == "white" else fill,
                markeredgewidth=0.7,
                linestyle="none",
                zorder=6,
            )
        )


@functools.cache
def families(text: str) -> list[str]:
    """Return the fonts for a text: ours alone where it has all characters, else others as well."""
    return [FONT] if _has_all([FONT], text) else [FONT, *_fallbacks()]


@functools.cache
def printable(text: str) -> bool:
    """Tell whether the fonts that there are have all characters of a text."""
    return _has_all([FONT, *_fallbacks()], text)


def _fallbacks() -> list[str]:
    from matplotlib.font_manager import fontManager

    present = {font.name for font in fontManager.ttflist}
    return [name for name in FALLBACKS if name in present]


def _has_all(names: list[str], text: str) -> bool:
    from matplotlib.font_manager import findfont, get_font

    fonts = [get_font(findfont(name)) for name in names]
    return all(any(font.get_char_index(ord(sign)) for font in fonts) for sign in text)
