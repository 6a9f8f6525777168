"""The command that publishes the graph as a static site."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trilogue.cli.app import app, console, steps
from trilogue.cli.endpoints import HERE, Endpoint, asks_endpoints, open_layers


@app.command()
@asks_endpoints
def publish(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write, made anew.")],
    address: Annotated[
        str,
        typer.Option(
            metavar="URL", help="Where the site will stand; rules for w3id.org then come with it."
        ),
    ] = "",
    sparql: Annotated[
        str, typer.Option(metavar="URL", help="A SPARQL endpoint for the site to name, if any.")
    ] = "",
    endpoint: Endpoint = HERE,
) -> None:
    """Write the graph as a static site: pages, data, descriptions, dumps.

    The same graph gives the same bytes. A site that stands in the folder is replaced when all is
    written; a folder that holds anything else is left alone.
    Example: `trilogue publish build/site --address https://example.org/trilogue/`
    """
    from trilogue.graph import Graph
    from trilogue.publication.addresses import HOME
    from trilogue.publication.site import Site
    from trilogue.publication.writing import publish as write
    from trilogue.remote.addresses import LAYERS

    held = open_layers(endpoint, *LAYERS)
    with steps(3) as step:
        step("reading the graph")
        site = Site(Graph.over(held), address or HOME, sparql)
        written = write(site, folder, step)
    console.print(
        f"{folder}: {written.documents:,} documents, {written.size / 1_000_000:.0f} MB",
        soft_wrap=True,
    )
    if not address:
        console.print("no --address given: the rules for w3id.org are left out", highlight=False)
