"""The SPARQL 1.1 Protocol: what is asked, of which dataset, and the answer.

https://www.w3.org/TR/sparql11-protocol/. Updates are made for those who may write.
"""

from __future__ import annotations

import re
from binascii import a2b_qp
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pyoxigraph import (
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    serialize,
)

from trilogue import namespaces
from trilogue.disk import Versions
from trilogue.errors import QueryError
from trilogue.results import Bindings
from trilogue.server import default_graph, guard, updates
from trilogue.server.access import Access
from trilogue.server.form import QueryForm
from trilogue.server.limits import Limits
from trilogue.server.messages import RefusedError, Request, Response
from trilogue.server.negotiation import PAGE, SHOWN_GRAPHS, SHOWN_SOLUTIONS, Form, chosen
from trilogue.server.service_description import describe_service
from trilogue.server.services import Services
from trilogue.server.stores import Stores
from trilogue.server.updates import Update

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
Written = TypeVar("Written")

_MALFORMED_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_POSITION = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)
_ROW_MARKS = {
    # How often these bytes stand in an answer, less those that go with no row, is its number of
    # rows: the formats escape them in values, but for CSV, where a value may have line breaks.
    QueryResultsFormat.CSV: (b"\n", 1),
    QueryResultsFormat.JSON: (b'}},{"', -1),
    QueryResultsFormat.TSV: (b"\n", 1),
    QueryResultsFormat.XML: (b"<result>", 0),
}
_PREFIXED = (RdfFormat.TURTLE, RdfFormat.TRIG, RdfFormat.RDF_XML)


@dataclass(slots=True)
class Question:
    """A query with the dataset that the protocol names for it, and the form that is wanted."""

    query: str
    default_graphs: tuple[NamedNode, ...]
    named_graphs: tuple[NamedNode, ...]
    format: str


