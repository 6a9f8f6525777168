"""Code that is kept from one process to the next is that of the sources as they are."""

from __future__ import annotations

import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import numba
import pytest

from trilogue.paths.compiled import compiling

MODULES = {
    "called": "from package.compiling import compiled\n@compiled\ndef called(x):\n    return x + 1\n",
    "calling": "from package.called import called\nfrom package.compiling import compiled\n"
    "@compiled\ndef calling(x):\n    return called(x) * 10\n",
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package of two modules, one of which calls the other, that was called once."""
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "__init__.py").touch()
    shutil.copy(compiling.__file__, folder)
    for name, text in MODULES.items():
        (folder / f"{name}.py").write_text(text)
    assert called(folder) == "(50, 0)"
    return folder


def called(package: Path) -> str:
    """Return what the function gives in a fresh process, and how often kept code was used."""
    code = (
        "from package.calling import calling; "
        "print((int(calling(4)), sum(calling.stats.cache_hits.values())))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=package.parent, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_kept_code_is_used_until_a_module_that_it_calls_changes(package: Path) -> None:
    assert called(package) == "(50, 1)"
    (package / "called.py").write_text(MODULES["called"].replace("x + 1", "x + 20"))
    assert called(package) == "(240, 0)"


def test_kept_code_of_types_that_are_gone_is_compiled_again(package: Path) -> None:
    (index,) = (package / "__pycache__").glob("calling.calling*.nbi")
    index.write_bytes(pickle.dumps(numba.__version__) + b"cpackage.calling\nGone\n.")
    assert called(package) == "(50, 0)"
    assert called(package) == "(50, 1)"
