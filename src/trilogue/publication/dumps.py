"""The whole graph as files: RDF in several forms, tables, and their sums.

The same graph gives the same bytes: statements are in canonical order, blank nodes have canonical
labels, and compressed files carry no time. There is no HDT file: no wheel for Linux is kept up
(pyHDT's last release is of 2019; rdflib-hdt builds for single versions of Python on macOS).
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Quad

from trilogue.namespaces import iri_of
from trilogue.publication import forms, jsonld, tabular
from trilogue.publication.source import Source

SUMS = "dumps/SHA256SUMS"


@dataclass(frozen=True)
class File:
    """A file to download."""

    path: str
    content: bytes
    media_type: str
    description: str
    compressed: bool = False

    @property
    def size(self) -> int:
        """Its size in bytes."""
        return len(self.content)

    @property
    def checksum(self) -> str:
        """Its SHA-256 sum in hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()


def graphs(source: Source) -> list[File]:
    """Return the whole graph in each form, and the layer with both sides of contradictions."""
    quads = sorted(source.quads, key=lambda quad: (iri_of(quad.graph_name), *_key(quad)))
    triples = forms.ordered({quad.triple for quad in quads})
    named: dict[str, list[Quad]] = {}
    for quad in quads:
        named.setdefault(iri_of(quad.graph_name), []).append(quad)
    documents = jsonld.dataset_document(
        {name: [quad.triple for quad in found] for name, found in named.items()}, source.context
    )
    published = "The published graph"
    found = [
        _compressed(
            "nq", b"".join(source.canonical), f"{published}: canonical N-Quads (RDFC-1.0)."
        ),
        _compressed("trig", forms.written(quads, forms.FORMS["trig"]), f"{published}: TriG."),
        _compressed(
            "ttl",
            forms.written(triples, forms.FORMS["ttl"]),
            f"{published}: Turtle, all named graphs in one, without evidence of each statement.",
        ),
        _compressed("jsonld", documents, f"{published}: JSON-LD with named graphs."),
    ]
    asserted = source.project.asserted
    if asserted.is_file():
        about = "All rows, both sides of each contradiction, nothing inferred: N-Quads."
        found.append(_compressed("nq", asserted.read_bytes(), about, "asserted"))
    return found


def tables(source: Source) -> Iterator[File]:
    """Yield the tables made from the graph, each as CSV and as Parquet."""
    for table in tabular.tables(source):
        about = table.description
        yield File(f"dumps/csv/{table.name}.csv", table.csv(), "text/csv", about)
        parquet = "application/vnd.apache.parquet"
        yield File(f"dumps/parquet/{table.name}.parquet", table.parquet(), parquet, about)


def curated(source: Source) -> Iterator[File]:
    """Yield the curated tables as they are, with the CSVW metadata that describes them.

    They lie to each other as in the repository, so that the metadata finds its tables.
    """
    folder = source.project.mapping.parents[1]
    for path in (source.project.mapping, *sorted(folder.rglob("*.csv"))):
        about = "Metadata of the curated tables (CSVW)." if path.suffix == ".json" else "Curated."
        media_type = "application/csvm+json" if path.suffix == ".json" else "text/csv"
        yield File(f"tables/{_below(path, folder)}", path.read_bytes(), media_type, about)


def sums(files: list[File]) -> bytes:
    """Return the SHA-256 sums of files as `sha256sum --check` reads them in the sums' folder."""
    lines = [f"{file.checksum}  ../{file.path}\n" for file in files]
    return "".join(sorted(lines, key=lambda line: line[66:])).encode()


def _compressed(form: str, content: bytes, about: str, name: str = "trilogue") -> File:
    path = f"dumps/{name}.{form}.gz"
    return File(path, gzip.compress(content, 6, mtime=0), forms.FORMS[form].media_type, about, True)


def _key(quad: Quad) -> tuple[str, str, str]:
    return (str(quad.subject), quad.predicate.value, str(quad.object))


def _below(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()
