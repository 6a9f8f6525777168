"""How a passage of the thesis is written: as a key in the rows, as a locator for scholars."""

from __future__ import annotations

import re

_PARTS = {"n": "n.", "t": "table"}
_KEY = re.compile(r"p(\d+)(?:-([nt])(\d+))?")
_LOCATOR = re.compile(r"p\.? ?(\d+)(?:, ?(n\.|note|table) ?(\d+))?")


def place(key: str) -> tuple[int, ...]:
    """Return the place of a passage in the thesis, for sorting.

    >>> sorted(["p43-n10", "p43-n4", "p5", "p43", "abstract"], key=place)
    ['abstract', 'p5', 'p43', 'p43-n4', 'p43-n10']
    """
    return tuple(int(number) for number in re.findall(r"\d+", key))


def locator(key: str) -> str:
    """Return a passage key as scholars write it.

    >>> [locator(key) for key in ("p43", "p43-n4", "p20-t1", "abstract")]
    ['p. 43', 'p. 43, n. 4', 'p. 20, table 1', 'abstract']
    """
    match = _KEY.fullmatch(key)
    if match is None:
        return key
    page, kind, number = match.groups()
    return f"p. {page}" + (f", {_PARTS[kind]} {number}" if kind else "")


def key_of(text: str) -> str | None:
    """Return the key of the passage that a locator points to; `None` where it is no locator.

    >>> [key_of(text) for text in ("p. 43, n. 4", "p20, table 1", "p. 5", "actor/dust")]
    ['p43-n4', 'p20-t1', 'p5', None]
    """
    match = _LOCATOR.fullmatch(text.strip())
    if match is None:
        return None
    page, kind, number = match.groups()
    return f"p{page}" + (f"-{kind[0]}{number}" if kind else "")
