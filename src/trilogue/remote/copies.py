"""Layers that stand in stores elsewhere, read into memory, for commands that compute over them."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import Dataset, Quad, RdfFormat, Store, parse

from trilogue import memory
from trilogue.graph import EmbeddedBackend, Layers
from trilogue.layers import canonical_lines
from trilogue.namespaces import INFERRED_GRAPH
from trilogue.project import Project
from trilogue.remote.addresses import PUBLISHED, REASONED, RESOLVED


class CopiedLayers:
    """Copies of layers, each read once, in canonical N-Quads as the build writes them.

    What is computed over them is therefore the same as over what was built. Queries, shapes, and
    the files and lines of rows are those of the project.
    """

    def __init__(self, project: Project, source: Layers) -> None:
        self.project = project
        self._source = source
        self._quads: dict[str, list[Quad]] = {}
        self._stores: dict[str, Store] = {}

    def read(self, names: Iterable[str]) -> None:
        """Read layers that will be needed; what is missing is told before anything is read."""
        names = tuple(names)
        for name in names:
            self._source.backend(PUBLISHED if name in (RESOLVED, REASONED) else name)
        for name in names:
            self.quads(name)

    def backend(self, name: str) -> EmbeddedBackend:
        """Return what answers queries on the copy of a layer."""
        return EmbeddedBackend(self.store(name))

    def store(self, name: str) -> Store:
        """Return a store that holds the copy of a layer."""
        if name not in self._stores:
            self._stores[name] = memory.stored(self.quads(name))
        return self._stores[name]

    def quads(self, name: str) -> list[Quad]:
        """Return the statements of a layer in canonical order; the parts are those published."""
        if name == REASONED:
            return self.quads(PUBLISHED)
        if name not in self._quads:
            self._quads[name] = self._resolved() if name == RESOLVED else self._copied(name)
        return self._quads[name]

    def _copied(self, name: str) -> list[Quad]:
        lines = canonical_lines(Dataset(self._source.quads(name)))
        return list(parse(b"".join(lines), format=RdfFormat.N_QUADS))

    def _resolved(self) -> list[Quad]:
        return [quad for quad in self.quads(PUBLISHED) if quad.graph_name != INFERRED_GRAPH]
