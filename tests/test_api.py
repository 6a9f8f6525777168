"""What programs ask beyond SPARQL: answers of the real server, and of its routes alone."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from pyoxigraph import Literal, NamedNode, QuerySolutions, Variable
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks
from starlette.applications import Starlette
from starlette.testclient import TestClient

from trilogue import catalogue, contradictions
from trilogue.api import description
from trilogue.api.names import Name, Names
from trilogue.api.paths import MOST_COUNTED
from trilogue.api.service import Service
from trilogue.contradictions import Contradiction, Side
from trilogue.describe import describe
from trilogue.graph import EmbeddedBackend, Graph
from trilogue.namespaces import THINGS
from trilogue.paths import routes
from trilogue.paths.query import Carry, Order, Score
from trilogue.project import Project
from trilogue.publication.site import Site
from trilogue.server import api

_TIMEOUT = 10.0
_ENDLESS = {"along": "any+", "from": "Actor", "to": "Actor", "hops": "50", "answer": "earliest"}
_LINES = {"Accept": "application/x-ndjson"}
_MANY = {"along": "any+", "from": "Actor", "to": "Actor", "hops": "50", "limit": "100000"}
_OPEN = Contradiction(
    "two-dates-of-one-thing", "WARN", "possible", Side("a", "p. 1", "x.csv:2"),
    Side("b", "p. 2", "x.csv:3"), "open", "",
)  # fmt: skip


@pytest.fixture(scope="module")
def service(graph: Graph, site: Site) -> Service:
    return Service(graph, lambda: (*site.source.found_contradictions, _OPEN))


@pytest.fixture(scope="module")
def client(service: Service) -> TestClient:
    return TestClient(Starlette(routes=list(api.routes(lambda: service))), "http://localhost")


@pytest.fixture(scope="module")
def server(project: Project) -> Iterator[str]:
    """The address of the server that the command starts."""
    command = [sys.executable, "-m", "trilogue.cli", "serve", "--port", "0", "--workers", "2"]
    command += ["--timeout", str(_TIMEOUT), "--rate", "1e6", "--burst", "1e6", "--no-log"]
    with subprocess.Popen(command, cwd=project.root, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            yield process.stderr.readline().strip().removesuffix("/sparql")
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def described(server: str) -> Any:
    load_all_checks()
    schema = schemathesis.openapi.from_url(f"{server}/api/openapi.json")
    schema.config.update(base_url=server)
    return schema


_MAY_BE_UNKNOWN = ("findPaths", "listContradictions", "runQuery")
"""Of these, a value may be of the right form and yet name nothing that is known."""


@pytest.mark.parametrize(
    ("operation", "mode"),
    [
        (each.name, mode)
        for each in description.operations()
        for mode in GenerationMode
        if each.parameters or "{" in each.path or mode is GenerationMode.POSITIVE
    ],
)
def test_the_server_does_what_its_description_says(
    described: Any, operation: str, mode: GenerationMode
) -> None:
    excluded = []
    if operation in _MAY_BE_UNKNOWN:
        excluded = schemathesis.checks.CHECKS.get_by_names(["positive_data_acceptance"])
    asked = described.find_operation_by_id(operation)

    @given(asked.as_strategy(generation_mode=mode))
    @settings(
        max_examples=20, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    def ask(case: Any) -> None:
        case.call_and_validate(excluded_checks=excluded, timeout=20)

    ask()


def test_the_description_agrees_with_routes_questions_and_words(service: Service) -> None:
    (mount,) = api.routes(lambda: service)
    served = {f"{api.PREFIX}{route.path}" for route in mount.routes}  # type: ignore[attr-defined]
    assert served == set(description.document()["paths"])
    assert service.operations == {each.name for each in description.operations()}
    (paths,) = (each for each in description.operations() if each.name == "findPaths")
    words = {each.name: each.schema.get("enum") for each in paths.parameters}
    for name, enumeration in (("order", Order), ("carry", Carry), ("best", Score)):
        assert words[name] == [each.value for each in enumeration]
    count = description.document()["components"]["schemas"]["PathCount"]["properties"]["count"]
    assert count["maximum"] == MOST_COUNTED


def test_a_route_finds_the_same_paths_as_the_search(
    client: TestClient, graph: Graph, project: Project
) -> None:
    for route in routes.read(project).values():
        query = route.query
        asked: dict[str, Any] = {
            "along": query.expression, "from": sorted(query.origins),
            "to": sorted(query.destinations), "carry": query.carry.value,
        }  # fmt: skip
        asked |= {"hops": query.most_hops} if query.most_hops else {}
        found = graph.paths(
            query.expression,
            origins=query.origins,
            destinations=query.destinations,
            carry=query.carry,
            most_hops=query.most_hops,
        )
        answer = client.get("/api/paths", params={**asked, "limit": 1000}).json()
        assert [path["title"] for path in answer["paths"]] == [found.title(each) for each in found]
        assert answer["more"] is False
        counted = client.get("/api/paths", params={**asked, "answer": "count"}).json()
        assert counted == {"count": found.count(), "more": False}
        assert counted["count"] > 1
        arrivals = client.get("/api/paths", params={**asked, "answer": "earliest"}).json()
        days = {each["iri"]: each["day"] or "" for each in arrivals["arrivals"]}
        assert days == found.earliest()
        best = client.get("/api/paths", params={**asked, "best": "earliest", "limit": 1}).json()
        assert best["more"] is True
        assert best["paths"][0]["arrival"] == min(path["arrival"] for path in answer["paths"])


def test_hops_lead_from_one_to_the_next_and_carry_evidence(client: TestClient) -> None:
    asked = {"along": "contact/office", "from": "SmallOrMediumEnterprise", "to": "actor/france"}
    (path, *_) = client.get("/api/paths", params=asked).json()["paths"]
    contact, office = path["hops"]
    assert (contact["kind"], office["kind"]) == ("contact", "office")
    assert contact["target"] == office["source"]
    assert office["target"] == {"iri": f"{THINGS}actor/france", "label": "France"}
    assert (contact["standing"], office["standing"]) == (False, True)
    assert all(hop["evidence"] for hop in path["hops"])
    assert contact["earliest"] <= contact["latest"]
    none = {**asked, "gap": 0, "duration": 0, "to": "actor/germany", "answer": "exists"}
    assert client.get("/api/paths", params=none).json() == {"exists": False}


def test_a_count_has_a_bound(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trilogue.api.paths.MOST_COUNTED", 3)
    asked = {"along": "contact", "from": "Actor", "to": "Actor", "answer": "count"}
    assert client.get("/api/paths", params=asked).json() == {"count": 3, "more": True}


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("Mistral", "actor/mistral-ai"), ("mistrall", "actor/mistral-ai"),
        ("mistrl ai", "actor/mistral-ai"), ("open ai", "actor/openai"),
        ("Frnace", "actor/france"), ("法国", "actor/france"),
        ("european comission", "actor/european-commission"),
        ("欧盟委员会", "actor/european-commission"), ("欧盟委圆会", "actor/european-commission"),
    ],
)  # fmt: skip
def test_a_thing_is_found_by_names_with_slips(client: TestClient, words: str, first: str) -> None:
    found = client.get("/api/search", params={"q": words, "limit": 5}).json()["things"]
    assert found[0]["iri"] == THINGS + first
    assert found[0]["kind"] == "actor"


def test_exact_names_come_before_beginnings_and_these_before_the_rest() -> None:
    texts = ("Act of the union", "union acts", "act", "exact", "pact", "actor", "ect")
    names = Names(Name(f"{THINGS}act/{number}", text, "en") for number, text in enumerate(texts))
    found = names.search("act", 20)["things"]
    assert [each["label"] for each in found] == [
        "act", "actor", "Act of the union", "union acts", "pact", "exact",
    ]  # fmt: skip
    assert names.search("act", 2)["more"] is True
    assert names.search("???", 2) == {"things": [], "more": False}


def test_a_thing_is_told_with_statements_evidence_and_references(
    client: TestClient, graph: Graph
) -> None:
    told = client.get("/api/things/actor/mistral-ai").json()
    known = describe(graph, "actor/mistral-ai")
    assert (told["iri"], told["label"]) == (known.iri, "Mistral AI")
    assert len(told["statements"]) == len(known.statements) > 1
    assert len(told["references"]) == len(known.references) > 1
    assert any(each["evidence"].startswith("p. ") for each in told["statements"])
    assert client.get("/api/things/ns/Act").json()["label"] == "act"


def test_the_catalogue_lists_what_it_runs(
    client: TestClient, graph: Graph, project: Project
) -> None:
    listed = client.get("/api/queries").json()["queries"]
    names = {each["name"] for each in listed}
    read = catalogue.read(project)
    assert names == {each.name for each in read if each.answered_here}
    assert all(each["question"].endswith("?") for each in listed if each["kind"] == "competency")
    answer = client.get("/api/queries/table-3").json()
    assert answer["head"]["vars"] == list(graph.query("table-3").variables)
    assert len(answer["results"]["bindings"]) == len(graph.query("table-3"))
    asserted = client.get("/api/queries/contradictions-that-stay-and-why").json()
    assert len(asserted["results"]["bindings"]) == len(
        graph.query("contradictions-that-stay-and-why")
    )


@pytest.mark.parametrize(
    ("name", "variable", "value", "term"),
    [
        ("table-3", "body", "European Commission", Literal("European Commission", language="en")),
        ("contact", "source", "actor/mistral-ai", NamedNode(f"{THINGS}actor/mistral-ai")),
        ("contact", "source", f"{THINGS}actor/mistral-ai", NamedNode(f"{THINGS}actor/mistral-ai")),
    ],
)
def test_a_bound_variable_gives_what_the_store_gives(
    client: TestClient, graph: Graph, name: str, variable: str, value: str, term: Any
) -> None:
    answer = client.get(f"/api/queries/{name}", params={variable: value}).json()
    assert isinstance(graph.backend, EmbeddedBackend)
    expected = graph.backend.store.query(
        catalogue.find(graph.project, name).text,
        use_default_graph_as_union=True,
        substitutions={Variable(variable): term},
    )
    assert isinstance(expected, QuerySolutions)
    rows = [[row[name] for name in answer["head"]["vars"]] for row in expected]
    found = answer["results"]["bindings"]
    assert 0 < len(found) == len(rows) < len(graph.query(name))
    for row, known in zip(found, rows, strict=True):
        values = [row[name]["value"] if name in row else None for name in answer["head"]["vars"]]
        assert values == [cell and cell.value for cell in known]


def test_contradictions_are_told_with_both_sides_and_chosen(client: TestClient, site: Site) -> None:
    def ask(**asked: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = client.get("/api/contradictions", params=asked).json()[
            "contradictions"
        ]
        return found

    every = ask()
    known = site.source.found_contradictions
    assert len(every) == len(known) + 1 > 10
    assert [each["kind"] for each in every[:-1]] == [each.kind for each in known]
    assert every[0]["first"]["locator"]
    assert every[0]["second"]["row"].startswith("data/")
    assert [each["first"]["statement"] for each in ask(open="true")] == ["a"]
    assert len(ask(open="false")) == len(known)
    by_severity = [ask(severity=severity) for severity in ("ERROR", "WARN", "INFO")]
    assert sum(map(len, by_severity)) == len(every)
    kind = every[0]["kind"]
    chosen = ask(kind=kind, severity=every[0]["severity"])
    assert chosen == [each for each in every if each["kind"] == kind]
    assert contradictions.COLUMNS[0] in chosen[0]


@pytest.mark.parametrize(
    ("target", "status", "reason"),
    [
        ("/api/paths", 400, "along: expected a value"),
        ("/api/paths?along=contact&from=Actor", 400, "to: expected a value"),
        ("/api/paths?along=contact%28&from=Actor&to=Actor", 400, "expression"),
        ("/api/paths?along=contat&from=Actor&to=Actor", 400, "nearest: contact"),
        ("/api/paths?along=contact&from=actor/mistral&to=Actor", 400, "nearest: "),
        ("/api/paths?along=contact&from=Actor&to=Actor&hops=1000", 400, "from 1 to 50"),
        ("/api/paths?along=contact&from=Actor&to=Actor&limit=100001", 400, "from 1 to 100000"),
        ("/api/paths?along=contact&from=Actor&to=Actor&limit=%D9%A3", 400, "expected a number"),
        ("/api/paths?along=contact&from=Actor&to=Actor&order=maybe", 400, "possible, certain"),
        ("/api/paths?along=contact&from=Actor&to=Actor&simple=yes", 400, "true or false"),
        ("/api/paths?along=contact&from=Actor&to=Actor&limt=3", 400, "nearest: limit"),
        ("/api/paths?along=contact&along=office&from=Actor&to=Actor", 400, "given 2 times"),
        ("/api/paths?along=" + "(" * 501 + "&from=Actor&to=Actor", 400, "501 characters"),
        ("/api/paths?along=" + "(" * 499 + "&from=Actor&to=Actor", 400, "expression"),
        ("/api/paths?along=contact&to=Actor" + "&from=Actor" * 51, 400, "given 51 times"),
        ("/api/paths?along=contact&to=Actor&from=SELECT%20%3Fs%20%7B%7D", 400, "no query"),
        ("/api/paths?along=contact&to=Actor&from=SELECT%0A", 400, "no thing or class"),
        ("/api/search", 400, "q: expected"), ("/api/search?q=", 400, "0 characters"),
        ("/api/search?q=%zz", 400, "percent-encoding"), ("/api/search?q=%ff", 400, "UTF-8"),
        ("/api/search?q=" + "a" * 201, 400, "201 characters"),
        ("/api/things/actor/nobody", 404, "knows nothing"),
        ("/api/things/actor/a%3E%20%7D%20UNION%20%7B", 404, "no name of a thing"),
        ("/api/things/actor/..%2F..%2Fetc%2Fpasswd", 404, "nothing here"),
        ("/api/things/actor/%00", 404, "no name of a thing"),
        ("/api/queries/table-33", 404, "nearest: table-3"),
        ("/api/queries/pyproject.toml", 404, "no query"),
        ("/api/queries/queries%2Ftables%2Ftable-3.rq", 404, "nothing here"),
        ("/api/queries/table-3?boddy=x", 400, "nearest: body"),
        ("/api/queries/table-3?body=x&body=y", 400, "given 2 times"),
        ("/api/queries/class-hierarchy", 404, "no query"),
        ("/api/contradictions?kind=nothing", 400, "no check"),
        ("/api/contradictions?severity=warn", 400, "ERROR, WARN, INFO"),
        ("/api/contradictions?open=", 400, "true or false"),
        ("/api/openapi.json?x=y", 400, "no parameter"), ("/api/nothing", 404, "nothing here"),
        ("/api/", 404, "nothing here"), ("/api/paths/", 404, "nothing here"),
        ("/api/%0d%0aX-Injected:%20y", 404, "Not Found"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_line_as_problem_details(
    server: str, project: Project, target: str, status: int, reason: str
) -> None:
    answer = httpx.get(server + target, timeout=20)
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "X-Injected" not in answer.headers
    problem = answer.json()
    assert problem["status"] == status
    assert reason in problem["detail"]
    assert "\n" not in problem["detail"]
    assert len(problem["detail"]) < 1000
    assert str(project.root) not in answer.text


def test_values_are_held_against_answers_and_never_become_part_of_a_query(server: str) -> None:
    for value in ('"} UNION { ?s ?p ?o', "<> . ?s ?p ?o", "\\u0022", "x' OR 'a'='a", "\0", "?body"):
        answer = httpx.get(f"{server}/api/queries/table-3", params={"body": value}, timeout=20)
        assert answer.status_code == 200
        assert answer.json()["results"]["bindings"] == []


def test_nothing_is_written(server: str) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = httpx.request(method, f"{server}/api/paths", timeout=20)
        assert answer.status_code == 405
        assert answer.headers["Allow"] == "GET, HEAD"
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert httpx.head(f"{server}/api/queries", timeout=20).content == b""


def _read_slowly_found(server: str) -> tuple[float, float, list[str]]:
    """Return when the first line came, when the last, and all of them."""
    begun = time.monotonic()
    with httpx.stream(
        "GET", f"{server}/api/paths", params=_MANY, headers=_LINES, timeout=30
    ) as answer:
        assert answer.status_code == 200
        assert answer.headers["Transfer-Encoding"] == "chunked"
        lines = answer.iter_lines()
        first = next(lines)
        waited = time.monotonic() - begun
        found = [first, *lines]
    return waited, time.monotonic() - begun, found


def test_a_search_without_end_is_stopped_and_others_do_not_wait(server: str) -> None:
    def ask(_: int) -> httpx.Response:
        return httpx.get(f"{server}/api/paths", params=_ENDLESS, timeout=30)

    with ThreadPoolExecutor(3) as pool:
        begun = time.monotonic()
        endless = [pool.submit(ask, number) for number in range(2)]
        lines = pool.submit(_read_slowly_found, server)
        time.sleep(_TIMEOUT / 3)
        small = httpx.get(f"{server}/api/search", params={"q": "France"}, timeout=20)
        waited = time.monotonic() - begun
        stopped = [each.result() for each in endless]
    assert small.json()["things"][0]["label"] == "France"
    assert waited < _TIMEOUT
    assert time.monotonic() - begun < 3 * _TIMEOUT
    for answer in stopped:
        assert answer.status_code == 504
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert "stopped after" in answer.json()["detail"]
    first, last, found = lines.result()
    assert first < last / 2
    assert all(json.loads(line)["hops"] for line in found[:-1:1000])
    assert "stopped after" in json.loads(found[-1])["stopped"]
    again = httpx.get(f"{server}/api/search", params={"q": "France"}, timeout=20)
    assert again.status_code == 200


def test_lines_are_the_paths_and_whether_there_are_more(client: TestClient) -> None:
    for asked in (
        {"along": "contact/office", "from": "Actor", "to": "MemberState", "limit": "3"},
        {"along": "contact/office", "from": "Actor", "to": "MemberState", "limit": "1000"},
        {"along": "contact/office", "from": "Actor", "to": "MemberState", "best": "hops"},
        {"along": "contact/office", "from": "actor/france", "to": "actor/france"},
    ):
        whole = client.get("/api/paths", params=asked).json()
        answer = client.get("/api/paths", params=asked, headers=_LINES)
        assert answer.headers["Content-Type"] == "application/x-ndjson"
        *paths, last = map(json.loads, answer.text.splitlines())
        assert paths == whole["paths"]
        assert last == {"more": whole["more"]}
    counted = {"along": "contact", "from": "Actor", "to": "Actor", "answer": "exists"}
    answer = client.get("/api/paths", params=counted, headers=_LINES)
    assert answer.text.splitlines() == ['{"exists":true}', '{"more":false}']
    wrong = client.get("/api/paths", params={**counted, "along": "contat"}, headers=_LINES)
    assert wrong.status_code == 400


def test_lines_end_where_the_connection_does_for_old_clients_and_are_not_sent_for_head(
    server: str,
) -> None:
    asked = {"along": "contact/office", "from": "SmallOrMediumEnterprise", "to": "actor/france"}
    head = httpx.head(f"{server}/api/paths", params=asked, headers=_LINES, timeout=20)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Type"] == "application/x-ndjson"
    host, _, port = server.removeprefix("http://").partition(":")
    target = httpx.URL("/api/paths", params=asked)
    request = f"GET {target} HTTP/1.0\r\nAccept: application/x-ndjson\r\n\r\n"
    with socket.create_connection((host, int(port)), timeout=20) as stream:
        stream.sendall(request.encode())
        received = b"".join(iter(lambda: stream.recv(65_536), b""))
    assert b"chunked" not in received
    assert json.loads(received.splitlines()[-1]) == {"more": False}


def test_a_client_that_stops_reading_lines_does_not_hold_others_up(server: str) -> None:
    host, _, port = server.removeprefix("http://").partition(":")
    target = httpx.URL("/api/paths", params=_MANY)
    request = f"GET {target} HTTP/1.1\r\nHost: a\r\nAccept: application/x-ndjson\r\n\r\n"
    with socket.socket() as stream:
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        stream.connect((host, int(port)))
        stream.sendall(request.encode())
        assert stream.recv(12) == b"HTTP/1.1 200"
        for _ in range(20):
            found = httpx.get(f"{server}/api/search", params={"q": "France"}, timeout=20)
            assert found.status_code == 200


def test_the_server_answers_beside_its_pages(server: str) -> None:
    found = httpx.get(f"{server}/api/openapi.json", timeout=20)
    assert found.json() == description.document()
    assert found.headers["Content-Type"] == "application/json"
    assert found.headers["Access-Control-Allow-Origin"] == "*"
    assert json.loads(httpx.get(f"{server}/api/contradictions", timeout=20).text)["contradictions"]
    assert httpx.get(f"{server}/", timeout=20).headers["Content-Type"].startswith("text/html")
