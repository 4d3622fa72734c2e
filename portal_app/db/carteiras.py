"""The registry of carteiras: written by staff, read by whoever makes a boleto (db/companies.py)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from portal_app.db.models import (
    BankAccountRow,
    BoletoRow,
    CarteiraOptionRow,
    CarteiraRow,
    CompanyRow,
    ContractRow,
)
from portal_app.domain.carteiras import CarteiraFacts
from portal_app.domain.companies import CarteiraKind, Channel, Homologation, Overdue
from portal_app.domain.errors import AccountHasTitles, InvalidField, NotFound, NumberUsed


@dataclass(frozen=True, slots=True)
class Stored:
    """A carteira at a bank as it is registered. `next_number` is its account's."""

    id: int
    account: int
    facts: CarteiraFacts
    next_number: int
    next_file: int


@dataclass(frozen=True, slots=True)
class StoredFatura:
    """A carteira that offers others, by name, in this order."""

    id: int
    name: str
    offers: tuple[str, ...]


def at_banks(session: Session, company: int) -> list[Stored]:
    """All carteiras at banks, by name."""
    query = (
        select(CarteiraRow, BankAccountRow)
        .join(BankAccountRow, col(BankAccountRow.id) == col(CarteiraRow.bank_account_id))
        .where(col(CarteiraRow.company_id) == company, col(BankAccountRow.company_id) == company)
        .order_by(col(CarteiraRow.name))
    )
    return [_stored(carteira, account) for carteira, account in session.execute(query)]


def faturas(session: Session, company: int) -> list[StoredFatura]:
    """Carteiras that let the customer choose, by name."""
    offered = (
        select(col(CarteiraOptionRow.fatura_id), col(CarteiraRow.name))
        .join(CarteiraRow, col(CarteiraRow.id) == col(CarteiraOptionRow.bank_carteira_id))
        .where(col(CarteiraOptionRow.company_id) == company)
        .order_by(col(CarteiraOptionRow.position), col(CarteiraOptionRow.id))
    )
    names: dict[int, list[str]] = {}
    for fatura, name in session.execute(offered):
        names.setdefault(fatura, []).append(name)
    query = (
        select(CarteiraRow)
        .where(
            col(CarteiraRow.company_id) == company,
            col(CarteiraRow.kind) == CarteiraKind.FATURA.value,
        )
        .order_by(col(CarteiraRow.name))
    )
    return [StoredFatura(r.id, r.name, tuple(names.get(r.id, ()))) for r in session.scalars(query)]


def find(session: Session, company: int, name: str) -> Stored | None:
    """The carteira at a bank with this name."""
    return next((c for c in at_banks(session, company) if c.facts.name == name), None)


def ids_by_name(session: Session, company: int, names: Sequence[str]) -> list[int]:
    """Carteiras of any kind by these names, in their order; NotFound names the first missing."""
    query = select(col(CarteiraRow.name), col(CarteiraRow.id)).where(
        col(CarteiraRow.company_id) == company, col(CarteiraRow.name).in_(names)
    )
    found = {row.name: row.id for row in session.execute(query)}
    missing = next((name for name in names if name not in found), None)
    if missing is not None:
        raise NotFound(kind="carteira", name=missing)
    return [found[name] for name in names]


def save(session: Session, company: int, facts: CarteiraFacts) -> int:
    """Write the carteira of that name, new or changed, and its account. Returns its id.

    AccountHasTitles where the account has boletos and would be of another bank or convênio.
    """
    row = session.scalars(
        select(CarteiraRow)
        .where(col(CarteiraRow.company_id) == company, col(CarteiraRow.name) == facts.name)
        .with_for_update()
    ).one_or_none()
    if row is not None:
        _ensure_same_agreement(session, company, facts, row.bank_account_id)
    account = _account(session, company, facts, row)
    if row is None:
        row = CarteiraRow(company_id=company, name=facts.name, kind=CarteiraKind.BANK.value)
        session.add(row)
    elif row.kind != CarteiraKind.BANK:
        raise NotFound(kind="carteira", name=facts.name)
    for name, value in _values(facts, account).items():
        setattr(row, name, value)
    session.flush()
    return row.id


