"""What the movements of a retorno mean, in common and at the banks that number them otherwise.

FEBRABAN's "Layout padrão 240 posições" v. 10.6, C044 and C047; Caixa's "Leiaute CNAB 240 SIGCB"
(67.118 v. 9), Itaú's "Cobrança FEBRABAN 240" (January 2017), Santander's H7815 v. 2.9, Bradesco's
4008-524-0339. A movement that stands in no table is reported and does nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from types import MappingProxyType
from typing import Final

from portal_app.domain.boleto.events import EventKind

Kinds = Mapping[str, EventKind]


def kinds(base: Kinds, **movements: str) -> Kinds:
    """`base` with these movements, written 'kind="06 17"', in place of its own."""
    own = {code: EventKind(kind) for kind, codes in movements.items() for code in codes.split()}
    return MappingProxyType({**base, **own})


# 09 is a baixa: CANCELLED, or EXPIRED where its reason says so. 44: the payer's cheque came
# back. Not here, since it may or may not be money: 45 (paid by a cheque that was cleared).
COMMON: Final = kinds(
    {},
    registered="02",
    rejected="03",
    paid="06 17",
    cancelled="09 25",
    amended="14",
    reversed="44",
    refused="26 30",
    fee="28",
    noted="04 05 07 08 11 12 13 15 19 20 23 24 27 29 33 34 35 36 37 38 39 40 41 42 43 46 48 49 50 "
    "51 52 53 54 55 56 57 58 59 60 61 63 64 65",
)
BRADESCO: Final = kinds(COMMON, noted="47")
CAIXA: Final = kinds(COMMON, paid="46", reversed="44 47", noted="01 45 62")
# 93: paid somewhere, its money still to come with a 06; 94 takes that back.
SANTANDER: Final = kinds(COMMON, noted="91 92 93 94 A4")
SICOOB: Final = kinds(COMMON, noted="47")
# 17 refuses an alteration here and pays nothing. 10: settled in another way, so given up.
ITAU: Final = kinds(
    {},
    registered="02",
    rejected="03 60",
    paid="06 07 08",
    cancelled="09 10 32",
    amended="14",
    refused="15 16 17 18",
    fee="26 27 28 29 30 33 34 35 36 37 38 39 40 41 42 43 44 45 46 48 51 52 53 54 55 56 61 62 85 86 "
    "87 88 89 90 91 92 93",
    noted="04 05 11 12 13 19 20 21 23 24 25 47 57 63 74 75 77 78 79 80 82 83 94",
)

# C047-C: the time to pay is over, by the customer's instruction or the bank's own rule.
TIME_IS_OVER: Final = frozenset({"12", "13"})


def kind_of(
    movement: str, reasons: Iterable[str], known: Kinds, over: AbstractSet[str] = TIME_IS_OVER
) -> EventKind | None:
    """None where nobody here knows the movement; a baixa whose time is `over` is EXPIRED."""
    kind = known.get(movement)
    if kind is EventKind.CANCELLED and not over.isdisjoint(reasons):
        return EventKind.EXPIRED
    return kind


def reasons_of(text: str, width: int = 2) -> tuple[str, ...]:
    """The reasons written one behind the other, without the places that are not used.

    >>> reasons_of("0412  00")
    ('04', '12')
    """
    found = (text[at : at + width].strip() for at in range(0, len(text), width))
    return tuple(reason for reason in found if reason.strip("0"))
