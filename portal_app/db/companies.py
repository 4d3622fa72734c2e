"""Companies, their rates and their carteiras."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, and_, bindparam, func, select, update
from sqlalchemy.orm import Session
from sqlmodel import SQLModel, col

from portal_app.db.models import (
    BankAccountRow,
    CarteiraOptionRow,
    CarteiraRow,
    CompanyRow,
)
from portal_app.domain.companies import (
    BankCarteira,
    CarteiraKind,
    Channel,
    Company,
    Contact,
    Homologation,
    Overdue,
    SecondFactor,
)
from portal_app.domain.errors import NotFound
from portal_app.domain.late_charges import LateTerms

# A company has a handful of carteiras: one statement that never changes its shape.
# Asked at every tick: of plain columns, which answer faster than those of entities.
_COMPANY, _CARTEIRA = (SQLModel.metadata.tables[name] for name in ("company", "carteira"))
_RATES: Final = (
    select(
        _COMPANY.c.fine_bp,
        _COMPANY.c.interest_bp,
        _COMPANY.c.country,
        _CARTEIRA.c.id,
        func.coalesce(_CARTEIRA.c.fine_bp, _COMPANY.c.fine_bp),
        func.coalesce(_CARTEIRA.c.interest_bp, _COMPANY.c.interest_bp),
    )
    .outerjoin(_CARTEIRA, _CARTEIRA.c.company_id == _COMPANY.c.id)
    .where(_COMPANY.c.id == bindparam("company"))
)


def by_id(session: Session, company: int) -> Company:
    row = session.get(CompanyRow, company)
    if row is None:
        raise NotFound(kind="company")
    return company_of(row)


def by_slug(session: Session, slug: str) -> Company:
    """The company an operator names on the command line."""
    row = session.scalars(select(CompanyRow).where(col(CompanyRow.slug) == slug)).one_or_none()
    if row is None:
        raise NotFound(kind="company")
    return company_of(row)


def locked(session: Session, company: int) -> Company:
    """The company as it is now; nobody else changes it until this transaction ends."""
    query = select(CompanyRow).where(col(CompanyRow.id) == company)
    # Whatever only refers to it goes on.
    alone = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    return company_of(session.scalars(alone).one())


def list_ids(session: Session) -> list[int]:
    return list(session.scalars(select(col(CompanyRow.id)).order_by(col(CompanyRow.id))))


def set_second_factor(session: Session, company: int, rule: SecondFactor) -> None:
    session.execute(
        update(CompanyRow).where(col(CompanyRow.id) == company).values(second_factor=rule.value)
    )


def set_retention(session: Session, company: int, months: int) -> None:
    session.execute(
        update(CompanyRow).where(col(CompanyRow.id) == company).values(retention_months=months)
    )


def late_terms(
    session: Session, company: int, carteiras: Sequence[int | None]
) -> dict[int | None, LateTerms]:
    """Rates by carteira; a carteira without its own has the company's, and so has None."""
    rows = session.execute(_RATES, {"company": company}).all()
    if not rows:
        raise NotFound(kind="company")
    fine, interest, country = rows[0][:3]
    default = LateTerms.of_basis_points(fine, interest, country)
    own: dict[int | None, LateTerms] = {
        row[3]: LateTerms.of_basis_points(row[4], row[5], country) for row in rows
    }
    return {carteira: own.get(carteira, default) for carteira in (None, *carteiras)}


def offered_banks(session: Session, company: int, carteira: int | None) -> tuple[int, ...]:
    """Bank carteiras a contract's carteira offers, in its order; a bank's own carteira: itself."""
    if carteira is None:
        return ()
    row = session.get(CarteiraRow, carteira)
    if row is None or row.company_id != company or not row.active:
        return ()
    if row.kind == CarteiraKind.BANK:
        return (carteira,)
    query = (
        select(col(CarteiraOptionRow.bank_carteira_id))
        .join(CarteiraRow, col(CarteiraRow.id) == col(CarteiraOptionRow.bank_carteira_id))
        .where(
            col(CarteiraOptionRow.company_id) == company,
            col(CarteiraOptionRow.fatura_id) == carteira,
            col(CarteiraOptionRow.active),
            col(CarteiraRow.active),
        )
        .order_by(col(CarteiraOptionRow.position), col(CarteiraOptionRow.id))
    )
    return tuple(session.scalars(query))


def bank_carteiras(session: Session, company: int, ids: Sequence[int]) -> dict[int, BankCarteira]:
    """Carteiras at banks with the account behind each, by id."""
    query = _at_banks(company).where(col(CarteiraRow.id).in_(ids))
    return {
        carteira.id: _bank_carteira(carteira, account)
        for carteira, account in session.execute(query).all()
    }


