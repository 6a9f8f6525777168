"""A picture as a file: SVG or PNG."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from trilogue.drawing.canvas import ELSEWHERE
from trilogue.errors import QueryError
from trilogue.project import written_aside

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = (".svg", ".png")
SALT = "trilogue"  # so that identifiers in an SVG are the same each time


def save(figure: Figure, path: Path) -> None:
    """Write a picture as SVG or PNG, as the name says; the same picture gives the same bytes.

    The label of the figure is its title for those who do not see it, that of its first axes what is
    to be seen. Raises `QueryError` for another name.
    """
    if path.suffix not in FORMATS:
        raise QueryError(f"{path}: a picture is written as {' or '.join(FORMATS)}")
    content = svg(figure) if path.suffix == ".svg" else _png(figure)
    with written_aside(path) as file:
        file.write(content)


def _png(figure: Figure) -> bytes:
    content = io.BytesIO()
    figure.savefig(content, format="png", metadata={"Software": None})
    return content.getvalue()


def svg(figure: Figure) -> bytes:
    """Return SVG in which text is text, and what is shortened has its full name as title."""
    import matplotlib

    content = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": SALT}):
        figure.savefig(content, format="svg", metadata={"Date": None, "Creator": None})
    axes = figure.axes[0]
    named = {str(a.get_gid()): str(a.get_label()) for a in figure.findobj() if a.get_gid()}

    def titled(found: re.Match[str]) -> str:
        name = named.get(found[1])
        return found[0] if name is None else f"{found[0]}<title>{escape(name)}</title>"

    text = re.sub(r'<g id="([^"]+)">', titled, content.getvalue())
    text = re.sub(r'(<text style="[^"]*font-family: [^;"]+)', rf"\1, {ELSEWHERE}", text)
    head = (
        f'<title id="title">{escape(str(figure.get_label()))}</title>\n'
        f'<desc id="description">{escape(str(axes.get_label()))}</desc>\n'
    )
    attributes = 'role="img" aria-labelledby="title description"'
    text = re.sub(r"<svg ([^>]*)>\n?", rf"<svg {attributes} \1>\n\0", text, count=1)
    return text.replace("\0", head, 1).encode()
