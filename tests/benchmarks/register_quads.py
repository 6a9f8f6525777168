"""Registers as N-Quads in the vocabulary of the project: what the Parquet files say, row by row.

Each act, relation and thing is a named graph, and `graph/provenance` says on which passages it
rests, as in the published dataset. Where the vocabulary sees a thing otherwise than the Parquet
files do, it is said as the vocabulary has it, and the queries for hops find the same walks:

- an institution adopts a text; a provision is reached from the text that has it, not by an act;
- who takes a position does so by an act that addresses somebody, which is a contact too;
- each dossier has one policy option: its provisions take it, and positions support it;
- firms are not called small or large, nor officials holders of public office: rules find that;
- what a relation certainly covers stands in its dates as printed, which no hop query reads.

Weights have no place in the vocabulary.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from trilogue.namespaces import expand

from .registers import TEXTS, Register

Columns = dict[str, pa.Array]

ROWS = 1 << 14  # that become text at a time, some 30 MB

# Lines of predicate and object; {names} are columns, and a line with a null in it is left out.
_DATES = (
    'tlg:date "{begin_day}"^^xsd:date',
    'tlg:date "{begin_month}"^^xsd:gYearMonth',
    'tlg:endDate "{end_day}"^^xsd:date',
    'tlg:endDate "{end_month}"^^xsd:gYearMonth',
    'tlg:earliest "{earliest}"^^xsd:date',
    'tlg:latest "{latest}"^^xsd:date',
)
_ACT = (
    "rdf:type tlg:Act",
    "rdf:type tlg:{type}",
    'rdfs:label "{type} {ground}"@en',
    "tlg:isPerformedBy {source}",
    "tlg:concernsIssue {issue}",
    *_DATES,
)
_POSITION = (
    "rdf:type tlg:Position",
    "tlg:isHeldBy {source}",
    "tlg:isPositionOn {issue}",
    "tlg:hasStance stance/supports",
    "tlg:isTowardsOption option/{issue_key}",
    "tlg:isExpressedThrough act/{ground}",
)
_MEMBER = ("org:member {source}", "org:organization {target}", *_DATES)
_PART = ("org:subOrganizationOf {target}",)
_LABEL = 'rdfs:label "{label}"@en'
_CLASSES = {
    "tlg:SmallOrMediumEnterprise": ("rdf:type tlg:Firm", "tlg:hasFirmSize firm-size/sme"),
    "tlg:LargeMultinational": (
        "rdf:type tlg:Firm",
        "tlg:hasFirmSize firm-size/large-multinational",
    ),
    "tlg:PublicOfficeHolder": ("rdf:type tlg:Person",),
    "tlg:ProvisionVersion": (
        "rdf:type tlg:ProvisionVersion",
        "tlg:isPartOfText {text}",
        "tlg:regulatesIssue issue/{issue_key}",
        "tlg:takesOption option/{issue_key}",
    ),
}
_ISSUE = (
    "rdf:type tlg:Issue",
    "skos:inScheme scheme/issues",
    "skos:topConceptOf scheme/issues",
    'skos:definition "What the acts of {label} are about."@en',
    'skos:prefLabel "{label}"@en',
)
_OPTION = (
    "rdf:type tlg:PolicyOption",
    "skos:inScheme scheme/policy-options",
    "skos:topConceptOf scheme/policy-options",
    'skos:definition "What the texts of {label} do."@en',
    'skos:prefLabel "Option of {label}"@en',
    "tlg:isOptionOf {thing}",
)


def write(register: Register, path: Path) -> None:
    """Write a register as N-Quads, compressed where the name of the file ends in `.gz`."""
    with _opened(path) as file:
        for part in texts(register):
            file.write(part)


def texts(register: Register) -> Iterator[pa.Buffer]:
    """Yield a register as N-Quads, so many rows at a time."""
    for batch in _sliced(register.act_batches()):
        yield from _acts(batch)
    for batch in _sliced(register.relation_batches()):
        yield from _relations(batch)
    for batch in _sliced(register.thing_batches()):
        yield from _things(batch, register.provisions_of_a_text)


def _opened(path: Path) -> IO[bytes]:
    if path.suffix == ".gz":
        return gzip.open(path, "wb", compresslevel=1)  # type: ignore[return-value]
    return path.open("wb")


def _sliced(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        for begin in range(0, batch.num_rows, ROWS):
            yield batch.slice(begin, ROWS)


def _acts(batch: pa.RecordBatch) -> Iterator[pa.Buffer]:
    columns = _hops(batch)
    earliest, latest = batch["earliest"], batch["latest"]
    exact = pc.fill_null(pc.equal(earliest, latest), fill_value=False)
    columns |= _printed("begin", earliest, pc.invert(exact))
    only_end = pc.if_else(pc.is_valid(earliest), None, latest)
    columns |= _printed("end", only_end, pc.invert(pc.is_valid(latest)))
    adopts = pc.equal(columns["kind"], "adoption")
    addressed = _where(columns, pc.invert(adopts))
    yield from _said(
        "acts-{ground}", "act/{ground}", [*_ACT, "tlg:addressesActor {target}"], addressed
    )
    whole = _where(columns, pc.and_(adopts, pc.starts_with(columns["target"], "text/text-")))
    yield from _said("acts-{ground}", "act/{ground}", [*_ACT, "tlg:adoptsText {target}"], whole)
    held = _where(columns, pc.equal(columns["kind"], "position"))
    yield from _said("positions-{ground}", "position/{ground}", _POSITION, held)


def _relations(batch: pa.RecordBatch) -> Iterator[pa.Buffer]:
    columns = _hops(batch)
    for name, end in (("begin", "earliest"), ("end", "latest")):
        # A core is given where the register knows that end to the month only.
        columns |= _printed(name, batch[end], pc.is_valid(batch[f"core_{end}"]))
    for kind, name, lines in (
        ("office", "tenure", ("rdf:type tlg:Tenure", *_MEMBER)),
        ("membership", "membership", ("rdf:type tlg:Membership", *_MEMBER)),
    ):
        some = _where(columns, pc.equal(columns["kind"], kind))
        yield from _said(f"{name}s-{{ground}}", f"{name}/{{ground}}", lines, some)
    parts = _where(columns, pc.equal(columns["kind"], "part"))
    yield from _said("relations-{ground}", "{source}", _PART, parts)


def _things(batch: pa.RecordBatch, provisions_of_a_text: int) -> Iterator[pa.Buffer]:
    names = batch["thing"]
    columns = {
        "thing": names,
        "key": pc.replace_substring(names, "/", "-"),
        "label": batch["label"],
        "passages": pa.array(np.ones(len(names), dtype=np.uint8)),
    }
    narrowest = pa.array([classes[-1] for classes in batch["classes"].to_pylist()])
    for name in narrowest.unique().to_pylist():
        some = _where(columns, pc.equal(narrowest, name))
        if name == "tlg:Issue":
            some["issue_key"] = _after(some["thing"], "/")
            yield from _said("things-{key}", "{thing}", _ISSUE, some)
            yield from _said("options-{key}", "option/{issue_key}", _OPTION, some)
            continue
        if name == "tlg:ProvisionVersion":
            number = _after(some["thing"], "-").cast(pa.int64()).to_numpy() // provisions_of_a_text
            some["text"] = _numbered("text/text-", number)
            some["issue_key"] = _numbered("dossier-", number // TEXTS)
        lines = _CLASSES.get(name, (f"rdf:type {name}",))
        yield from _said("things-{key}", "{thing}", [_LABEL, *lines], some)


def _hops(batch: pa.RecordBatch) -> Columns:
    """Return what acts and relations have in common."""
    text = {name: batch[name].cast(pa.string()) for name in ("kind", "source", "target", "issue")}
    return {
        **text,
        "ground": batch["ground"].cast(pa.string()),
        "type": pc.replace_substring(batch["type"].cast(pa.string()), "tlg:", ""),
        "issue_key": pc.replace_substring(text["issue"], "issue/", ""),
        "earliest": batch["earliest"].cast(pa.string()),
        "latest": batch["latest"].cast(pa.string()),
        "passages": batch["passages"],
    }


def _printed(name: str, days: pa.Array, to_the_month: pa.Array) -> Columns:
    """Return days as a register prints them: to the day or to the month."""
    text = days.cast(pa.string())
    none = pa.scalar(None, pa.string())
    return {
        f"{name}_day": pc.if_else(to_the_month, none, text),
        f"{name}_month": pc.if_else(to_the_month, pc.utf8_slice_codeunits(text, 0, 7), none),
    }


def _where(columns: Mapping[str, pa.Array], condition: pa.Array) -> Columns:
    return {name: column.filter(condition) for name, column in columns.items()}


def _after(names: pa.Array, mark: str) -> pa.Array:
    return pc.list_element(pc.split_pattern(names, mark), 1)


def _numbered(prefix: str, numbers: np.ndarray) -> pa.Array:
    return pc.binary_join_element_wise(prefix, pa.array(numbers).cast(pa.string()), "")


def _said(row: str, subject: str, lines: Iterable[str], columns: Columns) -> Iterator[pa.Buffer]:
    """Yield rows, each a named graph, and on which passages they rest."""
    graph = f"row/{row}"
    yield from _text([_quad(subject, line, graph) for line in lines], columns)
    for number in columns["passages"].unique().to_pylist():
        notes = range(1, number)
        locator = "; ".join([f"record {row}", *(f"record {row}, n. {note}" for note in notes)])
        passages = [f"passage/{row}", *(f"passage/{row}-n{note}" for note in notes)]
        provenance = [
            "rdf:type tlg:Row",
            "tlg:hasBasis basis/reported",
            f'tlg:locator "{locator}"',
            *(f"prov:wasDerivedFrom {passage}" for passage in passages),
        ]
        some = _where(columns, pc.equal(columns["passages"], number))
        yield from _text([_quad(graph, line, "graph/provenance") for line in provenance], some)


def _quad(subject: str, line: str, graph: str) -> str:
    """Return a line of N-Quads, with its columns in braces."""
    predicate, _, value = line.partition(" ")
    literal, mark, datatype = value.partition("^^")
    if mark:
        value = f"{literal}^^<{expand(datatype)}>"
    elif not value.startswith('"'):
        value = f"<{expand(value)}>"
    return f"<{expand(subject)}> <{expand(predicate)}> {value} <{expand(graph)}> .\n"


def _text(templates: Sequence[str], columns: Columns) -> Iterator[pa.Buffer]:
    """Yield the templates, filled in for each row; where a column is null, its lines are left out."""
    if len(columns["passages"]) == 0:
        return
    lines = [
        pc.binary_join_element_wise(
            *(
                columns[part] if place % 2 else part
                for place, part in enumerate(re.split(r"\{(\w+)\}", template))
            ),
            "",
        )
        for template in templates
    ]
    rows = pc.binary_join_element_wise(*lines, "", null_handling="skip")
    _, ends, content = rows.buffers()
    yield content.slice(0, int(np.frombuffer(ends, dtype=np.int32)[len(rows)]))
