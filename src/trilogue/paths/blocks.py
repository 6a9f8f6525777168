"""Blocks of one SERVICE in the text of a query: where they stand, and what stands in them.

The tokens are those of SPARQL 1.1 (section 19.8), so that braces and words in strings, IRIs and
comments are not taken for more than they are. What does not come apart into tokens, or has braces
that do not match, is left for the store's parser to complain about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urljoin

_LOCAL = r"(?:[\w:]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%])"
_TOKEN = re.compile(
    rf"""
    (?P<blank>\s+|\#[^\n\r]*)
    | (?P<iri><(?:[^<>"{{}}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{{4}}|\\U[0-9A-Fa-f]{{8}})*>)
    | (?P<string>\"\"\"(?:\"{{0,2}}(?:[^"\\]|\\.))*\"\"\"|'''(?:'{{0,2}}(?:[^'\\]|\\.))*'''
        |"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')
    | (?P<variable>[?$]\w+)
    | (?P<label>_:\w(?:[\w.\-]*[\w\-])?)
    | (?P<name>(?:[^\W\d_](?:[\w.\-]*[\w\-])?)?:(?:{_LOCAL}(?:(?:{_LOCAL}|[.\-])*(?:{_LOCAL}|-))?)?)
    | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    | (?P<number>(?:\d+\.)?\d+(?:[eE][+-]?\d+)?)
    | (?P<word>\w+)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_CLOSING = {"{": "}", "(": ")", "[": "]"}
_PATTERNS = {"BIND", "FILTER", "GRAPH", "MINUS", "OPTIONAL", "SERVICE", "VALUES"}


class MismatchError(Exception):
    """Brackets or quotes do not match."""


@dataclass(frozen=True)
class Token:
    """A token and its place; `kind` is the name of its group above."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where the next one can begin."""
        return self.start + len(self.text)

    def is_word(self, *words: str) -> bool:
        """Tell whether it is one of these keywords, in upper or lower case."""
        return self.kind == "word" and self.text.upper() in words

    @property
    def variable(self) -> str | None:
        """The name of the variable, without its mark."""
        return self.text[1:] if self.kind == "variable" else None


def tokens(text: str) -> list[Token]:
    r"""Return the tokens of a query, white space and comments apart.

    Raises `MismatchError` where a string does not end.

    >>> [token.text for token in tokens("?a<?b && \"# }\"@en . # }\n<x#y> ex:a.b. 1.5")]
    ['?a', '<', '?b', '&', '&', '"# }"', '@en', '.', '<x#y>', 'ex:a.b', '.', '1.5']
    """
    found = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "other"
        if kind == "other" and match[0] in "\"'":
            raise MismatchError
        if kind != "blank":
            found.append(Token(kind, match[0], match.start()))
    return found


def closing(found: Sequence[Token], place: int) -> int:
    """Return the place of the bracket that closes the one here; raises `MismatchError`."""
    open_brackets: list[str] = []
    for index in range(place, len(found)):
        text = found[index].text
        if text in _CLOSING:
            open_brackets.append(_CLOSING[text])
        elif text in ("}", ")", "]"):
            if not open_brackets or open_brackets.pop() != text:
                raise MismatchError
            if not open_brackets:
                return index
    raise MismatchError


def groups(found: Sequence[Token]) -> list[tuple[int, int]]:
    """Return the places of the braces that stand in no others; raises `MismatchError`.

    >>> groups(tokens("ASK { { ?s ?p ?o } } VALUES ?s { }"))
    [(1, 7), (10, 11)]
    """
    pairs = []
    place = 0
    while place < len(found):
        if found[place].text == "{":
            pairs.append((place, closing(found, place)))
            place = pairs[-1][1]
        place += 1
    return pairs


@dataclass
class Prologue:
    """What BASE and PREFIX declare at the begin of a query, and the text that does."""

    base: str = ""
    prefixes: dict[str, str] = field(default_factory=dict)
    end: int = 0

    @classmethod
    def of(cls, found: Sequence[Token]) -> Prologue:
        """Read the declarations at the begin of the tokens."""
        prologue = cls()
        place = 0
        while place < len(found) and found[place].is_word("BASE", "PREFIX"):
            size = 2 if found[place].is_word("BASE") else 3
            declared = found[place : place + size]
            if len(declared) < size or declared[-1].kind != "iri":
                break
            iri = prologue.iri(declared[-1]) or ""
            if size == 2:
                prologue.base = iri
            else:
                prologue.prefixes[declared[1].text] = iri
            prologue.end = declared[-1].end
            place += size
        return prologue

    def iri(self, token: Token) -> str | None:
        """Return the IRI that a token stands for, if it does for any."""
        if token.kind == "iri":
            text = _ESCAPE.sub(lambda match: chr(int(match[1] or match[2], 16)), token.text[1:-1])
            return self._absolute(text)
        if token.kind == "name":
            prefix, _, local = token.text.partition(":")
            namespace = self.prefixes.get(f"{prefix}:")
            return None if namespace is None else namespace + re.sub(r"\\(.)", r"\1", local)
        return None

    def _absolute(self, iri: str) -> str:
        if not self.base or re.match(r"[A-Za-z][A-Za-z0-9+.\-]*:", iri):
            return iri
        return urljoin(self.base, iri) + ("#" if iri.endswith("#") else "")


@dataclass(frozen=True)
class Block:
    """A SERVICE block: its tokens from the keyword to the brace that ends it."""

    tokens: tuple[Token, ...]
    inside: str
    """The keyword of the group that it must not stand in, GRAPH or SERVICE, if it does."""

    @property
    def start(self) -> int:
        """Where the keyword stands in the text."""
        return self.tokens[0].start

    @property
    def end(self) -> int:
        """Where the text goes on."""
        return self.tokens[-1].end

    @property
    def brace(self) -> int:
        """The number of the token that opens the group."""
        return next(place for place, token in enumerate(self.tokens) if token.text == "{")

    @property
    def content(self) -> tuple[Token, ...]:
        """The tokens within the braces."""
        return self.tokens[self.brace + 1 : -1]


def find(found: Sequence[Token], prologue: Prologue, service: str) -> list[Block]:
    """Return the blocks for a service; raises `MismatchError` where one does not end."""
    blocks = []
    groups: list[str] = []
    place = 0
    while place < len(found):
        token = found[place]
        if token.text == "{":
            groups.append(_keyword(found, place))
        elif token.text == "}" and groups:
            groups.pop()
        elif token.is_word("SERVICE"):
            name = place + 1
            if found[name:] and found[name].is_word("SILENT"):
                name += 1
            opening = found[name : name + 2]
            if len(opening) == 2 and opening[1].text == "{" and prologue.iri(opening[0]) == service:
                last = closing(found, name + 1)
                inside = next((group for group in groups if group), "")
                blocks.append(Block(tuple(found[place : last + 1]), inside))
                place = last
        place += 1
    return blocks


def services(found: Sequence[Token], prologue: Prologue) -> Iterator[tuple[Token, str]]:
    """Yield the name of each service that is asked, and the IRI that it stands for."""
    for place, token in enumerate(found):
        if token.is_word("SERVICE"):
            following = [
                each for each in found[place + 1 : place + 3] if not each.is_word("SILENT")
            ]
            iri = prologue.iri(following[0]) if following else None
            if iri is not None:
                yield following[0], iri


def _keyword(found: Sequence[Token], brace: int) -> str:
    """Return GRAPH or SERVICE where it names the group that opens here."""
    for token in found[max(brace - 3, 0) : max(brace - 1, 0)]:
        if token.is_word("GRAPH", "SERVICE"):
            return token.text.upper()
    return ""


@dataclass(frozen=True)
class Element:
    """One part of a group: a subject with all that is said of it, or another pattern."""

    tokens: tuple[Token, ...]

    @property
    def is_statement(self) -> bool:
        """Whether it consists of triples."""
        first = self.tokens[0]
        return first.text != "{" and not first.is_word(*_PATTERNS)

    @property
    def has_group(self) -> bool:
        """Whether it holds patterns of its own."""
        return any(token.text == "{" for token in self.tokens)

    @property
    def variables(self) -> frozenset[str]:
        """The variables that it names."""
        return frozenset(token.variable for token in self.tokens if token.variable is not None)

    @property
    def assigned(self) -> str | None:
        """The variable that it computes, which nothing may bind before it."""
        return self.tokens[-2].variable if self.tokens[0].is_word("BIND") else None

    def text(self, query: str) -> str:
        """Return its text, as the query has it."""
        return query[self.tokens[0].start : self.tokens[-1].end]

    def resolved(self, prologue: Prologue) -> str:
        """Return its text with every IRI in full, for parsers that do not know the prologue."""
        iris = ((token, prologue.iri(token)) for token in self.tokens)
        return "".join(
            gap + (token.text if iri is None else f"<{iri}>")
            for gap, (token, iri) in zip(self._gaps(), iris, strict=True)
        )

    def _gaps(self) -> Iterator[str]:
        """Yield a space for each token with white space or a comment before it."""
        end = self.tokens[0].start
        for token in self.tokens:
            yield " " if token.start > end else ""
            end = token.end


def elements(found: Sequence[Token]) -> Iterator[Element]:
    """Yield the parts of a group, in order; raises `MismatchError`."""
    place = 0
    while place < len(found):
        if found[place].text == ".":
            place += 1
            continue
        end = _end(found, place)
        yield Element(tuple(found[place:end]))
        place = end


def _end(found: Sequence[Token], place: int) -> int:
    first = found[place]
    if first.text == "{":
        end = closing(found, place) + 1
        while found[end : end + 2] and found[end].is_word("UNION"):
            end = closing(found, end + 1) + 1
        return end
    if first.is_word(*_PATTERNS):
        brackets = "{" if first.is_word("GRAPH", "SERVICE", "VALUES") else "{("
        for index in range(place + 1, len(found)):
            if found[index].text in tuple(brackets):
                return closing(found, index) + 1
        raise MismatchError
    index = place
    while index < len(found):
        token = found[index]
        if token.text in (".", "{") or (index > place and token.is_word(*_PATTERNS)):
            return index
        index = closing(found, index) + 1 if token.text in ("[", "(") else index + 1
    return index
