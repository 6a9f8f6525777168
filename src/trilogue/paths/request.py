"""What a path block asks: its settings, its patterns on paths and hops, and the rest.

The store's parser says whether a block is SPARQL; rdflib's tells its triples, since the store's
gives no tree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from pyoxigraph import Store

from trilogue.errors import QueryError, nearest
from trilogue.namespaces import DERIVED_FROM, TERMS, compact
from trilogue.paths import blocks
from trilogue.paths.blocks import Block, Element, Prologue

Triple = tuple[Any, Any, Any]
Word = TypeVar("Word", bound=StrEnum)

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


class Request:
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
        self._bound = _variables(self.about)
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
        self._check_variables()

    @property
    def outputs(self) -> set[str]:
        """The variables that patterns on paths and hops name."""
        names = (part.variables for part in self.patterns)
        return _variables(self.about).union(*names)

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

    def _own_nodes(self, triples: list[Triple]) -> set[Any]:
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
                    f"{part.tokens[0].text} is about a path or hop and about {shown(subject)}: "
                    "put what is about other things outside of the block"
                )
        self.properties += [name for _, name, _ in triples]
        self._bound |= _variables(triples)

    def _check_properties(self) -> None:
        from rdflib import RDF, URIRef, Variable

        known = {
            **dict.fromkeys([self.query], OF_QUERIES),
            **dict.fromkeys(self.hops, OF_HOPS),
            **dict.fromkeys(self.paths, OF_PATHS),
        }
        for subject, name, _ in self.about:
            for used in properties_of(name):
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

    def _check_variables(self) -> None:
        """Raise `QueryError` where a pattern on paths compares what is bound elsewhere."""
        elsewhere = frozenset().union(*(part.variables for part in self.rest)) - self._bound
        for part in self.patterns:
            for name in sorted(part.variables & elsewhere):
                raise QueryError(
                    f"{part.tokens[0].text} is about a path or hop and about ?{name}: "
                    "put what is about other things outside of the block"
                )


def _variables(triples: list[Triple]) -> set[str]:
    from rdflib import Variable

    return {str(node) for triple in triples for node in triple if isinstance(node, Variable)}


def _parsed(pattern: str) -> list[Triple]:
    """Return all triples of a pattern, in terms of rdflib."""
    from rdflib.plugins.sparql.algebra import translateQuery
    from rdflib.plugins.sparql.parser import parseQuery

    try:
        query = translateQuery(parseQuery(f"SELECT * {{ {pattern} }}"))
    except Exception as error:  # rdflib raises its parser's own classes, and bare ones
        raise QueryError(" ".join(str(error).split())) from None
    return list(_triples(query.algebra))


def _triples(part: Any) -> Iterator[Triple]:
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


def properties_of(name: Any) -> Iterator[Any]:
    """Yield the properties of a property path, or the one that it is."""
    from rdflib.paths import Path as PropertyPath

    if not isinstance(name, PropertyPath):
        yield name
        return
    parts = getattr(name, "args", None) or [getattr(name, "arg", None) or name.path]  # type: ignore[attr-defined]
    for part in parts if isinstance(parts, list) else [parts]:
        yield from properties_of(part)


def shown(node: Any) -> str:
    """Return a node for reading."""
    from rdflib import BNode, Literal, URIRef

    if isinstance(node, URIRef):
        return compact(str(node))
    if isinstance(node, Literal):
        return str(node.n3() if _is_text(node) else node)
    return "a blank node" if isinstance(node, BNode) else str(node.n3())


class Settings:
    """What a block asks for, as Python values; raises `QueryError` where one is of another kind."""

    def __init__(self, request: Request) -> None:
        self._values: dict[str, list[Any]] = {}
        for subject, name, value in request.about:
            if subject == request.query and str(name).startswith(TERMS):
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
                raise QueryError(f"tlg:{name} {shown(value)}: expected {words}")
            return str(value) if kind is str else read
        return None


def _is_text(value: Any) -> bool:
    from rdflib import XSD, Literal

    return isinstance(value, Literal) and value.datatype in (None, XSD.string)
