"""The one Turtle serializer: terms in order, tab-indented; `python -m trilogue.turtle FILES`.

rdflib's "longturtle" does the writing: sorted, canonical blank nodes, one term a block. With
`--check` nothing is written, and files that would change are named. Comments do not survive;
what is worth saying about a term is a statement.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pyoxigraph import BlankNode, NamedNode, Triple
from rdflib import RDF, BNode, Graph, Literal, URIRef
from rdflib.plugins.stores.memory import SimpleMemory
from rdflib.term import Node

from trilogue.errors import TrilogueError
from trilogue.namespaces import XSD
from trilogue.project import written_aside


def formatted(text: str) -> str:
    """Return the same triples in the one form; raises `TrilogueError` where Turtle does not parse.

    >>> print(formatted("@prefix : <https://example.org/> . :b a :C . :a a :C .").expandtabs(4))
    PREFIX : <https://example.org/>
    <BLANKLINE>
    :a
        a :C ;
    .
    <BLANKLINE>
    :b
        a :C ;
    .
    <BLANKLINE>
    """
    graph = Graph(store=SimpleMemory(), bind_namespaces="none")
    try:
        graph.parse(data=text, format="turtle")
    except Exception as error:  # rdflib raises its parser's own classes, and bare ones
        raise TrilogueError(" ".join(str(error).split())) from None
    graph.bind("rdf", RDF, replace=True)  # lists need it, and would be given a made-up prefix
    return _tabbed(graph.serialize(format="longturtle", canon=True).strip())


def nested(triples: Iterable[Triple], prefixes: Mapping[str, str]) -> str:
    r"""Return triples in the same form, blank nodes in brackets; these must have canonical labels.

    >>> from pyoxigraph import BlankNode, NamedNode
    >>> a, b, p = (NamedNode(f"https://example.org/{name}") for name in "abp")
    >>> node = BlankNode("c14n0")
    >>> written = nested([Triple(a, p, node), Triple(node, p, b)], {"": "https://example.org/"})
    >>> written.splitlines()[2:]
    [':a', '\t:p', '\t\t[', '\t\t\t:p :b ;', '\t\t] ;', '.']
    """
    graph = Graph(store=SimpleMemory(), bind_namespaces="none")
    for triple in triples:
        graph.add((_node(triple.subject), _node(triple.predicate), _node(triple.object)))
    for prefix, namespace in prefixes.items():
        graph.bind(prefix, namespace)
    return _tabbed(graph.serialize(format="longturtle").strip())


def _node(term: Any) -> Node:
    if isinstance(term, NamedNode):
        return URIRef(term.value)
    if isinstance(term, BlankNode):
        return BNode(term.value)
    plain = term.language or term.datatype.value == XSD + "string"
    datatype = None if plain else URIRef(term.datatype.value)
    return Literal(term.value, lang=term.language, datatype=datatype, normalize=False)


def _tabbed(text: str) -> str:
    """Indent with tabs, outside of long strings, and drop empty lines within a term."""
    lines = []
    within_string = False
    for line in text.splitlines():
        if within_string:
            lines.append(line)
        elif line.strip() or not (lines and lines[-1].startswith("\t")):
            indent = len(line) - len(line.lstrip(" "))
            lines.append("\t" * (indent // 4) + line.strip())
        within_string ^= line.count('"""') % 2 == 1
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Format the files named, or check them; return 1 where a check finds a difference."""
    check = "--check" in arguments
    differing = []
    for path in sorted(Path(name) for name in arguments if name != "--check"):
        text = path.read_text("utf-8")
        try:
            wanted = formatted(text)
        except TrilogueError as error:
            raise TrilogueError(f"{path}: {error}") from None
        if wanted == text:
            continue
        differing.append(path)
        if not check:
            with written_aside(path) as file:
                file.write(wanted.encode())
    for path in differing if check else []:
        sys.stderr.write(f"{path}: not formatted; run `make fmt`\n")
    return 1 if check and differing else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except TrilogueError as failure:
        sys.exit(f"trilogue: {failure}")
