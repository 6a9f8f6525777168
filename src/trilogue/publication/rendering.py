"""Templates: everything is escaped, nothing is run, and one style sheet serves all pages."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'"
"""The content security policy of all pages: no scripts, nothing from elsewhere."""


@functools.cache
def environment(package: str = "trilogue.publication") -> Environment:
    """Return the environment of the templates of a package, each compiled once."""
    return Environment(
        loader=PackageLoader(package),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )


def render(template: str, href: Callable[[str], str], **values: Any) -> bytes:
    """Return a page; `href` leads from the page to an IRI."""
    values.setdefault("policy", POLICY)
    return environment().get_template(template).render(href=href, **values).encode()


def prepare() -> None:
    """Compile all templates, so that no page waits for it."""
    known = environment()
    for name in known.list_templates(["html"]):
        known.get_template(name)


@functools.cache
def file(name: str, package: str = "trilogue.publication") -> bytes:
    """Return a file that stands beside the templates: the style sheet, or the icon."""
    templates = environment(package)
    assert templates.loader is not None
    source, _, _ = templates.loader.get_source(templates, name)
    return source.encode()
