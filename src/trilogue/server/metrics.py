"""Counts of the server, as Prometheus reads them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from trilogue.server.board import DURATIONS, Board, Cell, State

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_COUNTERS = {
    Cell.bytes: ("response_bytes_total", "Bytes of the answers."),
    Cell.late: ("queries_late_total", "Queries that were stopped at their deadline."),
    Cell.hungry: ("queries_hungry_total", "Queries that were stopped for the memory they took."),
    Cell.crashed: ("workers_crashed_total", "Processes that ended by themselves."),
    Cell.dropped: ("connections_dropped_total", "Connections of clients that were too slow."),
    Cell.passed: ("connections_passed_total", "Connections handed from one process to another."),
}


def exposition(board: Board) -> bytes:
    """Return all counts in the text format of Prometheus."""
    return "".join(f"{line}\n" for line in _lines(board)).encode()


def _lines(board: Board) -> Iterator[str]:
    totals = board.totals()
    yield from _head("requests_total", "counter", "Requests by status of the answer.")
    for status, count in board.statuses().items():
        if count:
            yield f'trilogue_requests_total{{status="{status}"}} {count}'
    yield from _head("request_seconds", "histogram", "Seconds from a request to its answer.")
    for bound, count in zip(DURATIONS, accumulate(board.durations()), strict=True):
        yield f'trilogue_request_seconds_bucket{{le="{bound}"}} {count}'
    yield f'trilogue_request_seconds_bucket{{le="+Inf"}} {totals[Cell.requests]}'
    yield f"trilogue_request_seconds_sum {totals[Cell.nanoseconds] / 1e9}"
    yield f"trilogue_request_seconds_count {totals[Cell.requests]}"
    for cell, (name, words) in _COUNTERS.items():
        yield from _head(name, "counter", words)
        yield f"trilogue_{name} {totals[cell]}"
    yield from _head("connections", "gauge", "Connections of clients.")
    yield f"trilogue_connections {totals[Cell.connections]}"
    states = board.states()
    yield from _head("workers", "gauge", "Processes by what they do.")
    for state in (State.idle, State.busy, State.long):
        yield f'trilogue_workers{{state="{state.name}"}} {states.count(state)}'
    yield from _head("start_time_seconds", "gauge", "When the server was started.")
    yield f"trilogue_start_time_seconds {board.started}"


def _head(name: str, kind: str, words: str) -> Iterator[str]:
    yield f"# HELP trilogue_{name} {words}"
    yield f"# TYPE trilogue_{name} {kind}"
