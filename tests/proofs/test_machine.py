"""The books beside a model that shares no code with them, and bugs that it must find."""

import pytest

from tests.proofs._ground import ground
from tests.proofs.machine import hunt
from tests.proofs.planted import PLANTED, find

EXAMPLES = 100
STEPS = 25
# Other lots each time, and more of them: `./portal prove machine`, `./portal prove planted`.
SEED = 5


def test_whatever_happens_the_books_are_those_of_the_model() -> None:
    with ground() as stage:
        run = hunt(stage, EXAMPLES, STEPS, SEED, shrink=False)

    assert run.found is None, f"seed {run.seed}: {run.found}"
    assert run.examples >= EXAMPLES


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_bug_is_found(name: str) -> None:
    run = find(name, 600, STEPS, SEED)

    assert run.found is not None, "nothing in the machine reaches it"


def test_enough_is_planted() -> None:
    assert len(PLANTED) >= 40
