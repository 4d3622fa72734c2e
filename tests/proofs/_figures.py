"""What a proof says: one JSON object a line, and whether every promise was kept."""

from __future__ import annotations

import json
import secrets
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.proofs._place import DATABASES, Place, place_on


@dataclass(frozen=True, slots=True)
class Figures:
    """`wrong` is the first promise found broken, '' if none was; `counted` says how much was tried.

    Whoever is given the same `seed` draws the same lots.
    """

    proof: str
    database: str
    seed: int
    wrong: str
    counted: Mapping[str, Any]

    def say(self) -> None:
        told = {"proof": self.proof, "database": self.database, "seed": self.seed}
        line = {**told, **self.counted, "wrong": self.wrong}
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
        sys.stdout.flush()


def prove(
    parser: ArgumentParser, argv: Sequence[str], run: Callable[[Place, Namespace, int], Figures]
) -> bool:
    """Run on each database asked for, with the seed asked for or a new one; whether all was kept."""
    parser.add_argument(
        "--database", choices=DATABASES, help="both, one after the other, if left out"
    )
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32))
    told = parser.parse_args(argv)
    wrong: list[str] = []
    for database in [told.database] if told.database else DATABASES:
        with place_on(database) as place:
            figures = run(place, told, told.seed)
        figures.say()
        wrong += filter(None, [figures.wrong])
    return not wrong
