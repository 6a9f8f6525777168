"""The report of a case: question, course, mechanism, evidence, verdicts, measures, gaps."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from trilogue.case import conclusions, measures, sections
from trilogue.case.document import Document, Section
from trilogue.case.reading import Reader

if TYPE_CHECKING:
    from trilogue.graph import Graph

SECTIONS: tuple[Callable[[Reader], Section], ...] = (
    sections.question,
    sections.course,
    sections.mechanism,
    sections.evidence,
    sections.tests,
    sections.verdicts,
    conclusions.belief,
    measures.attainment,
    measures.practice,
    conclusions.robustness,
    sections.gaps,
)


def report(graph: Graph) -> Document:
    """Return the report of the case that a graph holds; nothing in it knows which case that is."""
    reader = Reader(graph)
    written = tuple(section(reader) for section in SECTIONS)
    title = "Why did the rules change? Rival explanations, tested"
    return Document(title, written, reader.sources)
