"""Validation by SHACL shapes and by checks, with messages that lead back to the row."""

from __future__ import annotations

import functools
import tempfile
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pyoxigraph import Dataset, NamedNode, Quad, RdfFormat, Store, parse, serialize

from trilogue import checks, layers, memory
from trilogue.errors import TrilogueError
from trilogue.graph import EmbeddedLayers, LayersInMemory
from trilogue.namespaces import PREFIXES, TYPE, compact, iri_of
from trilogue.project import Project, Step, unreported, written_aside
from trilogue.remote.addresses import REASONED

SH = PREFIXES["sh"]
SEVERITIES = {"ERROR": "Violation", "WARN": "Warning", "INFO": "Info"}
"""What SHACL calls the levels of checks, the gravest first."""


@dataclass(frozen=True, order=True)
class Finding:
    """One result of a shape or a check: how grave, on what, why, and in which rows."""

    severity: str
    focus: str
    path: str
    value: str
    message: str
    rows: tuple[str, ...]


@dataclass(frozen=True)
class Validation:
    """A validation report: whether the data conforms, the findings, the report in Turtle."""

    conforms: bool
    findings: tuple[Finding, ...]
    turtle: bytes

    @property
    def publishable(self) -> bool:
        """Whether no finding is a violation."""
        return all(finding.severity != "Violation" for finding in self.findings)


def validate_quads(
    quads: Iterable[Quad], shapes: bytes, places: checks.Places = dict
) -> Validation:
    """Hold the quads against the shapes.

    `places` gives the files and lines of row graphs, and is called only where something is found.
    Seconds grow with the data: about one for 100,000 triples. Raises `TrilogueError` where the
    shapes themselves are wrong.
    """
    import shifty

    # What a store gives back of a type derived from xsd:integer is an xsd:integer.
    data = quads if isinstance(quads, Store) else list(quads)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        # shifty reads a file itself; as a string the triples would be held twice over.
        file = Path(folder) / "data.nt"
        serialize((quad.triple for quad in data), file, format=RdfFormat.N_TRIPLES)
        warnings.simplefilter("error")
        try:
            conforms, report, _ = shifty.validate(file, shapes, infer=False)
        except ValueError as error:
            raise TrilogueError(f"ontology/shapes: {' '.join(str(error).split())}") from None
    report_quads = parse(report.serialize(format="nt").encode(), format=RdfFormat.N_TRIPLES)
    turtle = b"".join(layers.canonical_lines(Dataset(report_quads)))
    store = Store()
    store.load(turtle, format=RdfFormat.N_TRIPLES)
    result = NamedNode(SH + "ValidationResult")
    found = any(store.quads_for_pattern(None, TYPE, result))
    findings = tuple(sorted(_findings(store, memory.stored(data), places() if found else {})))
    return Validation(bool(conforms), findings, turtle)


def _findings(store: Store, data: Store, places: Mapping[str, Sequence[str]]) -> Iterable[Finding]:
    query = f"""
      SELECT ?focus ?path ?value ?message ?severity WHERE {{
        ?result a <{SH}ValidationResult> ;
          <{SH}focusNode> ?focus ; <{SH}resultSeverity> ?severity .
        OPTIONAL {{ ?result <{SH}resultPath> ?path }}
        OPTIONAL {{ ?result <{SH}value> ?value }}
        OPTIONAL {{ ?result <{SH}resultMessage> ?message }}
      }}"""
    results = list(store.query(query))  # type: ignore[arg-type]
    rows = _rows_of({iri_of(result[0]) for result in results}, data, places)
    for focus, path, value, message, severity in results:
        key = (iri_of(focus), iri_of(path))
        yield Finding(
            severity.value.removeprefix(SH),
            compact(focus.value),
            compact(iri_of(path)),
            compact(value.value) if value is not None else "",
            message.value if message is not None else "",
            tuple(sorted(rows.get(key) or rows.get((key[0], "")) or ())),
        )


def _rows_of(
    things: set[str], data: Store, places: Mapping[str, Sequence[str]]
) -> dict[tuple[str, str], set[str]]:
    """Return the places of the rows about each of the things: by property, and all of them."""
    rows: dict[tuple[str, str], set[str]] = {}
    for thing in filter(None, things):
        for quad in data.quads_for_pattern(NamedNode(thing), None, None):
            place = places.get(iri_of(quad.graph_name)) or places.get(thing)
            if place:
                for key in ((thing, quad.predicate.value), (thing, "")):
                    rows.setdefault(key, set()).add(place[0])
    return rows


def _of_check(finding: checks.Finding) -> Finding:
    return Finding(
        SEVERITIES[finding.check.level],
        finding.entity,
        finding.property,
        finding.value,
        finding.check.field("Problem"),
        (finding.place,),
    )


def shapes_of(project: Project) -> bytes:
    """Return all shapes for data as one Turtle document."""
    if not project.shapes:
        raise TrilogueError(f"{project.ontology / 'shapes'}: no shapes")
    triples = [quad.triple for path in project.shapes for quad in layers.parse_turtle(path)]
    merged = serialize(triples, format=RdfFormat.N_TRIPLES)
    assert merged is not None
    return merged


def validate_layers(held: LayersInMemory, step: Step = unreported) -> Validation:
    """Hold resolved rows and what they entail against shapes and checks; write nothing.

    Both must hold; the report is that of the shapes.
    """
    project = held.project
    step("reading layers and shapes")
    quads = held.store(REASONED)
    places = functools.cache(lambda: layers.places(project))
    step("validating")
    validation = validate_quads(quads, shapes_of(project), places)
    step("checking")
    checked = tuple(map(_of_check, checks.run(project, quads, places)))
    return replace(validation, findings=validation.findings + checked)


def validate(project: Project, step: Step = unreported) -> Validation:
    """Validate the layers that were built, write the report, and publish what conforms.

    Where a violation is found the published dataset stays as it was.
    """
    held = EmbeddedLayers(project)
    validation = validate_layers(held, step)
    with written_aside(project.report) as file:
        file.write(validation.turtle)
    if validation.publishable:
        step("publishing")
        # Read again: a store spells decimals anew, and canonical names of blank nodes hang on that.
        layers.write(held.quads(REASONED), project.dataset)
    return validation
