"""Paths that are asked for in SPARQL are those of the enumeration, and the rest stays as it is."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path as File
from typing import Any

import pytest
import rdflib
import small_dossier
from conftest import Run
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pyoxigraph import Quad
from small_dossier import HOPS, NETWORK, WHOLE, act
from test_path_semantics import networks, queries

from trilogue import results
from trilogue.errors import QueryError
from trilogue.graph import EmbeddedBackend, Graph
from trilogue.namespaces import INFERRED_GRAPH, TERMS, THINGS, TYPE, compact, term, thing
from trilogue.paths import request, service
from trilogue.paths.enumeration import Enumeration
from trilogue.paths.network import Network, day_in_words
from trilogue.paths.query import Carry, Order, PathQuery, Score
from trilogue.paths.service import SERVICE, evaluate
from trilogue.paths.statements import Statements
from trilogue.results import Bindings

PREFIXES = f"""PREFIX org: <http://www.w3.org/ns/org#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX service: <{SERVICE.removesuffix("paths")}>
PREFIX thing: <{THINGS}>
PREFIX tlg: <{TERMS}>
"""
DOCUMENTATION = File(service.__file__).with_suffix(".md")


def untouched(*_: str) -> Any:
    raise AssertionError("asked, though there is no block")


def rewritten(query: str, network: Network = NETWORK) -> str:
    return evaluate(PREFIXES + query, lambda: network, small_dossier.ask)


def answer(query: str, network: Network = NETWORK) -> list[tuple[str, ...]]:
    """Return the rows of a query, things in short."""
    found = small_dossier.store().answer(rewritten(query, network), "")
    assert isinstance(found, Bindings)
    return sorted(tuple(results.show(value) for value in row) for row in found.rows)


def block(pattern: str, select: str = "SELECT *", name: str = "service:paths") -> str:
    return f"{select} WHERE {{ SERVICE {name} {{ {pattern} }} }}"


def refused(query: str, network: Network = NETWORK) -> str:
    with pytest.raises(QueryError) as caught:
        rewritten(query, network)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# What is found


def test_a_path_is_bound_with_its_hops() -> None:
    query = f"""SELECT ?number ?kind ?act ?from ?to ?order WHERE {{
      SERVICE service:paths {{
        [] tlg:expression "{WHOLE}" ; tlg:mostHops 10 ; tlg:carriedMatter "stance" ;
          tlg:searchesFrom ?firm ; tlg:searchesTo thing:provision\\/threshold ; tlg:findsPath ?path .
        ?firm a tlg:Firm .
        ?path tlg:durationInDays 162 ; tlg:hasHop/tlg:hopKind "uptake" ; tlg:hasHop ?hop .
        ?hop tlg:hopNumber ?number ; tlg:hopKind ?kind ; tlg:restsOnGround ?act ;
          tlg:startsAt ?from ; tlg:endsAt ?to .
        OPTIONAL {{ ?hop tlg:hasOrderCertainty ?order }}
      }} }}"""
    assert answer(query) == [
        ("1", "demand", "position/small-firm", "actor/small-firm", "actor/small-firm", ""),
        ("2", "contact", "act/meeting", "actor/small-firm", "actor/minister", "certainty/certain"),
        ("3", "office", "tenure/minister", "actor/minister", "actor/ministry", ""),
        ("4", "part", "actor/ministry", "actor/ministry", "actor/government", ""),
        ("5", "uptake", "act/discussion", "actor/government", "actor/arcadia", "certainty/certain"),
        ("6", "position", "act/working-party-meeting", "actor/arcadia", "actor/working-party", "certainty/certain"),
        ("7", "part", "actor/working-party", "actor/working-party", "actor/council", ""),
        ("8", "adoption", "act/agreement", "actor/council", "text/agreement", ""),
        ("9", "provision", "provision/threshold", "text/agreement", "provision/threshold", ""),
    ]  # fmt: skip


def described(query: PathQuery) -> str:
    """Return a block that asks for the same as a path query."""
    lines = []
    for triple in Statements(query).plan():
        if triple.subject == Statements(query).plan_iri and "ns#" in triple.predicate.value:
            lines.append(f"{triple.predicate} {triple.object}")
    return f"[] {' ; '.join(lines)} ; tlg:findsPath ?path ."


def in_full(network: Network) -> Network:
    """Return a network with IRIs for names."""
    return Network(
        tuple(
            replace(
                hop,
                ground=THINGS + hop.ground,
                source=THINGS + hop.source,
                target=THINGS + hop.target,
                matters=frozenset(small_dossier.matter(*each) for each in hop.matters),
            )
            for hop in network.hops
        )
    )


def of_full(query: PathQuery) -> PathQuery:
    """Return a query with IRIs for names."""
    ends = [
        frozenset(THINGS + name for name in names) for names in (query.origins, query.destinations)
    ]
    issues = query.issues and frozenset(THINGS + issue for issue in query.issues)
    return replace(query, origins=ends[0], destinations=ends[1], issues=issues)


@settings(max_examples=60)
@given(networks().map(in_full), queries().map(of_full))
def test_what_is_found_is_what_enumeration_finds(network: Network, query: PathQuery) -> None:
    kinds = {atom.kind for atom in query.automaton.atoms} - {"any"}
    issues = {matter.issue for hop in network.hops for matter in hop.matters}
    assume(kinds <= network.kinds and (query.issues or set()) <= issues)
    assume(query.origins | query.destinations <= network.things)
    pattern = """?path tlg:hasOrigin ?origin ; tlg:hasDestination ?destination ;
      tlg:numberOfHops ?hops ; tlg:durationInDays ?days . OPTIONAL { ?path tlg:arrivalDay ?day }
      OPTIONAL { ?path tlg:carriesIssue ?issue }"""
    select = "SELECT ?path ?origin ?destination ?hops ?days ?day ?issue"
    expected = [
        (
            compact(Statements(query).iri(path).value),
            compact(path.origin),
            compact(path.destination),
            str(len(path.hops)),
            str(path.duration),
            day_in_words(path.arrival),
            compact(path.matter.issue) if path.matter else "",
        )
        for path in Enumeration(network, query).paths()
    ]
    assert answer(block(described(query) + pattern, select), network) == sorted(expected)


@pytest.mark.parametrize("score", Score)
def test_the_best_are_those_of_the_enumeration(score: Score) -> None:
    query = PathQuery("any{1,6}", NETWORK.things, NETWORK.things, carry=Carry.nothing)
    pattern = described(query) + f' ?path tlg:hasHop ?hop . [] tlg:score "{score}" ; tlg:limit 5'
    pattern = re.sub(r"\[\] ", "_:query ", pattern)
    best = Enumeration(NETWORK, query).top(5, score)
    rows = answer(block(pattern, "SELECT DISTINCT ?path"))
    expected = sorted(compact(Statements(query).iri(path).value) for path in best)
    assert rows == [(iri,) for iri in expected]


def test_several_hops_and_values_are_a_pattern_like_any_other() -> None:
    pattern = """[ tlg:expression "any{1,4}" ; tlg:findsPath [ tlg:numberOfHops 3 ;
        tlg:hasHop [ tlg:hopNumber 1 ; a tlg:ContactHop ; tlg:restsOnAct ?first ] , ?last ;
        tlg:hasHop/tlg:hopKind "office" ] ] .
      ?last tlg:hopNumber 3 ; tlg:endsAt ?end ."""
    assert answer(block(pattern, "SELECT ?first ?end")) == [
        ("act/dinner", "actor/government"),
        ("act/meeting", "actor/government"),
    ]


def test_the_rows_that_carry_a_hop_are_its_sources() -> None:
    pattern = """[] tlg:expression "contact" ; tlg:findsPath ?path . ?path tlg:hasHop ?hop .
      ?hop prov:wasDerivedFrom ?source ; tlg:restsOnGround thing:act\\/meeting ."""
    rows = answer(block(pattern, "SELECT ?source"))
    assert rows == [("passage/p1",), ("passage/p1-n1",), ("row/cited",)]


def test_a_class_stands_for_its_members_and_several_things_for_each() -> None:
    ends = "tlg:searchesFrom tlg:Firm ; tlg:searchesTo tlg:Government , thing:actor\\/newspaper"
    pattern = f'[] tlg:expression "contact|appearance" ; {ends} ; tlg:findsPath ?path . '
    pattern += "?path tlg:hasDestination ?end"
    assert answer(block(pattern, "SELECT ?end")) == [("actor/government",), ("actor/newspaper",)]


@pytest.mark.parametrize(
    ("expression", "grounds"),
    [
        ("contact[type=tlg:Meeting]", {"act/meeting"}),
        ("contact[type=act/dinner]", {"act/dinner"}),
        ("contact[type!=tlg:Meeting; to=tlg:Person]", {"act/dinner"}),
        ("contact[from=actor/small-firm; to!=actor/minister]", {"act/cabinet-visit"}),
    ],
)
def test_conditions_may_name_classes_things_and_grounds(expression: str, grounds: set[str]) -> None:
    pattern = f'[] tlg:expression "{expression}" ; tlg:findsPath ?path . '
    pattern += "?path tlg:hasHop/tlg:restsOnGround ?ground"
    assert {ground for (ground,) in answer(block(pattern, "SELECT ?ground"))} == grounds


def test_no_path_is_no_row() -> None:
    pattern = '[] tlg:expression "contact" ; tlg:searchesFrom ?x ; tlg:searchesTo ?x'
    assert answer(block(pattern)) == []


def test_a_block_without_variables_tells_whether_there_is_a_path() -> None:
    for expression, found in (("contact/office", True), ("office/contact", False)):
        text = rewritten(block(f'[] tlg:expression "{expression}"', "ASK"))
        assert small_dossier.store().answer(text, "") is found


def test_a_variable_for_the_query_is_bound_to_what_was_asked() -> None:
    pattern = '?query tlg:expression "appearance"'
    ((iri,),) = answer(block(pattern))
    everything = PathQuery("appearance", NETWORK.things, NETWORK.things)
    assert iri == compact(Statements(everything).plan_iri.value)


# Patterns beside the paths


def counted(query: str) -> tuple[list[str], str]:
    """Return the questions that were asked on the way, and the text that comes out."""
    asked: list[str] = []

    def ask(text: str) -> Bindings:
        asked.append(text)
        return small_dossier.ask(text)

    return asked, evaluate(PREFIXES + query, lambda: NETWORK, ask)


def test_patterns_choose_the_origins_before_the_search() -> None:
    pattern = """[] tlg:expression "part" ; tlg:searchesFrom ?body ; tlg:limit 1 .
      ?body org:subOrganizationOf* ?above ; a ?kind FILTER(?above = thing:actor\\/council)
      VALUES ?kind { tlg:EUBody }"""
    asked, text = counted(block(pattern, "SELECT ?body"))
    assert len(asked) == 1
    assert answer(block(pattern, "SELECT DISTINCT ?body")) == [("actor/working-party",)]
    assert text.count(THINGS + "actor/") == 1  # the one origin, chosen before the limit


def test_patterns_on_both_ends_choose_pairs() -> None:
    pattern = """[] tlg:expression "any{1,3}" ; tlg:searchesFrom ?one ; tlg:searchesTo ?other ;
        tlg:limit 1 ; tlg:score "weight" ; tlg:carriedMatter "nothing" .
      ?one org:subOrganizationOf/org:subOrganizationOf ?other ."""
    asked, text = counted(block(pattern))
    assert len(asked) == 1
    assert answer(block(pattern)) == [("actor/ministry", "actor/arcadia")]
    assert "VALUES (?one ?other)" in text


def test_patterns_on_what_is_found_are_asked_afterwards() -> None:
    pattern = """[] tlg:expression "contact" ; tlg:searchesFrom ?firm ; tlg:findsPath ?path .
      ?firm a tlg:Firm . ?path tlg:hasHop/tlg:restsOnGround ?act .
      ?act rdfs:label ?label . BIND(STRLEN(?label) AS ?length) FILTER(?length > 6)
      OPTIONAL { ?act tlg:usesChannel ?channel }"""
    asked, _ = counted(block(pattern))
    assert len(asked) == 1
    assert "label" not in asked[0].partition("SELECT")[2]
    rows = answer(block(pattern, "SELECT DISTINCT ?act ?label ?channel"))
    assert rows == [
        ("act/cabinet-visit", "Cabinet visit", ""),
        ("act/meeting", "Meeting", "channel/meeting"),
        ("act/meeting", "Treffen", "channel/meeting"),
    ]


def test_a_path_can_be_filtered_by_what_it_goes_over() -> None:
    pattern = """[] tlg:expression "contact/any{0,2}" ; tlg:findsPath ?path .
      ?path tlg:hasDestination ?end .
      FILTER NOT EXISTS { ?path tlg:hasHop ?hop . ?hop tlg:hopKind "part" }"""
    rows = answer(block(pattern, "SELECT DISTINCT ?end"))
    assert rows == [("actor/government",), ("actor/minister",), ("actor/ministry",)]


def test_patterns_that_choose_do_not_multiply_what_is_found() -> None:
    # The store's union of graphs gives a triple once for each graph that it stands in.
    meeting = Quad(thing("act/meeting"), TYPE, term("Meeting"), small_dossier.MEETING_ROW)
    store = EmbeddedBackend.of([*small_dossier.quads(), meeting])

    def ask(text: str) -> Bindings:
        found = store.answer(text, "")
        assert isinstance(found, Bindings)
        return found

    meeting_itself = replace(HOPS[1], target=THINGS + "act/meeting")
    pattern = """[] tlg:expression "contact" ; tlg:searchesTo ?to ; tlg:findsPath ?path .
      ?to a tlg:Meeting ; rdfs:label ?label . FILTER(LANG(?label) = "en")"""
    text = evaluate(PREFIXES + block(pattern), lambda: Network((meeting_itself,)), ask)
    assert len(ask(text)) == 1
    assert len(ask(f"{PREFIXES} SELECT ?to {{ ?to a tlg:Meeting ; rdfs:label 'Meeting'@en }}")) > 1


BOTH_ENDS = """[] tlg:expression "contact|office|part" ; tlg:searchesFrom ?o ; tlg:searchesTo ?d ;
  tlg:carriedMatter "nothing" ; tlg:findsPath ?p . """
MINISTER = "thing:actor\\/minister"
ON_ENDS = [
    f"FILTER(?o = {MINISTER})",
    f"FILTER(?o != {MINISTER})",
    "FILTER(BOUND(?o))",
    "FILTER(?o != ?d)",
    'FILTER(CONTAINS(STR(?o), "firm") || CONTAINS(STR(?d), "government"))',
    "FILTER NOT EXISTS { ?o a tlg:Person }",
    "FILTER EXISTS { ?o org:subOrganizationOf ?d }",
    "FILTER(?above != ?d)",
    "MINUS { ?o a tlg:Person }",
    "MINUS { ?o org:subOrganizationOf ?d }",
    "OPTIONAL { ?o org:subOrganizationOf ?above }",
    "OPTIONAL { ?d org:subOrganizationOf ?above }",
    "BIND(STRLEN(STR(?o)) AS ?length)",
    "BIND(?d AS ?above)",
    "FILTER(?length > 43)",
    f"VALUES ?o {{ {MINISTER} thing:actor\\/small-firm }}",
    f"VALUES (?o ?d) {{ ({MINISTER} UNDEF) (UNDEF {MINISTER}) }}",
    "?o a tlg:Firm .",
    "?d a ?kind .",
    "?o org:subOrganizationOf ?above .",
    "{ ?d a tlg:Government } UNION { ?o a tlg:Firm }",
]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(ON_ENDS), min_size=1, max_size=4, unique=True))
def test_patterns_on_the_ends_mean_the_same_within_the_block_and_after_it(
    patterns: list[str],
) -> None:
    after = f"SELECT DISTINCT * {{ SERVICE service:paths {{ {BOTH_ENDS} }} {' '.join(patterns)} }}"
    try:
        expected = by_variable(after)
    except QueryError:  # a variable bound twice
        assume(False)
    assert by_variable(block(BOTH_ENDS + " ".join(patterns), "SELECT DISTINCT *")) == expected


def by_variable(query: str) -> set[frozenset[tuple[str, str]]]:
    """Return the distinct rows of a query, whatever the order of its variables."""
    found = small_dossier.ask(rewritten(query))
    return {
        frozenset(
            (name, str(value))
            for name, value in zip(found.variables, row, strict=True)
            if value is not None
        )
        for row in found.rows
    }


@pytest.mark.parametrize(
    ("pattern", "origins"),
    [
        (f"FILTER(?o = {MINISTER})", {"actor/minister"}),
        ("FILTER NOT EXISTS { ?o a tlg:Firm }", {"actor/minister"}),
        ("MINUS { ?o a tlg:Firm }", {"actor/minister"}),
        ("OPTIONAL { ?o tlg:nothing ?x } FILTER(!BOUND(?x))", {"actor/minister", "actor/small-firm"}),
        (f"VALUES ?o {{ {MINISTER} }} FILTER(?o != {MINISTER})", set()),
        ("FILTER(?o != ?d)", {"actor/minister", "actor/small-firm"}),
    ],
)  # fmt: skip
def test_a_mere_filter_on_an_end_chooses_before_the_search(pattern: str, origins: set[str]) -> None:
    pattern = BOTH_ENDS.replace("|part", "") + pattern
    assert {origin for (origin,) in answer(block(pattern, "SELECT ?o"))} == origins
    first = pattern.replace("tlg:findsPath", "tlg:limit 1 ; tlg:findsPath")
    assert len(answer(block(first, "SELECT ?p"))) == min(len(origins), 1)


def test_an_end_may_be_computed() -> None:
    pattern = f"BIND({MINISTER} AS ?o) {BOTH_ENDS} FILTER(?o != ?d)"
    assert answer(block(pattern, "SELECT ?o ?d")) == [("actor/minister", "actor/ministry")]


def test_dataset_clauses_hold_for_the_choice_of_origins() -> None:
    query = f"""SELECT ?firm FROM <{THINGS}graph/nothing> WHERE {{
      SERVICE service:paths {{ [] tlg:expression "contact" ; tlg:searchesFrom ?firm . ?firm a tlg:Firm }} }}"""
    asked, _ = counted(query)
    assert f"FROM <{THINGS}graph/nothing>" in asked[0]


# Where a block can stand

CONTACT = 'SERVICE service:paths { [] tlg:expression "contact" ; tlg:searchesTo ?to }'
PLACES = {
    "optional": f"SELECT ?to WHERE {{ ?x a tlg:Government OPTIONAL {{ {CONTACT} }} }}",
    "union": f"SELECT ?to WHERE {{ {{ {CONTACT} }} UNION {{ VALUES ?to {{ 1 }} FILTER(false) }} }}",
    "subselect": f"SELECT * {{ {{ SELECT ?to WHERE {{ {CONTACT} }} }} }}",
    "silent": f"SELECT ?to {{ {CONTACT.replace('SERVICE', 'service silent')} }}",
    "full IRI": f"SELECT ?to {{ {CONTACT.replace('service:paths', f'<{SERVICE}>')} }}",
    "escaped IRI": f"SELECT ?to {{ {CONTACT.replace('service:paths', f'<{SERVICE[:-1]}' + chr(92) + 'u0073>')} }}",
    "no space": f"SELECT ?to{{{CONTACT.replace('service:paths {', 'service:paths{')}}}",
    "strings": f'SELECT ?to {{ {CONTACT} FILTER("}} SERVICE service:paths {{" != """"\\"}}""") }}',
    "comments": f"SELECT ?to {{ # {{ SERVICE service:paths {{\n {CONTACT} # }}\n }}",
    "comment within": "SELECT ?to { " + CONTACT.replace(" ;", " # } ;\n ;") + " }",
    "less than": f"SELECT ?to {{ {CONTACT} BIND(1 AS ?a) FILTER(?a<2 && 3>?a) }}",
    "twice": f"SELECT ?to {{ {CONTACT} {CONTACT.replace(' ;', '; tlg:searchesFrom tlg:Firm ;')} }}",
}


@pytest.mark.parametrize("place", PLACES)
def test_a_block_can_stand_anywhere(place: str) -> None:
    addressed = {(compact(hop.target),) for hop in HOPS if hop.kind == "contact"}
    assert set(answer(PLACES[place])) == addressed


def test_the_base_of_the_query_holds_for_the_block() -> None:
    text = f"BASE <{THINGS}> PREFIX tlg: <{TERMS}> SELECT * {{ SERVICE <../service/paths> {{"
    text += '[] tlg:expression "contact" ; tlg:searchesFrom ?from ; tlg:searchesTo <actor/government> } }'
    found = evaluate(text, lambda: NETWORK, small_dossier.ask)
    assert [row[0].value for row in small_dossier.ask(found).rows] == [THINGS + "actor/small-firm"]


def test_two_blocks_join() -> None:
    query = """SELECT DISTINCT ?middle ?end { SERVICE service:paths {
        [] tlg:expression "contact" ; tlg:searchesTo ?middle }
      SERVICE service:paths { [] tlg:expression "office/part" ; tlg:searchesFrom ?middle ; tlg:searchesTo ?end } }"""
    assert answer(query) == [("actor/minister", "actor/government")]


def test_lines_keep_their_numbers() -> None:
    query = "SELECT * {\n " + CONTACT.replace(" ;", " ;\n\n") + "\n ?a ?b }"
    assert rewritten(query).count("\n") == (PREFIXES + query).count("\n")
    with pytest.raises(QueryError) as caught:
        small_dossier.store().answer(rewritten(query), "")
    line = (PREFIXES + query).count("\n") + 1
    assert str(caught.value).startswith(f"{line}:")


def test_other_services_are_left_alone() -> None:
    query = "SELECT * { SERVICE <https://example.org/paths> { ?a ?b ?c } SERVICE ?d { ?a ?b ?c } }"
    assert evaluate(PREFIXES + query, untouched, untouched) == PREFIXES + query


@pytest.mark.parametrize("silent", ["", "SILENT "])
def test_a_service_of_the_project_that_there_is_not_is_refused(silent: str) -> None:
    line = PREFIXES.count("\n") + 1
    for name in ("service:path", f"<{SERVICE[:-1]}>"):
        message = refused(f"SELECT * {{ {{ SERVICE {silent}{name} {{ ?a ?b ?c }} }} }}")
        assert message == f"{line}:{22 + len(silent)} no service {SERVICE[:-1]}; nearest: {SERVICE}"


def test_rdflib_reads_what_comes_out() -> None:
    text = rewritten(PLACES["optional"])
    found = {str(row[0]) for row in rdflib.Graph().query(text.replace("?x a tlg:Government", ""))}  # type: ignore[index]
    assert found == {hop.target for hop in HOPS if hop.kind == "contact"}


# What is no block stays byte for byte

FRAGMENTS = st.sampled_from(
    [
        f"SERVICE <{SERVICE}> {{ ?a ?b ?c }}",
        "SERVICE service:paths {",
        "}",
        "{",
        '"',
        "'",
        '"""',
        "\\",
        "#",
        "<",
        ">",
        "<<",
        "\n",
        "\r\n",
        "service:paths",
        "?service",
        "@en",
        "é影",
        "\u2028",
        "\x00",
    ]
)
TEXTS = st.lists(FRAGMENTS | st.text(max_size=5), max_size=12).map(" ".join)


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\r", "\\r") + '"'


