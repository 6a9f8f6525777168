"""Which form of an answer a client gets: by `?format=`, or by its Accept header."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pyoxigraph import QueryResultsFormat, RdfFormat

from trilogue.server.messages import RefusedError

_QUALITY = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")  # RFC 9110, 12.4.2


@dataclass(frozen=True, eq=False)
class Form:
    """A form of an answer: its names in `?format=`, its media type, and others it goes by."""

    names: tuple[str, ...]
    media_type: str
    format: QueryResultsFormat | RdfFormat | None
    others: tuple[str, ...] = ()

    @property
    def content_type(self) -> str:
        """Media type with its encoding."""
        text = self.media_type.startswith("text/")
        return f"{self.media_type}; charset=utf-8" if text else self.media_type


class Forms:
    """The forms that a kind of answer has, the first for clients that do not mind."""

    def __init__(self, *forms: Form) -> None:
        self._forms = forms

    def __iter__(self) -> Iterator[Form]:
        return iter(self._forms)

    @property
    def first(self) -> Form:
        """The form for clients that do not mind."""
        return self._forms[0]


SOLUTIONS = Forms(
    Form(
        ("json", "srj"),
        "application/sparql-results+json",
        QueryResultsFormat.JSON,
        ("application/json",),
    ),
    Form(
        ("xml", "srx"),
        "application/sparql-results+xml",
        QueryResultsFormat.XML,
        ("application/xml", "text/xml"),
    ),
    Form(("csv",), "text/csv", QueryResultsFormat.CSV),
    Form(("tsv",), "text/tab-separated-values", QueryResultsFormat.TSV),
)
"""Forms of the answers of SELECT and ASK."""

GRAPHS = Forms(
    Form(("turtle", "ttl"), "text/turtle", RdfFormat.TURTLE, ("application/x-turtle",)),
    Form(
        ("jsonld", "json-ld", "json"),
        "application/ld+json",
        RdfFormat.JSON_LD,
        ("application/json",),
    ),
    Form(
        ("rdfxml", "rdf", "rdf+xml", "xml"),
        "application/rdf+xml",
        RdfFormat.RDF_XML,
        ("application/xml", "text/xml"),
    ),
    Form(("nt", "ntriples"), "application/n-triples", RdfFormat.N_TRIPLES, ("text/plain",)),
    Form(("trig",), "application/trig", RdfFormat.TRIG, ("application/x-trig",)),
    Form(("nq", "nquads"), "application/n-quads", RdfFormat.N_QUADS, ("text/x-nquads",)),
)
"""Forms of the answers of CONSTRUCT and DESCRIBE, and of the service description."""

PAGE = Form(("html",), "text/html", None, ("application/xhtml+xml",))
"""The form for browsers."""
SHOWN_SOLUTIONS = Forms(*SOLUTIONS, PAGE)
SHOWN_GRAPHS = Forms(*GRAPHS, PAGE)


@lru_cache(maxsize=512)
def chosen(accept: str, wanted: str, forms: Forms) -> Form:
    """Return the form that the client likes best; `wanted` is a name or a media type.

    Raises `RefusedError` where the name is unknown (400), or no form is acceptable (406).

    >>> chosen("text/csv;q=0.5, application/sparql-results+xml;q=0.8", "", SOLUTIONS).names[0]
    'xml'
    >>> chosen("text/turtle;q=0, */*;q=0.1", "", GRAPHS).names[0]
    'jsonld'
    """
    if wanted:
        return _named(wanted.lower(), forms)
    ranges = _ranges(accept)
    if not ranges:
        return forms.first
    best = max(forms, key=lambda form: _quality(form, ranges))  # the first of equals
    if not _quality(best, ranges):
        known = ", ".join(form.media_type for form in forms)
        raise RefusedError(406, f"none of the forms in Accept; there are {known}")
    return best


def _named(wanted: str, forms: Forms) -> Form:
    for form in forms:
        if wanted in form.names or wanted == form.media_type:
            return form
    for form in forms:
        if wanted in form.others:
            return form
    known = ", ".join(form.names[0] for form in forms)
    raise RefusedError(400, f"format: expected one of {known} for this kind of query")


def preferred(accept: str, offered: Sequence[tuple[str, str]]) -> str:
    """Return the name of the offered media type that a client likes best, the first of equals.

    A client that accepts none of them gets the first: a page helps more than a refusal.

    >>> offered = [("text/html", "page"), ("text/turtle", "ttl")]
    >>> preferred("text/turtle, text/html;q=0.5", offered), preferred("image/png", offered)
    ('ttl', 'page')
    """
    ranges = _ranges(accept)
    return max(offered, key=lambda item: _liked(item[0], (), ranges))[1]


def _ranges(accept: str) -> dict[str, float]:
    """Return the quality of each media range; one whose quality is malformed is left out.

    >>> _ranges("text/html, text/csv; q=0.5, text/turtle;q=high, */*;q=1e-3")
    {'text/html': 1.0, 'text/csv': 0.5}
    """
    ranges = {}
    for part in accept.lower().split(","):
        media_range, *parameters = (piece.strip() for piece in part.split(";"))
        qualities = [text[2:].strip() for text in parameters if text.startswith("q=")]
        quality = qualities[0] if qualities else "1"
        if media_range and _QUALITY.fullmatch(quality):
            ranges[media_range] = float(quality)
    return ranges


def _quality(form: Form, ranges: Mapping[str, float]) -> float:
    return _liked(form.media_type, form.others, ranges)


def _liked(media_type: str, others: Sequence[str], ranges: Mapping[str, float]) -> float:
    """Return how much a form is liked: by its own type, its other types, or a wildcard."""
    if media_type in ranges:
        return ranges[media_type]
    known = [ranges[other] for other in others if other in ranges]
    if known:
        return max(known)
    kind = media_type.partition("/")[0]
    return ranges.get(f"{kind}/*", ranges.get("*/*", 0.0))
