"""A SPARQL 1.1 endpoint, asked through SPARQLWrapper."""

from __future__ import annotations

import functools
import itertools
import json
import logging
import re
from http import HTTPStatus
from typing import Any
from urllib.request import Request

from pyoxigraph import (
    QueryBoolean,
    QueryResultsFormat,
    QueryTriples,
    RdfFormat,
    Store,
    parse,
    parse_query_results,
)

from trilogue.errors import EndpointError, QueryError
from trilogue.namespaces import XSD
from trilogue.remote import paging, union
from trilogue.remote.connection import Connection, RefusedError, Reply
from trilogue.remote.settings import Settings
from trilogue.results import Bindings, serialize_triples

_GRAPHS = ("CONSTRUCT", "DESCRIBE")
_FORMS = ("ASK", "SELECT", *_GRAPHS)
_KINDS = {True: "a truth value", False: "bindings"}


class Endpoint:
    """A SPARQL 1.1 endpoint.

    The union of the named graphs is asked for in the way in which the store offers it, and numbers
    come back as the embedded store writes them; so the same data gives the same answers.
    """

    def __init__(self, url: str, settings: Settings | None = None) -> None:
        self.settings = settings or Settings.of_environment()
        self.connection = Connection(url, self.settings)
        self.place = self.connection.place

    @functools.cached_property
    def way(self) -> union.Way:
        """How the union of the named graphs is asked for; costs a request at first use."""
        return union.way_to(self.place, lambda query, way: self._asked(query, way) is True)

    def answer(self, text: str, form: str = "turtle") -> Bindings | bool | str:
        """Return bindings, a truth value, or triples serialized in `form`.

        Raises `QueryError` where the endpoint refuses the query, `EndpointError` where it does not
        answer, answers too late, or answers something else than SPARQL results.
        """
        return self._asked(text, self.way, form)

    def bindings(self, text: str) -> Bindings:
        """Return the answer of a SELECT query that names its graphs, whatever the default graph."""
        answer = self._asked(text, union.AS_IT_IS)
        assert isinstance(answer, Bindings)
        return answer

    def _asked(self, text: str, way: union.Way, form: str = "turtle") -> Bindings | bool | str:
        query = way.adapted(_without_header(text))

        def page(part: str) -> Bindings:
            answer = self._sent(part, way, form)
            assert isinstance(answer, Bindings)
            return answer

        if self.settings.page_size and _form_of(query) == "SELECT":
            return paging.whole(query, self.settings.page_size, page)
        return self._sent(query, way, form)

    def _sent(self, query: str, way: union.Way, form: str) -> Bindings | bool | str:
        asked_for = _form_of(query)
        if asked_for not in _FORMS:
            raise QueryError(f"expected a query, not {asked_for}: nothing is changed in a store")
        try:
            reply = self.connection.send(lambda: _request(self.connection.url, query, way))
        except RefusedError as error:
            if error.status == HTTPStatus.BAD_REQUEST:
                raise QueryError(error.reason) from None
            raise
        answer: Bindings | bool | str | None
        try:
            answer = _triples(reply, form) if asked_for in _GRAPHS else _results(reply)
        except (SyntaxError, ValueError):
            answer = None
        if answer is None:
            raise EndpointError(f"{self.place}: {_no_result(reply)}")
        if isinstance(answer, str):
            return answer
        expected, found = (_KINDS[kind] for kind in (asked_for == "ASK", isinstance(answer, bool)))
        if found != expected:
            raise EndpointError(f"{self.place}: answered {found}, expected {expected}")
        self._refuse_part(reply, answer)
        return answer

    def _refuse_part(self, reply: Reply, answer: Bindings | bool) -> None:
        most = reply.headers.get("X-SPARQL-MaxRows", "")  # Virtuoso
        if isinstance(answer, Bindings) and most.isdigit() and len(answer) >= int(most):
            raise EndpointError(
                f"{self.place}: gives no more than {most} rows; ask with --page-size"
            )


def _wrapper(query: str, url: str = "") -> Any:
    from SPARQLWrapper import JSON, POST, TURTLE, SPARQLWrapper

    logging.getLogger("SPARQLWrapper").setLevel(logging.ERROR)
    wrapper = SPARQLWrapper(url)
    wrapper.setMethod(POST)
    wrapper.setOnlyConneg(True)
    wrapper.setQuery(query)
    wrapper.setReturnFormat(TURTLE if wrapper.queryType in _GRAPHS else JSON)
    return wrapper


def _form_of(query: str) -> str:
    return str(_wrapper(query).queryType)


def _request(url: str, query: str, way: union.Way) -> Request:
    """Return the request that SPARQLWrapper makes; it is sent by us.

    SPARQLWrapper itself follows redirects with the password, and drops what a server says of
    authentication and of when to come back.
    """
    wrapper = _wrapper(query, url)
    for name, value in way.parameters:
        wrapper.addParameter(name, value)
    request = wrapper._createRequest()
    assert isinstance(request, Request)
    return request


def _triples(reply: Reply, form: str) -> str:
    rdf = RdfFormat.from_media_type(reply.media_type) or RdfFormat.TURTLE
    store = Store()
    store.extend(parse(reply.content, format=rdf))
    triples = store.query("CONSTRUCT WHERE { ?s ?p ?o }")
    assert isinstance(triples, QueryTriples)
    return serialize_triples(triples, form)


def _results(reply: Reply) -> Bindings | bool:
    results = QueryResultsFormat.from_media_type(reply.media_type) or QueryResultsFormat.JSON
    content = reply.content
    answer = parse_query_results(content, format=results)
    if isinstance(answer, QueryBoolean):
        return bool(answer)
    if results != QueryResultsFormat.JSON:
        content = answer.serialize(format=QueryResultsFormat.JSON) or b""
    return Bindings.from_json(_as_here(content))


def _as_here(content: bytes) -> bytes:
    """Write decimals as the embedded store does: 10 and not 10.0, which are one value.

    >>> decimal = XSD + "decimal"
    >>> _as_here(json.dumps({"value": "10.0", "datatype": decimal}).encode())[:16]
    b'{"value": "10", '
    """
    decimal = XSD + "decimal"
    if decimal.encode() not in content.replace(rb"\/", b"/"):
        return content

    def spelled(found: dict[str, Any]) -> dict[str, Any]:
        if found.get("datatype") == decimal and "." in str(found.get("value")):
            found["value"] = re.sub(r"\.?0+$", "", found["value"])
        return found

    return json.dumps(json.loads(content, object_hook=spelled)).encode()


def _no_result(reply: Reply) -> str:
    if reply.media_type == "text/html" or reply.content.lstrip()[:14].lower().startswith(
        (b"<html", b"<!doctype html")
    ):
        return "answered a web page; is this the address of a SPARQL endpoint?"
    return "the answer is no SPARQL result, or breaks off"


def _without_header(text: str) -> str:
    """Drop leading comments: SPARQLWrapper takes words in them, such as "adds", for the form."""
    lines = text.splitlines()
    return "\n".join(itertools.dropwhile(lambda line: line.startswith("#"), lines))
