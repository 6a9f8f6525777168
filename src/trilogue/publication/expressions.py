"""Class expressions of OWL 2, read from a store, in words.

`verbalisation` does the same for axioms that the reasoner holds; pages are made without one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, Store

from trilogue.namespaces import PREFIXES, RDF

_OWL = PREFIXES["owl"]
_FILLERS = {
    "someValuesFrom": "some",
    "allValuesFrom": "only",
    "hasValue": "the value",
    "cardinality": "exactly",
    "qualifiedCardinality": "exactly",
    "minCardinality": "at least",
    "minQualifiedCardinality": "at least",
    "maxCardinality": "at most",
    "maxQualifiedCardinality": "at most",
}
_JOINED = {"intersectionOf": " and ", "unionOf": " or ", "oneOf": " or "}
_DEEPEST = 20


class Expressions:
    """Puts the blank nodes of an ontology into words."""

    def __init__(self, store: Store, name: Callable[[Any], str]) -> None:
        self.store = store
        self.name = name

    def words(self, node: Any, depth: int = 0) -> str:
        """Return an expression in words; an ellipsis where it nests too deeply or is none."""
        if isinstance(node, Literal):
            return node.value
        if not isinstance(node, BlankNode):
            return self.name(node)
        if depth > _DEEPEST:
            return "…"
        said = {
            quad.predicate.value: quad.object
            for quad in self.store.quads_for_pattern(node, None, None, None)
        }
        own = {iri.removeprefix(_OWL): value for iri, value in said.items()}
        return self._restriction(own, depth) or self._combination(node, own, said, depth) or "…"

    def _restriction(self, said: dict[str, Any], depth: int) -> str:
        if "onProperty" not in said:
            return ""
        prop = f"“{self.words(said['onProperty'], depth + 1)}”"
        for key, word in _FILLERS.items():
            if key in said:
                filler = self.words(said[key], depth + 1)
                return f"{prop} {word} {f'({filler})' if ' and ' in filler else filler}"
        return prop

    def _combination(
        self, node: BlankNode, own: dict[str, Any], said: dict[str, Any], depth: int
    ) -> str:
        if RDF + "first" in said:
            return ", ".join(self._members(node, depth))
        if "inverseOf" in own:
            return f"inverse of {self.words(own['inverseOf'], depth + 1)}"
        if "complementOf" in own:
            return f"not {self.words(own['complementOf'], depth + 1)}"
        for key, joint in _JOINED.items():
            if key in own:
                parts = self._members(own[key], depth)
                return joint.join(f"({part})" if joint in part else part for part in parts)
        return ""

    def _members(self, node: Any, depth: int) -> list[str]:
        """Return the members of an RDF list in words; one that runs in a circle ends."""
        members = []
        met = set()
        while isinstance(node, BlankNode) and node not in met:
            met.add(node)
            said = {q.predicate.value: q.object for q in self._of(node)}
            if RDF + "first" not in said:
                break
            members.append(self.words(said[RDF + "first"], depth + 1))
            node = said.get(RDF + "rest", NamedNode(RDF + "nil"))
        return members

    def _of(self, node: BlankNode) -> Any:
        return self.store.quads_for_pattern(node, None, None, None)
