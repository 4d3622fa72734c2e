"""What an e-mail carries: a boleto that can be paid, the paper of a document, or a receipt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal_app.db import customers, payments, receipts
from portal_app.db import documents as stored
from portal_app.db.documents import Scope
from portal_app.db.engine import Session
from portal_app.domain.boleto.banks import BANKS
from portal_app.domain.boleto.sheet import BoletoSheet
from portal_app.domain.companies import Company
from portal_app.domain.documents import Document
from portal_app.domain.money import Money
from portal_app.domain.receipts import ReceiptFacts, file_name
from portal_app.gateways import clock
from portal_app.pdf.document import DocumentPaper
from portal_app.services import documents, papers
from portal_app.services.boleto_orders import copy_sheet
from portal_app.settings import settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A paper, and the facts its e-mail repeats. `bank`, `line` and `pix` are a boleto's alone."""

    paper: BoletoSheet | DocumentPaper | ReceiptFacts
    file_name: str
    numbers: tuple[str, ...]
    amount: Money
    due: date | None
    link: str
    bank: str = ""
    line: str = ""
    pix: str = ""

    @property
    def number(self) -> str:
        """What it is called by: a receipt's own number, else its document's, the first of them."""
        return self.paper.number if isinstance(self.paper, ReceiptFacts) else self.numbers[0]


def enclosure_of(
    session: Session, company: Company, customer: int, about: str, locale: str
) -> Enclosure:
    """What an e-mail about 'payment:12', 'document:5' or 'receipt:3' carries today.

    BoletoHeldBack where it is a boleto that may not be paid (any more).
    """
    kind, _, id_ = about.partition(":")
    if kind == "payment":
        return _of_payment(session, company, int(id_))
    if kind == "receipt":
        return _of_receipt(session, company, int(id_))
    (document,) = stored.owned(session, company.id, Scope(customer), [int(id_)])
    return _of_document(session, company, document, locale)


def _of_payment(session: Session, company: Company, id_: int) -> Enclosure:
    payment = payments.by_id(session, company.id, id_)
    boleto = papers.payable(session, company, payment)
    sheet = papers.paper_of(boleto)
    return Enclosure(
        paper=sheet,
        file_name=papers.file_name(sheet),
        numbers=tuple(item.number for item in payment.items),
        amount=boleto.amount,
        due=boleto.payable_until,
        link=f"{settings().public_url}/pay/{payment.public_id}",
        bank=BANKS[boleto.bank].name,
        line=boleto.linha_digitavel,
        pix=boleto.pix,
    )


def _of_receipt(session: Session, company: Company, id_: int) -> Enclosure:
    receipt = receipts.by_id(session, company.id, id_)
    return Enclosure(
        paper=receipt.facts,
        file_name=file_name(receipt.number),
        numbers=tuple(line.number for line in receipt.facts.lines),
        amount=receipt.total,
        due=None,
        link=f"{settings().public_url}/pay/{receipt.payment}",
    )


def _of_document(session: Session, company: Company, document: Document, locale: str) -> Enclosure:
    """Its boleto made outside the portal, where that can be printed again; else its own paper."""
    is_owed = bool(document.balance) and not document.cancelled
    copy = papers.second_copies(session, company, [document]).get(document.id) if is_owed else None
    if copy is None:
        return Enclosure(
            paper=documents.paper_of(session, company, document, locale),
            file_name=documents.file_name(document),
            numbers=(document.number,),
            amount=-document.balance if document.is_credit else document.balance,
            due=document.due,
            link=settings().public_url,
        )
    payer = customers.by_id(session, company.id, document.customer)
    sheet = copy_sheet(company, document, copy, payer, clock.today(company.zone))
    return Enclosure(
        paper=sheet,
        file_name=papers.file_name(sheet),
        numbers=(document.number,),
        amount=sheet.amount,
        due=sheet.due,
        link=settings().public_url,
        bank=sheet.bank_name,
        line=sheet.linha_digitavel,
    )
