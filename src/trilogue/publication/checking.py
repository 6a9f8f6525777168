"""Holds the descriptions of a site against their shapes, which stand beside this module."""

from __future__ import annotations

from pathlib import Path

from pyoxigraph import RdfFormat, parse

from trilogue.errors import TrilogueError
from trilogue.publication.site import Site
from trilogue.validation import Finding, Validation, validate_quads

SHAPES = Path(__file__).parent / "shapes"
"""The shapes of each description: DCAT's ask for all that DCAT-AP 3 demands, and more."""

DESCRIBED = ("void", "dcat", "prof")
"""What is described in VoID, DCAT 3 and PROF: `void.ttl`, `dcat.ttl`, `prof.ttl`."""


def validate(content: bytes, name: str) -> Validation:
    """Hold a Turtle description against the shapes of that name, one of `DESCRIBED`."""
    shapes = (SHAPES / f"{name}.ttl").read_bytes()
    return validate_quads(parse(content, format=RdfFormat.TURTLE), shapes)


def findings_of(site: Site, name: str) -> tuple[Finding, ...]:
    """Return what is wrong with a description of a site."""
    document = site.document(f"{name}.ttl")
    assert document is not None
    return validate(document.content, name).findings


def check(site: Site) -> None:
    """Raise `TrilogueError` with what is wrong where a description of a site breaks its shapes."""
    for name in DESCRIBED:
        if findings := findings_of(site, name):
            told = "; ".join(f"{item.focus} {item.path}: {item.message}" for item in findings[:5])
            raise TrilogueError(f"{name}.ttl breaks its shapes: {told}")
