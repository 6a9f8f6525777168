"""Every query of the catalogue states its question and gives the result that lies beside it."""

from __future__ import annotations

import re

import pytest
from rdflib.plugins.sparql import prepareQuery

from trilogue import catalogue
from trilogue.graph import Graph
from trilogue.project import Project

QUERIES = catalogue.read(Project.find())
ASKED = [query for query in QUERIES if query.kind != "inference"]
ANSWERS = [query for query in QUERIES if query.answered_here]


def name(query: catalogue.Query) -> str:
    return f"{query.kind}/{query.name}"


@pytest.mark.parametrize("query", ANSWERS, ids=name)
def test_the_answer_is_the_expected_one(graph: Graph, query: catalogue.Query) -> None:
    assert graph.query(query).serialize("csv") == query.expected.read_text("utf-8")


@pytest.mark.parametrize("query", QUERIES, ids=name)
def test_the_header_states_a_question_what_it_answers_and_what_it_reads(
    query: catalogue.Query,
) -> None:
    assert query.text.startswith("# # ")
    assert query.question
    assert query.kind == "inference" or query.question.endswith("?")
    assert query.field("Answers")
    assert query.field("Reads")


@pytest.mark.parametrize("query", ASKED, ids=name)
def test_the_order_of_rows_is_settled(query: catalogue.Query) -> None:
    assert re.search(r"^ORDER BY ", query.text, re.MULTILINE)


@pytest.mark.parametrize("query", QUERIES, ids=name)
def test_another_parser_of_sparql_reads_it_too(query: catalogue.Query) -> None:
    prepareQuery(query.text)


def test_the_files_of_expected_results_are_those_of_the_queries(project: Project) -> None:
    found = set(project.queries.rglob("expected/*.csv"))
    assert found == {query.expected for query in ASKED}


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("table-1", 4),
        ("table-2", 6),
        ("table-3", 7),
        ("table-5", 5),
        ("table-6", 2),
        ("table-7", 2),
        ("table-8", 2),
        ("table-9", 2),
        ("annex", 36),
    ],
)
def test_a_table_has_as_many_rows_as_on_its_page(graph: Graph, table: str, rows: int) -> None:
    assert len(graph.query(table)) == rows


def test_the_events_of_table_3_stand_in_order_of_their_dates(graph: Graph) -> None:
    dates = [str(row["date"].value) for row in graph.query("table-3")]
    assert dates == [
        "2020-02-19",
        "2021-04-21",
        "2022-12-06",
        "2023-06-14",
        "2023-12-09",
        "2024-02-13",
        "2024-05-21",
    ]


def test_the_meetings_of_the_annex_add_up(graph: Graph) -> None:
    values = [value for _, value in graph.query("annex").values()]
    assert values[:6] == [10, 7, 5, 5, 4, 4]
    assert sum(values) == 102


def test_every_term_is_asked_for_by_a_query(graph: Graph) -> None:
    answer = graph.query(
        """PREFIX owl: <http://www.w3.org/2002/07/owl#>
        PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
        PREFIX tlg: <https://w3id.org/trilogue/ns#>
        SELECT DISTINCT ?term WHERE {
          ?term a ?kind ; rdfs:isDefinedBy <https://w3id.org/trilogue/ns> .
          VALUES ?kind { owl:Class owl:ObjectProperty owl:DatatypeProperty }
          FILTER NOT EXISTS { ?term tlg:unusedReason ?reason }
        } ORDER BY ?term"""
    )
    terms = {row["term"].value.partition("#")[2] for row in answer}
    asked = {
        name
        for query in ANSWERS
        for line in query.text.splitlines()
        if not line.startswith("#")
        for name in re.findall(r"tlg:(\w+)", line)
    }
    assert len(terms) > 250
    assert terms - asked == set()


def test_the_competency_questions_name_the_pages_they_were_checked_against(
    project: Project,
) -> None:
    questions = catalogue.read(project, "competency")
    assert len(questions) >= 60
    assert all(re.search(r"\bpp?\. \d|data/", question.field("Checked")) for question in questions)
    assert all(len(question.expected.read_text("utf-8").splitlines()) > 1 for question in questions)
