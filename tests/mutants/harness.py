"""Runs the product's own checks over a mutant, the cheapest first, until one finds it."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import rdflib
from pyoxigraph import Quad

from trilogue import (
    catalogue,
    checks,
    consistency,
    contradictions,
    inference,
    layers,
    resemblance,
    validation,
)
from trilogue.errors import TrilogueError
from trilogue.project import Project

from . import draft as drafts

Findings = Counter[Any]


class Harness:
    """A copy of the checkout, with what the checks find in it before anything is spoilt."""

    def __init__(self, project: Project, folder: Path) -> None:
        for name in ("data", "ontology", "queries"):
            shutil.copytree(project.root / name, folder / name)
        self.original = project
        self.project = Project(folder)
        self.rules = catalogue.read(self.project, "inference")
        self.shapes = validation.shapes_of(self.project)
        self.baseline = dict(self._findings(drafts.read(project, "")))

    def killer(self, draft: drafts.Draft) -> str:
        """Return the name of the first check that finds something that was not there before."""
        drafts.write(draft, self.project)
        try:
            for name, findings in self._findings(draft):
                if findings - self.baseline[name]:
                    return name
        except TrilogueError:
            return "rows (CSVW, references, dates)"
        finally:
            self._restore(draft.changed)
        return ""

    def _restore(self, names: set[str]) -> None:
        for path in drafts.paths(self.original):
            if path.stem in names:
                shutil.copy(path, self.project.root / path.relative_to(self.original.root))

    def _findings(self, draft: drafts.Draft) -> Iterator[tuple[str, Findings]]:
        """Yield what each check finds, in the order in which `make` would come to it."""
        asserted = layers.asserted_quads(self.project, draft.ontology)
        resolved = layers.resolved_quads(asserted)
        if draft.axioms_changed or not draft.changed:
            yield "style of the ontology (SHACL)", self._style(draft.ontology)
        inferred = inference.materialise(resolved, self.rules)
        published = [*resolved, *inferred]
        yield (
            "checks",
            Counter(
                (item.check.name, item.entity, item.property, item.value)
                for item in checks.run(self.project, published)
            ),
        )
        yield "shapes (SHACL)", self._shapes(published, self.shapes)
        both = contradictions.find(
            self.project, [*asserted, *inferred, *resemblance.quads(asserted)]
        )
        yield (
            "contradictions",
            Counter(
                (item.kind, item.first.statement, item.second.statement)
                for item in both
                if item.decision == "open"
            ),
        )
        yield "consistency (HermiT)", self._reasoning(resolved)

    def _style(self, ontology: list[Quad]) -> Findings:
        path = self.project.ontology / "shapes" / "ontology-style.ttl"
        shapes = rdflib.Graph().parse(path).serialize(format="nt").encode()
        return self._shapes(ontology, shapes)

    @staticmethod
    def _shapes(quads: Iterable[Quad], shapes: bytes) -> Findings:
        return Counter(
            (item.focus, item.path, item.value, item.message)
            for item in validation.validate_quads(quads, shapes).findings
            if item.severity != "Info"
        )

    @staticmethod
    def _reasoning(resolved: list[Quad]) -> Findings:
        outcome = consistency.check(resolved)
        return Counter(("inconsistent",) * (not outcome.consistent) + outcome.unsatisfiable)