@given(TEXTS)
def test_a_block_in_strings_and_comments_is_none(text: str) -> None:
    lines = re.split(r"[\n\r]", text)
    hidden = "\n".join(f"# {line}" for line in lines)
    query = f'{PREFIXES}{hidden}\nSELECT * {{ ?a ?b {quoted(text)} . ?c ?d """{quoted(text)[1:-1]}""" }}'
    assert evaluate(query, untouched, untouched) == query


@given(TEXTS, TEXTS)
def test_what_stands_around_a_block_stays(before: str, after: str) -> None:
    prologue = PREFIXES + "".join(f"# {line}\n" for line in re.split(r"[\n\r]", before))
    head, tail = f"SELECT * {{ BIND({quoted(before)} AS ?b) ", f" BIND({quoted(after)} AS ?c) }}"
    text = evaluate(f"{prologue}{head}{CONTACT}{tail}", lambda: NETWORK, small_dossier.ask)
    assert text.startswith(prologue + head)
    assert text.endswith(tail)
    assert SERVICE not in text.removeprefix(prologue + head).removesuffix(tail)


@given(TEXTS)
def test_any_text_comes_back_or_is_refused_in_words(text: str) -> None:
    with contextlib.suppress(QueryError):
        evaluate(text, lambda: NETWORK, small_dossier.ask)