def set_next_number(session: Session, company: int, account: int, number: int) -> None:
    """Go on numbering from here; NumberUsed for one that was given already."""
    row = session.scalars(
        select(BankAccountRow)
        .where(col(BankAccountRow.company_id) == company, col(BankAccountRow.id) == account)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    last = session.scalar(
        select(func.max(col(BoletoRow.sequence))).where(
            col(BoletoRow.company_id) == company, col(BoletoRow.bank_account_id) == account
        )
    )
    least = max(row.next_sequence, (last or 0) + 1) if last else 1
    if number < least:
        raise NumberUsed(next=least)
    row.next_sequence = number
    session.flush()


def set_webhook(session: Session, company: int, account: int, webhook_hash: str) -> None:
    """The hash of the secret an account's bank calls with from now on."""
    session.execute(
        update(BankAccountRow)
        .where(col(BankAccountRow.company_id) == company, col(BankAccountRow.id) == account)
        .values(webhook_hash=webhook_hash)
    )


def save_fatura(session: Session, company: int, name: str, banks: Sequence[int]) -> int:
    """A carteira that offers these, in this order and no others. Returns its id."""
    row = session.scalars(
        select(CarteiraRow)
        .where(col(CarteiraRow.company_id) == company, col(CarteiraRow.name) == name)
        .with_for_update()
    ).one_or_none()
    if row is None:
        row = CarteiraRow(company_id=company, name=name, kind=CarteiraKind.FATURA.value)
        session.add(row)
        session.flush()
    elif row.kind != CarteiraKind.FATURA:
        raise NotFound(kind="carteira", name=name)
    session.execute(
        delete(CarteiraOptionRow).where(
            col(CarteiraOptionRow.company_id) == company, col(CarteiraOptionRow.fatura_id) == row.id
        )
    )
    session.add_all(
        CarteiraOptionRow(
            company_id=company, fatura_id=row.id, bank_carteira_id=bank, position=position
        )
        for position, bank in enumerate(banks)
    )
    session.flush()
    return row.id


def tie(session: Session, company: int, contract: str, carteira: int) -> None:
    """Collect a contract by this carteira; NotFound for an unknown contract."""
    statement = (
        update(ContractRow)
        .where(col(ContractRow.company_id) == company, col(ContractRow.number) == contract)
        .values(carteira_id=carteira)
        .returning(col(ContractRow.id))
    )
    if session.execute(statement).first() is None:
        raise NotFound(kind="contract", number=contract)


def set_default(session: Session, company: int, carteira: int) -> None:
    """The carteira of documents whose contract has none."""
    session.execute(
        update(CompanyRow).where(col(CompanyRow.id) == company).values(default_carteira_id=carteira)
    )


def _account(
    session: Session, company: int, facts: CarteiraFacts, carteira: CarteiraRow | None
) -> int:
    """The account of these facts. One that only this carteira has is put right, not left behind.

    Its numbers go on: banks know titles by the convênio's, whatever was wrong beside it.
    """
    row = session.scalars(
        select(BankAccountRow)
        .where(
            col(BankAccountRow.company_id) == company,
            col(BankAccountRow.bank) == facts.bank,
            col(BankAccountRow.agencia) == facts.agencia,
            col(BankAccountRow.conta) == facts.conta,
            col(BankAccountRow.convenio) == facts.convenio,
        )
        .with_for_update()
    ).one_or_none()
    if row is None and carteira is not None:
        row = _only_its_own(session, company, carteira, facts.bank)
    if row is None:
        _ensure_new_convenio(session, company, facts)
        row = BankAccountRow(company_id=company, bank=facts.bank, agencia="", conta="")
        session.add(row)
    row.agencia, row.conta, row.convenio = facts.agencia, facts.conta, facts.convenio
    row.agencia_dv, row.conta_dv = facts.agencia_dv, facts.conta_dv
    row.channel, row.credentials = facts.channel.value, facts.credentials
    session.flush()
    return row.id


def _ensure_same_agreement(
    session: Session, company: int, facts: CarteiraFacts, account: int | None
) -> None:
    """Nobody would ask for the account's boletos, or know them, under another agreement."""
    other = session.scalars(
        select(BankAccountRow)
        .where(
            col(BankAccountRow.company_id) == company,
            col(BankAccountRow.id) == account,
            (col(BankAccountRow.bank) != facts.bank)
            | (col(BankAccountRow.convenio) != facts.convenio),
        )
        # Whoever makes a boleto takes its number from here first.
        .with_for_update()
    ).one_or_none()
    if other is None:
        return
    titles = select(col(BoletoRow.id)).where(
        col(BoletoRow.company_id) == company, col(BoletoRow.bank_account_id) == other.id
    )
    if session.scalars(titles.limit(1)).first() is not None:
        raise AccountHasTitles(bank=facts.bank, convenio=facts.convenio)


def _ensure_new_convenio(session: Session, company: int, facts: CarteiraFacts) -> None:
    """Two accounts of one convênio would both count its numbers from one."""
    same = select(col(BankAccountRow.id)).where(
        col(BankAccountRow.company_id) == company,
        col(BankAccountRow.bank) == facts.bank,
        col(BankAccountRow.convenio) == facts.convenio,
    )
    if facts.convenio and session.scalars(same.limit(1)).first() is not None:
        raise InvalidField(field="convenio", value=facts.convenio)


def _only_its_own(
    session: Session, company: int, carteira: CarteiraRow, bank: str
) -> BankAccountRow | None:
    """The carteira's account at this bank, unless another carteira collects for it too."""
    sharing = session.scalar(
        select(func.count()).where(
            col(CarteiraRow.company_id) == company,
            col(CarteiraRow.bank_account_id) == carteira.bank_account_id,
        )
    )
    if sharing != 1:
        return None
    return session.scalars(
        select(BankAccountRow)
        .where(
            col(BankAccountRow.company_id) == company,
            col(BankAccountRow.id) == carteira.bank_account_id,
            col(BankAccountRow.bank) == bank,
        )
        .with_for_update()
    ).one_or_none()


def _values(facts: CarteiraFacts, account: int) -> dict[str, object]:
    return {
        "bank_account_id": account,
        "code": facts.carteira,
        "modalidade": facts.modalidade,
        "contract": dict(facts.contract),
        "confirms": facts.confirms,
        "wait_minutes": facts.wait,
        "days_to_pay": facts.days_to_pay,
        "fine_bp": facts.fine_bp,
        "interest_bp": facts.interest_bp,
        "discount_bp": facts.discount_bp,
        "discount_days": facts.discount_days,
        "write_off_days": facts.write_off_days,
        "overdue": facts.overdue.value,
        "homologation": facts.homologation.value,
        "wants_pix": facts.wants_pix,
        "especie_doc": facts.especie_doc,
        "active": facts.active,
    }


def _stored(carteira: CarteiraRow, account: BankAccountRow) -> Stored:
    facts = CarteiraFacts(
        name=carteira.name,
        bank=account.bank,
        agencia=account.agencia,
        agencia_dv=account.agencia_dv,
        conta=account.conta,
        conta_dv=account.conta_dv,
        convenio=account.convenio,
        carteira=carteira.code,
        modalidade=carteira.modalidade,
        contract=carteira.contract,
        channel=Channel(account.channel),
        credentials=account.credentials,
        confirms=carteira.confirms,
        wait_minutes=carteira.wait_minutes,
        days_to_pay=carteira.days_to_pay,
        fine_bp=carteira.fine_bp,
        interest_bp=carteira.interest_bp,
        discount_bp=carteira.discount_bp,
        discount_days=carteira.discount_days,
        write_off_days=carteira.write_off_days,
        overdue=Overdue(carteira.overdue),
        homologation=Homologation(carteira.homologation),
        wants_pix=carteira.wants_pix,
        especie_doc=carteira.especie_doc,
        active=carteira.active,
    )
    return Stored(carteira.id, account.id, facts, account.next_sequence, account.next_file)
