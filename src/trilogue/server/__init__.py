"""The graph on the Web: SPARQL 1.1 Protocol and pages, hardened for strangers."""

from __future__ import annotations

from trilogue.server.access import Access, read_token
from trilogue.server.application import (
    Application,
    application,
    application_on_disk,
    stores_on_disk,
)
from trilogue.server.connections import listen
from trilogue.server.form import QueryForm
from trilogue.server.limits import Limits
from trilogue.server.remote import Allowed, Client
from trilogue.server.services import Services
from trilogue.server.supervisor import serve

__all__ = [
    "Access",
    "Allowed",
    "Application",
    "Client",
    "Limits",
    "QueryForm",
    "Services",
    "application",
    "application_on_disk",
    "listen",
    "read_token",
    "serve",
    "stores_on_disk",
]
