"""Which path of the site stands for which IRI.

A path is made only of words that fit a narrow pattern, so that no name in the data can lead out
of a folder, and none is too long for a file system.
"""

from __future__ import annotations

import re

from trilogue.namespaces import TERMS, THINGS

HOME = "https://w3id.org/trilogue/"
"""Where the IRIs of the graph begin, and where the site stands unless it is told otherwise."""

MISSING = "404.html"
"""The page that a host sends under any path, at any depth, where there is no document."""

_WORDS = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_THING = re.compile(rf"{_WORDS}/{_WORDS}", re.ASCII)
_TERM = re.compile(r"[A-Za-z][A-Za-z0-9]*", re.ASCII)
_LONGEST = 160
_TERM_KIND, _INDEX = "ns", "index"
"""Terms stand in a folder beside those of the kinds; the index is the list of a kind."""


def name_of(iri: str) -> str | None:
    """Return the name by which the site calls a thing or a term; `None` where it has no page.

    >>> name_of("https://w3id.org/trilogue/id/actor/mistral-ai")
    'actor/mistral-ai'
    >>> name_of("https://w3id.org/trilogue/ns#Act")
    'ns/Act'
    >>> name_of("https://w3id.org/trilogue/id/actor/../../etc/passwd") is None
    True
    """
    if iri.startswith(TERMS):
        local = iri.removeprefix(TERMS)
        known = _TERM.fullmatch(local) and len(local) <= _LONGEST and local != _INDEX
        return f"{_TERM_KIND}/{local}" if known else None
    name = iri.removeprefix(THINGS)
    if name == iri or len(name) > _LONGEST or not _THING.fullmatch(name):
        return None
    reserved = name.startswith(f"{_TERM_KIND}/") or name.endswith(f"/{_INDEX}")
    return None if reserved else name


def iri_of(name: str) -> str | None:
    """Return the IRI that a name stands for; `None` where it is no such name.

    >>> iri_of("actor/mistral-ai")
    'https://w3id.org/trilogue/id/actor/mistral-ai'
    >>> iri_of("ns/Act")
    'https://w3id.org/trilogue/ns#Act'
    >>> iri_of("actor/%2e%2e") is None
    True
    """
    kind, _, key = name.partition("/")
    iri = TERMS + key if kind == _TERM_KIND else THINGS + name
    return iri if name_of(iri) == name else None


def page_path(name: str) -> str:
    """Return the path of the page for people.

    >>> page_path("actor/mistral-ai")
    'page/actor/mistral-ai.html'
    """
    return f"page/{name}.html"


def data_path(name: str, form: str) -> str:
    """Return the path of the data in one of the forms of `forms`.

    >>> data_path("actor/mistral-ai", "ttl")
    'data/actor/mistral-ai.ttl'
    """
    return f"data/{name}.{form}"


def upwards(path: str) -> str:
    """Return what leads from a document back to the root of the site.

    >>> upwards("page/actor/mistral-ai.html"), upwards("index.html")
    ('../../', '')
    """
    return "../" * path.count("/")
