"""Answers for a report, each asked once, with the query that gave it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from trilogue import catalogue
from trilogue.case.document import Source, Table
from trilogue.results import Bindings, show

if TYPE_CHECKING:
    from trilogue.graph import Graph

Row = Mapping[str, str]


class Reader:
    """Asks queries of the catalogue, each once, and keeps them as the sources of a report."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._answers: dict[str, Bindings] = {}
        self._sources: dict[str, Source] = {}

    def query(self, name: str, /) -> Bindings:
        """Return the answer of a query of the catalogue."""
        if name not in self._answers:
            query = catalogue.find(self.graph.project, name)
            self._answers[name] = self.graph.query(query)
            self._sources[name] = Source(name, query.question, query.text, "sparql")
        return self._answers[name]

    def rows(self, name: str) -> list[dict[str, str]]:
        """Return the answer of a query, each row a mapping of variable to text."""
        return [
            {variable: show(term) for variable, term in row.items()} for row in self.query(name)
        ]

    def calculated(self, name: str, title: str, text: str) -> str:
        """Keep a calculation over answers as a source, and return its name."""
        self._sources[name] = Source(name, title, text, "text")
        return name

    @property
    def sources(self) -> tuple[Source, ...]:
        """What was asked, in order of names."""
        return tuple(self._sources[name] for name in sorted(self._sources))

    def table(
        self,
        caption: str,
        name: str,
        *columns: str,
        keep: Callable[[Row], bool] = lambda row: True,
    ) -> Table:
        """Return a table of a query's answers, each row once.

        A column is a variable, or "heading: variable".
        """
        headings, variables = zip(*(_column(column) for column in columns), strict=True)
        rows = dict.fromkeys(
            tuple(row[variable] for variable in variables) for row in self.rows(name) if keep(row)
        )
        return Table(caption, name, headings, tuple(rows))


def _column(text: str) -> tuple[str, str]:
    """Return heading and variable of a column.

    >>> _column("evidence"), _column("searched, not found: searched")
    (('evidence', 'evidence'), ('searched, not found', 'searched'))
    """
    heading, _, variable = text.rpartition(": ")
    return heading or variable, variable
