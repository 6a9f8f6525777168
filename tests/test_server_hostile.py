"""What strangers send: each gets a 4xx with a reason in one line, and the server goes on."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import quote, quote_plus

import h11
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, Quad, QuerySolutions, Store
from serving import Served, read_answer, served

from trilogue.server import guard
from trilogue.server.connections import listen
from trilogue.server.limits import Limits
from trilogue.server.messages import RefusedError, read_head
from trilogue.server.protocol import parse_parameters

HEAD = b"Host: localhost\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
QUERY = b"Content-Type: application/sparql-query\r\n"
LIMITS = Limits()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "data.nq").write_text("<http://a> <http://p> <http://b> <http://g> .\n" * 2)
    with served(folder / "data.nq", folder / "log", workers=2, patience=1, timeout=1) as running:
        yield running


def get(target: bytes) -> bytes:
    return b"GET " + target + b" HTTP/1.1\r\n" + HEAD + b"\r\n"


def post(kind: bytes, body: bytes, length: int | None = None) -> bytes:
    size = f"Content-Length: {len(body) if length is None else length}\r\n\r\n".encode()
    return b"POST /sparql HTTP/1.1\r\n" + HEAD + kind + size + body


HOSTILE = [
    (get(b"/sparql?query=ASK%ZZ"), 400, b"percent-encoding at character 10"),
    (get(b"/sparql?query=ASK%7"), 400, b"percent-encoding"),
    (get(b"/sparql?query=%FF%FE"), 400, b"not UTF-8"),
    (get(b"/sparql?query=%ED%A0%80"), 400, b"not UTF-8"),
    (get(b"/sparql?query=ASK%7B%7D&query=ASK%7B%7D"), 400, b"query given 2 times"),
    (get(b"/sparql?query=ASK%7B%7D&format=json&format=xml"), 400, b"format given 2 times"),
    (get(b"/sparql?query="), 400, b"malformed query"),
    (get(b"/sparql?query=ASK%7B%00%7D"), 400, b"malformed query"),
    (get(b"/sparql?query=ASK%7B%7D&default-graph-uri=a%20b"), 400, b"expected an absolute IRI"),
    (get(b"/sparql?query=DROP%20ALL"), 403, b"read-only"),
    (get(b"/sparql?query=LOAD%20%3Chttp://127.0.0.1/%3E"), 403, b"read-only"),
    (get(b"/sparql?query=ASK%7BSERVICE%20%3Chttp://127.0.0.1/%3E%7B%7D%7D"), 403, b"SERVICE"),
    (get(b"/../../etc/passwd"), 404, b"\n"),
    (get(b"/page/..%2F..%2Fetc%2Fpasswd"), 404, b"\n"),
    (get(b"/sparql?query=\r\nX: y"), 400, b"malformed request line"),
    (b"DELETE /sparql HTTP/1.1\r\n" + HEAD + b"\r\n", 405, b"DELETE"),
    (b"<script> /sparql HTTP/1.1\r\n" + HEAD + b"\r\n", 400, b"malformed request line"),
    (b"GET /sparql HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, b"host given twice"),
    (b"GET /sparql HTTP/1.1\r\nHost: a<b>\r\n\r\n", 400, b"malformed Host"),
    (b"GET /sparql HTTP/1.1\r\nHost: [::::]\r\n\r\n", 400, b"malformed Host"),
    (b"GET /sparql HTTP/1.1\r\nHost: a%zz\r\n\r\n", 400, b"malformed Host"),
    (b"GET /sparql HTTP/1.1\r\n\r\n", 400, b"no Host"),
    (b"GET /sparql HTTP/1.1\r\n" + HEAD + b"X: a\r\n b\r\n\r\n", 400, b"malformed header"),
    (b"GET /sparql HTTP/1.1\r\n" + HEAD + b"X: a\x00b\r\n\r\n", 400, b"malformed header"),
    (b"GET /sparql HTTP/1.1\r\n" + HEAD + b"X : a\r\n\r\n", 400, b"malformed header"),
    (b"GET /sparql HTTP/1.1\nHost: a\n\n", 400, b"CRLF"),
    (b"GET /sparql HTTP/2.0\r\n" + HEAD + b"\r\n", 400, b"malformed request line"),
    (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, b"malformed request line"),
    (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", 400, b"malformed request line"),
    (b"GET /" + b"a" * 300_000, 414, b"use POST"),
    (b"GET / HTTP/1.1\r\n" + b"X: " + b"a" * 300_000, 431, b"headers are longer"),
    (post(QUERY, b"\xff\xfe"), 400, b"not UTF-8 at byte 1"),
    (post(b"", b"ASK {}"), 415, b"no Content-Type"),
    (post(b"Content-Type: text/html\r\n", b"<script>alert(1)</script>"), 415, b"text/html"),
    (post(b"Content-Type: a/\x1b[31m\r\n", b""), 400, b"malformed header"),
    (post(QUERY + QUERY, b"ASK {}"), 400, b"content-type given twice"),
    (post(FORM, b"x=y"), 400, b"no query given"),
    (post(FORM, b"query=%"), 400, b"percent-encoding"),
    (post(QUERY, b"ASK {}", 10**9), 413, b"body is longer"),
    (post(QUERY, b"", 10**30), 413, b"body is longer"),
    (post(QUERY + b"Content-Length: 6\r\n", b"ASK {}"), 400, b"content-length given twice"),
    (post(QUERY, b"", -1), 400, b"malformed Content-Length"),
    (post(QUERY, b"ASK {} #" + b"x" * LIMITS.length), 413, b"query is longer"),
    (b"POST /sparql HTTP/1.1\r\n" + HEAD + QUERY + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411, b"Content-Length"),
    (post(QUERY, b"ASK " + b"{" * 101 + b"}" * 101), 400, b"nests 101 levels deep"),
    (post(QUERY, b"ASK { ?s ?p 'a }" + b"'\\" * 20_000), 400, b"1:19 a string that does not end"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "status", "reason"), HOSTILE, ids=[str(data[:60]) for data, _, _ in HOSTILE]
)
def test_hostile_input_is_refused_in_one_line(
    server: Served, data: bytes, status: int, reason: bytes
) -> None:
    found, answer = server.exchange(data)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert (found, body.count(b"\n")) == (status, 1), answer
    assert reason in body
    assert b"Content-Type: text/plain; charset=utf-8" in head
    assert b"X-Content-Type-Options: nosniff" in head
    assert b"Content-Security-Policy: default-src 'none'" in head
    assert server.exchange(get(b"/sparql?query=ASK%7B%3Fs%20%3Fp%20%3Fo%7D"))[0] == 200


@pytest.mark.parametrize(
    "query",
    [
        "ASK { FILTER(" + "!" * 60_000 + "true) }",
        "ASK { {} " + "UNION {} " * 7_000 + "}",
        "ASK { " + "OPTIONAL { ?a ?b ?c } " * 1_000 + "}",
        "ASK { FILTER(?x" + "||?x" * 5_000 + ") }",
        "ASK { ?s <a:a>" + "/<a:a>" * 1_000 + " ?o }",
        "ASK { " + " ".join(f"BIND(1 AS ?x{n})" for n in range(2_000)) + "}",
        "ASK { " + "[" * 99 + "]" * 99 + " ?p ?o }",
    ],
    ids=lambda query: query[:20],
)
def test_long_chains_do_not_end_the_process(server: Served, query: str) -> None:
    before = _crashes(server)
    status, answer = server.exchange(post(QUERY, query.encode()))
    assert status in (200, 400, 504), answer[:200]
    assert _crashes(server) == before


def _crashes(server: Served) -> bytes:
    _, answer = server.exchange(get(b"/metrics"))
    return next(line for line in answer.splitlines() if b"crashed_total " in line[:40])


def test_a_fault_of_ours_tells_nothing_but_to_the_log(server: Served) -> None:
    status, answer = server.exchange(get(b"/page/broken"))
    assert (status, answer.rpartition(b"\r\n")[2]) == (500, b"internal error\n")
    assert b"data.nq" not in answer
    deadline = time.monotonic() + 10
    while "ValueError" not in server.log.read_text() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert "ValueError" in server.log.read_text()


def test_a_page_cannot_be_made_to_write_a_header(server: Served) -> None:
    status, answer = server.exchange(get(b"/page/x?echo=a%0D%0ASet-Cookie:%20b"))
    assert (status, b"Set-Cookie" in answer) == (500, False)
    assert b"X-Echo: a b" in server.exchange(get(b"/page/x?echo=a%20b"))[1]


def test_requests_in_one_packet_are_answered_one_by_one(server: Served) -> None:
    one = get(b"/sparql?query=ASK%7B%7D")
    with server.connect() as stream:
        stream.sendall(b"\r\n" + one + one[:30])
        assert read_answer(stream)[0] == 200
        stream.sendall(one[30:])
        assert read_answer(stream)[0] == 200


def test_a_client_that_asks_first_is_told_to_go_on(server: Served) -> None:
    request = post(QUERY + b"Expect: 100-continue\r\n", b"ASK {}")
    with server.connect() as stream:
        stream.sendall(request[:-6])
        assert stream.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        stream.sendall(request[-6:])
        assert read_answer(stream)[0] == 200


def test_old_clients_are_served_and_their_connection_closed(server: Served) -> None:
    with server.connect() as stream:
        stream.sendall(b"GET /sparql?query=ASK%7B%7D HTTP/1.0\r\n\r\n")
        received = b"".join(iter(lambda: stream.recv(65_536), b""))
    assert b"Connection: close" in received
    assert received.endswith(b'"boolean":true}')


@pytest.mark.parametrize(
    "part", [b"GET /spar", b"GET / HTTP/1.1\r\nHost: a\r\nX: y", post(QUERY, b"ASK", 6)]
)
def test_a_client_that_is_too_slow_is_dropped(server: Served, part: bytes) -> None:
    with server.connect() as stream:
        stream.sendall(part)
        status, answer = read_answer(stream)
    assert (status, b"too slowly" in answer) == (408, True)


def test_a_client_that_sends_on_after_a_refusal_still_reads_why(server: Served) -> None:
    with server.connect() as stream:
        stream.sendall(post(QUERY, b"x" * 65_536, 10**9))
        time.sleep(0.1)
        for _ in range(20):
            stream.sendall(b"x" * 65_536)
        status, answer = read_answer(stream)
    assert (status, b"body is longer" in answer) == (413, True)


def test_an_address_that_is_taken_is_an_error(server: Served) -> None:
    with pytest.raises(OSError, match="in use"):
        listen("127.0.0.1", server.port)


def test_nothing_has_changed(server: Served) -> None:
    query = quote("SELECT * { GRAPH ?g { ?s ?p ?o } }").encode()
    _, answer = server.exchange(get(b"/sparql?format=csv&query=" + query))
    rows = answer.partition(b"\r\n\r\n")[2].split()
    assert rows == [b"g,o,p,s", b"http://g,http://b,http://p,http://a"]


TOKENS = [
    "SERVICE", "service", "FROM", "?service", ":service", "ex:from", "'SERVICE'", '"""FROM"""', "# FROM\n",
    "<http://x/SERVICE>", "<http://x/\\u0041#>", "{", "}", "(", ")", "[", "]", "<", ">", "1.", ".", "'", '"', "\\", " ",
]  # fmt: skip


@given(st.lists(st.sampled_from(TOKENS), max_size=30).map("".join))
def test_no_query_reaches_another_service(text: str) -> None:
    """What the guard lets through, the store evaluates without asking anyone."""
    query = "ASK { <http://a> <http://p> ?o . " + text + " }"
    try:
        guard.check(query, LIMITS.depth)
    except RefusedError:
        return
    store = Store()
    store.add(Quad(NamedNode("http://a"), NamedNode("http://p"), NamedNode("http://b")))
    try:
        store.query(query)
    except SyntaxError:
        pass
    except OSError as error:
        pytest.fail(f"asked another service: {error}")


@pytest.mark.parametrize(
    "text",
    [
        "SERVICE <http://127.0.0.1:9/> {}",
        "?s ?p 1.SERVICE <http://127.0.0.1:9/> {}",
        "service SILENT ?x {}",
        "{ #\rSERVICE<http://127.0.0.1:9/>{} }",
        "FILTER(?a<?b)SERVICE?x{}FILTER(?c>1)",
        "?s <http:\\u002F/x#> ?o . SERVICE <http://127.0.0.1:9/> {}",
        "?s ?p 'a\\'b' . SERVICE <http://127.0.0.1:9/> {}",
        "?x a t:.SERVICE<http://127.0.0.1:9/>{}",
        "?x a t:SERVICE<http://127.0.0.1:9/>{}",
        "?x a t:1SERVICE<http://127.0.0.1:9/>{}",
        "SERVICE:x{}",
        "SERVICESILENT:x{}",
        "SERVICESILENT<http://127.0.0.1:9/>{}",
        "?x ?y 1SERVICE<http://127.0.0.1:9/>{}",
        "?x ?y trueSERVICE<http://127.0.0.1:9/>{}",
        "\\u0053ERVICE <http://127.0.0.1:9/> {} SERVICE:x{}",
        "FILTER(?a<?b)SERVICE?x#>\n{}",
        "FILTER(1<'>')SERVICE?x{} #'\n",
        "FILTER(1<2#>'''\n)SERVICE?x{} #'''\n",
        "VALUES ?x {'''a'} SERVICE<http://127.0.0.1:9/>{} #\\x'''\n",
        "VALUES ?x {'''a'} SERVICE<http://127.0.0.1:9/>{} #\\uD800'''\n",
    ],
)
def test_a_service_is_seen_wherever_it_stands(text: str) -> None:
    with pytest.raises(RefusedError, match="SERVICE"):
        guard.check(f"ASK {{ {text} }}", LIMITS.depth)


@pytest.mark.parametrize(
    "text",
    [
        "?service ?p $service",
        "?s ?p 'a service', \"SERVICE\", '''the 'SERVICE' '''",
        "?s a <http://www.w3.org/ns/sparql-service-description#Service>  # a service",
        "?s ?p <urn:service>",
    ],
)
def test_the_word_is_no_service_where_nothing_can_be_asked(text: str) -> None:
    guard.check(f"ASK {{ {text} }}", LIMITS.depth)


def test_brackets_in_a_comparison_count() -> None:
    deep = "FILTER(1<" + "(" * 200 + "2>1" + ")" * 200 + ")"
    with pytest.raises(RefusedError, match="levels deep"):
        guard.check(f"ASK {{ {deep} }}", LIMITS.depth)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("PREFIX : <http://a/> ASK FROM:x{}", True),
        ("PREFIX A: <http://a/> ASK FROMA:x{}", True),
        ("PREFIX : <http://a/> SELECT*FROM NAMED:x{}", True),
        ("PREFIX from: <http://a/> DESCRIBE from:x", False),
        ("PREFIX ex: <http://a/> DESCRIBE ex:from", False),
    ],
)
def test_a_dataset_is_seen_where_words_touch(query: str, names: bool) -> None:
    Store().query(query)
    assert guard.names_dataset(query) is names


class Listener(threading.Thread):
    """Counts who connects, and hangs up."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.connected = 0

    def run(self) -> None:
        with suppress(OSError):  # closed at the end
            while True:
                self.socket.accept()[0].close()
                self.connected += 1


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    thread = Listener()
    thread.start()
    yield thread
    thread.socket.shutdown(socket.SHUT_RDWR)
    thread.socket.close()


