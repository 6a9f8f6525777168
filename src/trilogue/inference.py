"""What the ontology entails, materialised by rules that are SPARQL files.

The rules cover the part of OWL 2 RL (W3C, *OWL 2 Profiles*, section 4.3) that the ontology
uses, and are run to a fixpoint. Each round costs one query a rule over the dataset. What they say
of identity is left out: no `owl:sameAs` is entailed but between things that rows already link, and
to copy statements from one to the other would only double them.

A few rules are no OWL but derivations of our own: they compare numbers, or ask for what is not
there. A reasoner must be given what they add.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import cycle, islice

from pyoxigraph import BlankNode, Quad, QueryTriples, Store, Triple

from trilogue import catalogue, layers
from trilogue.errors import QueryError, TrilogueError
from trilogue.namespaces import INFERRED_GRAPH
from trilogue.project import Project, Step, unreported

_MOST_ROUNDS = 50


def entails(rule: catalogue.Query) -> bool:
    """Tell whether a rule states an entailment of OWL, by the source that its header names."""
    return rule.field("Source").startswith("OWL 2 Profiles")


def derivations(quads: Iterable[Quad], rules: Iterable[catalogue.Query]) -> list[Quad]:
    """Return what the rules add that are no entailments: what a reasoner cannot find itself."""
    return materialise(quads, [rule for rule in rules if not entails(rule)])


def given(project: Project, resolved: list[Quad] | None = None) -> list[Quad]:
    """Return what a reasoner is given: the resolved layer with its derivations."""
    resolved = layers.load(project.resolved) if resolved is None else resolved
    return [*resolved, *derivations(resolved, catalogue.read(project, "inference"))]


def materialise(quads: Iterable[Quad], rules: Iterable[catalogue.Query]) -> list[Quad]:
    """Return the quads that the rules add, all in the inferred graph.

    Membership in a class that has no name, but a description in the ontology, is a step on the
    way and is not returned.
    Raises `QueryError` for a rule that is no CONSTRUCT query, `TrilogueError` where no
    fixpoint is reached.
    """
    store = Store()
    store.bulk_extend(quads)
    known = {quad.triple for quad in store}
    # Derivations, which cost most, seldom wait for an entailment: they are asked first and last.
    strata: tuple[list[catalogue.Query], list[catalogue.Query]] = ([], [])
    for rule in rules:
        strata[entails(rule)].append(rule)
    added: list[Quad] = []
    while fresh := [quad for stratum in strata for quad in _fixpoint(store, stratum, known)]:
        added.extend(fresh)
    return [quad for quad in added if not isinstance(quad.object, BlankNode)]


def _fixpoint(store: Store, rules: list[catalogue.Query], known: set[Triple]) -> list[Quad]:
    """Run the rules in turn until none adds anything; return what they added."""
    added: list[Quad] = []
    idle = 0
    for rule in islice(cycle(rules), _MOST_ROUNDS * len(rules)):
        fresh = _apply(store, rule, known)
        store.extend(fresh)
        added.extend(fresh)
        idle = 0 if fresh else idle + 1
        if idle == len(rules):
            return added
    if rules:
        raise TrilogueError(f"no fixpoint after {_MOST_ROUNDS} rounds")
    return added


def _apply(store: Store, rule: catalogue.Query, known: set[Triple]) -> list[Quad]:
    try:
        triples = store.query(rule.text, use_default_graph_as_union=True)
    except SyntaxError as error:
        raise QueryError(f"{rule.path}: {error}") from None
    if not isinstance(triples, QueryTriples):
        raise QueryError(f"{rule.path}: a rule must be a CONSTRUCT query")
    fresh = []
    for triple in triples:
        if triple in known or isinstance(triple.subject, BlankNode):
            continue
        known.add(triple)
        fresh.append(Quad(triple.subject, triple.predicate, triple.object, INFERRED_GRAPH))
    return fresh


def reason(project: Project, step: Step = unreported) -> dict[str, int]:
    """Write what the resolved layer entails; return how many quads."""
    step("materialising")
    resolved = layers.load(project.resolved)
    inferred = materialise(resolved, catalogue.read(project, "inference"))
    step("writing the inferred layer")
    return {"inferred": layers.write(inferred, project.inferred)}
