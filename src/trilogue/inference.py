"""What the ontology entails, materialised by rules that are SPARQL files.

The rules cover the part of OWL 2 RL (W3C, *OWL 2 Profiles*, section 4.3) that the ontology
uses, and are run to a fixpoint. Each round costs one query a rule over the dataset.
"""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import BlankNode, Quad, QueryTriples, Store

from trilogue import catalogue, layers
from trilogue.errors import QueryError, TrilogueError
from trilogue.namespaces import INFERRED_GRAPH
from trilogue.project import Project, Step, unreported

_MOST_ROUNDS = 50


def materialise(quads: Iterable[Quad], rules: Iterable[catalogue.Query]) -> list[Quad]:
    """Return the quads that the rules add, all in the inferred graph.

    Raises `QueryError` for a rule that is no CONSTRUCT query, `TrilogueError` where no
    fixpoint is reached.
    """
    store = Store()
    store.bulk_extend(quads)
    known: set[tuple[object, object, object]] = {
        (quad.subject, quad.predicate, quad.object) for quad in store
    }
    rules = list(rules)
    added: list[Quad] = []
    for _ in range(_MOST_ROUNDS):
        fresh = [quad for rule in rules for quad in _apply(store, rule, known)]
        if not fresh:
            return added
        store.extend(fresh)
        added.extend(fresh)
    raise TrilogueError(f"no fixpoint after {_MOST_ROUNDS} rounds")


def _apply(
    store: Store, rule: catalogue.Query, known: set[tuple[object, object, object]]
) -> list[Quad]:
    try:
        triples = store.query(rule.text, use_default_graph_as_union=True)
    except SyntaxError as error:
        raise QueryError(f"{rule.path}: {error}") from None
    if not isinstance(triples, QueryTriples):
        raise QueryError(f"{rule.path}: a rule must be a CONSTRUCT query")
    fresh = []
    for triple in triples:
        key = (triple.subject, triple.predicate, triple.object)
        if key in known or any(isinstance(node, BlankNode) for node in key):
            continue
        known.add(key)
        fresh.append(Quad(*key, INFERRED_GRAPH))
    return fresh


def reason(project: Project, step: Step = unreported) -> dict[str, int]:
    """Write what the resolved layer entails; return how many quads."""
    step("materialising")
    resolved = layers.load(project.resolved)
    inferred = materialise(resolved, catalogue.read(project, "inference"))
    step("writing the inferred layer")
    return {"inferred": layers.write(inferred, project.inferred)}
