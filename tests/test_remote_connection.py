"""What endpoints on the web do when something is wrong, and what a user reads of it."""

from __future__ import annotations

import base64
import socket
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from conftest import Run
from faulty import CUTS, JSON, Says, serving

from trilogue import catalogue
from trilogue.errors import EndpointError, QueryError
from trilogue.graph import Graph
from trilogue.project import Project
from trilogue.remote import paging
from trilogue.remote.endpoint import Endpoint
from trilogue.remote.settings import Settings
from trilogue.remote.union import AS_IT_IS
from trilogue.results import Bindings

SELECT = "SELECT ?a WHERE { ?a ?b ?c }"
QUICK = Settings(timeout=0.5, retries=2, pause=0.01)
TRUE = Says(b'{"head": {}, "boolean": true}')
ROWS = Says(b'{"head": {"vars": ["a"]}, "results": {"bindings": []}}')
PAGE = b"<!DOCTYPE html><html>Welcome</html>"
TWO = b'{"type": "literal", "value": "2.0", "datatype": "http://www.w3.org/2001/XMLSchema#decimal"}'


def asked(answers: Sequence[Says], settings: Settings = QUICK) -> int:
    """Ask for bindings where the server gives these answers; return how often it was asked."""
    with serving(answers) as server:
        endpoint = Endpoint(server.url, settings)
        endpoint.__dict__["way"] = AS_IT_IS
        try:
            endpoint.answer(SELECT)
        finally:
            count = len(server.asked)
    return count


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (Says(PAGE, type="text/html"), "answered a web page; is this the address"),
        (Says(PAGE), "answered a web page"),
        (Says(b""), "no SPARQL result, or breaks off"),
        (Says(ROWS.body[:-9]), "no SPARQL result, or breaks off"),
        (Says(ROWS.body, type="text/csv"), "no SPARQL result"),
        (Says(ROWS.body.replace(b"[]", b'[{"a": 7}]')), "no SPARQL result"),
        (Says(ROWS.body.replace(b"[]", b'[{"a": {"type": "number"}}]')), "no SPARQL result"),
        (TRUE, "answered a truth value, expected bindings"),
        (Says(b"not allowed\n", 403, "text/plain"), "403 not allowed"),
        (Says(PAGE, 404, "text/html"), "404 Not Found"),
        (Says(b"who are you?", 401, "text/plain"), "401 who are you?; expected a user with"),
        (Says(PAGE, 500, "text/html"), "500 Internal Server Error"),
        (Says(status=301, headers={"Location": "https://a:b@c.org/x"}), "301 moved to https://c.org/x"),
        (Says(ROWS.body, headers={"x-sparql-maxrows": "0"}), "gives no more than 0 rows"),
    ],
)  # fmt: skip
def test_what_will_not_pass_is_told_at_once(said: Says, reason: str) -> None:
    with pytest.raises(EndpointError) as error:
        asked([said])
    assert reason in str(error.value)
    assert "\n" not in str(error.value)
    assert error.value.exit_code == 3
    with pytest.raises(EndpointError):
        asked([said, ROWS])


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (Says(PAGE, 429, "text/html"), "429 Too Many Requests (tried 3 times)"),
        (Says(b"come later", 503, "text/plain"), "503 come later (tried 3 times)"),
        (CUTS, "(tried 3 times)"),
        (Says(ROWS.body, length=999), "cut before the answer was whole (tried 3 times)"),
    ],
)
def test_what_may_pass_is_tried_again(said: Says, reason: str) -> None:
    assert asked([said, said, ROWS]) == 3
    with pytest.raises(EndpointError) as error:
        asked([said])
    assert str(error.value).endswith(reason)


def test_a_server_says_when_to_come_back() -> None:
    begun = time.monotonic()
    assert asked([Says(status=503, headers={"Retry-After": "1"}), ROWS]) == 2
    assert time.monotonic() - begun >= 1
    gone = format_datetime(datetime.now(UTC) - timedelta(days=1), usegmt=True)
    assert asked([Says(status=429, headers={"Retry-After": gone}), ROWS]) == 2
    with pytest.raises(EndpointError, match="it asks to come back in 3600 s"):
        asked([Says(status=503, headers={"Retry-After": "3600"}), ROWS])


@pytest.mark.parametrize("said", [Says(ROWS.body, after=0.1), Says(b"", length=9, after=1)])
def test_a_slow_answer_is_not_asked_for_again(said: Says) -> None:
    begun = time.monotonic()
    with pytest.raises(EndpointError, match=r"no answer within 0\.5 s|cut before"):
        asked([said], Settings(timeout=0.5, retries=0))
    assert time.monotonic() - begun < 2


def test_a_query_that_the_endpoint_refuses_is_the_users_to_mend() -> None:
    with pytest.raises(QueryError, match=r"^line 1, column 7: no such thing$"):
        asked([Says(b"Parse error:\nline 1, column 7: no such thing", 400, "text/plain")])


@pytest.mark.parametrize("update", ["INSERT DATA { <a> <b> <c> }", "# SELECT\nDROP ALL"])
def test_an_update_is_never_sent_as_a_question(update: str) -> None:
    with serving([TRUE]) as server, pytest.raises(QueryError, match="expected a query"):
        Endpoint(server.url, QUICK).answer(update)
    assert all(b"update" not in body for _, _, body in server.asked)


def test_escapes_of_a_server_do_not_reach_the_terminal() -> None:
    with pytest.raises(EndpointError) as error:
        asked([Says(b"\x1b]0;you\x07 lost", 418, "text/plain")])
    assert str(error.value).endswith("418 ]0;you lost")


