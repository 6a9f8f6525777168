"""The query layer over a store that each process opens for itself, and that may change."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from pyoxigraph import Store

from trilogue.graph import EmbeddedBackend, Graph, PublishedLayer
from trilogue.project import Project
from trilogue.server.networks import Networks
from trilogue.server.stores import Stores

Made = TypeVar("Made")


def of_present(
    stores: Stores, project: Project, make: Callable[[Graph], Made]
) -> Callable[[], Made]:
    """Return what gives something that is made from the graph, anew where the store has changed.

    The store holds one layer; those of the checkout are of another state, and are not asked.
    """
    made: list[tuple[Store, Made]] = []
    networks = Networks()

    def give() -> Made:
        store = stores.store
        if not made or made[0][0] is not store:
            backend = EmbeddedBackend(store)
            read = networks.reader(stores.state)
            graph = Graph(backend, project, PublishedLayer(backend), read)
            made[:] = [(store, make(graph))]
        return made[0][1]

    return give
