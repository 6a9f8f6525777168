"""RO-Crate 1.1 metadata: the files of the site as a research object."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from trilogue.publication.dumps import File
from trilogue.publication.source import Source

PATH = "ro-crate-metadata.json"

_AUTHORS = "#authors"


def metadata(source: Source, files: Iterable[File]) -> bytes:
    """Return the metadata of the crate that the root of the site is."""
    header, files = source.header, sorted(files, key=lambda file: file.path)
    licence = {"@id": header.licence}
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": "Trilogue",
        "description": header.description,
        "version": header.version,
        "datePublished": header.issued,
        "dateModified": header.modified,
        "license": licence,
        "author": {"@id": _AUTHORS},
        "publisher": {"@id": _AUTHORS},
        "url": source.address,
        "hasPart": [{"@id": file.path} for file in files],
    }
    graph: list[dict[str, Any]] = [
        {
            "@id": PATH,
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        },
        root,
        {"@id": _AUTHORS, "@type": "Organization", "name": ", ".join(header.creators)},
        {"@id": header.licence, "@type": "CreativeWork", "name": "CC BY 4.0"},
        *(_file(file) for file in files),
    ]
    content = {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph}
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def _file(file: File) -> dict[str, Any]:
    formats = [file.media_type, "application/gzip"] if file.compressed else file.media_type
    return {
        "@id": file.path,
        "@type": "File",
        "name": file.path.rpartition("/")[2],
        "description": file.description,
        "encodingFormat": formats,
        "contentSize": str(file.size),
        "sha256": file.checksum,
    }
