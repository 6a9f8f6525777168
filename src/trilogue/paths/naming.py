"""Names in a path query, turned into what the network calls the things, classes and issues."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from typing import Protocol

from trilogue.errors import QueryError, nearest
from trilogue.namespaces import TERMS, compact, expand
from trilogue.paths.expression import ANY, rewritten, shortened
from trilogue.paths.query import PathQuery


class Vocabulary(Protocol):
    """What a network, in memory or on disk, knows by name."""

    @property
    def kinds(self) -> Set[str]:
        """The kinds of its hops."""

    @property
    def names(self) -> Set[str]:
        """Its things, grounds and classes."""

    @property
    def issues(self) -> Set[str]:
        """The issues that its hops name."""


def resolved(query: PathQuery, vocabulary: Vocabulary) -> PathQuery:
    """Return the query with each name written as the network has it.

    A name may be an IRI, a prefixed name, `kind/key`, or the local name of a class of the
    ontology. Raises `QueryError`, with the nearest names, for a kind or name that is not known.
    """
    for atom in query.automaton.atoms:
        if atom.kind != ANY and atom.kind not in vocabulary.kinds:
            known = nearest(atom.kind, vocabulary.kinds) or f"; known: {_listed(vocabulary.kinds)}"
            raise QueryError(
                f"expression '{shortened(query.expression)}': column {atom.column}: "
                f"no hop of kind '{atom.kind}'{known}"
            )

    def name(text: str) -> str:
        return resolved_name(text, vocabulary)

    return replace(
        query,
        expression=rewritten(query.expression, name),
        origins=frozenset(map(name, query.origins)),
        destinations=frozenset(map(name, query.destinations)),
        issues=query.issues
        and frozenset(_found(issue, vocabulary.issues, "issue") for issue in query.issues),
    )


def resolved_name(text: str, vocabulary: Vocabulary) -> str:
    """Return the name of a thing or class as the network has it; raises `QueryError`."""
    return _found(text, vocabulary.names, "thing or class")


def _found(text: str, known: Set[str], what: str) -> str:
    for candidate in (text, expand(text), TERMS + text):
        if candidate in known:
            return candidate
    names = {compact(name).removeprefix("tlg:") for name in known}
    raise QueryError(f"no {what} '{text}' in any hop{nearest(text.removeprefix('tlg:'), names)}")


def _listed(names: Set[str]) -> str:
    return ", ".join(sorted(names))
