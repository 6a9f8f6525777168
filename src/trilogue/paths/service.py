"""Paths in SPARQL: a SERVICE block is searched here, and joins with the rest of the query.

GraphDB and QLever search paths in the same place, with the same reading: a block names what is
searched for, and binds variables. Here the terms of the block are those in which paths are
written (`ontology/modules/paths.ttl`), so that a block reads like the answer:

    SERVICE <https://w3id.org/trilogue/service/paths> {
      [] tlg:expression "contact/office?/position/adoption" ;
        tlg:searchesFrom ?firm ; tlg:searchesTo ?text ; tlg:requiredOrder "certain" ;
        tlg:findsPath ?path .
      ?firm a tlg:SmallOrMediumEnterprise .
      ?path tlg:arrivalDay ?day ; tlg:hasHop ?hop .
      ?hop tlg:hopNumber ?number ; tlg:restsOnGround ?act .
    }

`service.md` says what may stand in a block, and how it is read.
"""

from __future__ import annotations

import heapq
import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from pyoxigraph import NamedNode, Quad, QuerySolutions, Store

from trilogue.errors import QueryError, nearest
from trilogue.namespaces import DERIVED_FROM, TERMS, TYPE, compact, iri_of, term
from trilogue.paths import blocks
from trilogue.paths.blocks import Element, Prologue, Token
from trilogue.paths.enumeration import Enumeration, InfluencePath
from trilogue.paths.expression import parse
from trilogue.paths.naming import resolved
from trilogue.paths.network import Network
from trilogue.paths.query import Carry, Order, PathQuery, Score
from trilogue.paths.request import Request, Settings, properties_of
from trilogue.paths.statements import Statements, carrying_rows, hop_classes, node
from trilogue.results import Bindings

SERVICES = "https://w3id.org/trilogue/service/"
SERVICE = f"{SERVICES}paths"

MOST_PATHS = 10_000
"""How many paths a block may find that sets no `tlg:limit`."""

Ask = Callable[[str], Bindings]


class Search(Protocol):
    """What answers a path query, such as `Enumeration`."""

    def paths(self) -> Iterator[InfluencePath]:
        """Yield each path."""

    def top(self, number: int, by: Score) -> list[InfluencePath]:
        """Return the best paths, the best first."""


def evaluate(
    text: str,
    network: Callable[[], Network],
    ask: Ask,
    search: Callable[[Network, PathQuery], Search] = Enumeration,
) -> str:
    """Return the query with what its path blocks find in their place.

    A query without a path block comes back as it is. `network` and `ask` are called only where
    there is one: `ask` with SELECT queries on the same graph that the query is put to. Raises
    `QueryError` with line and column of a block that cannot be evaluated.
    """
    if "service" not in text.lower():
        return text
    try:
        found = blocks.tokens(text)
        prologue = Prologue.of(found)
        places = blocks.find(found, prologue, SERVICE)
    except blocks.MismatchError:
        return text
    for token, iri in blocks.services(found, prologue):
        if iri.startswith(SERVICES) and iri != SERVICE:
            place = _position(text, token.start)
            raise QueryError(f"{place} no service {iri}{nearest(iri, [SERVICE])}")
    if not places:
        return text
    hops = network()
    dataset = _dataset_clauses(text, found)
    parts = []
    end = 0
    for block in places:
        parts.append(text[end : block.start])
        try:
            evaluation = _Evaluation(Request(text, prologue, block), hops, ask, dataset, search)
            parts.append(evaluation.replacement())
        except QueryError as error:
            message = str(error)
            if not re.match(r"\d+:\d+ ", message):
                message = f"{_position(text, block.start)} path block: {message}"
            raise QueryError(message) from None
        end = block.end
    return "".join([*parts, text[end:]])


def _position(text: str, place: int) -> str:
    return f"{text.count(chr(10), 0, place) + 1}:{place - text.rfind(chr(10), 0, place)}"


