"""SPARQL 1.1 Update: what the protocol adds to an update, before a store makes it.

The store knows nothing of `using-graph-uri`, so that it becomes the USING clauses for which it
stands. An update that would leave anything outside of a named graph is not made.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pyoxigraph import DefaultGraph, NamedNode, Store

from trilogue.paths import blocks
from trilogue.paths.blocks import Token
from trilogue.server.messages import RefusedError

_GRAPH_WORDS = ("USING", "WITH")


@dataclass(frozen=True, slots=True)
class Update:
    """An update with the dataset that the protocol names for its patterns."""

    text: str
    default_graphs: tuple[NamedNode, ...] = ()
    named_graphs: tuple[NamedNode, ...] = ()

    @property
    def clauses(self) -> str:
        """The dataset as clauses of an operation."""
        using = [f"USING {graph}" for graph in self.default_graphs]
        return " ".join([*using, *(f"USING NAMED {graph}" for graph in self.named_graphs)])


def in_full(update: Update) -> str:
    """Return the text of an update with its dataset written out.

    Raises `RefusedError` where the text names a dataset as well.

    >>> graph = NamedNode("http://a/g")
    >>> in_full(Update("INSERT { GRAPH <http://a/h> { ?s ?p 1 } } WHERE { ?s ?p ?o }", (graph,)))
    'INSERT { GRAPH <http://a/h> { ?s ?p 1 } } USING <http://a/g> WHERE { ?s ?p ?o }'
    >>> in_full(Update("DELETE WHERE { ?s ?p ?o }", (graph,)))
    'DELETE { ?s ?p ?o } USING <http://a/g> WHERE { ?s ?p ?o }'
    """
    if not update.clauses:
        return update.text
    try:
        found = blocks.tokens(update.text)
        inserted = dict(_inserted(update, found))
    except blocks.MismatchError:
        return update.text  # which the parser of the store refuses
    text = update.text
    for place in sorted(inserted, reverse=True):
        text = text[:place] + inserted[place] + text[place:]
    return text


def _inserted(update: Update, found: Sequence[Token]) -> Iterator[tuple[int, str]]:
    """Yield what is to stand at which places of the text."""
    for operation in operations(found):
        outer = [token for token, depth in operation if not depth]
        if any(token.is_word(*_GRAPH_WORDS) for token in outer):
            reason = "using-graph-uri: the update names its graphs itself, by USING or WITH"
            raise RefusedError(400, reason)
        for before, token in itertools.pairwise(outer):
            if token.is_word("WHERE"):
                pattern = ""
                if before.is_word("DELETE"):  # the short form: its pattern is also its template
                    group = [each for each, _ in operation if each.start > token.start]
                    pattern = f"{update.text[group[0].start : group[-1].end]} "
                yield token.start, f"{pattern}{update.clauses} "


def operations(found: Sequence[Token]) -> Iterator[list[tuple[Token, int]]]:
    """Yield the operations of an update: their tokens, each with the depth at which it stands."""
    depth = 0
    operation: list[tuple[Token, int]] = []
    for token in found:
        depth -= token.text == "}"
        if token.text == ";" and not depth:
            yield operation
            operation = []
            continue
        operation.append((token, depth))
        depth += token.text == "{"
    yield operation


def check_graphs(store: Store) -> None:
    """Raise `RefusedError` where anything stands outside of a named graph."""
    if any(True for _ in store.quads_for_pattern(None, None, None, DefaultGraph())):
        reason = "nothing can be stated outside of a named graph; name one by GRAPH or WITH"
        raise RefusedError(403, reason)
