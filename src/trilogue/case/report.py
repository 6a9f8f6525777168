"""The report of a case: question, course, mechanism, evidence, verdicts, measures, gaps."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from trilogue.case import conclusions, measures
from trilogue.case import sections as argument
from trilogue.case.document import Document, Section
from trilogue.case.reading import Reader

if TYPE_CHECKING:
    from trilogue.graph import Graph

SECTIONS: tuple[Callable[[Reader], Section], ...] = (
    argument.question,
    argument.course,
    argument.mechanism,
    argument.evidence,
    argument.tests,
    argument.verdicts,
    conclusions.belief,
    measures.attainment,
    measures.practice,
    conclusions.robustness,
    conclusions.robustness_of_paths,
    argument.gaps,
)


def report(graph: Graph, sections: Iterable[Callable[[Reader], Section]] = SECTIONS) -> Document:
    """Return the report of the case that a graph holds; nothing in it knows which case that is."""
    reader = Reader(graph)
    written = tuple(section(reader) for section in sections)
    title = "Why did the rules change? Rival explanations, tested"
    return Document(title, written, reader.sources)
