"""Trilogue: who moved a law, through whom, when, towards what text, and on what evidence.

>>> import trilogue
>>> trilogue.__version__
'0.1.0'
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trilogue.graph import Graph

__all__ = ["Graph", "__version__"]
__version__ = version("trilogue")


def __getattr__(name: str) -> Any:
    """Load the graph only where it is used: the store costs time that `--help` need not pay."""
    if name == "Graph":
        from trilogue.graph import Graph

        return Graph
    raise AttributeError(name)
