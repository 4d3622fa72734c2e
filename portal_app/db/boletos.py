"""Titles at banks."""

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from portal_app.db.models import BoletoRow
from portal_app.domain.boleto.issued import Boleto, NewBoleto
from portal_app.domain.boleto.registration import RANK, BoletoState, ensure_move
from portal_app.domain.errors import NotFound
from portal_app.domain.money import Money


def add(session: Session, company: int, new: NewBoleto) -> None:
    session.add(
        BoletoRow(
            company_id=company,
            payment_id=new.payment,
            customer_id=new.customer,
            carteira_id=new.carteira,
            bank_account_id=new.account,
            bank=new.bank,
            sequence=new.sequence,
            nosso_numero=new.nosso_numero,
            barcode=new.barcode,
            linha_digitavel=new.linha_digitavel,
            currency=new.amount.currency,
            amount_cents=new.amount.cents,
            due_date=new.due,
            state=BoletoState.CREATED.value,
            state_rank=RANK[BoletoState.CREATED],
            confirms=new.confirms,
            requested_at=new.requested_at,
            available_at=new.available_at,
            sheet=new.sheet,
        )
    )
    session.flush()


def of_payment(session: Session, company: int, payment: int, *, lock: bool = False) -> Boleto:
    """The title of a payment; NotFound if it has none."""
    query = select(BoletoRow).where(
        col(BoletoRow.company_id) == company, col(BoletoRow.payment_id) == payment
    )
    row = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound(kind="boleto")
    return _boleto(row)


def move(
    session: Session, company: int, boleto: Boleto, state: BoletoState, reason: str = ""
) -> None:
    """Set the state by the rule of ranks; IllegalMove if it may not follow the present one."""
    row = session.scalars(
        select(BoletoRow)
        .where(col(BoletoRow.company_id) == company, col(BoletoRow.id) == boleto.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    ensure_move(BoletoState(row.state), state)
    row.state = state.value
    row.state_rank = RANK[state]
    row.reject_reason = reason
    session.flush()


def _boleto(row: BoletoRow) -> Boleto:
    return Boleto(
        id=row.id,
        payment=row.payment_id,
        customer=row.customer_id,
        carteira=row.carteira_id,
        bank=row.bank,
        nosso_numero=row.nosso_numero,
        barcode=row.barcode,
        linha_digitavel=row.linha_digitavel,
        amount=Money(row.amount_cents, row.currency),
        due=row.due_date,
        state=BoletoState(row.state),
        confirms=row.confirms,
        requested_at=row.requested_at,
        available_at=row.available_at,
        reject_reason=row.reject_reason,
        sheet=row.sheet,
        pix=row.pix,
    )
