"""Asserted, resolved, published: the layers of the dataset and their files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pyoxigraph import (
    CanonicalizationAlgorithm,
    Dataset,
    DefaultGraph,
    Quad,
    RdfFormat,
    Store,
    parse,
    serialize,
)

from trilogue import coverage, mapping, memory, resemblance, tables
from trilogue.errors import DataError, TrilogueError
from trilogue.namespaces import (
    INFERRED_GRAPH,
    ONTOLOGY_GRAPH,
    PROVENANCE_GRAPH,
    expand,
    iri_of,
    term,
)
from trilogue.project import Project, Step, unreported, written_aside


def ontology_quads(project: Project) -> list[Quad]:
    """Return modules, vocabularies and stubs, all in the ontology's named graph."""
    quads = []
    for path in project.vocabulary_files:
        for triple in parse_turtle(path):
            quads.append(Quad(triple.subject, triple.predicate, triple.object, ONTOLOGY_GRAPH))
    return quads


def places(project: Project) -> dict[str, list[str]]:
    """Return `file:line` of each row's named graph, and of each term wherever it is declared.

    In the ontology's files the serializer begins a line with each subject.
    """
    found = {graph: [place] for graph, place in mapping.places_of(project).items()}
    for path in project.vocabulary_files:
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if line[:1].isalpha() or line.startswith("<"):
                found.setdefault(expand(line), []).append(f"{project.relative(path)}:{number}")
    return found


def parse_turtle(path: Path) -> list[Quad]:
    """Return the triples of a Turtle file; blank nodes get labels of their own.

    Raises `TrilogueError` with file and line where it does not parse.
    """
    try:
        return list(parse(path=path, format=RdfFormat.TURTLE, rename_blank_nodes=True))
    except SyntaxError as error:
        raise TrilogueError(f"{path}:{error.lineno}:{error.offset} {error.msg}") from None
    except OSError as error:
        raise TrilogueError(f"{path}: cannot be read: {error.strerror or error}") from None


def asserted_quads(project: Project, ontology: list[Quad] | None = None) -> list[Quad]:
    """Return everything that ontology and rows say, contradictions included.

    `ontology` stands in for the project's own. Raises `DataError` naming file, line and column of
    every row that cannot be built from.
    """
    rows = tables.read(project)
    found = mapping.statements(rows)
    ontology = ontology_quads(project) if ontology is None else ontology
    declared = {iri_of(quad.subject) for quad in ontology}
    graphs = {mapping.row_graph(statement.row).value for statement in found}
    problems = [
        *mapping.unknown_references(found, declared | graphs),
        *coverage.uncovered(rows),
    ]
    if problems:
        raise DataError(problems)
    return ontology + [statement.quad for statement in found]


def resolved_quads(asserted: Iterable[Quad]) -> list[Quad]:
    """Leave out the rows that a resolution sets aside, with their provenance.

    Raises `TrilogueError` where one resolution sets aside what another prefers.
    """
    asserted = list(asserted)
    aside = {quad.object for quad in asserted if quad.predicate == term("setsAside")}
    preferred = {quad.object for quad in asserted if quad.predicate == term("prefers")}
    both = sorted(iri_of(row).rpartition("/")[2] for row in aside & preferred)
    if both:
        raise TrilogueError(f"data/resolutions.csv: set aside and preferred: {', '.join(both)}")
    return [
        quad
        for quad in asserted
        if quad.graph_name not in aside
        and not (quad.graph_name == PROVENANCE_GRAPH and quad.subject in aside)
    ]


def write(quads: Iterable[Quad], path: Path) -> int:
    """Write canonical N-Quads (RDFC-1.0), aside first; return how many."""
    dataset = Dataset(quads)
    if any(True for _ in dataset.quads_for_graph_name(DefaultGraph())):
        raise TrilogueError(f"{path}: a statement stands outside every named graph")
    lines = canonical_lines(dataset)
    with written_aside(path) as file:
        file.writelines(lines)
    return len(lines)


def canonical_lines(dataset: Dataset) -> list[bytes]:
    """Return the canonical N-Quads (RDFC-1.0) of a dataset, whose blank nodes it renames."""
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    content = serialize(dataset, format=RdfFormat.N_QUADS)
    assert content is not None
    return sorted(content.splitlines(keepends=True))


def load(path: Path) -> list[Quad]:
    """Return the quads of a file that was built.

    Raises `TrilogueError` where it is missing or damaged.
    """
    with memory.as_built(path):
        return list(parse(path=path, format=RdfFormat.N_QUADS))


def contested(project: Project) -> Store:
    """Return a store of what is searched for contradictions.

    That is all rows, what the resolved ones entail, and which names resemble each other.
    """
    store = memory.opened(project.asserted, project.inferred)
    stated = (quad for quad in store if quad.graph_name != INFERRED_GRAPH)
    store.bulk_extend(resemblance.quads(stated))
    return store


def build(project: Project, step: Step = unreported) -> dict[str, int]:
    """Write the asserted and the resolved layer; return the quads of each."""
    step("reading rows")
    asserted = asserted_quads(project)
    step("writing the asserted layer")
    counts = {"asserted": write(asserted, project.asserted)}
    step("writing the resolved layer")
    return {**counts, "resolved": write(resolved_quads(asserted), project.resolved)}
