"""What a boleto is made of: the order its bank gets and the paper its payer gets, from one set of facts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from portal_app.domain.boleto.bank import Bank, Title, barcode_of
from portal_app.domain.boleto.banks import BANKS
from portal_app.domain.boleto.charges import OwnCharges, discount_of, late_of, own_charges
from portal_app.domain.boleto.order import Discount, Order, Payer
from portal_app.domain.boleto.second_copy import SecondCopy
from portal_app.domain.boleto.sheet import BoletoSheet, Party, SheetItem
from portal_app.domain.companies import BankCarteira, Company
from portal_app.domain.customers import Customer
from portal_app.domain.documents import Document
from portal_app.domain.imports import tax_id_of
from portal_app.domain.late_charges import LateTerms
from portal_app.domain.money import Money
from portal_app.domain.selection import Quote
from portal_app.locales import day, money, percent, text

# The words of a Brazilian slip are Portuguese whatever the reader's language.
_SLIP_LOCALE: Final = "pt_BR"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants a boleto for. `own` are the rates of the boleto itself once it is late."""

    company: Company
    carteira: BankCarteira
    chosen: tuple[Document, ...]
    quote: Quote
    payer: Customer
    own: LateTerms
    today: date
    now: datetime

    @property
    def bank(self) -> Bank:
        return BANKS[self.carteira.bank]

    @property
    def charges(self) -> OwnCharges:
        fined = {document.id for document in self.chosen if document.fine_paid}
        return own_charges(self.quote, fined, self.own)

    @property
    def discount(self) -> Discount | None:
        return discount_on(self.carteira, self.quote, self.today)


def discount_on(carteira: BankCarteira, quote: Quote, today: date) -> Discount | None:
    """What a carteira lets off a boleto over this quote."""
    rate = Decimal(carteira.discount_bp).scaleb(-4)
    return discount_of(quote, quote.on, today, rate=rate, days=carteira.discount_days)


def order_of(wish: Wish, title: Title, *, numbered: bool) -> Order:
    """The order for the bank; without a number where the bank gives it."""
    carteira, quote = wish.carteira, wish.quote
    return Order(
        title=title,
        nosso_numero=wish.bank.nosso_numero(title) if numbered else "",
        payer=_payer(wish.payer),
        document_date=wish.today,
        late=late_of(wish.charges, quote.total, wish.own),
        discount=wish.discount,
        write_off_days=carteira.write_off_days,
        especie_doc=carteira.especie_doc,
        wants_pix=carteira.wants_pix,
        instructions=_instructions(wish),
    )


def sheet_of(wish: Wish, title: Title, *, numbered: bool) -> BoletoSheet:
    """The paper; without number and code where the bank gives them."""
    sheet = _sheet(wish.company, wish.carteira, title, wish.payer, wish.today)
    if numbered:
        sheet = _coded(sheet, wish.bank, title)
    return replace(sheet, instructions=_instructions(wish), items=_items(wish))


def copy_sheet(
    company: Company, document: Document, copy: SecondCopy, payer: Customer, today: date
) -> BoletoSheet:
    """What the title itself says; which late charges its bank was told, nobody told us."""
    zero = Money.zero(document.total.currency)
    sheet = _sheet(company, copy.carteira, copy.title, payer, today)
    return replace(
        _coded(sheet, BANKS[copy.carteira.bank], copy.title),
        document_date=document.issued,
        instructions=(text("boleto.instruction.second_copy", _SLIP_LOCALE),),
        items=(SheetItem(document.number, document.due, document.total, zero, zero),),
    )


def _sheet(
    company: Company, carteira: BankCarteira, title: Title, payer: Customer, today: date
) -> BoletoSheet:
    bank = BANKS[carteira.bank]
    assert title.due is not None, "a boleto has a due date"
    assert title.amount is not None, "a boleto has an amount"
    return BoletoSheet(
        bank_code=bank.code,
        bank_dv=bank.dv,
        bank_name=bank.name,
        barcode="",
        payee=Party(company.name, company.tax_id, (company.address,)),
        payer=_party(payer),
        agencia_codigo=bank.agencia_codigo(title),
        nosso_numero="",
        document_number=title.seu_numero,
        document_date=today,
        processing_date=today,
        due=title.due,
        amount=title.amount,
        carteira=carteira.carteira,
        payment_place=text("boleto.payment_place", _SLIP_LOCALE),
        especie_doc=carteira.especie_doc,
        contact=_contact(company),
    )


def _coded(sheet: BoletoSheet, bank: Bank, title: Title) -> BoletoSheet:
    return replace(sheet, barcode=barcode_of(bank, title), nosso_numero=bank.nosso_numero(title))


def _payer(payer: Customer) -> Payer:
    return Payer(
        name=payer.name,
        tax_id=tax_id_of(payer.tax_id),
        street=payer.street,
        district=payer.district,
        city=payer.city,
        state=payer.state,
        postcode="".join(filter(str.isdigit, payer.postcode)),
        email=payer.email,
    )


def _party(payer: Customer) -> Party:
    town = f"{payer.postcode} {payer.city} - {payer.state}"
    lines = (payer.street, payer.district, town)
    return Party(payer.name, payer.tax_id, tuple(line for line in lines if line))


def _items(wish: Wish) -> tuple[SheetItem, ...]:
    due = {document.id: document.due for document in wish.chosen}
    return tuple(
        SheetItem(item.number, due[item.document], item.principal, item.fine, item.interest)
        for item in wish.quote.items
    )


def _instructions(wish: Wish) -> tuple[str, ...]:
    """What the bank is told to charge late and let off early, and what the amount contains already."""
    quote = wish.quote
    lines = _late_lines(wish.charges, wish.own)
    if wish.discount is not None:
        until = day(wish.discount.until, _SLIP_LOCALE)
        off = {"amount": wish.discount.amount, "until": until}
        lines.insert(0, text("boleto.instruction.discount", _SLIP_LOCALE, **off))
    if quote.fine or quote.interest:
        included = {
            "fine": money(quote.fine, _SLIP_LOCALE),
            "interest": money(quote.interest, _SLIP_LOCALE),
            "due": day(quote.on, _SLIP_LOCALE),
        }
        lines.append(text("boleto.instruction.included", _SLIP_LOCALE, **included))
    return tuple(lines)


def _late_lines(charges: OwnCharges, rates: LateTerms) -> list[str]:
    lines: list[str] = []
    if charges.fine:
        fine = {"fine": charges.fine, "rate": percent(rates.fine, _SLIP_LOCALE)}
        base = charges.fine_base
        lines.append(text("boleto.instruction.fine", _SLIP_LOCALE, **fine, base=base))
    if rates.interest:
        rate, base = percent(rates.interest, _SLIP_LOCALE), charges.interest_base
        lines.append(text("boleto.instruction.interest", _SLIP_LOCALE, rate=rate, base=base))
    return lines or [text("boleto.instruction.no_charges", _SLIP_LOCALE)]


def _contact(company: Company) -> str:
    contact = company.contact
    return " · ".join(part for part in (contact.name, contact.phone, contact.email) if part)