def hostile() -> Iterator[str]:
    yield from ('"', "\\", '" } ; DROP', "}", "\n", "é 影", "<a>", "'''", '"""')


@pytest.mark.parametrize("text", hostile())
def test_what_the_data_says_is_no_part_of_the_query(text: str) -> None:
    network = Network((replace(HOPS[3], kind="visit", evidence=(text,)),))
    pattern = """[] tlg:expression "visit" ; tlg:findsPath ?path . ?path tlg:hasHop ?hop .
      ?hop tlg:evidenceLocator ?evidence ."""
    found = small_dossier.ask(rewritten(block(pattern, "SELECT ?evidence"), network))
    assert [row[0].value for row in found.rows] == [text]


def test_a_thing_that_breaks_out_of_its_brackets_is_refused() -> None:
    network = Network((replace(HOPS[3], target=THINGS + "actor/a> } <b"),))
    assert "actor/a> } <b' cannot be written as an IRI" in refused(
        block('[] tlg:expression "contact" ; tlg:searchesTo ?x'), network
    )


# What is wrong is said in one line, with its place

FIND = '[] tlg:expression "contact" ; tlg:findsPath ?p . ?p tlg:hasHop ?h . '
WRONG = {
    "": "tlg:expression is missing: the hops to search along",
    "?a ?b ?c": "tlg:expression is missing: the hops to search along",
    '[] tlg:expresion "contact"': "tlg:expression is missing: the hops to search along; nearest: tlg:expression",
    "[] tlg:searchesFrom ?x": "tlg:expression is missing: the hops to search along",
    '[] tlg:expression "contact" ; tlg:serchesFrom ?x': "unknown property tlg:serchesFrom; nearest: tlg:searchesFrom",
    '[] tlg:expression "contact" ; tlg:findsPath ?p . ?p tlg:hashop ?h': "unknown property tlg:hashop; nearest: tlg:hasHop",
    FIND + "?h tlg:hopnumber 1": "unknown property tlg:hopnumber; nearest: tlg:hopNumber",
    FIND + "?p tlg:hasHop/tlg:restsOnGround/rdfs:label ?l": "unknown property rdfs:label",
    FIND + "OPTIONAL { ?h tlg:restsOnGround ?a . ?a rdfs:label ?l }": "OPTIONAL is about a path or hop and about ?a",
    FIND + "FILTER EXISTS { ?h tlg:restsOnGround ?a . ?a rdfs:label ?l }": "FILTER is about a path or hop and about ?a",
    FIND + "?p tlg:hasOrigin ?f . ?f rdfs:label ?l . OPTIONAL { ?h tlg:hopNumber ?n FILTER(?l = 'x') }": "OPTIONAL is about a path or hop and about ?l",
    '[] tlg:expression "contact//office"': "expression 'contact//office': column 9: found '/'",
    '[] tlg:expression "contct"': "expression 'contct': column 1: no hop of kind 'contct'; nearest: contact",
    '[] tlg:expression "contact[type=tlg:Meting]"': "no thing or class 'tlg:Meting' in any hop; nearest: Meeting",
    '[] tlg:expression "contact/contact[to=actor/minster]"': "no thing or class 'actor/minster' in any hop; nearest: actor/minister",
    '[] tlg:expression "contact" ; tlg:searchesFrom thing:actor\\/small-frm': "no thing or class 'actor/small-frm' in any hop; nearest: actor/small-firm",
    '[] tlg:expression "contact" ; tlg:searchesTo tlg:Goverment': "no thing or class 'tlg:Goverment' in any hop; nearest: Government",
    '[] tlg:expression "contact" ; tlg:asksForIssue thing:issue\\/treshold': "no issue 'issue/treshold' in any hop; nearest: issue/threshold",
    '[] tlg:expression "contact*"': "expression 'contact*' has no longest match: give the largest number of hops in tlg:mostHops",
    '[] tlg:expression "contact" , "office"': "tlg:expression: 2 values, expected one",
    "[] tlg:expression ?e": "tlg:expression ?e: expected a string",
    '[] tlg:expression "contact" . [] tlg:limit 3': "path queries in it: 2, expected one subject",
    '[] tlg:expression "contact" ; tlg:limit "ten"': 'tlg:limit "ten": expected a whole number',
    '[] tlg:expression "contact" ; tlg:limit 1.5': "tlg:limit 1.5: expected a whole number",
    '[] tlg:expression "contact" ; tlg:limit true': "tlg:limit true: expected a whole number",
    '[] tlg:expression "contact" ; tlg:limit 0': "tlg:limit 0: expected 1 or more",
    '[] tlg:expression "contact" ; tlg:isSimple 1': "tlg:isSimple 1: expected true or false",
    '[] tlg:expression "contact" ; tlg:largestGap -1': "largest gap -1: expected a number, 0 or more",
    '[] tlg:expression "contact" ; tlg:requiredOrder "sure"': "tlg:requiredOrder 'sure': expected one of possible, certain",
    '[] tlg:expression "contact" ; tlg:carriedMatter "actor"': "tlg:carriedMatter 'actor': expected one of nothing, issue, stance",
    '[] tlg:expression "contact" ; tlg:score "best" ; tlg:limit 1': "tlg:score 'best': expected one of earliest",
    '[] tlg:expression "contact" ; tlg:score "hops"': "tlg:score chooses the best: tlg:limit, how many of them, is missing",
    '[] tlg:expression "contact" ; tlg:searchesFrom "x"': 'tlg:searchesFrom "x": expected a thing, not a literal',
    '[] tlg:expression "contact" ; tlg:searchesFrom ?x , tlg:Firm': "tlg:searchesFrom: several values, and one of them a variable",
    '[] tlg:expression "contact" ; tlg:findsPath "x"': "a path or hop is a thing, not a literal",
    'BIND(1/0 AS ?x) [] tlg:expression "contact" ; tlg:searchesFrom ?x': "?x: its pattern leaves it unbound",
    "SERVICE <https://example.org/> { ?a ?b ?c }": "another SERVICE cannot stand within it; put it beside",
}  # fmt: skip