def _dataset_clauses(text: str, found: list[Token]) -> str:
    """Return the FROM clauses of a query, for the questions that are put beside it."""
    clauses = []
    depth = 0
    for token, name, graph in zip(found, found[1:], found[2:], strict=False):
        depth += {"{": 1, "}": -1}.get(token.text, 0)
        if not depth and token.is_word("FROM"):
            last = graph if name.is_word("NAMED") else name
            clauses.append(text[token.start : last.end])
    return " ".join(clauses)


@dataclass(frozen=True)
class _End:
    """Where paths may begin or end: names of things or classes, and the variable to bind."""

    names: frozenset[str]
    variable: str | None = None


@dataclass(frozen=True)
class _Selection:
    """Patterns that choose origins or destinations, and the variables of these."""

    ends: tuple[str, ...]
    parts: tuple[Element, ...]

    @property
    def bound_ends(self) -> tuple[str, ...]:
        """The variables to bind before the patterns, as the block with the search finds them.

        A mere filter would meet them unbound, and two ends that a filter compares would be paired
        beyond the network. A triple pattern that comes first finds an only end by itself.
        """
        uses = (part for part in self.parts if not part.tokens[0].is_word("FILTER"))
        first = next((part for part in uses if self.ends[0] in part.variables), None)
        if len(self.ends) == 1 and first is not None and first.is_statement:
            return ()
        computed = {part.assigned for part in self.parts}
        return tuple(name for name in self.ends if name not in computed)


def _connected(variable: str, parts: list[Element]) -> set[str]:
    """Return the variables that patterns connect with one, itself included."""
    connected = {variable}
    while True:
        reached = set().union(*(part.variables for part in parts if part.variables & connected))
        if reached <= connected:
            return connected
        connected |= reached


