"""An argument as a picture: its steps in order, each with what it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trilogue.drawing.canvas import GREY, SMALL, TEXT, TITLE, Canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MARGIN, LINE, GAP = 12.0, 11.0, 15.0
BOX, SIDE = 430.0, 150.0  # width of a box, and of what stands beside it
PADDING = 6.0
NUMBER = 22.0  # room of a number within its box
FACTS = frozenset(("act", "figure", "position", "provision", "text"))
"""Kinds of things that are facts of a case, as identifiers name them."""


@dataclass(frozen=True)
class Step:
    """A numbered statement of an argument, and how many things of each kind it rests on."""

    number: int
    content: str
    grounds: tuple[tuple[str, int], ...]
    evidence: str

    @property
    def resting(self) -> str:
        """What the step rests on, in words.

        >>> Step(1, "", (("act", 2), ("claim", 1)), "").resting
        '2 acts, 1 claim'
        """
        named = [f"{number} {kind}{'s' * (number > 1)}" for kind, number in self.grounds]
        return ", ".join(named) or "the steps before"

    @property
    def factual(self) -> bool:
        """Whether it rests on what was done or wanted, not on notions and claims alone."""
        return any(kind in FACTS for kind, _ in self.grounds)


def draw(title: str, steps: Iterable[Step]) -> Figure:
    """Return the picture of one argument, from its first step down to its last.

    A step that rests on no fact has a dashed border. The same steps give the same picture; its
    description tells all of them in words.
    """
    return _Drawing(title, tuple(steps)).figure


class _Drawing(Canvas):
    def __init__(self, title: str, steps: Sequence[Step]) -> None:
        super().__init__(MARGIN)
        full = 3 * MARGIN + BOX + SIDE
        self.text(
            MARGIN, MARGIN + TITLE / 2, self.fit(title, full - 2 * MARGIN, TITLE, "bold"), TITLE,
            weight="bold", full=title,
        )  # fmt: skip
        y = MARGIN + TITLE + LINE
        for step in steps:
            if step is not steps[0]:
                self._arrow(y)
                y += GAP
            y = self._box(step, y)
        self.figure.set_size_inches(full / 72, (y + MARGIN) / 72)
        self.axes.set_xlim(0, full)
        self.axes.set_ylim(y + MARGIN, 0)
        self.figure.set_label(title)
        told = (
            f"{one.number}. {one.content} Rests on {one.resting}. {one.evidence}" for one in steps
        )
        self.axes.set_label("\n".join(told))

    def _box(self, step: Step, top: float) -> float:
        from matplotlib.patches import Rectangle

        lines = self.lines(step.content, BOX - NUMBER - 2 * PADDING)
        height = max(len(lines), 2) * LINE + 2 * PADDING
        style: Any = "-" if step.factual else (0, (3, 2))
        self.axes.add_patch(
            Rectangle(
                (MARGIN, top),
                BOX,
                height,
                fill=False,
                edgecolor="black",
                linewidth=0.8,
                linestyle=style,
            )
        )
        self.text(MARGIN + PADDING, top + PADDING + LINE / 2, str(step.number), TEXT, weight="bold")
        for number, line in enumerate(lines):
            self.text(MARGIN + PADDING + NUMBER, top + PADDING + (number + 0.5) * LINE, line, TEXT)
        beside = MARGIN + BOX + PADDING
        self.text(
            beside,
            top + PADDING + LINE / 2,
            self.fit(step.resting, SIDE, SMALL),
            SMALL,
            full=step.resting,
        )
        evidence = self.fit(step.evidence, SIDE, SMALL)
        self.text(
            beside, top + PADDING + 1.5 * LINE, evidence, SMALL, color=GREY, full=step.evidence
        )
        return top + height

    def _arrow(self, top: float) -> None:
        x = 2 * MARGIN
        self.line((x - self.left,) * 2, (top, top + GAP - 4), "black", 0.8)
        self.marker(x - self.left, top + GAP - 3.5, "v", "black")

    def lines(self, text: str, width: float) -> list[str]:
        """Return a text in as many lines as it takes."""
        lines: list[str] = []
        for word in text.split():
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self.measure(longer, TEXT) <= width:
                lines[-1] = longer
            else:
                lines.append(word)
        return lines
