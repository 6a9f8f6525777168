"""The report of a case as files."""

from __future__ import annotations

from pathlib import Path

from trilogue.case.document import Document
from trilogue.project import written_aside


def write(document: Document, folder: Path) -> list[Path]:
    """Write a report as HTML that stands by itself, and as Markdown with pictures beside it.

    Returns the files. Raises `TrilogueError` where the folder cannot be written.
    """
    contents = {"case.html": document.html(), "case.md": document.markdown()}
    contents |= {f"{picture.name}.svg": picture.svg for picture in document.pictures}
    files = []
    for name, content in contents.items():
        files.append(folder / name)
        with written_aside(files[-1]) as file:
            file.write(content.encode())
    return files
