"""Contradictions of the source as data."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from trilogue.contradictions import Contradiction
from trilogue.errors import QueryError, nearest


def answer(
    found: Iterable[Contradiction], kinds: Iterable[str], asked: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the contradictions of a kind and severity, open or decided, with both sides.

    Raises `QueryError` where no check is of that kind.
    """
    kind, severity, is_open = asked["kind"], asked["severity"], asked["open"]
    known = sorted(kinds)
    if kind is not None and kind not in known:
        raise QueryError(f"kind '{kind[:60]}': no check of that name{nearest(kind[:60], known)}")
    return {
        "contradictions": [
            dataclasses.asdict(each)
            for each in found
            if kind in (None, each.kind)
            and severity in (None, each.severity)
            and is_open in (None, each.decision == "open")
        ]
    }
