"""Requests and answers of HTTP/1.1, read strictly.

Only what every client sends is read: a request line, headers, and a body whose length is
given. Whatever two readers could take for two different requests is refused, and the
connection closed. A general parser of HTTP would take longer for the head of a small request
than the store for its answer.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from trilogue.errors import TrilogueError
from trilogue.server.limits import Limits

if TYPE_CHECKING:
    from trilogue.server.access import Access
    from trilogue.server.streams import Stream

_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_REQUEST_LINE = re.compile(rb"(" + _TOKEN + rb") ([!-~]+) HTTP/1\.([01])")
_HEADER = re.compile(rb"(" + _TOKEN + rb"):[ \t]*([\t -~\x80-\xff]*?)[ \t]*")
_HOST = re.compile(r"(?:[0-9A-Za-z._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_COMMON = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "*",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept",
    "X-Content-Type-Options": "nosniff",
}
"""Headers of all answers, but for those that an answer has itself."""
PROBLEM = "application/problem+json"
_ONCE = frozenset(("content-length", "content-type", "host", "transfer-encoding"))


class RefusedError(TrilogueError):
    """A request that is not served: the status, and why in one line."""

    def __init__(
        self,
        status: int,
        reason: str,
        *,
        headers: Mapping[str, str] | None = None,
        position: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.headers = dict(headers or {})
        self.position = position


@dataclass(slots=True)
class Request:
    """A request that was read in full."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    client: str
    lasting: bool
    """Whether the client keeps the connection for another request."""
    settle: Callable[[], None] = field(default=lambda: None)
    """To be called at the last moment at which the answer may still be given up."""
    minor: int = 1
    """The minor version of HTTP that the client speaks."""
    open_stream: Callable[[], Stream | None] = field(default=lambda: None)
    """Opens the way of an answer that is sent piece by piece, where there is one."""

    def header(self, name: str) -> str:
        """Return the value of a header, or nothing."""
        return self.headers.get(name, "")

    @property
    def accepts(self) -> str:
        """What the client accepts of a refusal: problem details, where it asks the API."""
        return PROBLEM if self.path.startswith("/api/") else self.header("accept")


