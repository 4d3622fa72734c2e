"""A carteira and an order at each bank of the test server, as ordinary as they come."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from portal_app.domain.boleto.bank import title_of
from portal_app.domain.boleto.gateway import TitleRef
from portal_app.domain.boleto.order import Late, Order, Payer
from portal_app.domain.companies import BankCarteira, Channel
from portal_app.domain.money import Money

TODAY: Final = date(2026, 11, 24)
NOON: Final = datetime(2026, 11, 24, 15, tzinfo=UTC)
DUE: Final = date(2026, 12, 10)
TAX_ID: Final = "".join(("529", "982", "247", "25"))
PAYER: Final = Payer(
    name="Maria de Souza Conceição",
    tax_id=TAX_ID,
    street="Rua do Sol, 12",
    district="Boa Vista",
    city="Recife",
    state="PE",
    postcode="01310100",
    email="maria@example.com",
)
INTER: Final = BankCarteira(
    id=1,
    bank="077",
    carteira="112",
    modalidade="",
    agencia="0001",
    agencia_dv="",
    conta="0053837522",
    conta_dv="1",
    convenio="",
    account=1,
    confirms=True,
    wait_minutes=30,
    days_to_pay=5,
    channel=Channel.INTER,
    credentials="inter",
    wants_pix=True,
)
BB: Final = replace(
    INTER,
    bank="001",
    carteira="17",
    agencia="0452",
    conta="123873",
    convenio="3128557",
    channel=Channel.BANCO_DO_BRASIL,
    credentials="bb",
    contract={"variacao": "35"},
)


def money(text: str) -> Money:
    return Money.parse(text, "BRL")


def order_at(carteira: BankCarteira, amount: str = "129.90", **changes: Any) -> Order:
    """A title with a fine of 2 % and interest of 1 % a month, its Pix asked for."""
    we_number = carteira.bank == "001"
    title = title_of(carteira, 5 if we_number else 0, money(amount), DUE, "1841")
    late = Late(money("2.60"), Decimal("0.02"), money("0.04"), Decimal("0.01"))
    order = Order(
        title=title,
        nosso_numero="31285570000000005" if we_number else "",
        payer=PAYER,
        document_date=TODAY,
        late=late,
        wants_pix=True,
    )
    return replace(order, **changes)


def ref_of(order: Order, bank_ref: str = "") -> TitleRef:
    return TitleRef(
        nosso_numero=order.nosso_numero,
        seu_numero=order.title.seu_numero,
        bank_ref=bank_ref,
        asked_at=NOON,
        due=order.due,
    )