@pytest.mark.parametrize("said", [Says(status=503, headers={"Retry-After": "0"}), Says(PAGE)])
def test_the_command_line_gives_one_line_and_exit_code_3(run: Run, said: Says) -> None:
    with serving([said]) as server:
        url = server.url.replace("//", "//ada:secret@") + "?token=secret"
        result = run("query", "table-3", "--endpoint", url, "--retries", "1")
    assert result.returncode == 3
    assert result.stderr.startswith(f"trilogue: {server.url}?…: ")
    assert result.stderr.count("\n") == 1
    assert "secret" not in result.stderr


def test_an_endpoint_that_is_down_or_nowhere_is_named(run: Run) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}/query"
    result = run("query", "table-3", "--endpoint", url, "--retries", "0")
    assert (result.returncode, result.stderr) == (
        3,
        f"trilogue: {url}: no answer: Connection refused\n",
    )
    with pytest.raises(EndpointError, match="no answer: "):
        Graph.open("http://nowhere.invalid/", settings=QUICK).query(SELECT)


def authorization(settings: Settings, url_user: str = "", asks: str = "") -> list[str | None]:
    """Return what a server that asks for a user gets to read of one."""
    refused = Says(status=401, headers={"WWW-Authenticate": asks} if asks else {})

    def answer(_: str, __: bytes) -> Says:
        known = "Authorization" in server.asked[-1][1]
        return TRUE if known or not asks else refused

    with serving(answer) as server:
        Endpoint(server.url.replace("//", f"//{url_user}"), settings).answer("ASK {}")
    return [headers.get("Authorization") for _, headers, _ in server.asked]


def test_a_password_is_sent_only_where_it_is_asked_for_and_as_it_is_asked_for() -> None:
    ada = Settings(user="ada", password="secret")
    basic = "Basic " + base64.b64encode(b"ada:secret").decode()
    assert authorization(ada) == [None, None]
    assert authorization(ada, asks='Basic realm="graph"') == [None, basic] * 2
    assert authorization(Settings(), "ada:secret@", 'Basic realm="graph"')[1] == basic
    challenge = 'Digest realm="graph", nonce="7", qop="auth", algorithm=MD5'
    _, digest, *_ = authorization(ada, asks=challenge)
    assert digest is not None
    assert digest.startswith('Digest username="ada", realm="graph", nonce="7"')
    assert "secret" not in digest


def test_a_token_is_sent_with_each_request() -> None:
    assert set(authorization(Settings(token="t0ken"))) == {"Bearer t0ken"}


def test_users_come_from_the_environment_and_from_netrc(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asks = 'Basic realm="graph"'
    basic = "Basic " + base64.b64encode(b"ada:secret").decode()
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login ada password secret\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert authorization(Settings(), asks=asks)[1] == basic
    assert authorization(Settings(user="ada"), asks=asks)[1] == basic
    with pytest.raises(EndpointError, match="expected a user"):
        authorization(Settings(user="bob"), asks=asks)
    token = Settings.of_environment({"TRILOGUE_TOKEN": "t0ken"})
    assert authorization(token)[0] == "Bearer t0ken"
    refused = Says(status=401, headers={"WWW-Authenticate": asks})
    with serving([refused, Says(PAGE)]) as server:
        command = ("query", "table-3", "--endpoint", server.url, "--user", "bob")
        assert run(*command, env={"TRILOGUE_PASSWORD": "x"}).returncode == 3
    assert base64.b64decode(server.asked[1][1]["Authorization"].split()[1]) == b"bob:x"


def test_an_answer_comes_in_pages_where_that_is_asked_for() -> None:
    rows = [f'{{"a": {{"type": "literal", "value": "{number}"}}}}' for number in range(5)]

    def answer(_: str, body: bytes) -> Says:
        text = body.decode()
        if "OFFSET" not in text:
            return TRUE
        begin = int(text.split("OFFSET+")[1].split("%")[0])
        part = ", ".join(rows[begin : begin + 2])  # the server gives fewer than it is asked for
        return Says(ROWS.body.replace(b"[]", f"[{part}]".encode()))

    with serving(answer) as server:
        settings = Settings(page_size=3)
        found = Endpoint(server.url, settings).answer(f"{SELECT} ORDER BY ?a")
    assert not isinstance(found, bool | str)
    assert found.values() == [(str(number),) for number in range(5)]
    assert "LIMIT+3" in server.asked[1][2].decode()


def test_every_query_of_the_catalogue_can_be_asked_in_pages(project: Project) -> None:
    row = b'{"a": {"type": "uri", "value": "urn:a"}}'
    found = [Says(ROWS.body.replace(b"[]", b"[%s]" % row)), ROWS]
    for query in catalogue.read(project):
        if query.kind != "inference":
            with_bounds: list[str] = []

            def ask(text: str, asked: list[str] = with_bounds) -> Bindings:
                asked.append(text)
                return Bindings.from_json(found[len(asked) - 1].body)

            assert len(paging.whole(query.text, 1, ask)) == 1
            assert len(with_bounds) == 2, query.name


def test_results_in_xml_and_numbers_in_other_spellings_are_read() -> None:
    xml = b"""<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head><variable name="a"/></head>
      <results><result><binding name="a"><literal
      datatype="http://www.w3.org/2001/XMLSchema#decimal">2.0</literal></binding></result></results></sparql>"""
    found = []
    for said in (Says(xml, type="application/sparql-results+xml"),
                 Says(ROWS.body.replace(b"[]", b'[{"a": ' + TWO + b"}]"), type=f"{JSON}; charset=utf-8")):  # fmt: skip
        with serving([TRUE, said]) as server:
            answer = Endpoint(server.url).answer(SELECT)
            assert not isinstance(answer, bool | str)
            found.append(answer.serialize("csv"))
    assert found == ["a\n2\n"] * 2
