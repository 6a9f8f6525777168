"""Who may write: whoever holds the token that was given at the start, and nobody without one."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from trilogue.errors import TrilogueError
from trilogue.server.messages import RefusedError

VARIABLE = "TRILOGUE_TOKEN"
_LEAST = 16
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # RFC 6750, 2.1
_IN_PARAMETERS = ("access_token", "token")


class Access:
    """The right to write; of the token only a digest is kept.

    >>> access = Access("a-token-of-some-length")
    >>> access.permits({"authorization": "Bearer a-token-of-some-length"})
    True
    >>> access.permits({"authorization": "Bearer another"}), Access().permits({})
    (False, False)
    """

    def __init__(self, token: str | None = None) -> None:
        self._digest = None if token is None else _digest(token)

    @property
    def is_open(self) -> bool:
        """Whether anybody may write."""
        return self._digest is not None

    def permits(self, headers: Mapping[str, str]) -> bool:
        """Tell whether a request with these headers may write; takes as long for every token."""
        kind, _, given = headers.get("authorization", "").partition(" ")
        known = self._digest or b""
        return hmac.compare_digest(_digest(given.strip()), known) and kind.lower() == "bearer"

    def check(
        self, headers: Mapping[str, str], parameters: Mapping[str, object], what: str
    ) -> None:
        """Raise `RefusedError` where a request may not write."""
        if not self.is_open:
            raise RefusedError(403, f"{what}: this endpoint is read-only")
        if any(name in parameters for name in _IN_PARAMETERS):
            raise RefusedError(400, "a token in an address is logged; send Authorization: Bearer")
        if not self.permits(headers):
            given = ', error="invalid_token"' if "authorization" in headers else ""
            challenge = {"WWW-Authenticate": f'Bearer realm="trilogue"{given}'}
            raise RefusedError(401, f"{what}: the token is missing or wrong", headers=challenge)


def read_token(file: Path | None, environment: MutableMapping[str, str]) -> str | None:
    """Return the token in a file or in the environment, which then has it no more.

    It is no option of the command: all users of a machine see the arguments of a process. Raises
    `TrilogueError` where there are two, or one that is short or cannot be sent.
    """
    given = environment.pop(VARIABLE, None)
    if file is None and not given:
        return None
    if file is not None and given:
        raise TrilogueError(f"a token in {file} and one in {VARIABLE}: give one of them")
    try:
        token = (file.read_text("utf-8") if file is not None else given or "").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise TrilogueError(f"{file}: cannot be read: {error}") from None
    place = file if file is not None else VARIABLE
    if len(token) < _LEAST or not _TOKEN.fullmatch(token):
        reason = f"expected a token of {_LEAST} and more letters, digits and ._~+/-"
        raise TrilogueError(f"{place}: {reason}")
    return token


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
