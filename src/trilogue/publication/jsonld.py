"""JSON-LD with a context in which the terms of the graph are plain words.

The context is made from the ontology: a term is its local name, a foreign term its prefixed name,
and what an object property leads to is an IRI. A document carries the part of it that it uses, so
that it can be read without the net; the whole is a document of its own.
"""

from __future__ import annotations

import functools
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, Store, Triple

from trilogue.namespaces import PREFIXES, RDF, TERMS, THINGS, TYPE, XSD, compact, expand

Context = dict[str, Any]

_OBJECT_PROPERTY = NamedNode(PREFIXES["owl"] + "ObjectProperty")
_DATATYPE_PROPERTY = NamedNode(PREFIXES["owl"] + "DatatypeProperty")
_CLASS = NamedNode(PREFIXES["owl"] + "Class")


def context_of(store: Store) -> Context:
    """Return the context of all terms of the ontology."""
    return {
        "@version": 1.1,
        "id": "@id",
        "type": "@type",
        **dict(sorted(PREFIXES.items())),
        "thing": {"@id": THINGS, "@prefix": True},
        **{word: _definition(word, kind) for word, kind in sorted(_words(store).items())},
    }


def document(triples: Iterable[Triple], context: Mapping[str, Any]) -> bytes:
    """Return triples as a JSON-LD document, its nodes in order, with the context that it needs."""
    return dataset_document({"": triples}, context)


def dataset_document(graphs: Mapping[str, Iterable[Triple]], context: Mapping[str, Any]) -> bytes:
    """Return named graphs as a JSON-LD document, one line each; "" is the default graph."""
    writer = _Writer(context)
    members: list[Any] = []
    for name, triples in graphs.items():
        nodes = writer.nodes(triples)
        members.extend([{"id": writer.iri(name), "@graph": nodes}] if name else nodes)
    lines = ",\n".join(_json(member) for member in members)
    return f'{{"@context": {_json(writer.context())},\n"@graph": [\n{lines}\n]}}\n'.encode()


def context_document(context: Mapping[str, Any]) -> bytes:
    """Return a context as a document of its own, a term a line."""
    lines = ",\n".join(f"{_json(key)}: {_json(value)}" for key, value in context.items())
    return f'{{"@context": {{\n{lines}\n}}}}\n'.encode()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _words(store: Store) -> dict[str, str]:
    """Return the words that stand for terms of our own, each with the kind of the term."""
    found: dict[str, str] = {}
    for class_, kind in (
        (_CLASS, "class"),
        (_DATATYPE_PROPERTY, "value"),
        (_OBJECT_PROPERTY, "link"),
    ):
        for quad in store.quads_for_pattern(None, TYPE, class_, None):
            if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(TERMS):
                found[quad.subject.value.removeprefix(TERMS)] = kind
    return found


def _definition(word: str, kind: str) -> Any:
    name = f"tlg:{word}"
    return {"@id": name, "@type": "@id"} if kind == "link" else name


class _Writer:
    """Compacts nodes, and remembers which part of the context they use."""

    def __init__(self, context: Mapping[str, Any]) -> None:
        self.whole = context
        self.used: set[str] = set()

    def context(self) -> Context:
        always = ("@version", "id", "type")
        return {key: self.whole[key] for key in self.whole if key in always or key in self.used}

    def nodes(self, triples: Iterable[Triple]) -> list[dict[str, Any]]:
        said: dict[Any, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
        for triple in sorted(set(triples), key=_key):
            if triple.predicate == TYPE and isinstance(triple.object, NamedNode):
                said[triple.subject]["type"].append(self._word(triple.object.value))
            else:
                word = self._word(triple.predicate.value)
                said[triple.subject][word].append(self._value(word, triple.object))
        return [
            {
                "id": self._node(subject),
                **{key: found[0] if len(found) == 1 else found for key, found in words.items()},
            }
            for subject, words in said.items()
        ]

    def iri(self, iri: str) -> str:
        """Return the IRI of a thing in short, and any other in full."""
        if iri.startswith(THINGS) and "/" in iri.removeprefix(THINGS):
            self.used.add("thing")
            return "thing:" + iri.removeprefix(THINGS)
        return iri

    def _word(self, iri: str) -> str:
        """Return the word of a term or property: a local name, a prefixed name, or an IRI."""
        word = _short(iri)
        if word in self.whole:
            self.used |= {word, "tlg"}
            return word
        prefix, colon, _ = word.partition(":")
        if colon and prefix in PREFIXES and expand(word) == iri:
            self.used.add(prefix)
            return word
        return iri

    def _node(self, node: Any) -> str:
        return str(node) if isinstance(node, BlankNode) else self.iri(node.value)

    def _value(self, word: str, node: Any) -> Any:
        definition = self.whole.get(word)
        linked = isinstance(definition, Mapping) and definition.get("@type") == "@id"
        if not isinstance(node, Literal):
            name = self._node(node)
            return name if linked else {"id": name}
        if node.language:
            return {"@language": node.language, "@value": node.value}
        if node.datatype.value == XSD + "string":
            return {"@value": node.value} if linked else node.value
        return {"@type": self._word(node.datatype.value), "@value": node.value}


@functools.lru_cache(maxsize=10_000)
def _short(iri: str) -> str:
    return iri.removeprefix(TERMS) if iri.startswith(TERMS) else compact(iri)


def _key(triple: Triple) -> tuple[str, bool, str, str]:
    first = triple.predicate.value != RDF + "type"
    return (str(triple.subject), first, triple.predicate.value, str(triple.object))
