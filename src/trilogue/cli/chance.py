"""The command that holds paths against chance."""

from __future__ import annotations

from typing import Annotated

import typer

from trilogue.cli.app import Form, Format, app, console
from trilogue.cli.asking import print_answer
from trilogue.cli.endpoints import HERE, Endpoint, asks_endpoints, open_graph
from trilogue.paths.null_models import Chance, Null, Statistic

_FIRST, _SECOND = "sme-to-council", "multinational-to-institution"


@app.command()
@asks_endpoints
def chance(
    first: Annotated[str, typer.Argument(help="A route of queries/paths/routes.csv.")] = _FIRST,
    second: Annotated[str, typer.Argument(help="The route that it is held against.")] = _SECOND,
    null: Annotated[
        Null | None, typer.Option(help="Shuffle only times, or only labels; else each in turn.")
    ] = None,
    statistic: Annotated[
        Statistic, typer.Option(help="Count paths, or origins that have one.")
    ] = Statistic.paths,
    among: Annotated[str, typer.Option(help="Class within which labels are permuted.")] = "Firm",
    draws: Annotated[int, typer.Option(min=1, help="Draws of a null model.")] = 1000,
    seed: Annotated[int, typer.Option(help="Seed of the draws.")] = 0,
    form: Form = Format.table,
    endpoint: Endpoint = HERE,
) -> None:
    """Hold the numbers of paths of two routes, and their difference, against null models.

    Examples: `trilogue chance`, `trilogue chance sme-to-milder-text multinational-to-milder-text`
    """
    from trilogue import terminal
    from trilogue.paths import routes
    from trilogue.paths.naming import resolved, resolved_name
    from trilogue.paths.significance import comparison, table

    graph = open_graph(endpoint)
    network = graph.network
    names = (first, second)
    ours, theirs = (resolved(routes.find(graph.project, name).query, network) for name in names)
    within = frozenset({resolved_name(among, network)})
    found = [
        comparison(network, ours, theirs, Chance(each, statistic, draws, seed, among=within))
        for each in ([null] if null else list(Null))
    ]
    if form is not Format.table:
        print_answer(table(found, names), form, "")
        return
    for each in found:
        terminal.print_chance(console, table([each], names))
        console.print(each.in_words() + "\n", highlight=False)
