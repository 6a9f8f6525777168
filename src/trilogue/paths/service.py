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
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from pyoxigraph import NamedNode, Quad, QuerySolutions, Store

from trilogue.errors import QueryError, nearest
from trilogue.namespaces import DERIVED_FROM, TERMS, TYPE, compact, expand, term
from trilogue.paths import blocks
from trilogue.paths.blocks import Block, Element, Prologue, Token
from trilogue.paths.enumeration import Enumeration, Path
from trilogue.paths.expression import ANY, parse
from trilogue.paths.network import Network
from trilogue.paths.query import Carry, Order, PathQuery, Score
from trilogue.paths.statements import Statements, carrying_rows, hop_classes
from trilogue.results import Bindings

SERVICE = "https://w3id.org/trilogue/service/paths"

MOST_PATHS = 10_000
"""How many paths a block may find that sets no `tlg:limit`."""

Ask = Callable[[str], Bindings]
Word = TypeVar("Word", bound=StrEnum)


class Search(Protocol):
    """What answers a path query, such as `Enumeration`."""

    def paths(self) -> Iterator[Path]:
        """Yield each path."""

    def top(self, number: int, by: Score) -> list[Path]:
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
    try:
        found = blocks.tokens(text)
        prologue = Prologue.of(found)
        places = blocks.find(found, prologue, SERVICE)
    except blocks.MismatchError:
        return text
    if not places:
        return text
    hops = network()
    dataset = _dataset_clauses(text, found)
    parts = []
    end = 0
    for block in places:
        parts.append(text[end : block.start])
        try:
            evaluation = _Evaluation(_Reading(text, prologue, block), hops, ask, dataset, search)
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


# What may be said of a path query, of a path and of a hop; the ontology declares it.
OF_QUERIES = frozenset(
    {
        "allowsTies",
        "asksForIssue",
        "carriedMatter",
        "expression",
        "findsPath",
        "isSimple",
        "largestDuration",
        "largestGap",
        "limit",
        "mostHops",
        "requiredOrder",
        "score",
        "searchesFrom",
        "searchesTo",
    }
)
OF_PATHS = frozenset(
    {
        "arrivalDay",
        "carriesIssue",
        "carriesOption",
        "carriesStance",
        "durationInDays",
        "hasDestination",
        "hasHop",
        "hasOrigin",
        "numberOfHops",
        "pathWeight",
    }
)
OF_HOPS = frozenset(
    {
        "endsAt",
        "evidenceLocator",
        "hasOrderCertainty",
        "hopKind",
        "hopNumber",
        "restsOnAct",
        "restsOnGround",
        "startsAt",
    }
)
SEVERAL = frozenset({"asksForIssue", "searchesFrom", "searchesTo"})


