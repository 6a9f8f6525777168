"""Addresses of endpoints: the layers that they hold, the users in them, where they are written."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit, urlunsplit

from trilogue.errors import EndpointError, nearest

PUBLISHED, ASSERTED, CONTESTED = LAYERS = ("published", "asserted", "contested")
"""What a store can hold: the published dataset, all rows, or what contradictions are sought in."""
RESOLVED, REASONED = "resolved", "reasoned"
"""What becomes the published dataset: rows that are not set aside; and with what they entail."""


def by_layer(text: str) -> dict[str, str]:
    """Return the address of each layer, from addresses with spaces between them.

    An address without a layer is that of the published dataset. Raises `EndpointError` for what
    is no address.

    >>> by_layer("http://localhost/a contested=http://localhost/b")
    {'published': 'http://localhost/a', 'contested': 'http://localhost/b'}
    """
    found: dict[str, str] = {}
    for part in text.split():
        layer, equals, url = part.partition("=")
        if not equals or not re.fullmatch(r"[a-z]+", layer):
            layer, url = PUBLISHED, part
        if layer not in LAYERS:
            known = nearest(layer, LAYERS) or f"; known: {', '.join(LAYERS)}"
            raise EndpointError(f"no layer '{layer}'{known}")
        if layer in found:
            raise EndpointError(f"two endpoints of the layer '{layer}'")
        if not url.startswith(("http://", "https://")) or not urlsplit(url).hostname:
            raise EndpointError(f"{shown(url)}: expected an http or https address")
        found[layer] = url
    return found


def user_in(url: str) -> tuple[str, str | None, str | None]:
    """Return an address without its user, and the user and password that stood in it.

    >>> user_in("https://ada:secret@example.org/sparql")
    ('https://example.org/sparql', 'ada', 'secret')
    >>> user_in("https://example.org/sparql")
    ('https://example.org/sparql', None, None)
    """
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, None, None
    name, colon, password = user.partition(":")
    bare = urlunsplit(parts._replace(netloc=host))
    return bare, unquote(name), unquote(password) if colon else None


def shown(url: str) -> str:
    """Return an address as messages name it: without user, and without values that may be secret.

    >>> shown("https://ada:secret@example.org/sparql?access-token=secret")
    'https://example.org/sparql?…'
    """
    bare = re.sub(r"//[^/?#]*@", "//", url)
    path, mark, _ = bare.partition("?")
    return f"{path}?…" if mark else path


def update_address(url: str) -> str:
    """Return where the store that answers queries at `url` most likely takes updates.

    That is so for Oxigraph, Fuseki and Stardog, whose addresses end in the name of the operation,
    and for RDF4J and GraphDB, which have repositories; others take both in one place.

    >>> update_address("http://localhost:3030/graph/sparql")
    'http://localhost:3030/graph/update'
    >>> update_address("http://localhost:7200/repositories/graph")
    'http://localhost:7200/repositories/graph/statements'
    >>> update_address("http://localhost:7019")
    'http://localhost:7019'
    """
    if re.search(r"/repositories/[^/?#]+$", url):
        return f"{url}/statements"
    return re.sub(r"/(?:query|sparql)$", "/update", url)
