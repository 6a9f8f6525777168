"""Expressions over hops, and the automaton that reads them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from trilogue.errors import QueryError

if TYPE_CHECKING:
    from lark import Lark

MOST_POSITIONS = 62  # sets of positions are bits of a 64-bit integer, one of them for the start
LONGEST_TEXT = 500  # characters; keeps nesting within what recursion can do
ANY = "any"


@dataclass(frozen=True)
class Condition:
    """What an atom asks of the ground (`type`), the source (`from`) or the target (`to`) of a hop.

    One of the names must be a class of it, or be it; with `negated`, none may.
    """

    aspect: str
    names: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True)
class Atom:
    """One hop in an expression: its kind, or any, and conditions; `column` counts from 1."""

    kind: str
    conditions: tuple[Condition, ...] = ()
    column: int = 1


@dataclass(frozen=True)
class Automaton:
    """The position automaton of an expression, run as sets of positions (Glushkov 1961).

    A set of positions is an integer, one bit each; `start` is the set before the first hop.
    `follow[i]` are the positions that may come after position *i*, or first after the start.
    """

    atoms: tuple[Atom, ...]
    follow: tuple[int, ...]
    last: int

    @property
    def start(self) -> int:
        """The set of positions before the first hop."""
        return 1 << len(self.atoms)

    def step(self, positions: int, matched: int) -> int:
        """Return the positions after one more hop, which matches the atoms `matched`.

        >>> automaton = parse("contact/office?")
        >>> first = automaton.step(automaton.start, 0b01)
        >>> automaton.accepts(first), automaton.step(first, 0b01), automaton.step(first, 0b10)
        (True, 0, 2)
        """
        reached = 0
        for position, follow in enumerate(self.follow):
            if positions >> position & 1:
                reached |= follow
        return reached & matched

    def accepts(self, positions: int) -> bool:
        """Tell whether the hops that led to these positions match the whole expression."""
        return bool(positions & self.last)

    @functools.cached_property
    def longest(self) -> int | None:
        """The number of hops of the longest match; nothing where there is no bound."""
        reach = self.follow[-1]
        for length in range(1, len(self.atoms) + 1):
            after = 0
            for position in range(len(self.atoms)):
                if reach >> position & 1:
                    after |= self.follow[position]
            if not after:
                return length
            reach = after
        return None


@dataclass(frozen=True)
class _Fragment:
    """A part of an expression: its first and last positions, and whether it matches no hop."""

    first: int
    last: int
    nullable: bool


class _Builder:
    """Gives each atom a position, and notes which may follow which."""

    def __init__(self) -> None:
        self.atoms: list[Atom] = []
        self.follow: list[int] = []

    def build(self, tree: Any) -> _Fragment:
        """Add a syntax tree."""
        if tree.data == "alternatives":
            parts = [self.build(child) for child in tree.children]
            return functools.reduce(self._either, parts)
        if tree.data == "sequence":
            return functools.reduce(self._then, [self.build(child) for child in tree.children])
        if tree.data == "repeated":
            return self._repeated(tree.children[0], tree.children[1:])
        return self._atom(tree)

    def _atom(self, tree: Any) -> _Fragment:
        if len(self.atoms) >= MOST_POSITIONS:
            raise QueryError(
                f"an expression of more than {MOST_POSITIONS} hops, repetitions written out"
            )
        kind, *conditions = (child for child in tree.children if child is not None)
        self.atoms.append(Atom(str(kind), tuple(map(_condition, conditions)), kind.column))
        self.follow.append(0)
        bit = 1 << (len(self.atoms) - 1)
        return _Fragment(bit, bit, nullable=False)

    def _repeated(self, child: Any, repetitions: list[Any]) -> _Fragment:
        if not repetitions:
            return self.build(child)
        *inner, outer = repetitions
        least, most = _bounds(outer)
        if most is None:
            parts = [self._repeated(child, inner) for _ in range(max(least, 1))]
            self._link(parts[-1].last, parts[-1].first)
        else:
            parts = [self._repeated(child, inner) for _ in range(most)]
        parts = [
            part if number < least else _Fragment(part.first, part.last, nullable=True)
            for number, part in enumerate(parts)
        ]
        return functools.reduce(self._then, parts, _Fragment(0, 0, nullable=True))

    def _link(self, before: int, after: int) -> None:
        for position in range(len(self.atoms)):
            if before >> position & 1:
                self.follow[position] |= after

    def _then(self, one: _Fragment, other: _Fragment) -> _Fragment:
        self._link(one.last, other.first)
        return _Fragment(
            one.first | (other.first if one.nullable else 0),
            other.last | (one.last if other.nullable else 0),
            one.nullable and other.nullable,
        )

    def _either(self, one: _Fragment, other: _Fragment) -> _Fragment:
        return _Fragment(
            one.first | other.first, one.last | other.last, one.nullable or other.nullable
        )


def _condition(tree: Any) -> Condition:
    aspect, relation, *names = tree.children
    return Condition(str(aspect), tuple(_name(name) for name in names), str(relation) == "!=")


def _name(tree: Any) -> str:
    return str(tree.children[0]).removeprefix("<").removesuffix(">")


def _bounds(tree: Any) -> tuple[int, int | None]:
    if tree.data == "optional":
        return 0, 1
    if tree.data == "any_number":
        return 0, None
    if tree.data == "one_or_more":
        return 1, None
    numbers = [None if number is None else int(number) for number in tree.children]
    if tree.data == "exactly":
        numbers = [numbers[0], numbers[0]]
    least, most = numbers[0] or 0, numbers[1]
    if most is not None and (most < least or most == 0):
        place = next(number for number in tree.children if number is not None)
        raise QueryError(f"column {place.column}: {{{least},{most}}} matches nothing")
    return least, most


@functools.cache
def _grammar() -> Lark:
    from lark import Lark

    text = (files(__package__) / "expression.lark").read_text("utf-8")
    return Lark(text, start="alternatives", parser="lalr", maybe_placeholders=True)


@functools.lru_cache(maxsize=256)
def parse(text: str) -> Automaton:
    """Return the automaton of an expression.

    Raises `QueryError` with the column where it does not parse, or where it matches no hop.

    >>> [atom.kind for atom in parse("contact/office?/position{1,2}").atoms]
    ['contact', 'office', 'position', 'position']
    >>> parse("contact//office")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    trilogue.errors.QueryError: ... column 9: found '/', expected a kind of hop or (
    """
    try:
        builder = _Builder()
        whole = builder.build(_tree(text))
    except QueryError as error:
        raise QueryError(f"expression '{shortened(text)}': {error}") from None
    return Automaton(tuple(builder.atoms), (*builder.follow, whole.first), whole.last)


def shortened(text: str) -> str:
    """Return an expression in one line, as messages show it."""
    line = "".join(sign if sign.isprintable() else " " for sign in text)
    return line if len(text) <= LONGEST_TEXT else f"{line[:20]}…"


def rewritten(text: str, resolve: Callable[[str], str]) -> str:
    """Return an expression with each of its names replaced by what it stands for, as an IRI.

    >>> rewritten("contact[to=actor/france]/office?", lambda name: f"https://example.org/{name}")
    'contact[to=<https://example.org/actor/france>]/office?'
    """
    pieces, end = [], 0
    for name in sorted(_tree(text).find_data("name"), key=lambda tree: tree.children[0].start_pos):
        token = name.children[0]
        try:
            pieces += [text[end : token.start_pos], f"<{resolve(_name(name))}>"]
        except QueryError as error:
            raise QueryError(
                f"expression '{shortened(text)}': column {token.column}: {error}"
            ) from None
        end = token.end_pos
    return "".join([*pieces, text[end:]])


def _tree(text: str) -> Any:
    from lark.exceptions import UnexpectedInput

    if len(text) > LONGEST_TEXT:
        raise QueryError(f"{len(text)} characters, expected at most {LONGEST_TEXT}")
    try:
        return _grammar().parse(text)
    except UnexpectedInput as error:
        raise QueryError(_in_words(error, text)) from None


_WORDS = {
    "WORD": "a kind of hop",
    "NAME": "a name",
    "IRI": "an IRI",
    "NUMBER": "a number",
    "ASPECT": "type, from or to",
    "RELATION": "= or !=",
}


def _in_words(error: Any, text: str) -> str:
    """Say where an expression fails, what stands there and what was expected."""
    position = error.pos_in_stream if error.pos_in_stream is not None else len(text)
    if getattr(error, "token", None) is not None and error.token.type == "$END":
        position = len(text)
    found = f"found '{shortened(text[position])}'" if position < len(text) else "it ends"
    names = getattr(error, "accepts", None) or getattr(error, "expected", None)
    names = names or getattr(error, "allowed", None) or ()
    return f"column {position + 1}: {found}, expected {_list(names)}"


def _list(names: Iterable[str]) -> str:
    grammar = {terminal.name: terminal.pattern for terminal in _grammar().terminals}
    words = [
        _WORDS.get(name) or (grammar[name].value if name in grammar else "the end")
        for name in sorted(names, key=lambda name: (name not in _WORDS, name))
    ]
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