class _Reading:
    """A block as it is written: what is asked for, what of paths and hops, and other patterns."""

    def __init__(self, text: str, prologue: Prologue, block: Block) -> None:
        self.text = text
        self.prologue = prologue
        self.block = block
        if block.inside:
            raise QueryError(f"it cannot stand within {block.inside}; put it beside")
        if any(token.is_word("SERVICE") for token in block.content):
            raise QueryError("another SERVICE cannot stand within it; put it beside")
        self._check_syntax()
        parts = list(blocks.elements(block.content))
        statements = [part for part in parts if part.is_statement]
        triples = _parsed(" . ".join(part.resolved(prologue) for part in statements))
        own = self._own_nodes(triples)
        self.about = [triple for triple in triples if triple[0] in own]
        self.properties = [name for subject, name, _ in self.about if subject != self.query]
        """The properties of paths and hops that it names."""
        self.patterns: list[Element] = []
        """Patterns on paths and hops that are no mere triples, such as OPTIONAL."""
        self.rest: list[Element] = []
        """Patterns on anything else."""
        of_paths = {str(node) for node in self.paths | self.hops}
        for part in parts:
            if part.is_statement:
                if not self._is_about(part, own):
                    self.rest.append(part)
            elif part.has_group and part.variables & of_paths:
                self._check_pattern(part, own)
                self.patterns.append(part)
            else:
                self.rest.append(part)
        self._check_properties()

    @property
    def preamble(self) -> str:
        """The declarations that its patterns may need."""
        return self.text[: self.prologue.end]

    def _check_syntax(self) -> None:
        """Put the block, at its own place, before the store's parser, which knows the words."""
        from trilogue.graph import EmbeddedBackend

        brace = self.block.tokens[self.block.brace].start
        before = self.text[self.prologue.end : brace + 1]
        blank = "".join(char if char == "\n" else " " for char in before)
        query = "SELECT * {"
        query = self.preamble + blank[: -len(query)] + query + self.text[brace + 1 : self.block.end]
        EmbeddedBackend(Store()).answer(query, "")

    def _own_nodes(self, triples: list[tuple[Any, Any, Any]]) -> set[Any]:
        """Find the query, its paths and their hops among the subjects."""
        from rdflib import RDF, Literal, URIRef

        terms = {URIRef(TERMS + name) for name in OF_QUERIES}
        queries = {
            subject
            for subject, name, value in triples
            if name in terms or (name == RDF.type and value == URIRef(TERMS + "PathQuery"))
        }
        if not queries:
            used = {compact(str(name)) for _, name, _ in triples}
            known = [f"tlg:{name}" for name in sorted(OF_QUERIES)]
            near = "".join(nearest(name, known) for name in sorted(used))
            raise QueryError(f"tlg:expression is missing: the hops to search along{near}")
        if len(queries) > 1:
            raise QueryError(f"path queries in it: {len(queries)}, expected one subject")
        (self.query,) = queries
        self.paths = {
            value for subject, name, value in triples
            if subject == self.query and name == URIRef(TERMS + "findsPath")
        }  # fmt: skip
        self.hops = {
            value for subject, name, value in triples
            if subject in self.paths and name == URIRef(TERMS + "hasHop")
        }  # fmt: skip
        if any(isinstance(node, Literal) for node in self.paths | self.hops):
            raise QueryError("a path or hop is a thing, not a literal")
        return queries | self.paths | self.hops

    def _is_about(self, part: Element, own: set[Any]) -> bool:
        from rdflib import BNode, URIRef, Variable

        first = part.tokens[0]
        if first.variable is not None:
            return Variable(first.variable) in own
        if first.kind == "label":
            return BNode(first.text.removeprefix("_:")) in own
        if first.text == "[":
            terms = {TERMS + name for name in OF_QUERIES}
            return any(self.prologue.iri(token) in terms for token in part.tokens)
        return URIRef(self.prologue.iri(first) or "") in own

    def _check_pattern(self, part: Element, own: set[Any]) -> None:
        """Raise `QueryError` where a pattern on paths is about other things as well."""
        from rdflib import URIRef

        triples = _parsed(part.resolved(self.prologue))
        within = {
            value for subject, name, value in triples
            if subject in self.paths and name == URIRef(TERMS + "hasHop")
        }  # fmt: skip
        for subject, _, _ in triples:
            if subject not in (own - {self.query}) | within:
                raise QueryError(
                    f"{part.tokens[0].text} is about a path or hop and about {_shown(subject)}: "
                    "put what is about other things outside of the block"
                )
        self.properties += [name for _, name, _ in triples]

    def _check_properties(self) -> None:
        from rdflib import RDF, URIRef, Variable

        known = {
            **dict.fromkeys([self.query], OF_QUERIES),
            **dict.fromkeys(self.hops, OF_HOPS),
            **dict.fromkeys(self.paths, OF_PATHS),
        }
        for subject, name, _ in self.about:
            for used in _properties(name):
                allowed = {URIRef(TERMS + word) for word in known[subject]} | {RDF.type}
                if subject in self.hops:
                    allowed.add(URIRef(DERIVED_FROM.value))
                if name != used:  # a property path may go on from path to hop
                    allowed |= {URIRef(TERMS + word) for word in OF_HOPS}
                if used in allowed or (isinstance(used, Variable) and subject != self.query):
                    continue
                words = [compact(str(word)) for word in allowed]
                raise QueryError(
                    f"unknown property {compact(str(used))}{nearest(compact(str(used)), words)}"
                )


