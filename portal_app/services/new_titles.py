"""A title for a payment: numbered under lock, and nothing its bank is known to refuse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
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
        stated_number=wish.bank.stated_number(title) if numbered else "",
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
    title = _next(session, wish, payment)
    company, bank, ours = wish.company.id, wish.bank.code, agreements(wish.carteira)
    number = _number(wish, title)
    if not documents.is_registered(session, company, bank, ours, number):
        return title
    is_taken = documents.registered_after(session, company, bank, ours, number)
    while True:
        title = replace(title, sequence=title.sequence + 1)
        if not is_taken(_number(wish, title)):
            return _next(session, wish, payment, title.sequence)


def _next(session: Session, wish: Wish, payment: int, least: int = 0) -> Title:
    """The title with the account's next number, at least `least`."""
    title, account = _unnumbered(wish, payment), wish.carteira.account
    least = max(least, wish.bank.first_sequence(title))
    sequence = companies.next_sequence(session, wish.company.id, account, least)
    return replace(title, sequence=sequence)


def _number(wish: Wish, title: Title) -> str:
    """As a file states it; NumberingExhausted where it would be one too many."""
    ensure_numbering(wish.bank, title)
    return plain(wish.bank.nosso_numero(title))


def _unnumbered(wish: Wish, payment: int) -> Title:
    return title_of(wish.carteira, 0, wish.quote.total, wish.quote.on, str(payment), wish.today)


def _ensure_taken(problems: Sequence[Problem]) -> None:
    """Raise OrderRefused where the bank is known to refuse what it would be told."""
    if problems:
        raise OrderRefused(fields=sorted({problem.field for problem in problems}))
