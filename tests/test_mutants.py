"""What is spoilt on purpose is found: one mutant of each operator; `make mutants` runs many."""

from __future__ import annotations

import pytest
from mutants import __main__ as mutation
from mutants.operators import OPERATORS


@pytest.mark.parametrize("name", OPERATORS)
def test_a_mutant_is_found(name: str) -> None:
    (mutant,) = mutation.mutants(name, 1)
    told, killer = mutant
    assert killer or (name, told) in mutation.explained(), told


def test_the_survivors_that_are_explained_are_of_operators_that_exist() -> None:
    for (name, _), reason in mutation.explained().items():
        assert name in OPERATORS
        assert reason
