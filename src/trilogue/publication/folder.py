"""A site that was published to a folder, for a server that need not make it anew.

Its files are listed once; what is asked for is looked up in the list, never in the file system.
"""

from __future__ import annotations

import os
from pathlib import Path

from trilogue.errors import TrilogueError
from trilogue.publication import addresses, crate, forms
from trilogue.publication.site import HTML, TEXT, Document

_MEDIA_TYPES = {
    "html": HTML,
    "css": "text/css; charset=utf-8",
    "csv": "text/csv",
    "gz": "application/gzip",
    "json": "application/csvm+json",
    "parquet": "application/vnd.apache.parquet",
    "svg": "image/svg+xml",
    "rq": "application/sparql-query",
    "xml": "application/xml",
    **{end: form.media_type for end, form in forms.FORMS.items()},
}
_OF_PATHS = {
    ".well-known/void": forms.FORMS["ttl"].media_type,
    crate.PATH: forms.FORMS["jsonld"].media_type,
}


class PublishedFolder:
    """The documents of a folder that `writing.publish` wrote.

    Raises `TrilogueError` where the folder holds no site.
    """

    def __init__(self, folder: Path) -> None:
        if not (folder / crate.PATH).is_file():
            raise TrilogueError(f"{folder}: holds no published site")
        self._files: dict[str, str] = {}
        for parent, _, names in os.walk(folder):
            prefix = os.path.relpath(parent, folder)
            for name in names:
                path = name if prefix == "." else f"{prefix}/{name}"
                self._files[path] = os.path.join(parent, name)  # noqa: PTH118 - many thousands

    def has(self, path: str) -> bool:
        """Tell whether there is a document under a path."""
        return path in self._files

    def document(self, path: str) -> Document | None:
        """Return the document of a path, or `None` where there is none, or none any more."""
        file = self._files.get(path)
        if file is None:
            return None
        end = path.rpartition(".")[2]
        media_type = _OF_PATHS.get(path) or _MEDIA_TYPES.get(end, TEXT)
        try:
            return Document(Path(file).read_bytes(), media_type)
        except (FileNotFoundError, NotADirectoryError):  # published anew since it was listed
            return None

    def missing(self, iri: str, path: str = addresses.MISSING) -> bytes:
        """Return the page for what is not known; what was asked for is not told there."""
        found = self.document(addresses.MISSING)
        return found.content if found else b""