@dataclass(frozen=True)
class Endpoint:
    """A store that answers over HTTP.

    `stores` gives the store to the process that asks; `triples` is how many its default graph
    has, where that is known. `address` is where the world finds the endpoint.
    """

    stores: Stores
    limits: Limits
    address: str = ""
    triples: int | None = None
    access: Access = field(default_factory=Access)
    services: Services = field(default_factory=Services)
    form: QueryForm = field(default_factory=QueryForm)

    @property
    def store(self) -> Store:
        """The store as it is now."""
        return self.stores.store

    def write(self, change: Callable[[Store], Written], request: Request) -> Written:
        """Make a change for a request that may; raises `RefusedError` where it cannot be made."""
        assert isinstance(self.stores, Versions)
        try:
            return self.stores.write(change, request.settle)
        except SyntaxError as error:
            raise _malformed(str(error), "content") from None
        except UnicodeEncodeError:
            raise RefusedError(400, "the content is not well-formed Unicode") from None
        except (RuntimeError, ValueError):
            raise RefusedError(400, "the change cannot be made") from None

    def respond(self, request: Request) -> Response:
        """Return the answer to a request; raises `RefusedError` where there is none."""
        if request.method not in ("GET", "HEAD", "POST"):
            raise RefusedError(
                405,
                f"{request.method} is not served here; use GET or POST",
                headers={"Allow": "GET, HEAD, POST, OPTIONS"},
            )
        parameters, body = self._given(request)
        update = _update(parameters, body.get(UPDATE))
        if update is not None:
            return self._change(update, request)
        question = _question(parameters, body.get(QUERY))
        if question is None:
            if request.method == "POST":
                raise RefusedError(400, "no query given")
            form = chosen(request.header("accept"), single(parameters, "format"), SHOWN_GRAPHS)
            if form is PAGE:
                return self.form.empty(single(parameters, "example"))
            return describe_service(self.triples, self.base(request), form, list(self._more()))
        try:
            return self._answer(question, request)
        except RefusedError as refusal:
            if not _is_for_browser(question, request):
                raise
            return self.form.refused(question.query, refusal)

    def _given(self, request: Request) -> tuple[dict[str, list[str]], dict[str, str]]:
        """Return the parameters of a request, and the body by its kind, where that is no form."""
        parameters = parse_parameters(request.query)
        if request.method != "POST":
            if "update" in parameters:
                raise RefusedError(403, "update: not by GET; use POST")
            return parameters, {}
        kind, text = _body(request)
        if kind == FORM:
            for name, values in parse_parameters(text).items():
                parameters.setdefault(name, []).extend(values)
        if kind == UPDATE or "update" in parameters:
            self.access.check(request.headers, parameters, "update")
        return parameters, {} if kind == FORM else {kind: text}

    def _change(self, update: Update, request: Request) -> Response:
        """Make an update; raises `RefusedError` where it cannot be made."""
        guard.check_depth(update.text, self.limits.depth)
        text, base = updates.in_full(update), self.base(request)
        seen = guard.outline(text)
        default_graph.check(text, seen)
        if seen.load:
            text = self.services.loaded(text)
        if seen.service:
            dataset = {"use_default_graph_as_union": True}
            text = self.services.answered(text, lambda query: self._bindings_of(query, dataset))

        def change(store: Store) -> None:
            store.update(text, base_iri=base)
            updates.check_graphs(store)

        self.write(change, request)
        return Response(204)

    def _more(self) -> Iterator[tuple[str, str]]:
        """Yield what the service can beyond queries, as its description names it."""
        if self.access.is_open:
            yield "supportedLanguage", "SPARQL11Update"
        if self.services.asks_others:
            yield "feature", "BasicFederatedQuery"

    def base(self, request: Request) -> str:
        """Return the address of the endpoint, as the client or the world knows it."""
        return self.address or f"http://{request.header('host') or 'localhost'}{request.path}"

    def _answer(self, question: Question, request: Request) -> Response:
        """Return what the store answers; raises `RefusedError` where it cannot."""
        query, accept = question.query, request.header("accept")
        if len(query) > self.limits.length:
            raise RefusedError(413, f"the query is longer than {self.limits.length} characters")
        guard.check_depth(query, self.limits.depth)
        try:
            base, dataset = self.base(request), _dataset(question)
            query = self.services.answered(
                query, lambda inner: self._bindings_of(inner, dataset, base)
            )
            result = self.store.query(query, base_iri=base, **dataset)
            if isinstance(result, QueryTriples):
                form = chosen(accept, question.format, SHOWN_GRAPHS)
                if form is not PAGE:
                    return self.graph(result, form)
            else:
                form = chosen(accept, question.format, SHOWN_SOLUTIONS)
                if form is not PAGE:
                    return self._bindings(result, form)
            return self.form.answered(question.query, result)
        except SyntaxError as error:
            if guard.outline(query).update:
                self.access.check(request.headers, {}, "update")
                raise RefusedError(400, "an update is sent as update, not as query") from None
            raise _malformed(str(error), "query") from None
        except UnicodeEncodeError:
            raise RefusedError(400, "the query is not well-formed Unicode") from None
        except (OSError, RuntimeError, ValueError):
            # The store's own words may name places on this machine.
            raise RefusedError(400, "the query cannot be evaluated") from None

    def _bindings_of(self, query: str, dataset: dict[str, Any], base: str = "") -> Bindings:
        """Return the solutions of a part of a query, asked of the same dataset."""
        try:
            found = self.store.query(query, base_iri=base or None, **dataset)
        except SyntaxError as error:
            raise QueryError(str(error)) from None
        assert isinstance(found, QuerySolutions)
        return Bindings.of(found)

    def _bindings(self, result: QuerySolutions | QueryBoolean, form: Form) -> Response:
        assert isinstance(form.format, QueryResultsFormat)
        body = result.serialize(format=form.format)
        assert body is not None
        mark, others = _ROW_MARKS[form.format]
        if len(body) > self.limits.rows and body.count(mark) - others > self.limits.rows:
            raise self._too_many()
        return Response(200, {"Content-Type": form.content_type}, body)

    def graph(self, result: QueryTriples, form: Form) -> Response:
        """Return triples in a form; raises `RefusedError` where there are too many."""
        assert isinstance(form.format, RdfFormat)
        prefixes = namespaces.PREFIXES if form.format in _PREFIXED else None
        body = serialize(self._bounded(result), format=form.format, prefixes=prefixes)
        assert body is not None
        return Response(200, {"Content-Type": form.content_type}, body)

    def _bounded(self, triples: QueryTriples) -> Iterator[Triple]:
        for number, triple in enumerate(triples):
            if number == self.limits.rows:
                raise self._too_many()
            yield triple

    def _too_many(self) -> RefusedError:
        return RefusedError(422, f"the answer has more than {self.limits.rows} rows; give a LIMIT")


def _is_for_browser(question: Question, request: Request) -> bool:
    try:
        return chosen(request.header("accept"), question.format, SHOWN_SOLUTIONS) is PAGE
    except RefusedError:
        return False


