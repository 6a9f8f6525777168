"""All questions of the API, put to one graph."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from trilogue import checks, contradictions
from trilogue.api import contested, description, paths, things
from trilogue.api.names import Names
from trilogue.api.queries import Catalogue
from trilogue.contradictions import Contradiction
from trilogue.graph import Graph
from trilogue.paths.expression import ANY, parse


class Service:
    """Answers the operations of the description.

    `found` gives the contradictions of the graph's source where somebody has found them already;
    to find them takes seconds.
    """

    def __init__(
        self, graph: Graph, found: Callable[[], Iterable[Contradiction]] | None = None
    ) -> None:
        self.graph = graph
        self._found = found or functools.cache(lambda: contradictions.known(graph.project))
        self._answers: dict[str, Callable[[Mapping[str, Any]], Any]] = {
            "findPaths": lambda asked: paths.answer(graph, asked),
            "searchNames": lambda asked: self._names.search(asked["q"], asked["limit"]),
            "describeThing": lambda asked: things.answer(graph, asked["kind"], asked["key"]),
            "listQueries": lambda asked: self._catalogue.list(),
            "runQuery": lambda asked: self._catalogue.run(graph, asked["name"], asked["bound"]),
            "listContradictions": self._contradictions,
            "describeInterface": lambda asked: description.document(),
        }

    @property
    def operations(self) -> frozenset[str]:
        """The names of the questions that it answers."""
        return frozenset(self._answers)

    def prepare(self) -> None:
        """Read what most questions need: at once, instead of in each process that is asked."""
        _ = self.graph.network.names, self._catalogue, description.operations()
        parse(ANY)  # reads the grammar of expressions
        self._names.search(ANY, 1)  # loads what compares words

    def answer(self, operation: str, asked: Mapping[str, Any]) -> Any:
        """Return the answer to a question; raises `QueryError` where there is none."""
        return self._answers[operation](asked)

    def lines(self, operation: str, asked: Mapping[str, Any]) -> Iterator[Any]:
        """Yield the answer to a question as it is found; the last line says whether it is whole."""
        assert operation == "findPaths"
        return paths.lines(self.graph, asked)

    @functools.cached_property
    def _names(self) -> Names:
        return Names.of(self.graph)

    @functools.cached_property
    def _catalogue(self) -> Catalogue:
        return Catalogue(self.graph.project)

    def _contradictions(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        kinds = (check.name for check in checks.read(self.graph.project, contested=True))
        return contested.answer(self._found(), kinds, asked)
