"""The graph on the Web: SPARQL 1.1 Protocol and pages, hardened for strangers."""

from __future__ import annotations

from trilogue.server.access import Access, read_token
from trilogue.server.application import Application, application, application_on_disk
from trilogue.server.connections import listen
from trilogue.server.limits import Limits
from trilogue.server.supervisor import serve

__all__ = [
    "Access",
    "Application",
    "Limits",
    "application",
    "application_on_disk",
    "listen",
    "read_token",
    "serve",
]
