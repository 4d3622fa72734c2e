"""Where everything stands in a CNAB 400 retorno, and what its movements mean: every bank has its own.

Known are Banco do Brasil's CBR643
(convênios of seven digits), Santander's H7800 v. 2.17, Bradesco's 4008-524-0121 and Itaú's
"Cobrança CNAB 400" (July 2021).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from portal_app.files.cnab240 import movements
from portal_app.files.cnab240.movements import Kinds, kinds
from portal_app.files.fixed_width import Field, Fields, Kind, changed, fields

LENGTH: Final = 400
_NUMBER, _AMOUNT, _DAY = Kind.NUMBER, Kind.AMOUNT, Kind.DAY

HEADER: Final = fields(
    direction=(1, 9),
    agencia=(27, 30, _NUMBER),
    bank=(77, 79, _NUMBER),
    made_on=(95, 100, _DAY),
)
DETAIL: Final = fields(
    record=(1, 1),
    company_reference=(38, 62),
    movement=(109, 110),
    occurred_on=(111, 116, _DAY),
    number=(117, 126),
    due=(147, 152, _DAY),
    face=(153, 165, _AMOUNT),
    fee=(176, 188, _AMOUNT),
    other_fees=(189, 201, _AMOUNT),
    abatement=(228, 240, _AMOUNT),
    discount=(241, 253, _AMOUNT),
    paid=(254, 266, _AMOUNT),
    charges=(267, 279, _AMOUNT),
    credited_on=(296, 301, _DAY),
    sequence=(395, 400, _NUMBER),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A bank's places. `stated` makes of a detail's nosso número what its CNAB 240 would say.

    `others`: records beside the detail that say nothing of a title. `over`: the reasons by
    which a baixa is told to be for want of time. `states_net`: see banks.Profile.
    """

    detail: Fields
    record: str
    others: frozenset[str]
    kinds: Kinds
    nosso_numero: Callable[[str], str]
    reasons: tuple[Field, ...]
    reason_width: int = 2
    over: frozenset[str] = frozenset()
    convenio: Field | None = None
    conta: Field | None = None
    sequence: Field | None = None
    states_net: bool = False


def _between(first: int, last: int) -> Callable[[str], str]:
    return Field(first, last).of


def _bradesco_number(record: str) -> str:
    """carteira 3 · '00000' · number 11 · check digit."""
    number = Field(71, 82).of(record)
    if not number.strip("0"):
        return ""
    return Field(22, 24).of(record).zfill(3) + "00000" + number.zfill(12)


def _santander_number(record: str) -> str:
    """Eight digits here, thirteen there."""
    return Field(63, 70).of(record).zfill(13)


LAYOUTS: Final[Mapping[str, Layout]] = MappingProxyType(
    {
        "001": Layout(
            detail=changed(
                DETAIL,
                company_reference=(39, 63),
                credited_on=(176, 181, _DAY),
                fee=(182, 188, _AMOUNT),
                net=(306, 318, _AMOUNT),
            ),
            record="7",
            others=frozenset("235"),
            kinds=kinds(
                {},
                registered="02",
                rejected="03",
                paid="05 06 07 08 15",
                cancelled="09 10",
                amended="14",
                reversed="44",
                fee="28 96 97 98",
                noted="11 12 13 16 19 21 22 23 24 25 26 31 32 33 34 35 36 37 38 39 41 42 46 72 73",
            ),
            nosso_numero=_between(64, 80),
            reasons=(Field(87, 88),),
            over=frozenset({"90"}),
            convenio=Field(150, 156, _NUMBER),
            conta=Field(32, 39, _NUMBER),
            sequence=Field(101, 107, _NUMBER),
        ),
        "033": Layout(
            detail=changed(DETAIL, net=(367, 379, _AMOUNT)),
            record="1",
            others=frozenset("28"),
            # 16 may say that a title was settled or that it was only given up: not here.
            kinds=kinds(
                {},
                registered="02",
                rejected="03",
                paid="06 07 08 17",
                expired="09",
                cancelled="10",
                amended="14",
                refused="01 39",
                fee="24",
                noted="11 12 13 15 21 22 25 26 35 36 37 38 61 62 63 93 94",
            ),
            nosso_numero=_santander_number,
            reasons=(Field(137, 145),),
            reason_width=3,
            conta=Field(39, 46, _NUMBER),
        ),
        "237": Layout(
            detail=DETAIL,
            record="1",
            others=frozenset("34"),
            kinds=kinds(
                {},
                registered="02",
                rejected="03 24",
                paid="06 15 17",
                cancelled="09 10",
                amended="14",
                reversed="22 40",
                refused="27 30 32",
                fee="28",
                noted="11 12 13 16 18 19 20 21 23 25 29 33 34 35 55 68 69 73 74",
            ),
            nosso_numero=_bradesco_number,
            reasons=(Field(319, 328),),
            over=frozenset({"16"}),
            convenio=Field(27, 46, _NUMBER),
            sequence=Field(109, 113, _NUMBER),
        ),
        "341": Layout(
            detail=changed(DETAIL, without=("other_fees",)),
            record="1",
            others=frozenset("34"),
            # 59 and 72 are baixas by money that came another way: somebody has to look.
            kinds=kinds(
                movements.ITAU,
                registered="64 73",
                reversed="69",
                fee="84",
                noted="65 81 95",
            ),
            nosso_numero=_between(83, 94),
            reasons=(Field(378, 385), Field(393, 394)),
            conta=Field(33, 37, _NUMBER),
            sequence=Field(109, 113, _NUMBER),
            states_net=True,
        ),
    }
)
