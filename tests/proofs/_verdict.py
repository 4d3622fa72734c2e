"""Whether provider, books, receipts and mailbox tell the same story, and nobody was forgotten."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from portal_app.db.engine import transaction
from portal_app.db.models import (
    AllocationRow,
    AuditEntryRow,
    CustomerRow,
    DocumentRow,
    JobRow,
    JournalEntryRow,
    JournalLineRow,
    MailRecipientRow,
    MailRow,
    PaymentRow,
    ReceiptRow,
    TaskRow,
)
from portal_app.domain.audit import Action
from portal_app.domain.emails import RecipientState
from portal_app.domain.jobs import JobState
from portal_app.domain.ledger import Account, EntryKind
from portal_app.domain.payments import LIVE, PaymentState
from portal_app.gateways import clock
from portal_app.gateways.demo import Decision
from portal_app.services import ledger
from portal_app.services.payment_gateways import demo_gateway
from tests.post_office import PostOffice, read


@dataclass(frozen=True, slots=True)
class Checkout:
    """What the demo provider knows of one, straight from its file."""

    session: str
    payment: str
    cents: int
    decision: Decision
    refunds: tuple[int, ...] = ()

    @property
    def is_approved(self) -> bool:
        return self.decision is Decision.APPROVED


def checkouts() -> list[Checkout]:
    files = sorted(demo_gateway().folder.glob("demo_*.json"))
    told = [(file.stem, json.loads(file.read_text(encoding="utf-8"))) for file in files]
    return [
        Checkout(
            session,
            each["payment"],
            each["cents"],
            Decision(each["decision"]),
            tuple(refund["cents"] for refund in each["refunds"]),
        )
        for session, each in told
    ]


def confirmed_payments() -> list[tuple[str, str]]:
    """Public ids of customer and payment, of those at the provider whose money is here."""
    query = (
        select(col(CustomerRow.public_id), col(PaymentRow.public_id))
        .join(CustomerRow, col(CustomerRow.id) == col(PaymentRow.customer_id))
        .where(
            col(PaymentRow.state) == PaymentState.CONFIRMED.value, col(PaymentRow.provider) != ""
        )
        .order_by(col(PaymentRow.id))
    )
    with transaction(write=False) as session:
        return [(customer, payment) for customer, payment in session.execute(query)]


def first_wrong(office: PostOffice) -> str:
    """The first promise that was not kept, once nothing is left to be done; '' if all were."""
    with transaction(write=False) as session:
        return next(_wrongs(session, office), "")


def waiting_job() -> str:
    """A job that somebody works at, or that is due; '' if there is none."""
    due = (col(JobRow.state) == JobState.QUEUED.value) & (col(JobRow.run_at) <= clock.now())
    query = select(JobRow).where(due | (col(JobRow.state) == JobState.RUNNING.value)).limit(1)
    with transaction(write=False) as session:
        job = session.scalars(query).first()
    return _named(job) if job else ""


def mail_states() -> dict[str, int]:
    """How many e-mails are in each state, as 'mails_sent' and so on."""
    counted = select(col(MailRecipientRow.state), func.count()).group_by(
        col(MailRecipientRow.state)
    )
    with transaction(write=False) as session:
        return {f"mails_{state}": count for state, count in session.execute(counted)}


def _wrongs(session: Session, office: PostOffice) -> Iterator[str]:
    found = checkouts()
    yield from _not_ended(session)
    charged = {each.payment: each.cents for each in found if each.is_approved}
    gone = {each.payment: sum(each.refunds) for each in found}
    yield from wrong_money(session, charged, gone)
    yield from _wrong_refunds(session, found)
    yield from _doubled_checkouts(session, found)
    yield from wrong_credit(session)
    yield from wrong_receipts(session)
    yield from _wrong_mails(session, office)
    yield from wrong_books()


def _not_ended(session: Session) -> Iterator[str]:
    for job in session.scalars(select(JobRow).where(col(JobRow.state) != JobState.DONE.value)):
        yield _named(job)
    for payment in session.scalars(select(PaymentRow)):
        if PaymentState(payment.state) in LIVE:
            yield f"payment {payment.id} is {payment.state} for ever"


def wrong_money(
    session: Session, charged: Mapping[str, int], gone: Mapping[str, int] | None = None
) -> Iterator[str]:
    """`charged`: what was taken for each payment, in cents, and `gone` what of it went back since.

    For any other payment nothing was taken.
    """
    booked, shared, gone = _booked(session), _shared(session), gone or {}
    rows = {row.id: row for row in session.scalars(select(PaymentRow))}
    for name in charged.keys() - {row.public_id for row in rows.values()}:
        yield f"charged for a payment nobody knows: {name}"
    for id_, row in rows.items():
        wanted = charged.get(row.public_id, 0)
        if sum(booked[id_]) != wanted or len(booked[id_]) > 1:
            yield f"payment {id_}: charged {wanted}, booked {booked[id_]}"
        kept = wanted - gone.get(row.public_id, 0)
        if shared[id_] != kept:
            yield f"payment {id_}: {kept} of its money is ours, {shared[id_]} is shared out"
        if (row.paid_on is not None) != bool(wanted):
            yield f"payment {id_}: charged {wanted}, and {row.state}"
    yield from _paid_twice(session)


def wrong_receipts(session: Session) -> Iterator[str]:
    """One for each payment whose money came, numbered from 1 without a gap."""
    rows = list(session.scalars(select(ReceiptRow).order_by(col(ReceiptRow.number))))
    numbers: dict[tuple[int, str], list[int]] = defaultdict(list)
    for row in rows:
        numbers[row.company_id, row.series].append(row.number)
    for (_, series), taken in numbers.items():
        if taken != list(range(1, len(taken) + 1)):
            yield f"receipts of series {series}: {_first_gap(taken)} is missing or there twice"
    told = Counter(row.payment_id for row in rows if not row.about)
    paid = session.scalars(select(col(PaymentRow.id)).where(col(PaymentRow.paid_on).is_not(None)))
    for payment in {*paid, *told}:
        if told[payment] != 1:
            yield f"payment {payment} has {told[payment]} receipts"


def wrong_credit(session: Session) -> Iterator[str]:
    """Money that fits nowhere, where all of it should."""
    query = (
        select(col(JournalLineRow.customer_id), func.sum(-col(JournalLineRow.amount_cents)))
        .where(col(JournalLineRow.account) == Account.CUSTOMER_CREDIT.value)
        .group_by(col(JournalLineRow.customer_id))
    )
    for customer, cents in session.execute(query):
        if cents:
            yield f"customer {customer} has {cents} too much"


def wrong_books() -> Iterator[str]:
    report = ledger.verify()
    if not report.ok:
        yield f"ledger: {report.first_wrong}"


def _named(job: JobRow) -> str:
    return f"job {job.kind} {job.key} is {job.state} {job.last_error}".rstrip()


def _doubled_checkouts(session: Session, found: list[Checkout]) -> Iterator[str]:
    opened = Counter(each.payment for each in found)
    for payment, count in opened.items():
        if count > 1:
            yield f"payment {payment} has {count} checkouts"


def _wrong_refunds(session: Session, found: list[Checkout]) -> Iterator[str]:
    """Whatever was asked for went back once."""
    asked = session.execute(
        select(col(AuditEntryRow.about), col(AuditEntryRow.facts)).where(
            col(AuditEntryRow.action) == Action.REFUND_ASKED.value
        )
    )
    wanted: dict[str, list[int]] = defaultdict(list)
    for about, facts in asked:
        wanted[about].append(facts["amount"]["cents"])
    ids = dict(session.execute(select(col(PaymentRow.public_id), col(PaymentRow.id))).all())
    for each in found:
        told = sorted(wanted[f"payment:{ids.get(each.payment)}"])
        if sorted(each.refunds) != told:
            yield f"payment {each.payment}: {told} asked back, {each.refunds} went"


def _wrong_mails(session: Session, office: PostOffice) -> Iterator[str]:
    """Each at most once, and whichever was not sent has a task somebody sees."""
    came = Counter(str(read(body)["Message-ID"]) for _, body in office.received)
    for name, count in came.items():
        if count > 1:
            yield f"e-mail {name} came {count} times"
    arrived = {name.strip("<>").partition("@")[0].split(".")[2] for name in came}
    seen = _seen_by_staff(session)
    untold = {f"receipt:{id_}" for id_ in session.scalars(select(col(ReceiptRow.id)))}
    query = select(MailRecipientRow, MailRow).join(
        MailRow, col(MailRow.id) == col(MailRecipientRow.mail_id)
    )
    for recipient, mail in session.execute(query):
        untold.discard(mail.about)
        is_sent = recipient.state == RecipientState.SENT
        if is_sent and str(recipient.id) not in arrived:
            yield f"e-mail {recipient.id} is 'sent' and never came"
        if not is_sent and recipient.id not in seen:
            yield f"e-mail {recipient.id} is {recipient.state!r} and nobody is told"
    for receipt in untold:
        yield f"{receipt} was e-mailed to nobody"


def _seen_by_staff(session: Session) -> set[int]:
    """E-mails of which an open task tells."""
    subjects = session.scalars(
        select(col(TaskRow.subject)).where(
            col(TaskRow.closed_at).is_(None),
            col(TaskRow.kind).in_(("mail_unknown", "mail_refused")),
        )
    )
    return {int(subject.partition(":")[2]) for subject in subjects}


def _booked(session: Session) -> Mapping[int, list[int]]:
    """By payment, the money of each journal entry that brought some, in cents."""
    query = (
        select(col(JournalEntryRow.source_id), func.sum(col(JournalLineRow.amount_cents)))
        .join(JournalLineRow, col(JournalLineRow.entry_id) == col(JournalEntryRow.id))
        .where(
            col(JournalEntryRow.kind) == EntryKind.PAYMENT.value,
            col(JournalLineRow.account) == Account.CLEARING.value,
        )
        .group_by(col(JournalEntryRow.source_id), col(JournalEntryRow.id))
    )
    booked: dict[int, list[int]] = defaultdict(list)
    for payment, cents in session.execute(query):
        booked[payment].append(int(cents))
    return booked


def _shared(session: Session) -> Mapping[int, int]:
    """By payment, what of its money documents have, in cents."""
    share = (
        col(AllocationRow.principal_cents)
        + col(AllocationRow.fine_cents)
        + col(AllocationRow.interest_cents)
    )
    query = (
        select(col(AllocationRow.payment_id), func.sum(share))
        .where(col(AllocationRow.reversed_by).is_(None))
        .group_by(col(AllocationRow.payment_id))
    )
    return Counter({payment: int(cents) for payment, cents in session.execute(query)})


def _paid_twice(session: Session) -> Iterator[str]:
    """Documents that got more than they were."""
    query = (
        select(
            col(DocumentRow.id),
            col(DocumentRow.total_cents),
            func.sum(col(AllocationRow.principal_cents)),
        )
        .join(AllocationRow, col(AllocationRow.document_id) == col(DocumentRow.id))
        .where(col(AllocationRow.reversed_by).is_(None))
        .group_by(col(DocumentRow.id))
    )
    for document, total, paid in session.execute(query):
        if paid > total:
            yield f"document {document} of {total} was paid {paid}"


def _first_gap(numbers: list[int]) -> int:
    return next(want for want, number in enumerate([*numbers, 0], 1) if number != want)
