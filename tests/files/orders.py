"""Accounts at six banks and titles to collect there, as remessas are written for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from portal_app.domain.boleto.bank import title_of
from portal_app.domain.boleto.order import Discount, Late, Order, Payer
from portal_app.domain.boleto.remessa import Instruction, Movement
from portal_app.domain.companies import BankCarteira, Homologation
from portal_app.domain.money import Money
from portal_app.files import cnab240
from portal_app.files.cnab240 import Beneficiary

NOW = datetime(2026, 11, 20, 8, 15, 0, tzinfo=timezone(timedelta(hours=-3)))
SEQUENCE = 7


def brl(cents: int) -> Money:
    return Money(cents, "BRL")


def carteira(bank: str, number: str, **contract: str) -> BankCarteira:
    """What is no field of a carteira goes into its `contract`."""
    agencia, agencia_dv, conta, conta_dv, convenio, modalidade = (
        contract.pop(name, "") for name in _ACCOUNT
    )
    return BankCarteira(
        id=1,
        bank=bank,
        carteira=number,
        modalidade=modalidade,
        agencia=agencia,
        agencia_dv=agencia_dv,
        conta=conta,
        conta_dv=conta_dv,
        convenio=convenio,
        account=1,
        confirms=True,
        wait_minutes=30,
        days_to_pay=3,
        contract=contract,
        homologation=Homologation.TESTING,
    )


_ACCOUNT = ("agencia", "agencia_dv", "conta", "conta_dv", "convenio", "modalidade")
CARTEIRAS = {
    "001": carteira(
        "001",
        "17",
        agencia="1234",
        agencia_dv="X",
        conta="123456",
        conta_dv="X",
        convenio="1234567",
        variacao="019",
    ),
    "033": carteira(
        "033",
        "101",
        agencia="1234",
        agencia_dv="5",
        conta="13000123",
        conta_dv="4",
        convenio="1234567",
    ),
    "104": carteira(
        "104",
        "RG",
        agencia="1234",
        agencia_dv="5",
        conta="12345",
        convenio="123456",
        modalidade="1",
        emissao="4",
    ),
    "237": carteira(
        "237",
        "04",
        agencia="1234",
        agencia_dv="X",
        conta="123456",
        conta_dv="X",
        convenio="4466911",
    ),
    "341": carteira("341", "109", agencia="1234", conta="56789", conta_dv="0"),
    "756": carteira(
        "756",
        "1",
        agencia="4277",
        agencia_dv="3",
        conta="6498",
        conta_dv="0",
        convenio="172278",
        modalidade="01",
    ),
}
# The nosso número of the first title, as printed on published examples.
NOSSO_NUMERO = {
    "001": (5, "12345670000000005"),
    "033": (444, "000000000444-8"),
    "104": (6, "14000000000000006-5"),
    "237": (453, "04/00000000453-1"),
    "341": (223350, "109/00223350-2"),
    "756": (4, "0000004-0"),
}
MARINA = Payer(
    name="Marina Alves de Moura Conceição",
    tax_id="52998224725",
    street="Rua da Concórdia, 310 – apto. 12",
    district="São José",
    city="Recife",
    state="PE",
    postcode="50020055",
)
TEAR = Payer(
    name="Tear Tecidos e Confecções do Agreste Pernambucano Ltda.",
    tax_id="12ABC34501DE35",
    street="Avenida Governador Agamenon Magalhães, nº 4318, bloco B",
    district="Maurício de Nassau",
    city="Santa Cruz do Capibaribe",
    state="PE",
    postcode="55014000",
)
RATES = Late(brl(260), Decimal("0.02"), brl(4), Decimal("0.01"))
AMOUNTS = Late(brl(150), None, brl(12), None)


def account(bank: str) -> Beneficiary:
    return Beneficiary("Nordeste Telecom S/A", "12345678000195", CARTEIRAS[bank])


def order(bank: str, **changed: object) -> Order:
    """A title of 129,90 to be paid by Marina; `sequence` and `nosso_numero` are published ones."""
    sequence, nosso_numero = NOSSO_NUMERO[bank]
    due = date(2026, 12, 15)
    title = title_of(CARTEIRAS[bank], sequence, brl(12990), due, "7001", date(2026, 11, 20))
    made = Order(
        title=title,
        nosso_numero=nosso_numero,
        payer=MARINA,
        document_date=date(2026, 11, 20),
        late=RATES,
        discount=Discount(date(2026, 12, 10), brl(500)),
    )
    titles = {name: changed.pop(name) for name in ("amount", "due", "seu_numero") & changed.keys()}
    return replace(made, title=replace(title, **titles), **changed)


def instructions(bank: str) -> list[Instruction]:
    """An entry with rates and discount, one with amounts, one without, a baixa, a new due date."""
    days = 90
    return [
        Instruction(Movement.ENTRY, order(bank)),
        Instruction(
            Movement.ENTRY,
            order(bank, payer=TEAR, late=AMOUNTS, discount=None, seu_numero="FT 2026/71"),
        ),
        Instruction(
            Movement.ENTRY,
            order(
                bank,
                late=Late.none("BRL"),
                discount=None,
                write_off_days=days,
                amount=brl(9_999_999_999),
            ),
        ),
        Instruction(Movement.WITHDRAW, order(bank)),
        Instruction(Movement.MOVE_DUE, order(bank), date(2027, 1, 20)),
    ]


def remessa(bank: str, said: Iterable[Instruction] | None = None) -> bytes:
    pieces = cnab240.write(account(bank), said or instructions(bank), SEQUENCE, NOW)
    return b"".join(pieces)
