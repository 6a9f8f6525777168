"""The services that may be asked, and how: nothing is sent to an address that was not allowed.

A name is looked up once, each of its addresses is held against what is allowed, and the connection
goes to the address that was checked: a second look-up could give another one. An answer that leads
elsewhere is not followed.
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from trilogue.errors import TrilogueError

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], list[str]]
_PORTS = {"http": 80, "https": 443}
_ALLOWED = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._-]+)(?::(?P<port>[0-9]{1,5}))?")
_CHUNK = 65_536
_TRANSLATED = ip_network("64:ff9b::/96")  # to IPv4, RFC 6052


class ServiceError(TrilogueError):
    """A service that gives no answer that can be used; why, in one line."""


class NotAllowedError(ServiceError):
    """A service that may not be asked."""


@dataclass(frozen=True)
class Allowed:
    """A host that may be asked, at one port or at the usual ones."""

    host: str
    port: int | None = None

    @classmethod
    def read(cls, text: str) -> Allowed:
        """Read `HOST`, `HOST:PORT` or `[IPv6]:PORT`; raises `TrilogueError` for anything else.

        >>> Allowed.read("Query.Wikidata.org"), Allowed.read("[::1]:80")
        (Allowed(host='query.wikidata.org', port=None), Allowed(host='::1', port=80))
        """
        match = _ALLOWED.fullmatch(text)
        if match is None or int(match["port"] or 1) not in range(1, 65_536):
            raise TrilogueError(f"{text}: expected a host such as query.wikidata.org, or HOST:PORT")
        return cls(match["host"].strip("[]").lower(), int(match["port"]) if match["port"] else None)


@dataclass(frozen=True)
class Answered:
    """What came back: the media type and the content."""

    media_type: str
    content: bytes


def _resolved(host: str, port: int) -> list[str]:
    """Return the addresses of a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


@dataclass(frozen=True)
class Client:
    """Asks the services that are allowed, each within `seconds` and for `most` bytes."""

    allowed: tuple[Allowed, ...] = ()
    seconds: float = 15.0
    most: int = 16 * 1_048_576
    resolve: Resolve = _resolved

    def check(self, iri: str) -> tuple[SplitResult, int]:
        """Return the parts of an address that may be asked; raises `NotAllowedError`."""
        try:
            parts = urlsplit(iri)
            port = parts.port or _PORTS[parts.scheme]
        except (KeyError, ValueError):
            raise NotAllowedError("expected an http or https address") from None
        host = (parts.hostname or "").lower()
        usual = port == _PORTS[parts.scheme]
        for each in self.allowed:
            if each.host == host and (port == each.port or (each.port is None and usual)):
                if parts.username is not None or parts.password is not None:
                    raise NotAllowedError("an address with a user name is not asked")
                return parts, port
        raise NotAllowedError("this endpoint does not ask it; its operator can allow it")

    def ask(
        self, iri: str, body: bytes | None, headers: dict[str, str], accept: Iterable[str]
    ) -> Answered:
        """Send a request, by POST where it has a body; raises `ServiceError`."""
        parts, port = self.check(iri)
        deadline = time.monotonic() + self.seconds
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        sent = {"Accept": ", ".join(accept), "Accept-Encoding": "identity", **headers}
        try:
            connection = self._connected(parts, port)
            try:
                connection.request("GET" if body is None else "POST", target, body, sent)
                response = connection.getresponse()
                if response.status != 200:
                    raise ServiceError(f"answered {response.status}, expected 200")
                media_type = response.headers.get_content_type()
                return Answered(media_type, self._content(response, deadline))
            finally:
                connection.close()
        except TimeoutError:
            raise ServiceError(f"no answer within {self.seconds:g} seconds") from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise ServiceError(f"no answer: {' '.join(str(error).split())[:200]}") from None

    def _connected(self, parts: SplitResult, port: int) -> http.client.HTTPConnection:
        host = parts.hostname or ""
        addresses = self.resolve(host, port)
        for address in addresses:
            if not (_is_public(address) or _is_address(host)):
                raise NotAllowedError("it leads to an address that is not of the public Web")
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        connection = kind(host, port, timeout=self.seconds)
        stream = socket.create_connection((addresses[0], port), self.seconds)
        if parts.scheme == "https":
            stream = ssl.create_default_context().wrap_socket(stream, server_hostname=host)
        connection.sock = stream
        return connection

    def _content(self, response: http.client.HTTPResponse, deadline: float) -> bytes:
        content = bytearray()
        while data := response.read1(_CHUNK):
            content += data
            if len(content) > self.most:
                raise ServiceError(f"its answer is longer than {self.most} bytes")
            if time.monotonic() > deadline:
                raise TimeoutError
        return bytes(content)


def _is_address(host: str) -> bool:
    """Tell whether a host is an address: one that is allowed was named on purpose."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_public(address: str) -> bool:
    """Tell whether an address, and any that it stands for, is one of the public Web.

    >>> [_is_public(each) for each in ("8.8.8.8", "10.0.0.1", "::ffff:127.0.0.1", "fe80::1%eth0")]
    [True, False, False, False]
    """
    found = ip_address(address.partition("%")[0])
    inner: list[Address | None] = [found]
    if isinstance(found, IPv6Address):
        inner += [found.ipv4_mapped, found.sixtofour, *(found.teredo or ())]
        if found in _TRANSLATED:
            inner.append(IPv4Address(found.packed[-4:]))
    return all(each.is_global and not each.is_multicast for each in inner if each is not None)
