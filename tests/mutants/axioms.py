"""Ways to spoil the ontology."""

from __future__ import annotations

from pyoxigraph import Literal, NamedNode, Quad

from trilogue.namespaces import PREFIXES, RDFS, SKOS, TERMS, TYPE, iri_of, term

from .draft import Draft
from .operators import operator

OWL = PREFIXES["owl"]
_LABEL, _DEFINITION = NamedNode(SKOS + "prefLabel"), NamedNode(SKOS + "definition")
_SUBCLASS, _DOMAIN, _RANGE = (NamedNode(RDFS + name) for name in ("subClassOf", "domain", "range"))
_KINDS = {OWL + name for name in ("Class", "ObjectProperty", "DatatypeProperty")}


def _english(node: object) -> bool:
    return isinstance(node, Literal) and node.language == "en"


def _text(node: object) -> str:
    assert isinstance(node, (NamedNode, Literal))
    return node.value


def _ours(node: object) -> bool:
    return iri_of(node).startswith(TERMS)


def _with(quad: Quad, *, subject: NamedNode | None = None, value: object = None) -> Quad:
    return Quad(subject or quad.subject, quad.predicate, value or quad.object, quad.graph_name)  # type: ignore[arg-type]


@operator
def drop_the_label_of_a_term(draft: Draft) -> str:
    quad = draft.axiom(lambda q: q.predicate == _LABEL and _ours(q.subject) and _english(q.object))
    draft.replace(quad)
    return f"{quad.subject}: no English label"


@operator
def drop_the_definition_of_a_term(draft: Draft) -> str:
    quad = draft.axiom(lambda q: q.predicate == _DEFINITION and _ours(q.subject))
    draft.replace(quad)
    return f"{quad.subject}: no definition"


@operator
def label_two_terms_alike(draft: Draft) -> str:
    def label(q: Quad) -> bool:
        return q.predicate == _LABEL and _ours(q.subject) and _english(q.object)

    one, other = draft.axiom(label), draft.axiom(label)
    while one.object == other.object:
        other = draft.axiom(label)
    draft.replace(other, _with(other, value=one.object))
    return f"{other.subject}: label of {one.subject}"


@operator
def drop_the_type_of_a_term(draft: Draft) -> str:
    quad = draft.axiom(
        lambda q: q.predicate == TYPE and _ours(q.subject) and iri_of(q.object) in _KINDS
    )
    draft.replace(quad)
    return f"{quad.subject}: no longer a {quad.object}"


@operator
def misspell_a_class_in_the_hierarchy(draft: Draft) -> str:
    quad = draft.axiom(lambda q: q.predicate == _SUBCLASS and _ours(q.object))
    draft.replace(quad, _with(quad, value=NamedNode(_text(quad.object) + "s")))
    return f"{quad.subject}: subclass of {_text(quad.object)}s"


@operator
def turn_the_hierarchy_round(draft: Draft) -> str:
    quad = draft.axiom(lambda q: q.predicate == _SUBCLASS and _ours(q.subject) and _ours(q.object))
    draft.ontology.append(
        Quad(NamedNode(_text(quad.object)), _SUBCLASS, quad.subject, quad.graph_name)
    )
    return f"{quad.object}: also a subclass of {quad.subject}"


@operator
def swap_domain_and_range(draft: Draft) -> str:
    ranges = {q.subject: q for q in draft.ontology if q.predicate == _RANGE and _ours(q.object)}
    quad = draft.axiom(
        lambda q: (
            q.predicate == _DOMAIN and q.subject in ranges and q.object != ranges[q.subject].object
        )
    )
    other = ranges[quad.subject]
    draft.replace(quad, _with(quad, value=other.object))
    draft.replace(other, _with(other, value=quad.object))
    return f"{quad.subject}: domain and range swapped"


@operator
def give_a_property_another_range(draft: Draft) -> str:
    quad = draft.axiom(lambda q: q.predicate == _RANGE and _ours(q.object))
    value = term("Procedure") if quad.object != term("Procedure") else term("Passage")
    draft.replace(quad, _with(quad, value=value))
    return f"{quad.subject}: range {value}"


@operator
def make_a_class_a_kind_of_what_excludes_it(draft: Draft) -> str:
    quad = draft.axiom(
        lambda q: q.predicate == _SUBCLASS and q.object in (term("Organisation"), term("Act"))
    )
    value = term("Person") if quad.object == term("Organisation") else term("Text")
    draft.ontology.append(_with(quad, value=value))
    return f"{quad.subject}: also a subclass of {value}"


@operator
def make_a_property_irreflexive_and_reflexive(draft: Draft) -> str:
    quad = draft.axiom(lambda q: q.object == NamedNode(OWL + "IrreflexiveProperty"))
    draft.ontology.append(_with(quad, value=NamedNode(OWL + "ReflexiveProperty")))
    return f"{quad.subject}: also reflexive"


@operator
def give_a_concept_two_labels(draft: Draft) -> str:
    quad = draft.axiom(
        lambda q: q.predicate == _LABEL and not _ours(q.subject) and _english(q.object)
    )
    draft.ontology.append(_with(quad, value=Literal(f"other {_text(quad.object)}", language="en")))
    return f"{quad.subject}: two English labels"


@operator
def take_a_concept_out_of_its_scheme(draft: Draft) -> str:
    quad = draft.axiom(lambda q: q.predicate == NamedNode(SKOS + "inScheme"))
    draft.replace(quad)
    return f"{quad.subject}: in no scheme"


@operator
def make_an_option_stricter_than_any(draft: Draft) -> str:
    quad = draft.axiom(lambda q: q.predicate == term("strictness"))
    draft.replace(quad, _with(quad, value=Literal(-3)))
    return f"{quad.subject}: strictness -3"


@operator
def use_a_term_that_nothing_declares(draft: Draft) -> str:
    quad = draft.axiom(lambda q: q.predicate == _DOMAIN and _ours(q.object))
    draft.replace(quad, _with(quad, value=term("Undeclared")))
    return f"{quad.subject}: domain tlg:Undeclared"
