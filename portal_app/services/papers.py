"""Boletos on paper: those made here, and second copies of titles some other program made.

And what is read off a screen as it is off a paper: the QR code of a Pix.
"""

from collections.abc import Sequence
from dataclasses import replace

from portal_app.db import boletos, companies, customers, documents, payments
from portal_app.db.engine import Session, transaction
from portal_app.domain.boleto.bank import plain
from portal_app.domain.boleto.issued import Boleto
from portal_app.domain.boleto.second_copy import SecondCopy, second_copy
from portal_app.domain.boleto.sheet import BoletoSheet
from portal_app.domain.companies import Company, is_payee
from portal_app.domain.documents import Block, Document, block_of
from portal_app.domain.errors import BoletoHeldBack, NotFound, NotPayable
from portal_app.domain.grants import Feature
from portal_app.domain.payments import LIVE, Payment
from portal_app.pdf.boleto import draw_boleto
from portal_app.pdf.codes import qr_svg
from portal_app.services import audit
from portal_app.services.actors import Actor, require
from portal_app.services.boleto_orders import copy_sheet
from portal_app.services.boletos import standing


def boleto_pdf(actor: Actor, public_id: str) -> tuple[str, bytes]:
    """File name and PDF of a payable boleto: the title as it was registered, however often."""
    require(actor, Feature.PRINT)
    with transaction(write=False) as session:
        payment = payments.by_public_id(session, actor.company.id, actor.scope, public_id)
        sheet = paper_of(payable(session, actor.company, payment))
    drawn = draw_boleto(sheet)
    audit.opened(actor, f"payment:{payment.id}")
    return file_name(sheet), drawn


def pix_picture(actor: Actor, public_id: str) -> bytes:
    """The QR code of the Pix that a payable boleto's bank made, as SVG; NotFound if it made none."""
    require(actor, Feature.SEE_DOCUMENTS)
    with transaction(write=False) as session:
        payment = payments.by_public_id(session, actor.company.id, actor.scope, public_id)
        boleto = payable(session, actor.company, payment)
    if not boleto.pix:
        raise NotFound(kind="pix")
    return qr_svg(boleto.pix)


def checkout_pix(actor: Actor, public_id: str) -> bytes:
    """The QR code of a payment's Pix at a provider, as SVG, while it can be paid; else NotFound."""
    require(actor, Feature.SEE_DOCUMENTS)
    with transaction(write=False) as session:
        payment = payments.by_public_id(session, actor.company.id, actor.scope, public_id)
    if payment.hosted is None or payment.state not in LIVE or not payment.hosted.voucher.pix:
        raise NotFound(kind="pix")
    return qr_svg(payment.hosted.voucher.pix)


def payable(session: Session, company: Company, payment: Payment) -> Boleto:
    """The boleto of a payment whose code and paper are open.

    BoletoHeldBack while its bank has not registered it, once it is closed, and where its
    carteira has an overdue title moved or made anew instead.
    """
    boleto = boletos.of_payment(session, company.id, payment.id)
    at = standing(session, company, payment, boleto)
    if not at.may_pay:
        raise BoletoHeldBack(state=at.stage.value)
    return boleto


def paper_of(boleto: Boleto) -> BoletoSheet:
    """What was frozen when it was made, with the Pix code its bank made since."""
    return replace(BoletoSheet.from_facts(boleto.sheet), pix=boleto.pix)


def file_name(sheet: BoletoSheet) -> str:
    return f"boleto-{sheet.bank_code}-{plain(sheet.nosso_numero)}.pdf"


def title_pdf(actor: Actor, document_public_id: str) -> tuple[str, bytes]:
    """File name and PDF of a boleto made outside the portal: the same title, not another one.

    NotPayable if it is paid or cancelled, NotFound for whatever cannot be printed with certainty.
    """
    require(actor, Feature.PRINT)
    with transaction(write=False) as session:
        company = actor.company.id
        document = documents.by_public_id(session, company, actor.scope, document_public_id)
        if not document.registered_elsewhere:
            raise NotFound(kind="boleto")
        reason = block_of(document)
        if reason is Block.CANCELLED or reason is Block.PAID:
            raise NotPayable(document=document.number, reason=reason.value)
        copy = second_copies(session, actor.company, [document]).get(document.id)
        if copy is None:
            raise NotFound(kind="boleto")
        payer = customers.by_id(session, company, actor.scope.customer)
    sheet = copy_sheet(actor.company, document, copy, payer, actor.today)
    drawn = draw_boleto(sheet)
    audit.opened(actor, f"document:{document.id}")
    return file_name(sheet), drawn


def second_copies(
    session: Session, company: Company, found: Sequence[Document]
) -> dict[int, SecondCopy]:
    """Those of the documents whose boleto, made outside the portal, can be printed again."""
    elsewhere = {document.id: document for document in found if document.registered_elsewhere}
    if not elsewhere or not is_payee(company):
        return {}
    registered = documents.registrations(session, company.id, elsewhere)
    carteiras = companies.active_bank_carteiras(session, company.id) if registered else []
    return {
        id_: copy
        for id_, at in registered.items()
        if (copy := second_copy(elsewhere[id_], at, carteiras)) is not None
    }
