"""The network of paths, read by one process and taken from a file by the others.

A search takes longer than a small query, so that the process that has read the network for it ends
with it. What it has read is kept in a folder of this server, under a digest of the store and of
the queries for hops: with another state of the store it is read anew.
"""

from __future__ import annotations

import hashlib
import pickle
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from trilogue import catalogue
from trilogue.graph import Graph
from trilogue.paths import reading
from trilogue.paths.network import Network
from trilogue.project import written_aside


class Networks:
    """The networks that processes of a server share, in a folder that goes when the server ends."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="trilogue-")  # for this user alone

    def reader(self, state: str) -> Callable[[Graph], Network]:
        """Return what reads the network of a graph whose store is in that state."""
        return lambda graph: self._read(graph, state)

    def _read(self, graph: Graph, state: str) -> Network:
        digest = hashlib.sha256(state.encode())
        for query in catalogue.read(graph.project, "hops"):
            digest.update(f"{query.name} {query.text}".encode())
        path = Path(self._folder.name) / digest.hexdigest()
        with suppress(FileNotFoundError), path.open("rb") as file:
            found: Network = pickle.load(file)  # noqa: S301 - none but this server writes there
            return found
        network = reading.read(graph)
        for earlier in path.parent.iterdir():
            if not earlier.name.startswith("."):
                earlier.unlink(missing_ok=True)
        with written_aside(path) as kept:
            pickle.dump(network, kept, pickle.HIGHEST_PROTOCOL)
        return network
