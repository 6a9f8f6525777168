"""A thing as data: what is said of it and what refers to it, each with its evidence."""

from __future__ import annotations

import dataclasses
from typing import Any

from trilogue.api.errors import NotKnownError
from trilogue.describe import describe
from trilogue.errors import QueryError
from trilogue.graph import Graph
from trilogue.publication import addresses


def answer(graph: Graph, kind: str, key: str) -> dict[str, Any]:
    """Return all that is known of a thing, or of a term of the ontology where the kind is `ns`.

    Raises `NotKnownError` where that is nothing.
    """
    iri = addresses.iri_of(f"{kind}/{key}")
    if iri is None:
        raise NotKnownError("no name of a thing; expected a kind and a key")
    try:
        return dataclasses.asdict(describe(graph, iri))
    except QueryError as error:
        raise NotKnownError(str(error)) from None
