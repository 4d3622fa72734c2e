"""A title for a payment: numbered under lock, and nothing its bank is known to refuse."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from portal_app.db import companies, documents
from portal_app.db.engine import Session
from portal_app.domain.boleto.agreements import agreements
from portal_app.domain.boleto.bank import Title, ensure_numbering, plain, title_of
from portal_app.domain.boleto.barcode import linha_digitavel
from portal_app.domain.boleto.gateway import Capability, Problem
from portal_app.domain.boleto.issued import NewBoleto
from portal_app.domain.errors import OrderRefused
from portal_app.services.bank_gateways import gateway_for
from portal_app.services.boleto_orders import Wish, order_of, sheet_of


def new_title(session: Session, wish: Wish, payment: int) -> NewBoleto:
    """A title ready to be stored, with a number no title had before; OrderRefused, NumberingExhausted."""
    carteira, gateway = wish.carteira, gateway_for(wish.company, wish.carteira)
    numbered = Capability.NUMBERS not in gateway.capabilities
    title = _numbered(session, wish, payment) if numbered else _unnumbered(wish, payment)
    order = order_of(wish, title, numbered=numbered)
    _ensure_taken(gateway.validate(order))
    sheet = sheet_of(wish, title, numbered=numbered)
    return NewBoleto(
        payment=payment,
        customer=wish.payer.id,
        carteira=carteira.id,
        account=carteira.account,
        bank=wish.bank.code,
        sequence=title.sequence if numbered else None,
        seu_numero=title.seu_numero,
        nosso_numero=sheet.nosso_numero,
        barcode=sheet.barcode,
        linha_digitavel=linha_digitavel(sheet.barcode) if numbered else "",
        amount=sheet.amount,
        due=sheet.due,
        confirms=carteira.confirms,
        requested_at=wish.now,
        available_at=wish.now + timedelta(minutes=carteira.wait_minutes),
        sheet=sheet.facts(),
        order=order.facts(),
    )


def _numbered(session: Session, wish: Wish, payment: int) -> Title:
    """The title with the account's next number that the bank does not have from another program."""
    carteira, bank = wish.carteira, wish.bank
    company = wish.company.id
    while True:
        least = bank.first_sequence(_unnumbered(wish, payment))
        sequence = companies.next_sequence(session, company, carteira.account, least)
        title = title_of(
            carteira, sequence, wish.quote.total, wish.quote.on, str(payment), wish.today
        )
        ensure_numbering(bank, title)
        number = plain(bank.nosso_numero(title))
        if not documents.is_registered(session, company, bank.code, agreements(carteira), number):
            return title


def _unnumbered(wish: Wish, payment: int) -> Title:
    return title_of(wish.carteira, 0, wish.quote.total, wish.quote.on, str(payment), wish.today)


def _ensure_taken(problems: Sequence[Problem]) -> None:
    """Raise OrderRefused where the bank is known to refuse what it would be told."""
    if problems:
        raise OrderRefused(fields=sorted({problem.field for problem in problems}))
