"""What the API says where it has no answer."""

from __future__ import annotations

from trilogue.errors import QueryError


class NotKnownError(QueryError):
    """A name of a thing or of a query that the graph or the catalogue does not know."""