def _body(request: Request) -> tuple[str, str]:
    """Return of which kind the body is, and its text."""
    kind, _, rest = request.header("content-type").partition(";")
    kind = kind.strip().lower()
    if kind not in (FORM, QUERY, UPDATE):
        shown = f"Content-Type {kind!r}" if kind else "no Content-Type"
        raise RefusedError(415, f"{shown}: expected {FORM} or {QUERY}")
    charset = re.search(r"charset\s*=\s*\"?([^\s;\"]+)", rest, re.IGNORECASE)
    if charset and charset[1].lower() not in ("utf-8", "utf8", "us-ascii"):
        raise RefusedError(415, f"charset {charset[1]}: expected UTF-8")
    return kind, _decoded(request.body, "the body")


def parse_parameters(text: str) -> dict[str, list[str]]:
    """Return the parameters of a query string or form.

    Raises `RefusedError` where an encoding is malformed, or not UTF-8.

    >>> parse_parameters("query=ASK+%7B%7D&format=json")
    {'query': ['ASK {}'], 'format': ['json']}
    """
    parameters: dict[str, list[str]] = {}
    malformed = _MALFORMED_PERCENT.search(text)
    if malformed is not None:
        raise RefusedError(400, f"malformed percent-encoding at character {malformed.start() + 1}")
    for pair in text.replace("+", " ").split("&"):
        name, _, value = pair.partition("=")
        if name or value:
            parameters.setdefault(_unquoted(name), []).append(_unquoted(value))
    return parameters


def _unquoted(text: str) -> str:
    """Return the text of a percent-encoded one, by the decoder of another encoding: it is fast.

    >>> _unquoted("a%3Db%25=c%c3%A9")
    'a=b%=cé'
    """
    try:
        return a2b_qp(text.replace("=", "=3D").replace("%", "=").encode()).decode()
    except UnicodeDecodeError:
        raise RefusedError(400, "a parameter is not UTF-8") from None


def _decoded(content: bytes, what: str) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise RefusedError(400, f"{what} is not UTF-8 at byte {error.start + 1}") from None


def single(parameters: dict[str, list[str]], name: str) -> str:
    """Return the only value of a parameter, or nothing; raises `RefusedError` where it has more."""
    values = parameters.get(name, [])
    if len(values) > 1:
        raise RefusedError(400, f"{name} given {len(values)} times")
    return values[0] if values else ""


def _question(parameters: dict[str, list[str]], body_query: str | None) -> Question | None:
    queries = parameters.get("query", []) + ([] if body_query is None else [body_query])
    if len(queries) > 1:
        raise RefusedError(400, f"query given {len(queries)} times")
    if not queries:
        return None
    return Question(
        queries[0],
        _graphs(parameters, "default-graph-uri"),
        _graphs(parameters, "named-graph-uri"),
        single(parameters, "format"),
    )


def _update(parameters: dict[str, list[str]], body: str | None) -> Update | None:
    texts = parameters.get("update", []) + ([] if body is None else [body])
    if not texts:
        return None
    if len(texts) > 1 or "query" in parameters:
        raise RefusedError(400, "expected one update, and no query beside it")
    default_graphs = _graphs(parameters, "using-graph-uri")
    return Update(texts[0], default_graphs, _graphs(parameters, "using-named-graph-uri"))


def _graphs(parameters: dict[str, list[str]], name: str) -> tuple[NamedNode, ...]:
    if name not in parameters:
        return ()
    try:
        return tuple(NamedNode(iri) for iri in parameters[name])
    except ValueError:
        raise RefusedError(400, f"{name}: expected an absolute IRI") from None


def _dataset(question: Question) -> dict[str, Any]:
    """Return which graphs are asked: those of the protocol, else of the query, else all."""
    if question.default_graphs or question.named_graphs:
        return {
            "default_graph": list(question.default_graphs),
            "named_graphs": list(question.named_graphs),
        }
    return {"use_default_graph_as_union": not guard.names_dataset(question.query)}


def _malformed(message: str, what: str) -> RefusedError:
    """Return the refusal of what does not parse, with line and column."""
    match = _POSITION.fullmatch(message)
    if match is None:
        return RefusedError(400, f"malformed {what}: {message}")
    line, column, reason = int(match[1]), int(match[2]), match[3]
    tokens = re.findall(r'"([^"\s]+)"', reason)
    hint = f": expected one of {' '.join(tokens)}" if tokens else ""
    return RefusedError(400, f"{line}:{column} malformed {what}{hint}", position=(line, column))
