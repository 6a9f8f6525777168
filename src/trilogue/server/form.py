"""The endpoint as a page: a form for a query, and what it finds as a table.

Everything is escaped, nothing is run, and the page needs no other document.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, QueryBoolean, QuerySolutions, QueryTriples

from trilogue.catalogue import Query
from trilogue.namespaces import compact
from trilogue.publication import rendering
from trilogue.server.messages import RefusedError, Response
from trilogue.server.negotiation import GRAPHS, PAGE, SOLUTIONS, Forms

MOST_ROWS = 1_000
"""Rows that a page shows; other forms have all."""

_PACKAGE = "trilogue.server"
_STRING = "http://www.w3.org/2001/XMLSchema#string"
_FIRST = "SELECT * WHERE {\n  ?s ?p ?o\n}\nLIMIT 10\n"


@dataclass(frozen=True)
class Cell:
    """A term for reading: its words, where it leads, and its language or datatype."""

    text: str
    href: str = ""
    language: str = ""
    note: str = ""

    @classmethod
    def of(cls, term: Any) -> Cell | None:
        """Return the cell of a term, or nothing where there is none."""
        if term is None:
            return None
        if isinstance(term, NamedNode):
            leads = term.value.startswith(("http://", "https://"))
            return cls(compact(term.value), term.value if leads else "")
        if isinstance(term, Literal):
            if term.language:
                return cls(term.value, language=term.language, note=term.language)
            datatype = term.datatype.value
            return cls(term.value, note="" if datatype == _STRING else compact(datatype))
        return cls(f"_:{term.value}" if isinstance(term, BlankNode) else str(term))


@dataclass(frozen=True)
class Table:
    """What a page shows of an answer, and the names of the forms that have all of it."""

    names: tuple[str, ...]
    rows: list[list[Cell | None]]
    more: bool
    forms: tuple[str, ...]

    @classmethod
    def of(cls, names: Iterable[str], rows: Iterable[Iterable[Any]], forms: Forms) -> Table:
        """Return the first rows of an answer."""
        shown = [[Cell.of(term) for term in row] for row in itertools.islice(rows, MOST_ROWS + 1)]
        known = tuple(form.names[0] for form in forms)
        return cls(tuple(names), shown[:MOST_ROWS], len(shown) > MOST_ROWS, known)


@dataclass(frozen=True)
class QueryForm:
    """The page, with the queries of a catalogue to begin with."""

    catalogue: Sequence[Query] = ()

    def empty(self, example: str = "") -> Response:
        """Return the form; raises `RefusedError` where there is no such example."""
        if not example:
            return self._page(_FIRST)
        for query in self.catalogue:
            if query.name == example:
                return self._page(query.text, example=example)
        raise RefusedError(404, f"no query '{example[:60]}' in the catalogue")

    def answered(self, query: str, found: QuerySolutions | QueryBoolean | QueryTriples) -> Response:
        """Return the form with an answer."""
        if isinstance(found, QueryBoolean):
            return self._page(query, answer=bool(found))
        if isinstance(found, QueryTriples):
            triples = ((each.subject, each.predicate, each.object) for each in found)
            table = Table.of(("subject", "predicate", "object"), triples, GRAPHS)
        else:
            names = [variable.value for variable in found.variables]
            rows = ([row[name] for name in names] for row in found)
            table = Table.of(names, rows, SOLUTIONS)
        return self._page(query, table=table)

    def refused(self, query: str, refusal: RefusedError) -> Response:
        """Return the form with the reason why there is no answer."""
        page = self._page(query, refusal=str(refusal))
        return Response(refusal.status, {**page.headers, **refusal.headers}, page.body)

    def _page(self, query: str, **shown: Any) -> Response:
        style = _style()
        values = {
            "answer": None, "example": "", "examples": list(self._examples()), "graphs": GRAPHS,
            "query": query, "refusal": "", "solutions": SOLUTIONS, "style": style,
            "table": None, **shown,
        }  # fmt: skip
        body = (
            rendering.environment(_PACKAGE)
            .get_template("sparql.html")
            .render(values)
            .encode("utf-8", "replace")
        )
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        policy = (
            f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
            "form-action 'self'; frame-ancestors 'none'"
        )
        headers = {"Content-Type": PAGE.content_type, "Content-Security-Policy": policy}
        return Response(200, headers, body)

    def _examples(self) -> Iterator[tuple[str, list[Query]]]:
        grouped = itertools.groupby(self.catalogue, key=lambda query: query.kind)
        for kind, queries in grouped:
            yield kind, list(queries)


@functools.cache
def _style() -> str:
    """Return the style of all pages, and what only this one has."""
    return (rendering.file("style.css") + rendering.file("sparql.css", _PACKAGE)).decode()
