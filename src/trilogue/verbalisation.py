"""Axioms of OWL 2 in words, with the names that people gave to things and terms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Name = Callable[[str], str]


def verbalise(axiom: Any, name: Name) -> str:
    """Return an axiom of the OWLAPI as a sentence without its full stop.

    `name` turns an IRI into a name. An axiom of a kind that has no sentence here is returned in
    OWL 2 Functional-Style Syntax.
    """
    kind = str(axiom.getAxiomType().getName())
    sentence = _SENTENCES.get(kind)
    return sentence(axiom, name) if sentence else str(axiom)


def _entity(item: Any, name: Name) -> str:
    return name(str(item.toStringID()))


def indefinite(noun: str) -> str:
    """Return a noun with its article.

    >>> indefinite("act"), indefinite("EU institution"), indefinite("firm")
    ('an act', 'an EU institution', 'a firm')
    """
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def _property(item: Any, name: Name) -> str:
    if item.isAnonymous():
        return f"inverse of {_entity(item.getInverse(), name)}"
    return _entity(item, name)


def _class(item: Any, name: Name) -> str:
    """Return a class expression so that it can follow "is": "a firm", "what has some …"."""
    kind = str(item.getClassExpressionType().getName())
    if kind == "Class":
        return indefinite(_entity(item, name))
    return _EXPRESSIONS[kind](item, name) if kind in _EXPRESSIONS else str(item)


def _quantified(word: str) -> Callable[[Any, Name], str]:
    def sentence(item: Any, name: Name) -> str:
        filler = item.getFiller()
        what = _class(filler, name) if hasattr(filler, "getClassExpressionType") else str(filler)
        return f"what has {word} {_quoted(_property(item.getProperty(), name))} that is {what}"

    return sentence


def _counted(word: str) -> Callable[[Any, Name], str]:
    def sentence(item: Any, name: Name) -> str:
        prop = _quoted(_property(item.getProperty(), name))
        return f"what has {word} {item.getCardinality()} {prop}"

    return sentence


def _valued(item: Any, name: Name) -> str:
    filler = item.getFiller()
    what = str(filler.getLiteral()) if hasattr(filler, "getLiteral") else _entity(filler, name)
    return f"what has {_quoted(_property(item.getProperty(), name))} {what}"


def _joined(word: str) -> Callable[[Any, Name], str]:
    def sentence(item: Any, name: Name) -> str:
        parts = [_class(part, name) for part in item.getOperandsAsList()]
        return f" {word} ".join(sorted(parts, key=lambda part: part.startswith("what")))

    return sentence


def _quoted(words: str) -> str:
    return f"“{words}”"


_EXPRESSIONS: Mapping[str, Callable[[Any, Name], str]] = {
    "ObjectSomeValuesFrom": _quantified("some"),
    "DataSomeValuesFrom": _quantified("some"),
    "ObjectAllValuesFrom": _quantified("only"),
    "DataAllValuesFrom": _quantified("only"),
    "ObjectHasValue": _valued,
    "DataHasValue": _valued,
    "ObjectMaxCardinality": _counted("at most"),
    "ObjectMinCardinality": _counted("at least"),
    "ObjectExactCardinality": _counted("exactly"),
    "DataMaxCardinality": _counted("at most"),
    "DataMinCardinality": _counted("at least"),
    "DataExactCardinality": _counted("exactly"),
    "ObjectIntersectionOf": _joined("and"),
    "ObjectUnionOf": _joined("or"),
    "ObjectComplementOf": lambda item, name: f"not {_class(item.getOperand(), name)}",
}


def _class_assertion(axiom: Any, name: Name) -> str:
    subject = _entity(axiom.getIndividual(), name)
    return f"{subject} is {_class(axiom.getClassExpression(), name)}"


def _object_assertion(axiom: Any, name: Name) -> str:
    subject, value = _entity(axiom.getSubject(), name), _entity(axiom.getObject(), name)
    return f"{subject} {_property(axiom.getProperty(), name)} {value}"


def _data_assertion(axiom: Any, name: Name) -> str:
    prop, subject = _property(axiom.getProperty(), name), _entity(axiom.getSubject(), name)
    value = str(axiom.getObject().getLiteral()).removesuffix("T00:00:00")
    return f"the {prop} of {subject} is {value}"


def _subclass(axiom: Any, name: Name) -> str:
    sub, sup = (_class(item, name) for item in (axiom.getSubClass(), axiom.getSuperClass()))
    return f"{sub} is {sup}"


def _equivalent(axiom: Any, name: Name) -> str:
    parts = [_class(item, name) for item in axiom.getOperandsAsList()]
    first, *rest = sorted(parts, key=lambda part: part.startswith("what") or " and " in part)
    return f"{first} is the same as {' and as '.join(rest)}"


def _disjoint(axiom: Any, name: Name) -> str:
    return (
        f"nothing is both {' and '.join(_class(item, name) for item in axiom.getOperandsAsList())}"
    )


def _different(axiom: Any, name: Name) -> str:
    names = [_entity(item, name) for item in axiom.getIndividualsAsList()]
    return f"{' and '.join(names)} are different"


def _same(axiom: Any, name: Name) -> str:
    names = [_entity(item, name) for item in axiom.getIndividualsAsList()]
    return f"{' and '.join(names)} are the same"


def _domain(axiom: Any, name: Name) -> str:
    prop = _quoted(_property(axiom.getProperty(), name))
    return f"whatever {prop} is said of is {_class(axiom.getDomain(), name)}"


def _range(axiom: Any, name: Name) -> str:
    prop = _quoted(_property(axiom.getProperty(), name))
    return f"whatever {prop} leads to is {_class(axiom.getRange(), name)}"


def _data_range(axiom: Any, name: Name) -> str:
    prop = _quoted(_property(axiom.getProperty(), name))
    return f"a value of {prop} is of {axiom.getRange()}"


def _of_property(sentence: str) -> Callable[[Any, Name], str]:
    return lambda axiom, name: sentence.format(_quoted(_property(axiom.getProperty(), name)))


def _subproperty(axiom: Any, name: Name) -> str:
    sub, sup = (
        _quoted(_property(item, name))
        for item in (axiom.getSubProperty(), axiom.getSuperProperty())
    )
    return f"where {sub} holds, {sup} holds too"


def _chain(axiom: Any, name: Name) -> str:
    links = [_quoted(_property(item, name)) for item in axiom.getPropertyChain()]
    return (
        f"{' followed by '.join(links)} gives {_quoted(_property(axiom.getSuperProperty(), name))}"
    )


def _disjoint_properties(axiom: Any, name: Name) -> str:
    props = [_quoted(_property(item, name)) for item in axiom.getOperandsAsList()]
    return f"no two things are joined by both {' and '.join(props)}"


def _key(axiom: Any, name: Name) -> str:
    props = " and ".join(_quoted(_property(item, name)) for item in axiom.getPropertyExpressions())
    kind = _class(axiom.getClassExpression(), name)
    return f"two with the same {props} are one, where each is {kind}"


_SENTENCES: Mapping[str, Callable[[Any, Name], str]] = {
    "ClassAssertion": _class_assertion,
    "ObjectPropertyAssertion": _object_assertion,
    "DataPropertyAssertion": _data_assertion,
    "SubClassOf": _subclass,
    "EquivalentClasses": _equivalent,
    "DisjointClasses": _disjoint,
    "DifferentIndividuals": _different,
    "SameIndividual": _same,
    "ObjectPropertyDomain": _domain,
    "DataPropertyDomain": _domain,
    "ObjectPropertyRange": _range,
    "DataPropertyRange": _data_range,
    "FunctionalObjectProperty": _of_property("{} leads to one thing at most"),
    "FunctionalDataProperty": _of_property("{} has one value at most"),
    "InverseFunctionalObjectProperty": _of_property("{} leads to each thing from one at most"),
    "AsymmetricObjectProperty": _of_property("{} never holds both ways"),
    "IrrefexiveObjectProperty": _of_property("{} never leads from a thing to itself"),
    "SymmetricObjectProperty": _of_property("{} holds both ways"),
    "TransitiveObjectProperty": _of_property("{} holds along its chains"),
    "SubObjectPropertyOf": _subproperty,
    "SubDataPropertyOf": _subproperty,
    "SubPropertyChainOf": _chain,
    "DisjointObjectProperties": _disjoint_properties,
    "HasKey": _key,
}
