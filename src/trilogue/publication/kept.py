"""Results of queries that pages of many things need, kept for the graph that was asked.

A result is found again by a digest of the whole graph and of the query: with another graph, or
another query, it is asked for anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from trilogue import catalogue
from trilogue.graph import EmbeddedBackend, Graph
from trilogue.project import Project, written_aside


class KeptResults:
    """The results that were kept for the graph in a file, as CSV; none where there is no file."""

    def __init__(self, project: Project, dataset: Path | None) -> None:
        self._results: Mapping[str, str] = {}
        self._graph = b""
        if dataset is not None and project.results.is_file():
            self._results = json.loads(project.results.read_text("utf-8"))
            self._graph = _digest(dataset)

    def get(self, query: catalogue.Query) -> str | None:
        """Return the result of a query, if it was kept for this graph."""
        return self._results.get(_key(self._graph, query)) if self._graph else None


def keep(project: Project) -> int:
    """Ask the published graph the path queries and keep the results; return how many those are."""
    graph = Graph(EmbeddedBackend.load(project.dataset), project)
    digest = _digest(project.dataset)
    found = {
        _key(digest, query): graph.query(query).serialize("csv")
        for query in catalogue.read(project, "paths")
        if not query.asserted
    }
    with written_aside(project.results) as file:
        file.write(json.dumps(found, ensure_ascii=False).encode())
    return len(found)


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, hashlib.blake2b).digest()


def _key(graph: bytes, query: catalogue.Query) -> str:
    return hashlib.blake2b(graph + query.text.encode()).hexdigest()