def active_bank_carteiras(session: Session, company: int) -> list[BankCarteira]:
    """All carteiras the company collects by at a bank, also those no contract offers."""
    query = _at_banks(company).where(col(CarteiraRow.active)).order_by(col(CarteiraRow.id))
    return [_bank_carteira(carteira, account) for carteira, account in session.execute(query)]


def carteiras_of_account(session: Session, company: int, account: int) -> list[BankCarteira]:
    """All carteiras of an account, also those no longer in use: their money still comes."""
    query = (
        _at_banks(company).where(col(BankAccountRow.id) == account).order_by(col(CarteiraRow.id))
    )
    return [_bank_carteira(carteira, account) for carteira, account in session.execute(query)]


def all_bank_carteiras(session: Session, company: int) -> list[BankCarteira]:
    """Carteiras at banks, also those no longer in use."""
    query = _at_banks(company).order_by(col(CarteiraRow.id))
    return [_bank_carteira(carteira, account) for carteira, account in session.execute(query)]


def next_sequence(session: Session, company: int, account: int, least: int = 1) -> int:
    """Take the account's next title number, at least `least`.

    The row stays locked until the transaction ends.
    """
    row = session.scalars(
        select(BankAccountRow)
        .where(col(BankAccountRow.company_id) == company, col(BankAccountRow.id) == account)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    taken = max(row.next_sequence, least)
    row.next_sequence = taken + 1
    session.flush()
    return taken


def find_account(session: Session, company: int, bank: str, convenio: str) -> int | None:
    """Our account with this agreement at the bank, if it is one of ours."""
    query = select(func.min(col(BankAccountRow.id))).where(
        col(BankAccountRow.company_id) == company,
        col(BankAccountRow.bank) == bank,
        col(BankAccountRow.convenio) == convenio,
    )
    return session.execute(query).scalar_one()


@dataclass(frozen=True, slots=True)
class CalledAccount:
    """Whose account a bank calls about."""

    company: int
    account: int


def account_called_by(session: Session, webhook_hash: str) -> CalledAccount | None:
    """The account whose bank knows the secret with this hash, of whatever company."""
    row = session.scalars(
        select(BankAccountRow).where(
            col(BankAccountRow.webhook_hash) == webhook_hash,
            # The index of secrets holds only these.
            col(BankAccountRow.webhook_hash) != "",
        )
    ).one_or_none()
    return CalledAccount(row.company_id, row.id) if row else None


def company_of(row: CompanyRow) -> Company:
    return Company(
        id=row.id,
        slug=row.slug,
        name=row.name,
        tax_id=row.tax_id,
        country=row.country,
        currency=row.currency,
        zone=row.zone,
        locale=row.locale,
        address=row.address,
        contact=Contact(row.contact_name, row.contact_email, row.contact_phone),
        link_days=row.link_days,
        accent=row.accent,
        second_factor=SecondFactor(row.second_factor),
        retention_months=row.retention_months,
    )


def _at_banks(company: int) -> Select[*tuple[Any, ...]]:
    account = and_(
        col(BankAccountRow.id) == col(CarteiraRow.bank_account_id),
        col(BankAccountRow.company_id) == col(CarteiraRow.company_id),
    )
    return (
        select(CarteiraRow, BankAccountRow)
        .join(BankAccountRow, account)
        .where(col(CarteiraRow.company_id) == company)
    )


def _bank_carteira(carteira: CarteiraRow, account: BankAccountRow) -> BankCarteira:
    return BankCarteira(
        id=carteira.id,
        bank=account.bank,
        carteira=carteira.code,
        modalidade=carteira.modalidade,
        agencia=account.agencia,
        agencia_dv=account.agencia_dv,
        conta=account.conta,
        conta_dv=account.conta_dv,
        convenio=account.convenio,
        account=account.id,
        confirms=carteira.confirms,
        wait_minutes=carteira.wait_minutes,
        days_to_pay=carteira.days_to_pay,
        name=carteira.name,
        channel=Channel(account.channel),
        credentials=account.credentials,
        contract=carteira.contract,
        especie_doc=carteira.especie_doc,
        discount_bp=carteira.discount_bp,
        discount_days=carteira.discount_days,
        write_off_days=carteira.write_off_days,
        overdue=Overdue(carteira.overdue),
        homologation=Homologation(carteira.homologation),
        wants_pix=carteira.wants_pix,
    )
