"""What both banks of the test server have in common: a call, a title that is kept."""

import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from portal_app.domain.boleto.barcode import codigo_de_barras, fator_vencimento
from portal_app.gateways.registration.payload import dumps

PIX: Final = (
    "00020126390014br.gov.bcb.pix0117teste@exemplo.com52040000530398654043.00"
    "5802BR5907EMPRESA6009SAO PAULO62070503***63040D06"
)

Result = tuple[int, Any]
Route = Callable[..., Result]


@dataclass(frozen=True)
class Call:
    """A request that came in."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def told(self) -> dict[str, Any]:
        """Its JSON, numbers with a fraction as the text that was sent."""
        return json.loads(self.body, parse_float=str)


@dataclass
class Held:
    """A title as the bank keeps it. `told` is what we said of it; amounts are text."""

    told: dict[str, Any]
    ref: str
    nosso_numero: str
    barcode: str
    state: str
    due: date
    paid: str = "0.00"
    paid_on: date | None = None
    credited_on: date | None = None


class Desk:
    """A bank's titles by the name that is ours, and what happens to them.

    The next title or instruction is refused with the words of `refusals`, if there are any.
    """

    def __init__(self, root: str, today: date) -> None:
        self.root = root
        self.today = today
        self.titles: dict[str, Held] = {}
        self.refusals: deque[str] = deque()


def barcode_of(bank: str, due: date, amount: str, free: str) -> str:
    cents = int(Decimal(amount) * 100)
    return codigo_de_barras(bank, fator_vencimento(due), cents, free)


def call_with(*told: dict[str, Any]) -> bytes:
    """The body of a call of the bank, to be read by `parse_events`."""
    return dumps(list(told)).encode()
