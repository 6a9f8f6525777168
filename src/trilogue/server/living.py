"""The query layer over a store that each process opens for itself, and that may change."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from pyoxigraph import Store

from trilogue.graph import EmbeddedBackend, Graph
from trilogue.project import Project
from trilogue.server.stores import Stores

Made = TypeVar("Made")


def of_present(
    stores: Stores, project: Project, make: Callable[[Graph], Made]
) -> Callable[[], Made]:
    """Return what gives something that is made from the graph, anew where the store has changed."""
    made: list[tuple[Store, Made]] = []

    def give() -> Made:
        store = stores.store
        if not made or made[0][0] is not store:
            made[:] = [(store, make(Graph(EmbeddedBackend(store), project)))]
        return made[0][1]

    return give
