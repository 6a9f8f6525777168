"""SERVICE and LOAD, answered before the store sees a query: it asks nobody by itself.

What a block finds stands in its place, as VALUES: the store joins it with the rest, as it would
have joined the answer. Blocks that search paths are answered by the query layer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urljoin

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    RdfFormat,
    parse,
    parse_query_results,
)

from trilogue.errors import QueryError
from trilogue.paths import blocks, service
from trilogue.paths.blocks import Prologue, Token
from trilogue.paths.network import Network
from trilogue.server import guard, updates
from trilogue.server.messages import RefusedError
from trilogue.server.remote import Client, NotAllowedError, ServiceError

_RESULTS = ("application/sparql-results+json",)
_GRAPHS = ("text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json")
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_PLACE = re.compile(r"(\d+):(\d+) ")


@dataclass(frozen=True)
class Services:
    """What is answered here, and who may be asked."""

    client: Client = field(default_factory=Client)
    network: Callable[[], Network] | None = None
    """Gives the hops that are searched for paths."""

    @property
    def asks_others(self) -> bool:
        """Whether any other service may be asked."""
        return bool(self.client.allowed)

    def answered(self, text: str, ask: service.Ask) -> str:
        """Return a query with what its SERVICE blocks find in their place.

        Raises `RefusedError` where a block is not allowed, before anything is sent, or fails.
        """
        if "service" not in text.lower():
            return text
        try:
            found = blocks.tokens(text)
            places = list(_calls(text, found))
        except blocks.MismatchError:
            places = []
        bare = text
        for call in places:
            if call.iri == service.SERVICE and self.network is not None:
                bare = _without(bare, call.start, call.brace)
            else:
                self._check(call)
                bare = _without(bare, call.start, call.end)
        guard.check_services(bare)
        for call in reversed(places):
            if call.iri != service.SERVICE or self.network is None:
                text = text[: call.start] + self._joined(call) + text[call.end :]
        if self.network is None or not any(call.iri == service.SERVICE for call in places):
            return text
        try:
            return service.evaluate(text, self.network, ask)
        except QueryError as error:
            raise _refused(str(error)) from None

    def loaded(self, text: str) -> str:
        """Return an update with the triples of what it loads in place of each LOAD."""
        try:
            loads = list(_loads(text))
        except blocks.MismatchError:
            loads = []
        bare = text
        for load in loads:
            self._check(load)
            bare = _without(bare, load.start, load.end)
        guard.check_loads(bare)
        for load in reversed(loads):
            text = text[: load.start] + self._data(load) + text[load.end :]
        return text

    def _check(self, call: _Call) -> None:
        try:
            if call.inner:
                raise NotAllowedError("another SERVICE cannot stand within it; put it beside")
            if call.iri is None:
                raise NotAllowedError("expected the address of the service as an IRI")
            self.client.check(call.iri)
            if call.word == "LOAD" and not call.content:
                raise NotAllowedError("name the graph for its triples by INTO GRAPH")
        except NotAllowedError as error:
            raise RefusedError(403, f"{call.name}: {error}") from None

    def _joined(self, call: _Call) -> str:
        """Return what a service answers as a group, with as many lines as the block."""
        assert call.iri is not None
        query = f"{call.preamble} SELECT * WHERE {{{call.content}}}"
        body = urlencode({"query": query}).encode()
        try:
            answered = self.client.ask(call.iri, body, _FORM, _RESULTS)
            group = _values(answered.content, call.iri)
        except NotAllowedError as error:
            raise RefusedError(403, f"{call.name}: {error}") from None
        except ServiceError as error:
            if not call.silent:
                raise RefusedError(502, f"{call.name}: {error}") from None
            group = ""
        return f"{{ {group} }}" + "\n" * call.lines

    def _data(self, call: _Call) -> str:
        """Return what stands at an address as INSERT DATA, with as many lines as the LOAD."""
        assert call.iri is not None
        try:
            answered = self.client.ask(call.iri, None, {}, _GRAPHS)
            form = RdfFormat.from_media_type(answered.media_type)
            if form is None:
                raise ServiceError(f"its answer is {answered.media_type}, no RDF")
            triples = [
                f"{quad.subject} {quad.predicate} {quad.object} ."
                for quad in parse(
                    answered.content,
                    form,
                    base_iri=call.iri,
                    without_named_graphs=True,
                    rename_blank_nodes=True,
                )
            ]
        except NotAllowedError as error:
            raise RefusedError(403, f"{call.name}: {error}") from None
        except (ServiceError, SyntaxError) as error:
            if not call.silent:
                reason = "its answer does not parse" if isinstance(error, SyntaxError) else error
                raise RefusedError(502, f"{call.name}: {reason}") from None
            triples = []
        data = f"{{ {' '.join(triples)} }}"
        return f"INSERT DATA {{ {call.content} {data} }}" + "\n" * call.lines


@dataclass(frozen=True)
class _Call:
    """A part of a text that asks another machine, from `start` to `end`."""

    word: str
    iri: str | None
    silent: bool
    content: str
    start: int
    brace: int
    end: int
    lines: int
    preamble: str = ""
    inner: bool = False

    @property
    def name(self) -> str:
        """How messages name it: the word, and the address in short."""
        return f"{self.word} <{self.iri[:100]}>" if self.iri is not None else self.word


def _calls(text: str, found: list[Token]) -> Iterator[_Call]:
    """Yield the SERVICE blocks of a query or update, those within others apart."""
    prologue = Prologue.of(found)
    place = 0
    while place < len(found):
        if found[place].is_word("SERVICE"):
            silent = found[place + 1 : place + 2] != [] and found[place + 1].is_word("SILENT")
            name = place + 1 + silent
            if [token.text for token in found[name + 1 : name + 2]] == ["{"]:
                last = blocks.closing(found, name + 1)
                start, brace, end = found[place].start, found[name + 1].start, found[last].end
                yield _Call(
                    "SERVICE",
                    prologue.iri(found[name]),
                    silent,
                    text[brace + 1 : found[last].start],
                    start,
                    brace,
                    end,
                    text.count("\n", start, end),
                    text[: prologue.end],
                    any(token.is_word("SERVICE") for token in found[name + 1 : last]),
                )
                place = last
        place += 1


def _loads(text: str) -> Iterator[_Call]:
    """Yield the LOAD operations of an update."""
    prologue = Prologue()
    for operation in updates.operations(blocks.tokens(text)):
        tokens = [token for token, _ in operation]
        declared = Prologue.of(tokens)
        prologue.base = declared.base or prologue.base
        prologue.prefixes |= declared.prefixes
        words = [token for token in tokens if token.start >= declared.end]
        if not words or not words[0].is_word("LOAD"):
            continue
        silent = words[1:2] != [] and words[1].is_word("SILENT")
        name, *into = words[1 + silent :] or [words[0]]
        graph = into[2:] if [each.text.upper() for each in into[:2]] == ["INTO", "GRAPH"] else []
        iri = prologue.iri(graph[0]) if len(graph) == 1 else None
        start, end = words[0].start, words[-1].end
        yield _Call(
            "LOAD",
            prologue.iri(name),
            silent,
            "" if iri is None else f"GRAPH <{iri}>",
            start,
            start,
            end,
            text.count("\n", start, end),
        )


def _without(text: str, start: int, end: int) -> str:
    """Return a text with a part blanked out, so that all places stay."""
    return text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]


def _values(content: bytes, iri: str) -> str:
    """Return the solutions of an answer as VALUES.

    Blank nodes have no name that could be written there: they become IRIs of the service, as
    RDF 1.1 (section 3.5) has it. Raises `ServiceError` where it is no answer to SELECT.
    """
    try:
        found = parse_query_results(content, format=QueryResultsFormat.JSON)
        if isinstance(found, QueryBoolean):
            raise ServiceError("its answer has no solutions")
        names = [each.value for each in found.variables]
        rows = [[_written(row[name], iri) for name in names] for row in found]
    except (SyntaxError, ValueError, UnicodeError):
        raise ServiceError("its answer is no SPARQL result") from None
    written = " ".join(f"({' '.join(row)})" for row in rows)
    return f"VALUES ({' '.join(f'?{name}' for name in names)}) {{ {written} }}"


def _written(term: Any, iri: str) -> str:
    """Return a term as it is written in a query; raises `ValueError` where it cannot be."""
    if term is None:
        return "UNDEF"
    if isinstance(term, BlankNode):
        return str(NamedNode(urljoin(iri, f"/.well-known/genid/{term.value}")))
    if isinstance(term, NamedNode):
        return str(NamedNode(term.value))  # an answer is read without a look at its IRIs
    if not isinstance(term, Literal):
        raise ServiceError("its answer has terms that SPARQL 1.1 does not know")
    if term.language is not None:
        return str(Literal(term.value, language=term.language))
    return str(Literal(term.value, datatype=NamedNode(term.datatype.value)))


def _refused(message: str) -> RefusedError:
    match = _PLACE.match(message)
    position = (int(match[1]), int(match[2])) if match else None
    return RefusedError(400, message, position=position)
