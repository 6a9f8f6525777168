"""Apache Jena Fuseki with TDB2: `python -m fuseki` fetches its jar, `served` starts it.

It needs Java 17, and Maven where the jar is not in `build/cache` yet.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

VERSION = "5.6.0"  # the last before 6, which needs Java 21
DIGEST = "d28c1eaf703122ee628895a460c20fa4aa60a892f435d403ea8c036f241da1f8"  # SHA-256
JAR = Path(__file__).parents[1] / "build" / "cache" / f"jena-fuseki-server-{VERSION}.jar"
USER, PASSWORD = "reader", "secret"

_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"
_CONFIGURATION = """PREFIX fuseki: <http://jena.apache.org/fuseki#>
PREFIX tdb2: <http://jena.apache.org/2016/tdb#>
[] a fuseki:Server {passwords}.
"""
_PASSWORDS = '; fuseki:passwd "passwords" ; fuseki:auth "digest" '
_SERVICE = """[] a fuseki:Service ; fuseki:name "{name}" ; {users}
  fuseki:endpoint [ fuseki:operation fuseki:query ; fuseki:name "sparql" ] ,
    [ fuseki:operation fuseki:update ; fuseki:name "update" ] ,
    [ fuseki:operation fuseki:gsp-rw ; fuseki:name "data" ] ;
  fuseki:dataset [ a tdb2:DatasetTDB2 ; tdb2:location "{name}" ; tdb2:unionDefaultGraph {union} ] .
"""


def fetch() -> None:
    """Put the jar into `build/cache` by Maven, from its own cache or from Maven Central."""
    if not JAR.is_file():
        artifact = f"-Dartifact=org.apache.jena:jena-fuseki-server:{VERSION}"
        into = f"-DoutputDirectory={JAR.parent}"
        subprocess.run(["mvn", "--batch-mode", "--quiet", _COPY, artifact, into], check=True)
    found = hashlib.sha256(JAR.read_bytes()).hexdigest()
    if found != DIGEST:
        sys.exit(f"{JAR.name}: SHA-256 {found}, expected {DIGEST}")


@contextmanager
def served(
    folder: Path,
    *,
    union: Sequence[str] = (),
    plain: Sequence[str] = (),
    locked: Sequence[str] = (),
) -> Iterator[str]:
    """Serve empty datasets of these names, kept in a folder; yields `http://host:port`.

    The default graph of `union` and `locked` is the union of the named graphs, that of `plain` a
    graph of its own; `locked` are open to `USER` with `PASSWORD` only (HTTP digest). A dataset
    answers at `NAME/sparql`, `NAME/update` and `NAME/data`.
    """
    services = [
        _SERVICE.format(
            name=name,
            union=str(name not in plain).lower(),
            users=f'fuseki:allowedUsers "{USER}" ;' if name in locked else "",
        )
        for name in (*union, *plain, *locked)
    ]
    # Passwords that no dataset asks for would lock the whole server, and what tells that it runs.
    configuration = _CONFIGURATION.format(passwords=_PASSWORDS if locked else "")
    (folder / "config.ttl").write_text(configuration + "".join(services))
    (folder / "passwords").write_text(f"{USER}: {PASSWORD}\n")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [shutil.which("java") or "java", "-Xmx1g", "-jar", str(JAR)]
    options = ["--localhost", f"--port={port}", "--ping", "--conf=config.ttl"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [*command, *options],
            cwd=folder,
            env={**os.environ, "FUSEKI_BASE": str(folder / "base")},
            stdout=log,
            stderr=log,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(process, f"{address}/$/ping", folder / "log")
            yield address
        finally:
            process.terminate()
            process.wait(20)


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            if process.poll() is not None:
                raise RuntimeError(f"Fuseki did not start: {log.read_text()[-2000:]}") from None
            time.sleep(0.1)
        else:
            return


if __name__ == "__main__":
    fetch()
