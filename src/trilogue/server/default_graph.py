"""What an update says of the default graph: refused, where it would come to nothing unnoticed.

The default graph of a query is the union of all named graphs. That of an update is the graph
without a name (SPARQL 1.1 Update, section 3.1.3), and nothing stands in it here: a pattern would
match nothing, a deletion delete nothing, and a copy from it empty its target. All of that would
be told to be a success.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trilogue.paths import blocks
from trilogue.paths.blocks import Token
from trilogue.server.guard import Outline
from trilogue.server.messages import RefusedError
from trilogue.server.updates import operations

_WORDS = frozenset(("DEFAULT", "DELETE", "WHERE"))
_LONGEST = 1_048_576  # characters; to take more apart would need the memory of a long query


def check(update: str, seen: Outline) -> None:
    """Raise `RefusedError` where an update reads, copies or thins out the graph without a name.

    What would be stated there is refused when it is made (`updates.check_graphs`). Uploads that
    are longer than anybody writes by hand are not looked through.

    >>> from trilogue.server.guard import outline
    >>> def tell(update: str) -> None:
    ...     check(update, outline(update))
    >>> tell("DELETE WHERE { GRAPH ?row { ?act a ?kind } }")
    >>> tell("WITH <http://a/g> DELETE { ?s ?p 1 } WHERE { ?s ?p 1 }")
    >>> tell("INSERT { GRAPH <http://a/g> { ?s ?p 1 } } WHERE { ?s ?p 1 }")
    Traceback (most recent call last):
    trilogue.server.messages.RefusedError: WHERE: a pattern of an update matches nothing outside \
of a named graph; put it into GRAPH ?g { }, or name graphs by USING or WITH
    """
    if len(update) > _LONGEST or _WORDS.isdisjoint(seen.words):
        return
    try:
        for operation in operations(blocks.tokens(update)):
            _check([token for token, _ in operation])
    except blocks.MismatchError:
        return  # which the parser of the store refuses


def _check(operation: Sequence[Token]) -> None:
    groups = list(_groups(operation))
    heads = [before for before, _ in groups]
    outer = [token for head in heads for token in head] or list(operation)
    if any(token.is_word("DEFAULT") for token in outer):
        reason = "DEFAULT: the default graph is the union of the named graphs; name those to change"
        raise RefusedError(403, reason)
    targeted = any(token.is_word("WITH") for token in outer)
    chosen = targeted or any(token.is_word("USING") for token in outer)
    for head, content in groups:
        template = any(token.is_word("DELETE", "INSERT") for token in head)
        if (targeted if template else chosen) or not _is_bare(content):
            continue
        if any(token.is_word("DELETE") for token in head):
            reason = "nothing can be deleted outside of a named graph; name one by GRAPH or WITH"
            raise RefusedError(403, reason)
        if not template:
            reason = "a pattern of an update matches nothing outside of a named graph"
            hint = "put it into GRAPH ?g { }, or name graphs by USING or WITH"
            raise RefusedError(400, f"WHERE: {reason}; {hint}")


def _groups(found: Sequence[Token]) -> Iterator[tuple[Sequence[Token], Sequence[Token]]]:
    """Yield the outermost groups in some tokens: what stands before each, and within."""
    begin = 0
    for first, last in blocks.groups(found):
        yield found[begin:first], found[first + 1 : last]
        begin = last


def _is_bare(content: Sequence[Token]) -> bool:
    """Tell whether a triple stands outside of GRAPH in a group, or in a group within it."""
    if content[:1] and content[0].is_word("SELECT"):
        return any(
            _is_bare(inner)
            for head, inner in _groups(content)
            if not any(token.is_word("VALUES") for token in head)
        )
    for element in blocks.elements(content):
        first = element.tokens[0]
        if first.is_word("GRAPH", "SERVICE", "VALUES"):
            continue
        if element.is_statement or any(_is_bare(inner) for _, inner in _groups(element.tokens)):
            return True
    return False
