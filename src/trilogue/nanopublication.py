"""What nanopublications of rows and of paths have in common: their vocabulary and their head.

See the guidelines at https://nanopub.net/guidelines/working_draft/.
"""

from __future__ import annotations

from pyoxigraph import NamedNode, Triple

from trilogue.namespaces import TYPE

NAMESPACE = "http://www.nanopub.org/nschema#"


def head(
    itself: NamedNode, assertion: NamedNode, provenance: NamedNode, information: NamedNode
) -> list[Triple]:
    """Return what the head of a nanopublication says of its three other graphs."""
    parts = {
        "hasAssertion": assertion,
        "hasProvenance": provenance,
        "hasPublicationInfo": information,
    }
    return [
        Triple(itself, TYPE, NamedNode(NAMESPACE + "Nanopublication")),
        *(Triple(itself, NamedNode(NAMESPACE + name), part) for name, part in parts.items()),
    ]