BEFORE = st.sampled_from((
    "?x a t:.", "?x a t:", "?x a t:x.", "?x ?y 1", "?x ?y 1.", "?x ?y true", "?x ?y ?z.", "?x ?y ''",
    "?x ?y 'a'@en.", "FILTER(1<2)", "FILTER(1<2#>\n)", "FILTER(1<'>')", "FILTER(1<2#>'''\n)",
    "VALUES ?x {'''a'}", "?x a t:x\\-", "?x a t:%41", "?x a _:b", "?x a <urn:a#>.", "{}", "",
    "?x a u:", "?x a u:1", "?x t:", "FILTER(1>0)", "?x a w:.", "FILTER(?o<?s)", "?x ?y '\\''.",
))  # fmt: skip
WORD = st.sampled_from(("SERVICE", "service", "SERVICESILENT", "SERVICE SILENT", "\\u0053ERVICE"))
TARGET = st.sampled_from(
    ("<http://127.0.0.1:PORT/>", " <http://127.0.0.1:PORT/>", ":x", " w:x", "?o")
)
BLOCK = st.sampled_from(("{?s ?p ?o}", "#>\n{?s ?p ?o}", "#\n{}", " {?s ?p 'x'}"))
AFTER = st.sampled_from(("", "#'\n", "#'\n#", "#\\x'''\n", "#'''\n", "FILTER(2>1)", "\n#>\n"))


