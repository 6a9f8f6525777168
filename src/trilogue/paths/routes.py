"""Routes: path queries with a name, kept as rows in `queries/paths/routes.csv`."""

from __future__ import annotations

import csv
from dataclasses import dataclass

from trilogue.errors import QueryError, nearest
from trilogue.paths.query import Carry, PathQuery
from trilogue.project import Project

COLUMNS = ("route", "question", "along", "from", "to", "carry", "hops")


@dataclass(frozen=True)
class Route:
    """A path query, and the question that it answers; origins and destinations by their names."""

    name: str
    question: str
    query: PathQuery


def read(project: Project) -> dict[str, Route]:
    """Return all routes by name.

    Raises `QueryError`, with file and line, where a row is no path query.
    """
    path = project.queries / "paths" / "routes.csv"
    place = project.relative(path)
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise QueryError(f"{place}:1: expected the columns {', '.join(COLUMNS)}")
        routes: dict[str, Route] = {}
        for row in reader:
            try:
                query = PathQuery(
                    row["along"],
                    frozenset(row["from"].split()),
                    frozenset(row["to"].split()),
                    carry=Carry(row["carry"] or "issue"),
                    most_hops=int(row["hops"]) if row["hops"] else None,
                )
            except (QueryError, ValueError) as error:
                raise QueryError(f"{place}:{reader.line_num}: {error}") from None
            if row["route"] in routes:
                raise QueryError(f"{place}:{reader.line_num}: second route '{row['route']}'")
            routes[row["route"]] = Route(row["route"], row["question"], query)
    return routes


def find(project: Project, name: str) -> Route:
    """Return the route of that name; raises `QueryError`, with the nearest names."""
    routes = read(project)
    if name not in routes:
        known = nearest(name, routes) or f"; known: {', '.join(sorted(routes))}"
        raise QueryError(f"no route '{name}'{known}")
    return routes[name]
