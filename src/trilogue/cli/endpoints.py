"""The options with which every command that reads asks endpoints instead of the embedded store."""

from __future__ import annotations

import functools
import inspect
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trilogue.cli.app import messages
from trilogue.project import Project
from trilogue.remote import addresses
from trilogue.remote.settings import Settings

if TYPE_CHECKING:
    from trilogue.graph import Graph, LayersInMemory

_PANEL = "Endpoints"


def _option(flag: str, text: str, **more: Any) -> Any:
    name = f"TRILOGUE_{flag[2:].upper().replace('-', '_')}"
    return typer.Option(flag, help=text, envvar=name, rich_help_panel=_PANEL, **more)


_OPTIONS = {
    "endpoint": Annotated[
        str | None,
        _option(
            "--endpoint",
            "Ask this SPARQL 1.1 endpoint; others, as asserted=URL and contested=URL, follow after "
            "a space.",
            metavar="URL",
        ),
    ],
    "user": Annotated[
        str | None,
        _option("--user", "User there; the password comes from TRILOGUE_PASSWORD, .netrc or you."),
    ],
    "timeout": Annotated[
        float | None, _option("--timeout", "Seconds that a request may take.", min=0.1)
    ],
    "retries": Annotated[
        int | None, _option("--retries", "How often to ask again when it is busy.", min=0)
    ],
    "page_size": Annotated[
        int | None, _option("--page-size", "Ask for so many rows at a time.", min=1)
    ],
}


@dataclass(frozen=True)
class Endpoint:
    """What is asked instead of the embedded store, if anything is, and how."""

    addresses: str = ""
    settings: Settings = field(default_factory=Settings)

    def __bool__(self) -> bool:
        """Tell whether an address is given."""
        return bool(self.addresses)


HERE = Endpoint()
"""The embedded store."""


def asks_endpoints(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options for its parameter `endpoint`, in the place of that."""
    signature = inspect.signature(command, eval_str=True)
    own = [each for name, each in signature.parameters.items() if name != "endpoint"]
    options = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=option)
        for name, option in _OPTIONS.items()
    ]

    @functools.wraps(command)
    def asking(**values: Any) -> None:
        given = {name: values.pop(name) for name in _OPTIONS}
        command(**values, endpoint=_asked(**given))

    parameters = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own]
    asking.__signature__ = signature.replace(parameters=[*parameters, *options])  # type: ignore[attr-defined]
    asking.__annotations__ = {each.name: each.annotation for each in (*own, *options)}
    return asking


def _asked(endpoint: str | None, user: str | None, **numbers: float | None) -> Endpoint:
    if not endpoint:
        return HERE
    settings = Settings.of_environment()
    given = {name: value for name, value in numbers.items() if value is not None}
    settings = replace(settings, user=user or settings.user, **given)  # type: ignore[arg-type]
    urls = addresses.by_layer(endpoint).values()
    if not settings.token and sys.stdin.isatty():
        from trilogue.remote.connection import credentials

        for url in urls:
            bare, named, password = addresses.user_in(url)
            name = named or settings.user
            if name and not credentials(bare, name, password or settings.password):
                word = typer.prompt(f"Password of {name}", hide_input=True, err=True)
                settings = replace(settings, password=word)
    return Endpoint(endpoint, settings)


def open_graph(endpoint: Endpoint = HERE, *, asserted: bool = False) -> Graph:
    """Open the built dataset, its asserted layer, or an endpoint; Ctrl-C then ends the process."""
    from trilogue.graph import Graph

    # A running query does not look at signals: let Ctrl-C end the process, which writes nothing.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if endpoint:
        graph = Graph.open(endpoint.addresses, settings=endpoint.settings)
    else:
        return Graph.open(path=Project.find().asserted if asserted else None)
    if asserted:
        graph.backend = graph.layers.backend(addresses.ASSERTED)
    return graph


def open_layers(endpoint: Endpoint, *needed: str) -> LayersInMemory:
    """Open layers that a command computes over: as they were built, or copied from endpoints.

    What is needed is copied at once: a layer that is missing is not found out after long work.
    """
    from trilogue.graph import EmbeddedLayers, Graph

    project = Project.find()
    if not endpoint:
        return EmbeddedLayers(project)
    from trilogue.remote.copies import CopiedLayers

    graph = Graph.open(endpoint.addresses, project=project, settings=endpoint.settings)
    copies = CopiedLayers(project, graph.layers)
    with messages.status("reading layers from the endpoint"):
        copies.read(needed)
    return copies