@pytest.mark.parametrize("pattern", WRONG)
def test_what_is_wrong_in_a_block_is_said_in_one_line(pattern: str) -> None:
    line = PREFIXES.count("\n") + 1
    message = refused(block(pattern))
    assert message.startswith(f"{line}:18 path block: ")
    assert WRONG[pattern] in message


@pytest.mark.parametrize("group", ["GRAPH ?g", "SERVICE SILENT <https://example.org/>"])
def test_a_block_cannot_stand_within_another_graph_or_service(group: str) -> None:
    message = refused(f"SELECT * {{ {group} {{ {{ {CONTACT} }} }} }}")
    assert f"cannot stand within {group.split()[0]}; put it beside" in message


def test_what_does_not_parse_is_pointed_to_at_its_own_place() -> None:
    query = 'SELECT * {\n  SERVICE service:paths {\n    [] tlg:expression "contact" ; tlg:limit } }'
    with pytest.raises(QueryError) as caught:
        small_dossier.store().answer(PREFIXES + query, "")
    assert refused(query) == str(caught.value)


def test_braces_that_do_not_match_are_left_to_the_store() -> None:
    for query in (f"SELECT * {{ {CONTACT[:-1]}", f"SELECT * {{ {CONTACT} ) }} \"", CONTACT[:-1] + ") }"):  # fmt: skip
        text = PREFIXES + query
        try:
            text = evaluate(text, lambda: NETWORK, small_dossier.ask)
        except QueryError:
            continue
        with pytest.raises(QueryError):
            small_dossier.store().answer(text, "")


