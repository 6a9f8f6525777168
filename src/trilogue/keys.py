"""Keys over values, put so that HermiT need not guess.

HermiT reads the key of a page, its number, as: any two pages are one, or their numbers differ. It
weighs that for each pair of pages, which takes longer than all its other reasoning. A key over
things leaves no such choice. Hence individuals that may agree in a key are looked up first: they
share a token, which is a thing, and the key asks for that token in place of the values.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from trilogue.namespaces import PREFIXES, RDF, RDFS, TYPE

OWL = PREFIXES["owl"]
_NAME = "urn:x-trilogue:token"
_HAS_KEY, _ON = NamedNode(OWL + "hasKey"), NamedNode(OWL + "onProperty")
_FIRST, _REST, _NIL = (NamedNode(RDF + name) for name in ("first", "rest", "nil"))
_NARROWER, _EQUAL = NamedNode(RDFS + "subPropertyOf"), NamedNode(OWL + "equivalentProperty")
# What a restriction may say of a property without that a value follows which nobody stated.
_BOUNDS = {TYPE, _ON, *(NamedNode(OWL + name) for name in ("allValuesFrom", "maxCardinality"))}


def over_tokens(
    axioms: Iterable[Triple], assertions: Iterable[Triple], read: Callable[[Literal], Any]
) -> tuple[list[Triple], list[Triple]]:
    """Return axioms and assertions with keys over values put as keys over tokens.

    What follows for all other terms and individuals stays the same, since keys bind named
    individuals only (OWL 2 Structural Specification, section 9.5). A key stays as it is where what
    is stated does not settle who may agree in it. `read` returns the value of a literal, so that
    two spellings of a number are equal.
    """
    axioms, assertions = list(axioms), list(assertions)
    statements = _Statements(axioms, assertions, read)
    for key in [triple for triple in axioms if triple.predicate == _HAS_KEY]:
        parts = list(statements.items(key.object))
        values = [part for part in parts if part in statements.of_values]
        if not values or not statements.settle(values):
            continue
        things = [part for part in parts if part not in statements.of_values]
        token = NamedNode(f"{_NAME}-{len(axioms)}")
        axioms.remove(key)
        axioms.extend(_key(key.subject, [token, *things]))
        axioms.append(Triple(token, TYPE, NamedNode(OWL + "ObjectProperty")))
        for number, sharing in enumerate(statements.agreeing(values, things)):
            thing = NamedNode(f"{token.value}-{number}")
            assertions.extend(Triple(subject, token, thing) for subject in sharing)
    return axioms, assertions


def _key(kind: Any, parts: list[Any]) -> Iterator[Triple]:
    nodes: list[BlankNode | NamedNode] = [*(BlankNode() for _ in parts), _NIL]
    yield Triple(kind, _HAS_KEY, nodes[0])
    for part, (node, rest) in zip(parts, pairwise(nodes), strict=True):
        yield Triple(node, _FIRST, part)
        yield Triple(node, _REST, rest)


class _Statements:
    """What is stated of whom by the functional properties, and which of these have values."""

    def __init__(
        self, axioms: list[Triple], assertions: list[Triple], read: Callable[[Literal], Any]
    ) -> None:
        self.of_values = _of_kind(axioms, "DatatypeProperty")
        self._functional = _of_kind(axioms, "FunctionalProperty") - _open(axioms)
        self._objects = {(triple.subject, triple.predicate): triple.object for triple in axioms}
        self._read = functools.cache(read)
        self._stated: dict[Any, dict[Any, set[Any]]] = defaultdict(lambda: defaultdict(set))
        for subject, item, value in assertions:
            if item in self._functional:
                self._stated[item][subject].add(value)

    def items(self, node: Any) -> Iterator[Any]:
        """Yield the items of an RDF list."""
        while node != _NIL:
            yield self._objects[node, _FIRST]
            node = self._objects[node, _REST]

    def settle(self, values: list[Any]) -> bool:
        """Tell whether each individual has one of each value, or none of any.

        As the properties are functional, it keeps to them even where it turns out to be one with
        another individual.
        """
        subjects = {subject for item in values for subject in self._stated[item]}
        return self._functional.issuperset(values) and self._one_each(values, subjects)

    def agreeing(self, values: list[Any], things: list[Any]) -> list[list[Any]]:
        """Return the groups of individuals that may be one: they state equal values.

        Where all state one thing and can have no other, their things must not be told apart by the
        values that those state in turn.
        """
        groups: dict[Any, list[Any]] = defaultdict(list)
        subjects = list(self._stated[values[0]])
        sole = [item for item in things if self._one_each([item], subjects)]
        tellings = {item: self._telling(item, subjects) for item in sole}
        for subject in subjects:
            signature = [self._value(item, subject) for item in values]
            for item, telling in tellings.items():
                (thing,) = self._stated[item][subject]
                signature.extend(self._value(other, thing) for other in telling)
            groups[tuple(signature)].append(subject)
        return [group for group in groups.values() if len(group) > 1]

    def _telling(self, item: Any, subjects: Iterable[Any]) -> list[Any]:
        """Return by which values all things that a property leads to are told apart."""
        things = {thing for subject in subjects for thing in self._stated[item][subject]}
        values = self.of_values & self._functional
        return [other for other in values if self._one_each([other], things)]

    def _one_each(self, items: Iterable[Any], subjects: Iterable[Any]) -> bool:
        return all(
            len(self._stated[item].get(subject, ())) == 1 for item in items for subject in subjects
        )

    def _value(self, item: Any, subject: Any) -> Any:
        (literal,) = self._stated[item][subject]
        value = self._read(literal)
        return (type(value), value)


def _of_kind(axioms: list[Triple], name: str) -> set[Any]:
    kind = NamedNode(OWL + name)
    return {t.subject for t in axioms if t.predicate == TYPE and t.object == kind}


def _open(axioms: list[Triple]) -> set[Any]:
    """Return the properties of which values may follow that nobody states."""
    restricted = {triple.subject: triple.object for triple in axioms if triple.predicate == _ON}
    found: set[Any] = set()
    for subject, predicate, value in axioms:
        if predicate in (_NARROWER, _EQUAL):
            found.add(value)
        if predicate == _EQUAL:
            found.add(subject)
        if subject in restricted and predicate not in _BOUNDS:
            found.add(restricted[subject])
    return found
