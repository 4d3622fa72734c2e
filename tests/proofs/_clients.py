"""Fifty tabs of one customer, each of which wants to pay some of the same documents at once."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final

from portal_app.domain.errors import Conflict
from portal_app.domain.payments import PaymentMethod
from portal_app.services import boletos, payments
from portal_app.services.actors import Actor
from tests.proofs._place import Place

BANKS: Final = frozenset({"001", "756"})
"""Those of the demo that reject no boleto."""

_MOST: Final = 6
# Of those that hold an attempt, how many would rather pay another way.
_SECOND_THOUGHTS: Final = 0.25
# The rest by card or Pix.
_BOLETOS: Final = 0.4


@dataclass(frozen=True, slots=True)
class Rush:
    """What all clients have before them. `at` is the monotonic moment they begin at."""

    place: Place
    who: Actor
    documents: tuple[int, ...]
    tries: int
    at: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one request. `attempt` is a payment's public id, '' where it was refused.

    `refusal` is the code of a conflict, `error` anything that a customer should never see.
    """

    attempt: str = ""
    refusal: str = ""
    error: str = ""


def rush_in(rush: Rush, seeds: Sequence[str]) -> list[Outcome]:
    """A client for each seed, all in this process; what each of their requests came to."""
    rush.place.enter()
    with ThreadPoolExecutor(len(seeds)) as pool:
        outcomes = list(pool.map(lambda seed: _client(rush, seed), seeds))
    return [outcome for each in outcomes for outcome in each]


def _client(rush: Rush, seed: str) -> list[Outcome]:
    lots, outcomes = random.Random(seed), list[Outcome]()
    time.sleep(max(0.0, rush.at - time.monotonic()))
    for _ in range(rush.tries):
        chosen = tuple(lots.sample(rush.documents, lots.randint(1, _MOST)))
        started = _asked(partial(_start, rush, chosen, lots))
        outcomes.append(started)
        if started.attempt and lots.random() < _SECOND_THOUGHTS:
            outcomes.append(_asked(partial(_give_up, rush, started.attempt)))
    return outcomes


def _asked(request: Callable[[], str]) -> Outcome:
    try:
        return Outcome(attempt=request())
    except Conflict as refusal:
        return Outcome(refusal=refusal.code)
    except Exception as error:  # noqa: BLE001  what a client is shown is the outcome
        return Outcome(error=f"{type(error).__name__}: {' '.join(str(error).split())[:300]}")


def _start(rush: Rush, chosen: Sequence[int], lots: random.Random) -> str:
    if lots.random() < _BOLETOS:
        banks = [each for each in boletos.offer(rush.who, chosen).banks if each.bank in BANKS]
        bank = lots.choice(banks)
        return boletos.issue(rush.who, chosen, bank.carteira, bank.total)
    method = lots.choice((PaymentMethod.PIX, PaymentMethod.CARD))
    shown = payments.quote(rush.who, chosen).total
    return payments.start(rush.who, chosen, method, shown).payment


def _give_up(rush: Rush, attempt: str) -> str:
    payments.supersede(rush.who, attempt)
    return attempt