def _parsed(pattern: str) -> list[tuple[Any, Any, Any]]:
    """Return all triples of a pattern, in terms of rdflib."""
    from rdflib.plugins.sparql.algebra import translateQuery
    from rdflib.plugins.sparql.parser import parseQuery

    try:
        query = translateQuery(parseQuery(f"SELECT * {{ {pattern} }}"))
    except Exception as error:  # rdflib raises its parser's own classes, and bare ones
        raise QueryError(" ".join(str(error).split())) from None
    return list(_triples(query.algebra))


def _triples(part: Any) -> Iterator[tuple[Any, Any, Any]]:
    """Yield all triples in a part of rdflib's algebra, those in EXISTS included."""
    if isinstance(part, Mapping):
        for name, value in part.items():
            if name == "triples":
                yield from value
            elif name not in ("_vars", "PV"):
                yield from _triples(value)
    elif isinstance(part, list):
        for value in part:
            yield from _triples(value)


def _properties(name: Any) -> Iterator[Any]:
    """Yield the properties of a property path, or the one that it is."""
    from rdflib.paths import Path as PropertyPath

    if not isinstance(name, PropertyPath):
        yield name
        return
    parts = getattr(name, "args", None) or [getattr(name, "arg", None) or name.path]  # type: ignore[attr-defined]
    for part in parts if isinstance(parts, list) else [parts]:
        yield from _properties(part)


def _shown(node: Any) -> str:
    from rdflib import BNode, Literal, URIRef

    if isinstance(node, URIRef):
        return compact(str(node))
    if isinstance(node, Literal):
        return str(node.n3() if _is_text(node) else node)
    return "a blank node" if isinstance(node, BNode) else str(node.n3())


class _Settings:
    """What a block asks for, as Python values; raises `QueryError` where one is of another kind."""

    def __init__(self, reading: _Reading) -> None:
        self._values: dict[str, list[Any]] = {}
        for subject, name, value in reading.about:
            if subject == reading.query and str(name).startswith(TERMS):
                self._values.setdefault(str(name).removeprefix(TERMS), []).append(value)
        for name, values in self._values.items():
            if len(values) > 1 and name not in SEVERAL:
                raise QueryError(f"tlg:{name}: {len(values)} values, expected one")

    def text(self, name: str) -> str | None:
        """Return a string."""
        value: str | None = self._value(name, str, "a string")
        return value

    def number(self, name: str) -> int | None:
        """Return a whole number."""
        value: int | None = self._value(name, int, "a whole number")
        return value

    def truth(self, name: str) -> bool | None:
        """Return a truth value."""
        value: bool | None = self._value(name, bool, "true or false")
        return value

    def word(self, name: str, words: type[Word]) -> Word | None:
        """Return one of some words."""
        text = self.text(name)
        if text is None or text in list(words):
            return None if text is None else words(text)
        raise QueryError(f"tlg:{name} '{text}': expected one of {', '.join(words)}")

    def nodes(self, name: str) -> list[Any]:
        """Return IRIs, or variables."""
        from rdflib import Literal

        nodes = self._values.get(name, [])
        for node in nodes:
            if isinstance(node, Literal):
                raise QueryError(f"tlg:{name} {node.n3()}: expected a thing, not a literal")
        return nodes

    def _value(self, name: str, kind: type, words: str) -> Any:
        from rdflib import Literal

        for value in self._values.get(name, []):
            read = value.toPython() if isinstance(value, Literal) else value
            if type(read) is not kind and not (kind is str and _is_text(value)):
                raise QueryError(f"tlg:{name} {_shown(value)}: expected {words}")
            return str(value) if kind is str else read
        return None


def _is_text(value: Any) -> bool:
    from rdflib import XSD, Literal

    return isinstance(value, Literal) and value.datatype in (None, XSD.string)


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


