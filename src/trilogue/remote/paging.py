"""Answers in pages, from servers that cut them off after so many rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from trilogue.paths import blocks
from trilogue.results import Bindings


def whole(query: str, size: int, ask: Callable[[str], Bindings]) -> Bindings:
    """Return all rows of a SELECT query, asked for in pages of so many.

    A query that does not settle the order of its rows, or bounds them itself, is asked once. The
    end is where a page is empty: a server may give fewer rows than it was asked for.
    """
    place = _place_for_bounds(query)
    if place is None:
        return ask(query)
    pages = list(_pages(query, place, size, ask))
    document = json.loads(pages[0].serialized)
    document["results"]["bindings"] = [
        row for page in pages for row in json.loads(page.serialized)["results"]["bindings"]
    ]
    return Bindings.from_json(json.dumps(document).encode())


def _pages(query: str, place: int, size: int, ask: Callable[[str], Bindings]) -> Iterator[Bindings]:
    offset = 0
    while True:
        bounds = f"\nLIMIT {size} OFFSET {offset}\n"
        page = ask(query[:place] + bounds + query[place:])
        yield page
        if not page:
            return
        offset += len(page)


def _place_for_bounds(query: str) -> int | None:
    """Return where LIMIT and OFFSET go in a query; nothing where they would be wrong.

    >>> text = "SELECT ?a { ?a ?b ?c } ORDER BY ?a VALUES ?b { <p> }"
    >>> text[_place_for_bounds(text) :]
    'VALUES ?b { <p> }'
    >>> _place_for_bounds("SELECT * { ?a ?b ?c } ORDER BY ?a LIMIT 3"), _place_for_bounds("ASK {}")
    (None, None)
    """
    try:
        outer = list(_outermost(blocks.tokens(query)))
    except blocks.MismatchError:
        return None
    words = {token.text.upper() for token in outer if token.kind == "word"}
    if not {"SELECT", "ORDER"} <= words or words & {"LIMIT", "OFFSET"}:
        return None
    values = [token.start for token in outer if token.is_word("VALUES")]
    return values[-1] if values else len(query)


def _outermost(found: list[blocks.Token]) -> Iterator[blocks.Token]:
    """Yield the tokens outside all braces."""
    place = 0
    while place < len(found):
        if found[place].text == "{":
            place = blocks.closing(found, place)
        else:
            yield found[place]
        place += 1
