"""The layers of the dataset, each at an endpoint of its own.

Every store unites all its named graphs for the default graph, so one store holds one layer: a row
that is set aside in the published dataset must not be there.
"""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import Quad

from trilogue.errors import QueryError
from trilogue.remote import addresses, holdings
from trilogue.remote.endpoint import Endpoint
from trilogue.remote.settings import Settings
from trilogue.results import Bindings


def _missing(name: str) -> QueryError:
    return QueryError(
        f"it reads the {name} layer, and no endpoint is given for that; "
        f"name one as {name}=URL beside the others"
    )


@dataclass(frozen=True)
class _NoEndpoint:
    """Stands for an endpoint that is not given."""

    layer: str

    def answer(self, *_: str) -> Bindings | bool | str:
        raise _missing(self.layer)


class RemoteLayers:
    """Endpoints by the layers that they hold; none is asked before it is needed."""

    def __init__(self, text: str, settings: Settings | None = None) -> None:
        found = addresses.by_layer(text)
        self._endpoints = {name: Endpoint(url, settings) for name, url in found.items()}

    @property
    def published(self) -> Endpoint | _NoEndpoint:
        """The endpoint of the published dataset; where there is none, what says so when asked."""
        return self._endpoints.get(addresses.PUBLISHED) or _NoEndpoint(addresses.PUBLISHED)

    def backend(self, name: str) -> Endpoint:
        """Return the endpoint that holds a layer; raises `QueryError` where none is given."""
        if name not in self._endpoints:
            raise _missing(name)
        return self._endpoints[name]

    def quads(self, name: str) -> list[Quad]:
        """Return the statements of a layer, read from its endpoint some graphs at a time."""
        endpoint = self.backend(name)
        return list(holdings.quads(endpoint, holdings.counts(endpoint)))