def _values(names: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    header = " ".join(f"?{name}" for name in names)
    values = " ".join(f"({' '.join(row)})" for row in rows)
    return f"VALUES ({header}) {{ {values} }}"


class _Evaluation:
    """Searches for what a block asks, and writes what is found in its place."""

    def __init__(
        self,
        request: Request,
        network: Network,
        ask: Ask,
        dataset: str,
        search: Callable[[Network, PathQuery], Search],
    ) -> None:
        self.request = request
        self.settings = Settings(request)
        self.network = network
        self.ask = ask
        self.dataset = dataset
        self.search = search
        self.origin = self._end("searchesFrom")
        self.destination = self._end("searchesTo")
        self.selections = self._selections()

    def replacement(self) -> str:
        """Return a group with the bindings that are found, and the patterns that join with them."""
        query, pairs = self._query()
        variables, rows = self._rows(query, self._paths(query, pairs))
        asked = {part for selection in self.selections for part in selection.parts}
        rest = [part for part in self.request.rest if part not in asked]
        patterns = [_values(variables, rows)]
        for each in self.selections:
            places = [variables.index(name) for name in each.bound_ends]
            ends = dict.fromkeys(tuple(row[place] for place in places) for row in rows)
            bound = _values(each.bound_ends, ends) if places else ""
            patterns.append(f"{{ SELECT DISTINCT * {{ {bound} {self._joined(each.parts)} }} }}")
        group = f"{{ {' '.join(patterns)} {self._joined(rest)} }}"
        block = self.request.block
        lines = self.request.text.count("\n", block.start, block.end) - group.count("\n")
        return group + "\n" * lines

    def _end(self, name: str) -> _End:
        """Return the things that a path may begin or end at."""
        from rdflib import URIRef, Variable

        nodes = self.settings.nodes(name)
        if all(isinstance(node, URIRef) for node in nodes) and nodes:
            return _End(frozenset(compact(str(node)) for node in nodes))
        if len(nodes) > 1:
            raise QueryError(f"tlg:{name}: several values, and one of them a variable")
        variable = str(nodes[0]) if nodes and isinstance(nodes[0], Variable) else None
        return _End(self.network.things, variable)

    def _query(self) -> tuple[PathQuery, frozenset[tuple[str, str]] | None]:
        """Return the path query, and which origins go with which destinations if not all do."""
        settings = self.settings
        expression = settings.text("expression")
        if expression is None:
            raise QueryError("tlg:expression is missing: the hops to search along")
        most_hops = settings.number("mostHops")
        if most_hops is None and parse(expression).longest is None:
            raise QueryError(
                f"expression '{expression}' has no longest match: "
                "give the largest number of hops in tlg:mostHops"
            )
        origins, destinations, pairs = self._ends()
        query = PathQuery(
            expression,
            origins,
            destinations,
            order=settings.word("requiredOrder", Order) or Order.possible,
            ties=settings.truth("allowsTies") is not False,
            carry=settings.word("carriedMatter", Carry) or Carry.issue,
            issues=frozenset(compact(str(node)) for node in settings.nodes("asksForIssue")) or None,
            largest_gap=settings.number("largestGap"),
            largest_duration=settings.number("largestDuration"),
            most_hops=most_hops,
            simple=settings.truth("isSimple") is True,
        )
        return resolved(query, self.network), pairs

    def _ends(
        self,
    ) -> tuple[frozenset[str], frozenset[str], frozenset[tuple[str, str]] | None]:
        """Return origins, destinations, and the pairs of them if not all go together."""
        one, other = self.origin.variable, self.destination.variable
        origins, destinations = self.origin.names, self.destination.names
        pairs = None
        for selection in self.selections:
            found = self._selected(selection)
            if one in selection.ends:
                origins = frozenset(row[0] for row in found)
            if other in selection.ends:
                destinations = frozenset(row[-1] for row in found)
            if len(selection.ends) == 2:
                pairs = frozenset((start, end) for start, end in found)
        if one is not None and one == other:
            pairs = frozenset((name, name) for name in origins)
        return origins, destinations, pairs

    def _selections(self) -> list[_Selection]:
        """Return the patterns that origins and destinations depend on, apart if they can be."""
        usable = self._usable()
        ends = [end.variable for end in (self.origin, self.destination) if end.variable is not None]
        selections: list[_Selection] = []
        for end in dict.fromkeys(ends):
            if any(end in selection.ends for selection in selections):
                continue
            connected = _connected(end, usable)
            parts = tuple(part for part in usable if part.variables & connected)
            if parts:
                both = tuple(name for name in dict.fromkeys(ends) if name in connected)
                selections.append(_Selection(both, parts))
        return selections

    def _usable(self) -> list[Element]:
        """Return the patterns that can be asked before the search: they name nothing it finds."""
        ends = {self.origin.variable, self.destination.variable}
        found = self.request.outputs - ends
        while True:
            touched = [part for part in self.request.rest if part.variables & found]
            reached = set().union(*(part.variables for part in touched)) - ends
            if reached <= found:
                return [part for part in self.request.rest if part not in touched]
            found |= reached

    def _selected(self, selection: _Selection) -> set[tuple[str, ...]]:
        """Return the things that patterns allow, by the names of the network."""
        names = " ".join(f"?{name}" for name in selection.ends)
        things = [(str(node(name)),) for name in sorted(self.network.things)]
        bound = " ".join(_values((name,), things) for name in selection.bound_ends)
        pattern = f"{self.dataset} {{ {bound} {self._joined(selection.parts)} }}"
        try:
            answer = self.ask(f"{self.request.preamble} SELECT DISTINCT {names} {pattern}")
        except QueryError as error:
            raise QueryError(f"its pattern cannot be asked: {error}") from None
        for row in answer.rows:
            for name, value in zip(selection.ends, row, strict=True):
                if value is None:
                    raise QueryError(f"?{name}: its pattern leaves it unbound")
        rows = (tuple(map(iri_of, row)) for row in answer.rows)
        return {row for row in rows if self.network.things.issuperset(row)}

    def _joined(self, parts: Iterable[Element]) -> str:
        texts = (part.text(self.request.text) + " ." * part.is_statement for part in parts)
        return " ".join(texts)

    def _paths(
        self, query: PathQuery, pairs: frozenset[tuple[str, str]] | None
    ) -> list[InfluencePath]:
        limit, score = self.settings.number("limit"), self.settings.word("score", Score)
        if limit is not None and limit < 1:
            raise QueryError(f"tlg:limit {limit}: expected 1 or more")
        if score is not None and limit is None:
            raise QueryError("tlg:score chooses the best: tlg:limit, how many of them, is missing")
        search = self.search(self.network, query)
        if score is not None and limit is not None and pairs is None:
            return search.top(limit, score)
        found = (
            path for path in search.paths()
            if pairs is None or (path.origin, path.destination) in pairs
        )  # fmt: skip
        if score is not None and limit is not None:
            return heapq.nsmallest(limit, found, key=lambda path: path.score(score))
        if limit is not None:
            return list(itertools.islice(found, limit))
        paths = list(itertools.islice(found, MOST_PATHS + 1))
        if len(paths) > MOST_PATHS:
            raise QueryError(
                f"more than {MOST_PATHS:,} paths: narrow the search, or say how many in tlg:limit"
            )
        return paths

    def _rows(
        self, query: PathQuery, paths: list[InfluencePath]
    ) -> tuple[list[str], list[list[str]]]:
        """Match what the block says of paths and hops with the paths as they are written in RDF."""
        from rdflib import BNode, Variable

        request = self.request
        taken = {token.variable for token in request.block.tokens}
        free = (f"node{number}" for number in itertools.count() if f"node{number}" not in taken)
        blank: dict[Any, str] = {}

        def written(node: Any) -> str:
            if isinstance(node, BNode):
                return "?" + (blank.get(node) or blank.setdefault(node, next(free)))
            return str(node.n3())

        path = written(next(iter(request.paths), BNode()))
        ends = [f"?{end.variable or next(free)}" for end in (self.origin, self.destination)]
        about = [triple for triple in request.about if triple[0] != request.query]
        wanted = self._wanted()
        statements = Statements(
            query,
            hop_classes(self.ask) if wanted is None or TYPE in wanted else {},
            carrying_rows(self.ask, paths) if wanted is None or DERIVED_FROM in wanted else {},
        )
        store = Store()
        store.bulk_extend(
            Quad(triple.subject, triple.predicate, triple.object)
            for each in paths
            for triple in statements.triples(each, wanted)
        )
        triples = [f"{path} <{TERMS}hasOrigin> {ends[0]} ; <{TERMS}hasDestination> {ends[1]}"]
        triples += [" ".join(map(written, triple)) for triple in about]
        if isinstance(request.query, Variable):
            triples.append(f"VALUES {written(request.query)} {{ {statements.plan_iri} }}")
        patterns = " ".join(part.resolved(request.prologue) for part in request.patterns)
        solutions = store.query(f"SELECT * {{ {' . '.join(triples)} {patterns} }}")
        assert isinstance(solutions, QuerySolutions)
        names = sorted(each.value for each in solutions.variables if each.value in taken)
        rows = [
            ["UNDEF" if row[name] is None else str(row[name]) for name in names]
            for row in solutions
        ]
        return names, sorted(rows)

    def _wanted(self) -> set[NamedNode] | None:
        """Return the properties that the block asks for, or nothing where it may ask for any."""
        from rdflib import Variable
        from rdflib.paths import NegatedPath

        names = self.request.properties
        used = [each for name in names for each in properties_of(name)]
        if any(isinstance(name, Variable | NegatedPath) for name in (*names, *used)):
            return None
        asked = {NamedNode(str(name)) for name in used}
        return asked | {term("hasOrigin"), term("hasDestination")}