def test_too_many_paths_are_refused_and_never_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_PATHS", 3)
    everything = PathQuery("any{1,4}", NETWORK.things, NETWORK.things)
    number = Enumeration(NETWORK, everything).count()
    assert number > 3
    message = refused(block('[] tlg:expression "any{1,4}"'))
    assert "more than 3 paths: narrow the search, or say how many in tlg:limit" in message
    pattern = '[] tlg:expression "any{{1,4}}" ; tlg:findsPath ?path ; tlg:limit {}'
    assert len(answer(block(pattern.format(number + 1)))) == number
    assert len(answer(block(pattern.format(4)))) == 4
    assert len(answer(block('[] tlg:expression "contact" ; tlg:findsPath ?path'))) == 3


# Vocabulary and documentation


def test_the_ontology_declares_what_may_be_said() -> None:
    found = small_dossier.ask(
        f"SELECT ?property ?domain {{ ?property <{rdflib.RDFS.domain}> ?domain }}"
    )
    domains: dict[str, set[str]] = {}
    for row in found.rows:
        name, domain = (getattr(node, "value", "").removeprefix(TERMS) for node in row)
        domains.setdefault(domain, set()).add(name)
    assert domains["PathQuery"] == request.OF_QUERIES
    assert domains["InfluencePath"] == request.OF_PATHS
    assert domains["Hop"] == request.OF_HOPS


