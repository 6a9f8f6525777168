"""The Oxigraph server of the wheel, on loopback."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAM = str(Path(sys.executable).parent / "oxigraph")


@contextmanager
def served(*options: str, location: Path | None = None) -> Iterator[str]:
    """Serve an empty store in memory, or one that is kept in a folder; yields `http://host:port`.

    It answers at `/query`, `/update` and `/store`. With `--union-default-graph` its default graph is
    the union of the named graphs.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    place = ["--location", str(location)] if location else []
    command = [PROGRAM, "serve", *place, "--bind", f"127.0.0.1:{port}", *options]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet) as process:
        try:
            _wait(process, port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if process.poll() is not None:
                raise RuntimeError("the Oxigraph server did not start") from None
            time.sleep(0.02)
        else:
            return
