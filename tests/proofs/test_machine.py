"""The books beside a model that shares no code with them, and bugs that it must find."""

import pytest

from tests.proofs._ground import ground
from tests.proofs.machine import hunt
from tests.proofs.planted import PLANTED, find

EXAMPLES = 40
STEPS = 30
# Other lots each time: `./portal prove machine`.
SEED = 2
# Of those planted, the ones found within seconds; `./portal prove planted` plants them all.
SOON = (
    "a refund is known by nothing",
    "a refund that waits is done",
    "an old report overwrites a later one",
    "money after the end is ignored",
    "what was asked is booked, not what came",
    "the fee is taken off the customer's money",
    "the fee is taken again",
    "another sum settles the whole",
    "a part that went back is all of it",
    "what is won stays held back",
    "a part sent back reopens the whole share",
    "shares stand although their money went back",
    "a refund forgets the late charges",
    "settled another way, its charges are taken all the same",
    "a fine is asked for twice",
    "principal is paid before its charges",
    "what fits nowhere is forgotten",
    "the balance of a wrong document falls",
)


def test_whatever_happens_the_books_are_those_of_the_model() -> None:
    with ground() as stage:
        run = hunt(stage, EXAMPLES, STEPS, SEED, shrink=False)

    assert run.found is None, f"seed {run.seed}: {run.found}"
    assert run.examples >= EXAMPLES


@pytest.mark.parametrize("name", SOON)
def test_a_planted_bug_is_found(name: str) -> None:
    run = find(name, 200, STEPS, SEED)

    assert run.found is not None, f"{name} was not found in {run.examples} examples"


def test_enough_is_planted() -> None:
    assert len(PLANTED) >= 30
    assert set(SOON) <= PLANTED.keys()
