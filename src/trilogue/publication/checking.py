"""Holds the descriptions of a site against their shapes, which stand beside this module."""

from __future__ import annotations

from pathlib import Path

from pyoxigraph import RdfFormat, parse

from trilogue.errors import TrilogueError
from trilogue.publication.site import Site
from trilogue.validation import Validation, validate_quads

SHAPES = Path(__file__).parent / "shapes"
"""The shapes: `void.ttl` for VoID, `dcat.ttl` for DCAT 3."""


def validate(content: bytes, name: str) -> Validation:
    """Hold a Turtle description against the shapes of that name: `void` or `dcat`."""
    shapes = (SHAPES / f"{name}.ttl").read_bytes()
    return validate_quads(parse(content, format=RdfFormat.TURTLE), shapes)


def check(site: Site) -> None:
    """Raise `TrilogueError` with what is wrong where a description of a site breaks its shapes."""
    for name in ("void", "dcat"):
        document = site.document(f"{name}.ttl")
        assert document is not None
        findings = validate(document.content, name).findings
        if findings:
            told = "; ".join(f"{item.focus} {item.path}: {item.message}" for item in findings[:5])
            raise TrilogueError(f"{name}.ttl breaks its shapes: {told}")
