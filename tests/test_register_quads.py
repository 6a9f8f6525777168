"""Synthetic registers say the same as Parquet and as quads, which the queries for hops read."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from pathlib import Path

import pytest
from benchmarks.register_quads import texts, write
from benchmarks.registers import FEWEST, Register, main
from pyoxigraph import RdfFormat, parse

from trilogue import catalogue, inference, layers
from trilogue.graph import EmbeddedBackend, Graph
from trilogue.namespaces import expand
from trilogue.paths.enumeration import Enumeration
from trilogue.paths.network import Hop, day_in_words
from trilogue.paths.query import PathQuery
from trilogue.project import Project

SMALL = "tlg:SmallOrMediumEnterprise"
# Whoever takes a position by an act addresses somebody, so that the kind of act tells them apart.
ALONG = "contact[type=tlg:Meeting]/office?/(membership|part)?/position/adoption"
GROUNDS = {"office": "tenure", "membership": "membership"}

Said = tuple[str, ...]


@pytest.fixture(scope="module")
def register() -> Register:
    return Register(FEWEST, seed=3)


@pytest.fixture(scope="module")
def graph(register: Register, project: Project) -> Graph:
    """The register as quads, with the ontology and what it entails."""
    quads = list(parse(b"".join(texts(register)), format=RdfFormat.N_QUADS))
    quads += layers.ontology_quads(project)
    quads += inference.materialise(quads, catalogue.read(project, "inference"))
    return Graph(EmbeddedBackend.of(quads), project)


def said(hops: Iterable[Hop]) -> set[Said]:
    """What hops say that both forms have, by full names."""
    return {
        (
            *(hop.kind, hop.ground, hop.source, hop.target),
            *sorted({matter.issue for matter in hop.matters}),
            *map(str, (hop.earliest, hop.latest, len(hop.evidence))),
        )
        for hop in hops
    }


def renamed(hop: Hop, kind: str) -> Said:
    """A hop of the Parquet files as the graph has it."""
    ground = hop.source if kind == "part" else f"{GROUNDS.get(kind, 'act')}/{hop.ground}"
    (one,) = said([hop])
    return kind, *map(expand, (ground, hop.source, hop.target)), *map(_expanded, one[4:])


def _expanded(name: str) -> str:
    return expand(name) if name.startswith("issue/") else name


def test_quads_say_the_hops_of_the_parquet_files(register: Register, graph: Graph) -> None:
    expected: set[Said] = set()
    for hop in register.network().hops:
        if hop.kind == "position":
            expected.add(renamed(hop, "contact"))
        if not hop.target.startswith("text/provision-"):
            expected.add(renamed(hop, hop.kind))
    kinds = {one[0] for one in expected}
    assert kinds == {"contact", "position", "office", "membership", "part", "adoption"}
    assert said(hop for hop in graph.network.hops if hop.kind in kinds) == expected


def test_rules_find_the_classes_of_the_parquet_files(register: Register, graph: Graph) -> None:
    for batch in register.thing_batches():
        for row in batch.to_pylist():
            found = graph.network.classes.get(expand(row["thing"]))
            if found is not None:  # has a hop
                assert found >= set(map(expand, row["classes"]))


def test_both_forms_have_the_same_paths(register: Register, graph: Graph) -> None:
    network = register.network()
    counts = []
    for destination, beyond in (("tlg:TextVersion", ""), ("tlg:ProvisionVersion", "/provision")):
        ends = frozenset([SMALL]), frozenset([destination])
        plain = Enumeration(network, PathQuery(ALONG, *ends))
        found = graph.paths(ALONG + beyond, origins=SMALL, destinations=destination)
        assert found.count() == plain.count()
        days = {expand(thing): day_in_words(day) for thing, day in plain.earliest().items()}
        assert found.earliest() == days
        counts.append(plain.count())
    assert all(counts)


def test_a_seed_gives_the_same_quads_and_another_seed_others(
    register: Register, tmp_path: Path
) -> None:
    main([str(tmp_path), str(FEWEST), "--seed", "3", "--quads", str(tmp_path / "register.nq.gz")])
    content = gzip.decompress((tmp_path / "register.nq.gz").read_bytes())
    assert content == b"".join(texts(register))
    write(Register(FEWEST, seed=4), tmp_path / "other.nq")
    assert (tmp_path / "other.nq").read_bytes() != content