def test_the_documentation_names_all_terms_and_no_others() -> None:
    text = DOCUMENTATION.read_text("utf-8")
    classes = {"Hop", "PathQuery", "SmallOrMediumEnterprise"}
    terms = request.OF_QUERIES | request.OF_PATHS | request.OF_HOPS | classes
    assert set(re.findall(r"tlg:(\w+)", text)) == terms
    assert f"{service.MOST_PATHS + 1:,}" in text


def test_the_example_of_the_documentation_gives_an_answer() -> None:
    example = re.search(r"```sparql\n(.*?)```", DOCUMENTATION.read_text("utf-8"), re.DOTALL)
    assert example is not None
    position = replace(HOPS[10], source=THINGS + "actor/ministry", target=THINGS + "actor/council")
    firm = thing("actor/small-firm")
    small = Quad(firm, TYPE, term("SmallOrMediumEnterprise"), INFERRED_GRAPH)
    store = EmbeddedBackend.of([*small_dossier.quads(), small])

    def ask(text: str) -> Bindings:
        found = store.answer(text, "")
        assert isinstance(found, Bindings)
        return found

    found = ask(evaluate(example[1], lambda: replace(NETWORK, hops=(*HOPS, position)), ask))
    # Two contacts with the minister, two issues: each over four hops to the text.
    assert [row["number"].value for row in found] == ["1", "2", "3", "4"] * 4
    assert {row["firm"] for row in found} == {firm}


