"""Pages for people: what the command line prints, as HTML that stands by itself."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from itertools import groupby

from trilogue.contradictions import Contradiction, Side, summary

_STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
article { border-top: 1px solid #999; padding: .75rem 0; }
h2 { margin-top: 2.5rem; }
dl { display: grid; grid-template-columns: 7rem 1fr; gap: .25rem 1rem; margin: 0; }
dt { color: #555; } dd { margin: 0; overflow-wrap: anywhere; } small { color: #555; }
""".strip()


def contradictions_page(found: Iterable[Contradiction]) -> str:
    """Return a page that shows each contradiction with both sides, kind by kind.

    The gravest come first, as `contradictions.find` returns them.
    """
    found = list(found)
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>Contradictions of the source</title><style>{_STYLE}</style></head><body>",
        "<h1>Contradictions of the source</h1>",
        f"<p>{summary(found)}. Severity says how grave the contradiction is; "
        "confidence says whether the sides exclude each other, probably do, or possibly do.</p>",
    ]
    for (kind, severity), group in groupby(found, key=lambda item: (item.kind, item.severity)):
        title = kind.replace("-", " ")
        parts.append(f'<h2 id="{escape(kind)}">{escape(title)} <small>{severity}</small></h2>')
        parts.extend(map(_article, group))
    return "\n".join((*parts, "</body></html>", ""))


def _article(item: Contradiction) -> str:
    return (
        f"<article><dl><dt>{escape(item.confidence)}</dt><dd>{_side(item.first)}</dd>"
        f"<dt>against</dt><dd>{_side(item.second)}</dd>"
        f"<dt>{escape(item.decision)}</dt><dd>{escape(item.reason)}</dd></dl></article>"
    )


def _side(side: Side) -> str:
    where = f"{side.locator} · {side.row}"
    return f"{escape(side.statement)}<br><small>{escape(where)}</small>"