def _connected(variable: str, parts: list[Element]) -> set[str]:
    """Return the variables that patterns connect with one, itself included."""
    connected = {variable}
    while True:
        reached = set().union(*(part.variables for part in parts if part.variables & connected))
        if reached <= connected:
            return connected
        connected |= reached


class _Evaluation:
    """Searches for what a block asks, and writes what is found in its place."""

    def __init__(
        self,
        reading: _Reading,
        network: Network,
        ask: Ask,
        dataset: str,
        search: Callable[[Network, PathQuery], Search],
    ) -> None:
        self.reading = reading
        self.settings = _Settings(reading)
        self.network = network
        self.ask = ask
        self.dataset = dataset
        self.search = search
        self.things = {expand(thing): thing for thing in network.things}
        self.classes = {expand(name): name for names in network.classes.values() for name in names}
        self.origin = self._end("searchesFrom")
        self.destination = self._end("searchesTo")
        self.selections = self._selections()

    def replacement(self) -> str:
        """Return a group with the bindings that are found, and the patterns that join with them."""
        query, pairs = self._query()
        variables, rows = self._rows(query, self._paths(query, pairs))
        header = " ".join(f"?{name}" for name in variables)
        values = " ".join(f"({' '.join(row)})" for row in rows)
        asked = {part for selection in self.selections for part in selection.parts}
        rest = [part for part in self.reading.rest if part not in asked]
        patterns = [f"VALUES ({header}) {{ {values} }}"]
        patterns += [
            f"{{ SELECT DISTINCT * {self._group(each.parts)} }}" for each in self.selections
        ]
        group = f"{{ {' '.join(patterns)} {self._joined(rest)} }}"
        block = self.reading.block
        lines = self.reading.text.count("\n", block.start, block.end) - group.count("\n")
        return group + "\n" * lines

    def _end(self, name: str) -> _End:
        """Return the things that a path may begin or end at."""
        from rdflib import URIRef, Variable

        nodes = self.settings.nodes(name)
        if all(isinstance(node, URIRef) for node in nodes) and nodes:
            return _End(frozenset(self._name(str(node)) for node in nodes))
        if len(nodes) > 1:
            raise QueryError(f"tlg:{name}: several values, and one of them a variable")
        variable = str(nodes[0]) if nodes and isinstance(nodes[0], Variable) else None
        return _End(self.network.things, variable)

    def _name(self, iri: str) -> str:
        """Return the name by which the network calls a thing or class."""
        known = self.things.get(iri) or self.classes.get(iri)
        if known is None:
            words = map(compact, (*self.things, *self.classes))
            name = compact(iri)
            raise QueryError(f"unknown class or thing {name}{nearest(name, words)}")
        return known

    def _query(self) -> tuple[PathQuery, frozenset[tuple[str, str]] | None]:
        """Return the path query, and which origins go with which destinations if not all do."""
        settings = self.settings
        expression = settings.text("expression")
        if expression is None:
            raise QueryError("tlg:expression is missing: the hops to search along")
        self._check_names(expression)
        origins, destinations, pairs = self._ends()
        query = PathQuery(
            expression,
            origins,
            destinations,
            order=settings.word("requiredOrder", Order) or Order.possible,
            ties=settings.truth("allowsTies") is not False,
            carry=settings.word("carriedMatter", Carry) or Carry.issue,
            issues=self._issues(),
            largest_gap=settings.number("largestGap"),
            largest_duration=settings.number("largestDuration"),
            most_hops=settings.number("mostHops"),
            simple=settings.truth("isSimple") is True,
        )
        return query, pairs

    def _issues(self) -> frozenset[str] | None:
        nodes = self.settings.nodes("asksForIssue")
        known = {
            expand(matter.issue): matter.issue
            for hop in self.network.hops
            for matter in hop.matters
        }
        for node in nodes:
            if str(node) not in known:
                name = _shown(node)
                raise QueryError(f"unknown issue {name}{nearest(name, map(compact, known))}")
        return frozenset(known[str(node)] for node in nodes) or None

    def _check_names(self, expression: str) -> None:
        grounds = {expand(hop.ground) for hop in self.network.hops}
        for atom in parse(expression).atoms:
            place = f"expression '{expression}': column {atom.column}:"
            if atom.kind not in (ANY, *self.network.kinds):
                known = nearest(atom.kind, self.network.kinds)
                raise QueryError(f"{place} unknown kind of hop '{atom.kind}'{known}")
            for name in (name for condition in atom.conditions for name in condition.names):
                iri = expand(name)
                if iri not in self.things and iri not in self.classes and iri not in grounds:
                    words = map(compact, (*self.things, *self.classes))
                    raise QueryError(
                        f"{place} unknown class or thing {name}{nearest(compact(iri), words)}"
                    )

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
        found = self._outputs() - ends
        while True:
            touched = [part for part in self.reading.rest if part.variables & found]
            reached = set().union(*(part.variables for part in touched)) - ends
            if reached <= found:
                return [part for part in self.reading.rest if part not in touched]
            found |= reached

    def _selected(self, selection: _Selection) -> set[tuple[str, ...]]:
        """Return the things that patterns allow, by the names of the network."""
        names = " ".join(f"?{name}" for name in selection.ends)
        pattern = f"{self.dataset} {self._group(selection.parts)}"
        try:
            answer = self.ask(f"{self.reading.preamble} SELECT DISTINCT {names} {pattern}")
        except QueryError as error:
            raise QueryError(f"its pattern cannot be asked: {error}") from None
        for row in answer.rows:
            for name, value in zip(selection.ends, row, strict=True):
                if value is None:
                    raise QueryError(f"?{name}: its pattern leaves it unbound")
        rows = (
            tuple(self.things.get(getattr(value, "value", ""), "") for value in row)
            for row in answer.rows
        )
        return {row for row in rows if all(row)}

    def _group(self, parts: Iterable[Element]) -> str:
        return f"{{ {self._joined(parts)} }}"

    def _joined(self, parts: Iterable[Element]) -> str:
        texts = (part.text(self.reading.text) + " ." * part.is_statement for part in parts)
        return " ".join(texts)

    def _paths(self, query: PathQuery, pairs: frozenset[tuple[str, str]] | None) -> list[Path]:
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

    def _outputs(self) -> set[str]:
        """Return the variables that patterns on paths and hops name."""
        from rdflib import Variable

        named = {str(node) for triple in self.reading.about for node in triple
                 if isinstance(node, Variable)}  # fmt: skip
        return named.union(*(part.variables for part in self.reading.patterns))

    def _rows(self, query: PathQuery, paths: list[Path]) -> tuple[list[str], list[list[str]]]:
        """Match what the block says of paths and hops with the paths as they are written in RDF."""
        from rdflib import BNode, Variable

        reading = self.reading
        taken = {token.variable for token in reading.block.tokens}
        free = (f"node{number}" for number in itertools.count() if f"node{number}" not in taken)
        blank: dict[Any, str] = {}

        def written(node: Any) -> str:
            if isinstance(node, BNode):
                return "?" + (blank.get(node) or blank.setdefault(node, next(free)))
            return str(node.n3())

        path = written(next(iter(reading.paths), BNode()))
        ends = [f"?{end.variable or next(free)}" for end in (self.origin, self.destination)]
        about = [triple for triple in reading.about if triple[0] != reading.query]
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
        if isinstance(reading.query, Variable):
            triples.append(f"VALUES {written(reading.query)} {{ {statements.plan_iri} }}")
        patterns = " ".join(part.resolved(reading.prologue) for part in reading.patterns)
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

        names = self.reading.properties
        used = [each for name in names for each in _properties(name)]
        if any(isinstance(name, Variable | NegatedPath) for name in (*names, *used)):
            return None
        asked = {NamedNode(str(name)) for name in used}
        return asked | {term("hasOrigin"), term("hasDestination")}
