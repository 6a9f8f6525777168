"""The query catalogue, and its answers, as data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from trilogue import catalogue
from trilogue.api.errors import NotKnownError
from trilogue.errors import QueryError, nearest
from trilogue.graph import Graph
from trilogue.namespaces import expand
from trilogue.project import Project


class Catalogue:
    """The queries that may be asked, read once: no name of a stranger's leads to a file."""

    def __init__(self, project: Project) -> None:
        found = catalogue.read(project)
        self._queries = {each.name: each for each in found if each.answered_here}

    def list(self) -> dict[str, Any]:
        """Return all queries with their questions."""
        return {"queries": [_described(each) for each in self._queries.values()]}

    def run(self, graph: Graph, name: str, bound: Mapping[str, str]) -> dict[str, Any]:
        """Return the answers to a query, those alone in which variables are bound as given.

        A value is the IRI of a thing, `kind/key`, a prefixed name, or the words of a literal. It
        is held against the answers and never becomes part of a query, so that nothing can be
        smuggled in. Raises `NotKnownError` for another name, `QueryError` for another variable.
        """
        query = self._queries.get(name)
        if query is None:
            raise NotKnownError(
                f"no query '{name[:60]}' in the catalogue{nearest(name[:60], self._queries)}"
            )
        bindings = graph.query(query)
        for variable in bound:
            if variable not in bindings.variables:
                known = nearest(variable, bindings.variables) or (
                    f"; there are {', '.join(bindings.variables)}"
                )
                raise QueryError(f"no variable '{variable[:60]}' in its SELECT{known}")
        results = json.loads(bindings.serialized)
        rows = [row for row in results["results"]["bindings"] if _has(row, bound)]
        return {
            **_described(query),
            "head": {"vars": list(bindings.variables)},
            "results": {"bindings": rows},
        }


def _described(query: catalogue.Query) -> dict[str, Any]:
    return {
        "name": query.name,
        "kind": query.kind,
        "question": query.question,
        "answers": query.field("Answers"),
        "reads": list(query.reads),
    }


def _has(row: Mapping[str, Any], bound: Mapping[str, str]) -> bool:
    return all(name in row and _is(row[name], value) for name, value in bound.items())


def _is(term: Mapping[str, str], value: str) -> bool:
    if term["type"] == "uri":
        return term["value"] == expand(value)
    return term["type"] != "bnode" and term["value"] == value
