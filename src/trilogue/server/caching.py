"""Answers that a client need not be sent twice: RFC 9110, section 13."""

from __future__ import annotations

import hashlib

from starlette.requests import Request
from starlette.responses import Response

CACHED = "public, max-age=3600"


def tagged(request: Request, content: bytes, media_type: str, headers: dict[str, str]) -> Response:
    """Return content with a tag, or only the tag where the client has what it stands for."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {**headers, "ETag": tag}
    known = request.headers.get("if-none-match", "")
    if known.strip() == "*" or tag in (one.strip().removeprefix("W/") for one in known.split(",")):
        return Response(status_code=304, headers=headers)
    return Response(content, headers={**headers, "Content-Type": media_type})
