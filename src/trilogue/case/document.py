"""A report of sections in which every number knows the query that gives it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

_NUMBER = re.compile(r"-?\d+(?:[.,:-]\d+)*%?")
_DAY = re.compile(r"\d{4}(?:-\d\d){0,2}")


@dataclass(frozen=True)
class Number:
    """A number in running text, and the source that gives it."""

    value: str
    source: str


@dataclass(frozen=True)
class Paragraph:
    """Running text: words and numbers in turn."""

    parts: tuple[str | Number, ...]

    @classmethod
    def of(cls, text: str, source: str) -> Paragraph:
        """Return a paragraph in which each number comes from one source.

        >>> Paragraph.of("Of 3 rows none.", "what-the-graph-holds").parts
        ('Of ', Number(value='3', source='what-the-graph-holds'), ' rows none.')
        """
        parts = (part for part in re.split(rf"({_NUMBER.pattern})", text) if part)
        return cls(
            tuple(Number(part, source) if _NUMBER.fullmatch(part) else part for part in parts)
        )


@dataclass(frozen=True)
class Table:
    """Rows under a header, all of them from one source."""

    caption: str
    source: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @functools.cached_property
    def numeric(self) -> tuple[bool, ...]:
        """Tell for each column whether it holds numbers alone.

        >>> Table("", "", ("who", "acts"), (("Google", "3"), ("OpenAI", ""))).numeric
        (False, True)
        """
        return tuple(_all_numbers(column) for column in zip(*self.rows, strict=True))


@dataclass(frozen=True)
class Picture:
    """A drawing as SVG, with a name for its file.

    What it shows in words is its text alternative: the description within the SVG, to which
    its own caption is the short one.
    """

    name: str
    svg: str
    caption: str
    source: str


Block = Paragraph | Table | Picture


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it."""

    key: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Source:
    """What gives numbers: a query in full, or a calculation over the answers of one."""

    name: str
    title: str
    text: str
    language: str


@dataclass(frozen=True)
class Document:
    """A report, complete with the sources of its numbers."""

    title: str
    sections: tuple[Section, ...]
    sources: tuple[Source, ...]

    @property
    def pictures(self) -> Iterator[Picture]:
        """The pictures, in order."""
        for section in self.sections:
            yield from (block for block in section.blocks if isinstance(block, Picture))

    def html(self) -> str:
        """Return one page of HTML that needs nothing beside it."""
        return _environment().get_template("case.html").render(document=self)

    def markdown(self) -> str:
        """Return Markdown; pictures are files beside it, by their names."""
        return _environment().get_template("case.md").render(document=self)


def _all_numbers(column: Sequence[str]) -> bool:
    return any(column) and all(not cell or _NUMBER.fullmatch(cell) for cell in column)


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("trilogue.case"),
        autoescape=select_autoescape(("html",)),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["inline"] = _inline
    environment.filters["cell"] = _cell
    environment.filters["prose"] = _prose
    environment.tests["number"] = lambda part: isinstance(part, Number)
    environment.tests["day"] = lambda cell: bool(_DAY.fullmatch(cell))
    environment.globals["kind"] = lambda block: type(block).__name__
    return environment


def _inline(picture: Picture) -> Markup:
    """Return a drawing as part of a page: without the prologue of a file, with names of its own."""
    drawing = picture.svg[picture.svg.index("<svg") :]
    drawing = re.sub(r'((?:\bid="|"#|\(#))', rf"\g<1>{picture.name}-", drawing)
    named = f'aria-labelledby="{picture.name}-title {picture.name}-description"'
    drawing = re.sub(r'aria-labelledby="[^"]*"', named, drawing, count=1)
    return Markup(drawing)  # noqa: S704  # our own drawing, escaped where it was made


def _cell(text: str) -> str:
    r"""Return text for a cell of a Markdown table.

    >>> _cell("a | b\nc")
    'a \\| b c'
    """
    return _prose(" ".join(text.split())).replace("|", r"\|")


def _prose(text: Any) -> str:
    r"""Return text in which nothing is taken for Markdown or HTML.

    >>> _prose("*a* <b> [c]")
    '\\*a\\* &lt;b> \\[c\\]'
    """
    return re.sub(r"([\\`*_\[\]#])", r"\\\1", str(text)).replace("<", "&lt;")
