"""The whole graph as files: RDF in several forms, tables, and their sums.

The same graph gives the same bytes: statements are in canonical order, blank nodes have canonical
labels, and compressed files carry no time.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Dataset, Quad, Triple

from trilogue import layers
from trilogue.namespaces import iri_of
from trilogue.publication import forms, jsonld, tabular
from trilogue.publication.source import Source

SUMS = "dumps/SHA256SUMS"


@dataclass(eq=False)
class File:
    """A file to download, made when it is first asked for."""

    path: str
    make: Callable[[], bytes]
    media_type: str
    description: str

    @functools.cached_property
    def content(self) -> bytes:
        """Its bytes."""
        return self.make()

    @property
    def compressed(self) -> bool:
        """Whether it is compressed with gzip; the media type is that of what is in it."""
        return self.path.endswith(".gz")

    @property
    def size(self) -> int:
        """Its size in bytes."""
        return len(self.content)

    @functools.cached_property
    def checksum(self) -> str:
        """Its SHA-256 sum in hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()


def graphs(source: Source) -> list[File]:
    """Return the whole graph in each form, and the layer with both sides of contradictions."""
    published = "The published graph"
    merged = "all named graphs in one, without the evidence of each statement"
    about = "All rows, both sides of each contradiction, nothing inferred: canonical N-Quads."
    return [
        _compressed("trilogue.nq", lambda: _canonical(source), f"{published}: canonical N-Quads."),
        _compressed("trilogue.trig", lambda: _trig(source), f"{published}: TriG."),
        _compressed("trilogue.ttl", lambda: _turtle(source), f"{published}: Turtle, {merged}."),
        _compressed("trilogue.jsonld", lambda: _jsonld(source), f"{published}: JSON-LD."),
        _compressed("asserted.nq", lambda: _asserted(source), about),
    ]


def tables(source: Source) -> Iterator[File]:
    """Yield the tables made from the graph, each as CSV and as Parquet."""
    for table in tabular.tables(source):
        about = table.description
        yield File(f"dumps/csv/{table.name}.csv", table.csv, "text/csv", about)
        parquet = "application/vnd.apache.parquet"
        yield File(f"dumps/parquet/{table.name}.parquet", table.parquet, parquet, about)


def curated(source: Source) -> Iterator[File]:
    """Yield the curated tables as they are, with the CSVW metadata that describes them.

    They lie to each other as in the repository, so that the metadata finds its tables.
    """
    folder = source.project.mapping.parents[1]
    titles = _titles(source.project.mapping)
    for path in (source.project.mapping, *sorted(folder.rglob("*.csv"))):
        metadata = path == source.project.mapping
        about = titles.get(path.name, "Curated table.")
        media_type = "application/csvm+json" if metadata else "text/csv"
        yield File(f"tables/{_below(path, folder)}", path.read_bytes, media_type, about)


def sums(files: list[File]) -> bytes:
    """Return the SHA-256 sums of files as `sha256sum --check` reads them in the sums' folder."""
    lines = [f"{file.checksum}  ../{file.path}\n" for file in files]
    return "".join(sorted(lines, key=lambda line: line[66:])).encode()


def _titles(metadata: Path) -> dict[str, str]:
    """Return what the CSVW metadata calls each table, and itself, by file name."""
    group = json.loads(metadata.read_text("utf-8"))
    titles = {Path(table["url"]).name: f"{table['dc:title']}." for table in group["tables"]}
    return {**titles, metadata.name: f"{group['dc:title']}: metadata of all tables (CSVW)."}


def _compressed(name: str, make: Callable[[], bytes], about: str) -> File:
    media_type = forms.FORMS[name.rpartition(".")[2]].media_type
    return File(f"dumps/{name}.gz", lambda: gzip.compress(make(), 6, mtime=0), media_type, about)


def _canonical(source: Source) -> bytes:
    return b"".join(source.canonical)


def _asserted(source: Source) -> bytes:
    return b"".join(layers.canonical_lines(Dataset(source.asserted)))


def _trig(source: Source) -> bytes:
    return forms.written(_by_graph(source), forms.FORMS["trig"])


def _turtle(source: Source) -> bytes:
    return forms.written(forms.ordered({quad.triple for quad in source.quads}), forms.FORMS["ttl"])


def _jsonld(source: Source) -> bytes:
    named: dict[str, list[Triple]] = {}
    for quad in _by_graph(source):
        named.setdefault(iri_of(quad.graph_name), []).append(quad.triple)
    return jsonld.dataset_document(named, source.context)


def _by_graph(source: Source) -> list[Quad]:
    """Return all quads in order of graphs; within each they keep the canonical order."""
    return sorted(source.quads, key=lambda quad: iri_of(quad.graph_name))


def _below(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()