@dataclass(slots=True)
class Response:
    """An answer, complete in memory but for a stream: none is cut off unnoticed under 200."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    streamed: bool | None = None
    """Where the body comes piece by piece: whether as chunks, or until the connection ends."""


@dataclass(slots=True)
class Head:
    """Request line and headers, with the number of bytes of the body to come."""

    method: str
    target: str
    minor: int
    headers: Mapping[str, str]
    length: int

    @property
    def lasting(self) -> bool:
        """Whether the client keeps the connection for another request."""
        connection = self.headers.get("connection", "").lower()
        return "close" not in connection if self.minor else "keep-alive" in connection

    @property
    def expects_permission(self) -> bool:
        """Whether the client sends the body only when it is told to."""
        return self.headers.get("expect", "").lower() == "100-continue"


def read_head(data: bytes, limits: Limits, access: Access | None = None) -> Head:
    r"""Return the head of a request, given without the empty line that ends it.

    Whoever may write can announce a larger body than others. Raises `RefusedError` where it is
    malformed or too large.

    >>> head = read_head(b"GET /sparql HTTP/1.1\r\nHost: localhost", Limits())
    >>> head.method, head.target, head.headers
    ('GET', '/sparql', {'host': 'localhost'})
    """
    line, _, block = data.partition(b"\r\n")
    match = _REQUEST_LINE.fullmatch(line)
    if match is None:
        raise RefusedError(400, "malformed request line")
    method, target, minor = match.groups()
    if len(target) > limits.target:
        raise RefusedError(
            414, f"the request target is longer than {limits.target} bytes; use POST"
        )
    headers = _headers(block)
    if minor == b"1" and "host" not in headers:
        raise RefusedError(400, "no Host header")
    if "transfer-encoding" in headers:
        raise RefusedError(411, "transfer encodings are not read; give Content-Length")
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        raise RefusedError(400, "malformed Content-Length")
    if len(length) > 15 or int(length) > limits.body:
        most = limits.upload if access is not None and access.permits(headers) else limits.body
        if len(length) > 15 or int(length) > most:
            raise RefusedError(413, f"the body is longer than {most} bytes")
    return Head(method.decode(), target.decode(), int(minor), headers, int(length))


@lru_cache(maxsize=256)  # a client sends the same headers with each request
def _headers(block: bytes) -> Mapping[str, str]:
    headers: dict[str, str] = {}
    for line in block.split(b"\r\n") if block else ():
        match = _HEADER.fullmatch(line)
        if match is None:
            raise RefusedError(400, "malformed header")
        name, value = match[1].decode().lower(), match[2].decode("latin-1")
        if name not in headers:
            headers[name] = value
        elif name in _ONCE:
            raise RefusedError(400, f"header {name} given twice")
        else:
            headers[name] += ", " + value
    if "host" in headers and not _is_host(headers["host"]):
        raise RefusedError(400, "malformed Host header")
    return headers


def _is_host(text: str) -> bool:
    """Tell whether an IRI can be made with a host."""
    try:
        NamedNode(f"http://{text}/")
    except ValueError:
        return False
    return bool(_HOST.fullmatch(text))


def path_and_query(target: str) -> tuple[str, str]:
    """Split a request target, in origin or absolute form.

    >>> path_and_query("/sparql?query=ASK%7B%7D"), path_and_query("http://localhost/sparql")
    (('/sparql', 'query=ASK%7B%7D'), ('/sparql', ''))
    """
    if target.startswith(("http://", "https://")):
        target = "/" + target.split("://", 1)[1].partition("/")[2]
    path, _, query = target.partition("?")
    return path, query


def refuse(refusal: RefusedError, accept: str = "") -> Response:
    r"""Return a refusal as an answer: a line of text, or problem details where JSON is wanted.

    >>> refuse(RefusedError(404, "nothing here")).body
    b'nothing here\n'
    """
    reason = " ".join(str(refusal).split())
    if "application/json" not in accept and PROBLEM not in accept:
        headers = {"Content-Type": "text/plain; charset=utf-8", **refusal.headers}
        return Response(refusal.status, headers, f"{reason}\n".encode())
    content = problem(refusal.status, reason)
    if refusal.position:
        content["line"], content["column"] = refusal.position
    headers = {"Content-Type": PROBLEM, **refusal.headers}
    return Response(refusal.status, headers, json.dumps(content).encode())


def problem(status: int, reason: str) -> dict[str, object]:
    """Return problem details (RFC 9457), with the reason in one line."""
    return {"title": phrase(status), "status": status, "detail": " ".join(reason.split())}


@lru_cache(maxsize=128)
def phrase(status: int) -> str:
    """Return the words that HTTP has for a status."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Status"


def written(response: Response, *, lasting: bool, bodiless: bool = False) -> bytes:
    """Return an answer as it goes over the wire."""
    headers = tuple(response.headers.items())
    chunked = bool(response.streamed)
    head = _head(response.status, headers, int(time.time()), lasting=lasting, chunked=chunked)
    if response.streamed is None and response.status not in (204, 304):
        head += b"Content-Length: %d\r\n" % len(response.body)
    return b"%b\r\n%b" % (head, b"" if bodiless else response.body)


@lru_cache(maxsize=256)  # many answers of the same second differ in their bodies alone
def _head(
    status: int, headers: tuple[tuple[str, str], ...], second: int, *, lasting: bool, chunked: bool
) -> bytes:
    given = {name for name, _ in headers}
    lines = [f"HTTP/1.1 {status} {phrase(status)}"]
    lines += [f"{name}: {value}" for name, value in _COMMON.items() if name not in given]
    lines.append(f"Date: {formatdate(second, usegmt=True)}")
    lines += [f"{name}: {value}" for name, value in headers]
    lines += ["Transfer-Encoding: chunked"] if chunked else []
    lines += [] if lasting else ["Connection: close"]
    head = "\r\n".join(lines)
    if head.count("\n") != len(lines) - 1 or head.count("\r") != len(lines) - 1:
        raise ValueError("a header with a line break")
    return head.encode("latin-1", "replace") + b"\r\n"