@given(st.text(), st.text(), st.booleans())
def test_any_text_comes_out_of_a_parameter_as_it_went_in(name: str, value: str, plus: bool) -> None:
    encoded = quote_plus if plus else quote
    pair = f"{encoded(name)}={encoded(value)}"
    assert parse_parameters(pair) == ({name: [value]} if name or value else {})


@given(st.tuples(BEFORE, WORD, TARGET, BLOCK, AFTER).map("".join))
@settings(max_examples=400, deadline=None)
def test_however_words_touch_no_request_leaves(listener: Listener, text: str) -> None:
    prefixes = "PREFIX t: <http://127.0.0.1:PORT> PREFIX u: <http://[::1]> "
    prefixes += "PREFIX w: <http://127.0.0.1:PORT/> PREFIX : <http://127.0.0.1:PORT/> "
    ask = "SELECT * { <http://a> <http://p> ?o OPTIONAL { " + text + " } }"
    query = (prefixes + ask).replace("PORT", str(listener.port))
    try:
        guard.check(query, LIMITS.depth)
    except RefusedError:
        return
    address = f"http://127.0.0.1:{listener.port}/"
    store = Store()
    store.add(Quad(NamedNode("http://a"), NamedNode("http://p"), NamedNode(address)))
    with suppress(SyntaxError, OSError, RuntimeError):
        found = store.query(query)
        assert isinstance(found, QuerySolutions)
        list(found)
    assert listener.connected == 0


