"""HTTP to one endpoint: deadlines, retries, authentication, and one line on what went wrong."""

from __future__ import annotations

import email.utils
import http.client
import itertools
import netrc
import random
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request

from trilogue.errors import EndpointError
from trilogue.remote import addresses
from trilogue.remote.settings import Settings

LONGEST_PAUSE = 120.0
"""Seconds that a server may ask us to wait; one that asks for more is not asked again."""

_BUSY = {429, 502, 503, 504}
_LONGEST_REASON = 300


class RefusedError(EndpointError):
    """An answer that is an error of HTTP: its status, and the reason that the server gives."""

    def __init__(self, place: str, status: int, reason: str) -> None:
        self.status = status
        self.reason = reason
        super().__init__(f"{place}: {status} {reason}")


class _PassingTroubleError(Exception):
    """What may be over soon; `pause` is how long the server asks us to wait."""

    def __init__(self, error: EndpointError, pause: float | None = None) -> None:
        self.error = error
        self.pause = pause


@dataclass(frozen=True)
class Reply:
    """The body of an answer, and its headers, which have no case."""

    content: bytes
    headers: Message

    @property
    def media_type(self) -> str:
        """The media type, without parameters."""
        return str(self.headers.get("Content-Type", "")).partition(";")[0].strip().lower()


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: it would turn POST into GET, and carry passwords to other hosts."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Connection:
    """Sends requests to one server, as often as it takes and is right.

    Every request must be one that may be sent twice. Password or token are sent to no other host;
    the password only where the server asks for it, as it asks: basic or digest.
    """

    def __init__(self, url: str, settings: Settings) -> None:
        self.url, user, password = addresses.user_in(url)
        self.place = addresses.shown(self.url)
        self.settings = settings
        self.token = settings.token
        self._opener = urllib.request.build_opener(_Stay)
        known = credentials(self.url, user or settings.user, password or settings.password)
        if known and not self.token:
            # The manager that remembers who asked takes every answer for a request for a password.
            manager = urllib.request.HTTPPasswordMgrWithDefaultRealm()
            manager.add_password(None, self.url, *known)
            self._opener.add_handler(urllib.request.HTTPBasicAuthHandler(manager))
            self._opener.add_handler(urllib.request.HTTPDigestAuthHandler(manager))

    def send(self, request: Callable[[], Request], *, patient: bool = False) -> Reply:
        """Send a request, again and later where the trouble may pass; return the answer.

        `request` makes it anew each time. What takes too long is sent again only if `patient`: a
        query that was too slow once would be so again. Raises `EndpointError`.
        """
        for attempt in itertools.count():
            try:
                return self._once(request(), patient=patient)
            except _PassingTroubleError as trouble:
                pause = trouble.pause
                if pause is None:
                    pause = self.settings.pause * 2**attempt * random.uniform(1, 1.25)  # noqa: S311
                if attempt >= self.settings.retries:
                    tried = f" (tried {attempt + 1} times)" if attempt else ""
                    raise EndpointError(f"{trouble.error}{tried}") from None
                if pause > LONGEST_PAUSE:
                    asked = f"it asks to come back in {pause:.0f} s"
                    raise EndpointError(f"{trouble.error}; {asked}") from None
                time.sleep(pause)
        raise AssertionError("unreachable")

    def _once(self, request: Request, *, patient: bool) -> Reply:
        if self.token:
            request.add_unredirected_header("Authorization", f"Bearer {self.token}")
        deadline = time.monotonic() + self.settings.timeout
        try:
            with self._opener.open(request, timeout=self.settings.timeout) as response:
                return Reply(_body(response, deadline), response.headers)
        except urllib.error.HTTPError as error:
            with error:
                raise self._refused(error) from None
        except (OSError, http.client.HTTPException) as error:
            raise self._unanswered(error, patient=patient) from None
        except (ValueError, NotImplementedError) as error:  # a challenge that urllib cannot meet
            raise EndpointError(f"{self.place}: {_one_line(str(error))}") from None

    def _refused(self, error: urllib.error.HTTPError) -> Exception:
        status = error.code
        if 300 <= status < 400 and (target := error.headers.get("Location")):
            return RefusedError(self.place, status, f"moved to {addresses.shown(target)}")
        reason = _reason(error)
        if status == HTTPStatus.UNAUTHORIZED:
            reason += "; expected a user with TRILOGUE_PASSWORD, or TRILOGUE_TOKEN"
        refused = RefusedError(self.place, status, reason)
        if status in _BUSY:
            return _PassingTroubleError(refused, _pause(error.headers.get("Retry-After")))
        return refused

    def _unanswered(self, error: Exception, *, patient: bool) -> Exception:
        cause = getattr(error, "reason", None) or error
        if isinstance(cause, TimeoutError):
            slow = EndpointError(f"{self.place}: no answer within {self.settings.timeout:g} s")
            return _PassingTroubleError(slow) if patient else slow
        if isinstance(cause, http.client.IncompleteRead | http.client.RemoteDisconnected):
            cut = EndpointError(f"{self.place}: the connection was cut before the answer was whole")
            return _PassingTroubleError(cut)
        words = getattr(cause, "strerror", None) or _one_line(str(cause)) or type(cause).__name__
        unanswered = EndpointError(f"{self.place}: no answer: {words}")
        return (
            _PassingTroubleError(unanswered) if isinstance(cause, ConnectionError) else unanswered
        )


def credentials(url: str, user: str | None, password: str | None) -> tuple[str, str] | None:
    """Return user and password; what is not given comes from the user's netrc file."""
    if user is not None and password is not None:
        return user, password
    try:
        known = netrc.netrc().authenticators(urlsplit(url).hostname or "")
    except (OSError, netrc.NetrcParseError):
        known = None
    if known is None or (user is not None and known[0] != user):
        return None
    return known[0], known[2] or ""


def _body(response: http.client.HTTPResponse, deadline: float) -> bytes:
    """Read an answer to its end; raises where that is too late, or comes too soon."""
    parts = []
    while part := response.read1(1 << 18):
        parts.append(part)
        if time.monotonic() > deadline:
            raise TimeoutError
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)
    return b"".join(parts)


def _pause(header: str | None) -> float | None:
    """Return the seconds that Retry-After asks for: a number, or a date.

    >>> _pause("7"), _pause(None), _pause("soon")
    (7.0, None, None)
    """
    if header is None:
        return None
    if header.strip().isdigit():
        return float(header)
    try:
        then = email.utils.parsedate_to_datetime(header)
    except ValueError:
        return None
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    return max(0.0, (then - datetime.now(UTC)).total_seconds())


def _reason(error: urllib.error.HTTPError) -> str:
    """Return what a server says of an error in plain text, or else the phrase of its status.

    Parsers that point at a place do so in the last line; others begin with the word "error" and
    repeat the query.
    """
    try:
        # Python 3.11.2 has an empty str where a digest was refused, not bytes.
        text = (error.read(1 << 16) or b"").decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        text = ""
    kind = error.headers.get("Content-Type", "")
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines or "html" in kind or lines[0].lstrip().startswith("<"):
        return error.reason or http.client.responses.get(error.code, "")
    says = re.search(r"error\b.*\w", lines[0], re.IGNORECASE)
    return _one_line(lines[0] if says else lines[-1])


def _one_line(text: str) -> str:
    r"""Return text for a message: one line, without characters that a terminal would obey.

    >>> _one_line("no\nsuch  \x1b[31mgraph")
    'no such [31mgraph'
    """
    words = " ".join(text.split())
    return "".join(letter for letter in words if letter.isprintable())[:_LONGEST_REASON]
