"""How endpoints are asked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Settings:
    """How endpoints are asked.

    `timeout` is for a request as a whole, in seconds; `pause` comes before the first retry, and
    doubles. `page_size` is how many rows to ask for at a time, where a server cuts answers off.
    """

    user: str | None = None
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    timeout: float = 60
    retries: int = 3
    pause: float = 0.5
    page_size: int | None = None

    @classmethod
    def of_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Return settings with user, password and token as the environment has them."""
        user, password, token = (
            environment.get(f"TRILOGUE_{name}") or None for name in ("USER", "PASSWORD", "TOKEN")
        )
        return cls(user, password, token)