@pytest.mark.parametrize(
    "text", ["a." * 30_000, "'" * 60_001, '"\\' * 30_000, "<a" * 30_000, "{" * 60_000]
)
def test_the_look_takes_time_in_proportion(text: str) -> None:
    begun = time.process_time()
    with pytest.raises(RefusedError):
        guard.check("{" * 101 + text, LIMITS.depth)
    assert time.process_time() - begun < 1


HEADERS = st.lists(
    st.sampled_from(
        [
            b"Host: a", b"Host: a:80", b"Accept: */*", b"X:", b"X:  y  ", b"Content-Length: 5",
            b"Content-Length: 05", b"Content-Length: +5", b"Content-Length: 5, 6", b"Bad Name: x",
            b": x", b"X: \x7f", b"X: \xe9", b" X: folded", b"Connection: close", b"no colon",
        ]
    ),
    max_size=5,
)  # fmt: skip
LINES = st.sampled_from(
    [b"GET / HTTP/1.1", b"GET / HTTP/1.0", b"GET  / HTTP/1.1", b"G\x01T / HTTP/1.1", b"GET /\xff HTTP/1.1", b"GET /"]
)  # fmt: skip


@given(LINES, HEADERS)
def test_what_is_read_is_what_a_kept_library_reads(line: bytes, headers: list[bytes]) -> None:
    """We may refuse more than h11, but never read something else."""
    head = b"\r\n".join([line, *headers])
    try:
        ours = read_head(head, LIMITS)
    except RefusedError:
        return
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(head + b"\r\n\r\n")
    event = connection.next_event()
    assert isinstance(event, h11.Request)
    assert (ours.method, ours.target) == (event.method.decode(), event.target.decode())
    theirs: dict[str, list[str]] = {}
    for name, value in event.headers:
        theirs.setdefault(name.decode(), []).append(value.decode("latin-1"))
    assert dict(ours.headers) == {name: ", ".join(values) for name, values in theirs.items()}
    assert ours.length == int(theirs.get("content-length", ["0"])[0])
