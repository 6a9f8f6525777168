"""A look at a query before it is parsed: how deep it nests, and what it may not ask.

The parser descends once for each bracket. What stands in strings, IRIs and comments does not
count. The scan takes time in proportion to the query, whatever stands in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from trilogue.server.messages import RefusedError

_TOKEN = re.compile(
    r"""
      "{3}(?:[^"\\]|\\.|"(?!""))*+"{3}   | '{3}(?:[^'\\]|\\.|'(?!''))*+'{3}
    | "(?:[^"\\\n\r]|\\.)*+"             | '(?:[^'\\\n\r]|\\.)*+'
    | (?P<endless>["'])
    | <[^<>"{}|^`\x00-\x20]*+>           | \#[^\n\r]*+
    | [?$@]\w++
    | (?P<open>[{(\[])                   | (?P<close>[})\]])
    | [\w.-]*+:(?:[\w.:-]|\\.|%[0-9A-Fa-f]{2})*+
    | (?P<words>[\w.-]++)
    """,
    re.VERBOSE | re.DOTALL,
)
_WORD = re.compile(r"\w+")
_UPDATES = frozenset(
    ("ADD", "CLEAR", "COPY", "CREATE", "DELETE", "DROP", "INSERT", "LOAD", "MOVE", "WITH")
)
_PROLOGUE = frozenset(("BASE", "PREFIX", "VERSION"))


@dataclass(frozen=True)
class Outline:
    """What can be seen of a query without parsing it."""

    depth: int
    words: tuple[str, ...]

    @property
    def update(self) -> bool:
        """Whether the text is an update rather than a query."""
        return next((word for word in self.words if word not in _PROLOGUE), "") in _UPDATES


def outline(query: str) -> Outline:
    """Return how deep the query nests, and its keywords.

    Raises `RefusedError` where a string does not end.

    >>> outline('ASK { ?service :load "{ FROM {" FILTER(?x = <http://a/(>) } # SERVICE')
    Outline(depth=2, words=('ASK', 'FILTER'))
    >>> outline("PREFIX with: <http://a/#b> DROP ALL").update
    True
    """
    depth = deepest = 0
    words: list[str] = []
    for token in _TOKEN.finditer(query):
        kind = token.lastgroup
        if kind == "open":
            depth += 1
            deepest = max(deepest, depth)
        elif kind == "close":
            depth -= 1
        elif kind == "words":
            words += _WORD.findall(token[0].upper())
        elif kind == "endless":
            line = query.count("\n", 0, token.start()) + 1
            column = token.start() - query.rfind("\n", 0, token.start())
            reason = f"{line}:{column} a string that does not end"
            raise RefusedError(400, reason, position=(line, column))
    return Outline(deepest, tuple(words))


def check(query: str, depth: int) -> None:
    """Raise `RefusedError` where a query nests deeper than `depth`, or asks another service.

    >>> check("ASK { SERVICE <http://127.0.0.1/> {} }", 100)
    Traceback (most recent call last):
    trilogue.server.messages.RefusedError: SERVICE: this endpoint asks no other services
    """
    brackets = query.count("{") + query.count("(") + query.count("[")
    if brackets <= depth and "service" not in query.lower():
        return  # most queries: no need to look closer
    seen = outline(query)
    if seen.depth > depth:
        raise RefusedError(400, f"the query nests {seen.depth} levels deep; {depth} are allowed")
    if "SERVICE" in seen.words:
        raise RefusedError(403, "SERVICE: this endpoint asks no other services")


def names_dataset(query: str) -> bool:
    """Tell whether a query names its dataset itself.

    >>> names_dataset("ASK FROM <http://a/> {}"), names_dataset("ASK { ?from ?p 'from' }")
    (True, False)
    """
    return "from" in query.lower() and "FROM" in outline(query).words
