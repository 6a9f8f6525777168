"""A look at a query before it is parsed: how deep it nests, and what it may not ask.

The parser descends once for each bracket. What stands in strings, IRIs, comments and variables
does not count. The parser needs no space between words, and reads `t:SERVICE` as `t:` and a
keyword where the name makes no IRI: so each word that holds a keyword counts as one. Where it
depends on the parser what is a string or an IRI, all of the text counts. The scan takes time in
proportion to the query, whatever stands in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from trilogue.server.messages import RefusedError

# No group is possessive: Python 3.11.2 does not match those that hold alternatives right.
_TOKEN = re.compile(
    r"""
      "{3}(?:[^"\\]|\\[tbnrf"'\\]|"(?!""))*"{3} | '{3}(?:[^'\\]|\\[tbnrf"'\\]|'(?!''))*'{3}
    | (?P<unsure>"{3}|'{3})              # two strings, or one that the parser may refuse
    | "(?:[^"\\\n\r]|\\.)*"              | '(?:[^'\\\n\r]|\\.)*'
    | (?P<endless>["'])
    | <[a-z][a-z0-9+.-]*+://[^<>"{}|^`\x00-\x20]*+>
    | <[^<>"{}|^`\x00-\x20'\#()[\]]*+>
    | (?P<less><[^<>"{}|^`\x00-\x20]*+>) # an IRI, or a comparison with all that it hides
    | \#[^\n\r]*+
    | [?$]\w++
    | (?P<open>[{(\[])                   | (?P<close>[})\]])
    | (?P<name>[\w.-]*+:(?:[\w.:-]|\\.|%[0-9A-Fa-f]{2})*)
    | (?P<words>[\w.-]++)
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_WORD = re.compile(r"\w+")
_UPDATES = frozenset(
    ("ADD", "CLEAR", "COPY", "CREATE", "DELETE", "DROP", "INSERT", "LOAD", "MOVE", "WITH")
)
_PROLOGUE = frozenset(("BASE", "PREFIX", "VERSION"))


@dataclass(frozen=True)
class Outline:
    """What can be seen of a query without parsing it; names are those with a prefix."""

    depth: int
    words: tuple[str, ...]
    names: tuple[str, ...] = ()

    @property
    def update(self) -> bool:
        """Whether the text is an update rather than a query."""
        return next((word for word in self.words if word not in _PROLOGUE), "") in _UPDATES

    @property
    def load(self) -> bool:
        """Whether a keyword LOAD may be read anywhere."""
        return any(word.startswith("LOAD") for word in (*self.words, *self.names))

    @property
    def service(self) -> bool:
        """Whether a keyword SERVICE may be read anywhere."""
        return any("SERVICE" in word for word in (*self.words, *self.names))


def outline(query: str) -> Outline:
    """Return how deep the query nests, its keywords, and its names in capitals.

    A prefix that is not declared is a keyword that a name follows at once. Raises `RefusedError`
    where a string does not end.

    >>> outline('ASK { ?service :load "{ FROM {" FILTER(?x = <http://a/(>) } # SERVICE')
    Outline(depth=2, words=('ASK', 'FILTER'), names=(':LOAD',))
    >>> outline("PREFIX with: <http://a/#b> DROP ALL").update
    True
    """
    depth = deepest = 0
    words: list[str] = []
    names: list[str] = []
    declared: set[str] = set()
    for token in _TOKEN.finditer(query):
        kind = token.lastgroup
        if kind == "open":
            depth += 1
            deepest = max(deepest, depth)
        elif kind == "close":
            depth -= 1
        elif kind == "words":
            words += _WORD.findall(token[0].upper())
        elif kind == "name":
            prefix = token[0].partition(":")[0]
            names.append(token[0].upper())
            if words[-1:] == ["PREFIX"]:
                declared.add(prefix)
            elif prefix not in declared:
                words += _WORD.findall(prefix.upper())
        elif kind in ("unsure", "less"):
            return Outline(_brackets(query), tuple(_WORD.findall(query.upper())))
        elif kind == "endless":
            line = query.count("\n", 0, token.start()) + 1
            column = token.start() - query.rfind("\n", 0, token.start())
            reason = f"{line}:{column} a string that does not end"
            raise RefusedError(400, reason, position=(line, column))
    return Outline(deepest, tuple(words), tuple(names))


def check(query: str, depth: int) -> None:
    """Raise `RefusedError` where a query nests deeper than `depth`, or may ask another service.

    >>> check("ASK { SERVICE <http://127.0.0.1/> {} }", 100)
    Traceback (most recent call last):
    trilogue.server.messages.RefusedError: SERVICE: this endpoint asks no other services
    """
    check_depth(query, depth)
    check_services(query)


def check_depth(query: str, depth: int) -> None:
    """Raise `RefusedError` where a query nests deeper than `depth`."""
    if _brackets(query) <= depth:
        return
    found = outline(query).depth
    if found > depth:
        raise RefusedError(400, f"the query nests {found} levels deep; {depth} are allowed")


def check_services(query: str) -> None:
    """Raise `RefusedError` where a query may ask another service."""
    if "service" not in query.lower():
        return
    seen = outline(query)
    if seen.service:
        hint = "" if "SERVICE" in seen.words else "; write a name with this word as an IRI in <>"
        raise RefusedError(403, f"SERVICE: this endpoint asks no other services{hint}")


def check_loads(update: str) -> None:
    """Raise `RefusedError` where an update may load what stands at another address."""
    if "load" in update.lower() and outline(update).load:
        raise RefusedError(403, "LOAD: this endpoint asks no other services")


def names_dataset(query: str) -> bool:
    """Tell whether a query names its dataset itself.

    >>> names_dataset("ASK FROM <http://a/> {}"), names_dataset("ASK { ?from ?p 'from' }")
    (True, False)
    """
    return "from" in query.lower() and any("FROM" in word for word in outline(query).words)


def _brackets(query: str) -> int:
    return query.count("{") + query.count("(") + query.count("[")