def test_certain_order_comes_from_the_block() -> None:
    june = act("uptake", "act/statement", "actor/minister", "actor/government", "2023-06-20")
    network = Network((*HOPS, june))
    certain = PathQuery("contact/uptake", network.things, network.things, order=Order.certain)
    possible = replace(certain, order=Order.possible)
    numbers = [Enumeration(network, query).count() for query in (certain, possible)]
    assert numbers == [1, 2]
    found = [len(answer(block(described(query)), network)) for query in (certain, possible)]
    assert found == numbers


# In the graph


def test_the_graph_answers_path_blocks(graph: Graph) -> None:
    expression = "contact/office?/part*/(uptake|position){1,2}/any?/adoption"
    paths = graph.paths(
        expression,
        origins="SmallOrMediumEnterprise",
        destinations="TextVersion",
        most_hops=7,
        carry=Carry.stance,
    )
    query = f"""PREFIX tlg: <{TERMS}> SELECT DISTINCT ?path WHERE {{ SERVICE <{SERVICE}> {{
      [] tlg:expression "{expression}" ; tlg:carriedMatter "stance" ; tlg:mostHops 7 ; tlg:findsPath ?path ;
        tlg:searchesFrom ?firm ; tlg:searchesTo tlg:TextVersion .
      ?firm a tlg:Firm }} ?firm a tlg:SmallOrMediumEnterprise }}"""
    expected = {Statements(paths.query).iri(path) for path in paths}
    assert expected
    assert {row["path"] for row in graph.query(query)} == expected


def test_a_query_file_with_a_faulty_block_is_named_with_line_and_column(
    run: Run, tmp_path: File
) -> None:
    file = tmp_path / "faulty.rq"
    file.write_text(PREFIXES + block('[] tlg:expression "contct"'), "utf-8")
    result = run("query", str(file))
    assert result.returncode == 2
    assert f"{file}:7:18 path block: expression 'contct': column 1" in result.stderr
