"""E-mails: ask for one, owe one, hand it over at most once, and say what became of it."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from typing import Final

from portal_app.db import (
    companies,
    customers,
    documents,
    jobs,
    mails,
    payments,
    privacy,
    receipts,
    tasks,
    users,
)
from portal_app.db.engine import Session, transaction
from portal_app.db.jobs import Claim
from portal_app.db.mails import NewMail
from portal_app.db.users import User
from portal_app.domain.audit import Action
from portal_app.domain.companies import Company
from portal_app.domain.customers import Customer
from portal_app.domain.documents import Document
from portal_app.domain.emails import (
    MOST_AN_HOUR_BY_PERSON,
    MOST_AN_HOUR_FOR_CUSTOMER,
    WORTH_A_TASK,
    About,
    MailKind,
    Recipient,
    RecipientState,
    address_of,
    ensure_within,
    masked,
    recipients,
    try_again_at,
)
from portal_app.domain.errors import (
    BoletoHeldBack,
    MailNotConfigured,
    MailOutcomeUnknown,
    MailUnavailable,
    NotFound,
    ProofInvalid,
)
from portal_app.domain.grants import Feature
from portal_app.domain.money import Money
from portal_app.domain.privacy import Choice, wants
from portal_app.gateways import clock
from portal_app.gateways.mail import hand_over
from portal_app.services import audit, proofs
from portal_app.services.actors import Actor, require
from portal_app.services.enclosures import enclosure_of
from portal_app.services.messages import Outgoing, message_of
from portal_app.services.notices import Notice, notice_of
from portal_app.services.papers import payable
from portal_app.settings import settings

_JOB: Final = "mail.send"
_UNAVAILABLE: Final = "mail_unavailable"
_TASKS: Final = {
    RecipientState.REFUSED: "mail_refused",
    RecipientState.UNKNOWN: "mail_unknown",
}
# What may be declined; all else is the service itself.
_CHOICES: Final = {MailKind.BOLETO_REGISTERED: Choice.BOLETO_REGISTERED}
_MOST_SHOWN: Final = 12
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Preview:
    """What an e-mail will be, before it is addressed. `bank` names that of a boleto, else ''."""

    sender: str
    address: str
    file_name: str
    number: str
    bank: str
    amount: Money
    due: date | None


@dataclass(frozen=True, slots=True)
class SentMail:
    """An address, masked, and what became of it."""

    address: str
    state: RecipientState


def preview(actor: Actor, about: About) -> Preview:
    """What would be sent, and from whom; raises whatever `send` would refuse it for."""
    _require(actor)
    sender = _sender(actor.company)
    with transaction(write=False) as session:
        _, subject = _subject(session, actor, about)
        carried = enclosure_of(session, actor.company, actor.scope.customer, subject, actor.locale)
    return Preview(
        sender=actor.company.name,
        address=sender,
        file_name=carried.file_name,
        number=carried.number,
        bank=carried.bank,
        amount=carried.amount,
        due=carried.due,
    )


def send(actor: Actor, about: About, typed: Sequence[str]) -> tuple[str, ...]:
    """Queue the e-mail for each address typed and return the addresses.

    A document that stands in a boleto that can be paid is sent as that boleto. Nothing is kept
    unless all of it is: InvalidRecipient, TooManyMails, BoletoHeldBack, MailNotConfigured.
    """
    _require(actor)
    addresses = recipients(typed)
    _sender(actor.company)
    now = clock.now()
    with transaction() as session:
        kind, subject = _subject(session, actor, about)
        _ensure_limits(session, actor, len(addresses), now)
        new = NewMail(
            customer=actor.scope.customer,
            key=f"asked:{secrets.token_urlsafe(16)}",
            kind=kind,
            about=subject,
            locale=actor.locale,
            addresses=addresses,
            created_at=now,
            asked_by=actor.subject,
        )
        _queue(session, actor.company.id, new)
        facts = {"kind": kind.value, "addresses": len(addresses)}
        audit.record(session, actor, Action.MAIL_ASKED, subject, **facts)
    return addresses


def owe(
    session: Session, company: Company, customer: Customer, payment: int, kind: MailKind
) -> bool:
    """Queue what the portal owes a customer about a payment, once; in its cause's transaction.

    False where it was queued before, where there is no address to write to or from, and where
    whoever would get it declined it.
    """
    return _owe(session, company, customer, kind, f"payment:{payment}")


def owe_receipt(
    session: Session, company: Company, customer: Customer, receipt: int, kind: MailKind
) -> bool:
    """The same about a receipt; `kind` is RECEIPT or REFUND."""
    return _owe(session, company, customer, kind, f"receipt:{receipt}")


def _owe(
    session: Session, company: Company, customer: Customer, kind: MailKind, about: str
) -> bool:
    address = _reached(session, company, customer, kind)
    if address is None:
        return False
    new = NewMail(
        customer=customer.id,
        key=f"{kind}:{about.partition(':')[2]}",
        kind=kind,
        about=about,
        locale=users.locale_of_customer(session, company.id, customer.id) or company.locale,
        addresses=(address,),
        created_at=clock.now(),
    )
    return _queue(session, company.id, new)


def tell(
    session: Session,
    user: User,
    kind: MailKind,
    *,
    about: str = "",
    facts: Mapping[str, str] | None = None,
) -> bool:
    """Queue an e-mail about somebody's sign-in, to his login; in its cause's transaction.

    `about` names the proof whose secret it carries ('proof:12'), of which there is never a second.
    `facts` hold nothing secret. False where there is no address to write to or from.
    """
    company = companies.by_id(session, user.company)
    address = address_of(user.login)
    if address is None or _sender_or_none(company) is None:
        return False
    new = NewMail(
        user=user.id,
        key=f"{kind}:{about.partition(':')[2] or secrets.token_urlsafe(16)}",
        kind=kind,
        about=about,
        facts=facts or {},
        locale=user.locale or company.locale,
        addresses=(address,),
        created_at=clock.now(),
    )
    return _queue(session, user.company, new)


def tell_customer(
    session: Session, actor: Actor, before: str, now: str, facts: Mapping[str, str]
) -> None:
    """Queue that a customer's address changed, to the former and the new one; TooManyMails.

    Counted as asked for: it writes to whatever address somebody typed.
    """
    company, customer, moment = actor.company, actor.scope.customer, clock.now()
    found = {each.casefold(): each for each in filter(None, map(address_of, (before, now)))}
    if not found or _sender_or_none(company) is None:
        return
    _ensure_limits(session, actor, len(found), moment)
    kind = MailKind.CONTACT_CHANGED
    new = NewMail(
        customer=customer,
        key=f"{kind}:{secrets.token_urlsafe(16)}",
        kind=kind,
        about="",
        facts=facts,
        locale=users.locale_of_customer(session, company.id, customer) or company.locale,
        addresses=tuple(found.values()),
        created_at=moment,
        asked_by=actor.subject,
    )
    _queue(session, company.id, new)


def reaches(actor: Actor) -> bool:
    """Whether the customer is told by e-mail when a boleto is registered: he may have declined it."""
    require(actor, Feature.SEE_DOCUMENTS)
    with transaction(write=False) as session:
        customer = customers.by_id(session, actor.company.id, actor.scope.customer)
        address = _reached(session, actor.company, customer, MailKind.BOLETO_REGISTERED)
    return address is not None


def _reached(session: Session, company: Company, customer: Customer, kind: MailKind) -> str | None:
    """Where the portal writes to by itself; None for nowhere, or for what was declined."""
    address = address_of(customer.email)
    if address is None or _sender_or_none(company) is None:
        return None
    choice = _CHOICES.get(kind)
    if choice is None:
        return address
    people = privacy.addressees(session, company.id, customer.id, clock.today(company.zone))
    return address if wants(choice, address, people) else None


def sent_mails(actor: Actor, about: About) -> tuple[SentMail, ...]:
    """To whom it went and what became of it, the newest first."""
    require(actor, Feature.SEE_DOCUMENTS)
    with transaction(write=False) as session:
        subjects = _subjects(session, actor, about)
        found = mails.of_subjects(
            session, actor.company.id, actor.scope.customer, subjects, _MOST_SHOWN
        )
    return tuple(SentMail(masked(each.address), each.state) for each in found)


def deliver(claimed: Claim) -> None:
    """Hand one e-mail to one address, at most once.

    That it is being sent is committed before the hand-over. Found so by a later claim, nobody
    knows whether it went out: a person must look, and it is never handed over again.
    """
    with transaction(write=False) as session:
        recipient = mails.by_recipient(session, claimed.company, int(claimed.key))
    if recipient.state is RecipientState.SENDING:
        _settle(claimed, recipient, RecipientState.UNKNOWN)
    elif recipient.state is RecipientState.QUEUED:
        _deliver(claimed, recipient)
    else:
        _done(claimed)


def _deliver(claimed: Claim, recipient: Recipient) -> None:
    try:
        message, sender = _written(claimed.company, recipient)
    except (BoletoHeldBack, MailNotConfigured, ProofInvalid) as refusal:
        _settle(claimed, recipient, RecipientState.REFUSED, refusal.code)
        return
    _begin(claimed, recipient)
    try:
        reply = hand_over(message, sender, recipient.address)
    except MailUnavailable as refusal:
        _put_off(claimed, recipient, str(refusal.details["reason"]))
    except MailOutcomeUnknown:
        _settle(claimed, recipient, RecipientState.UNKNOWN)
    else:
        state = RecipientState.SENT if reply.taken else RecipientState.REFUSED
        _settle(claimed, recipient, state, reply.code)


def _begin(claimed: Claim, recipient: Recipient) -> None:
    now = clock.now()
    with transaction() as session:
        # A worker that was asleep for longer than its lease learns it here, before the hand-over.
        jobs.renew(session, claimed, now)
        mails.move(session, claimed.company, recipient.id, RecipientState.SENDING, now)


def _settle(claimed: Claim, recipient: Recipient, state: RecipientState, reply: str = "") -> None:
    """The end of it, with a task where a person must look.

    Nobody waits for a boleto given up, nor for a secret that is spent.
    """
    now, company = clock.now(), claimed.company
    with transaction() as session:
        jobs.done(session, claimed)
        mails.move(session, company, recipient.id, state, now, reply=reply)
        if state is RecipientState.SENT:
            tasks.close(session, company, _UNAVAILABLE, "mail", now)
        elif reply not in {BoletoHeldBack.code, ProofInvalid.code}:
            address, about = masked(recipient.address), recipient.mail.about
            facts = {"address": address, "about": about, "reply": reply}
            tasks.put(session, company, _TASKS[state], f"mail:{recipient.id}", now, details=facts)


def _put_off(claimed: Claim, recipient: Recipient, reason: str) -> None:
    """Nothing was handed over: later again, for a day; staff hear of it long before that."""
    now, asked = clock.now(), recipient.mail.created_at
    again = try_again_at(asked, now)
    if again is None:
        _settle(claimed, recipient, RecipientState.REFUSED, reason)
        return
    _log.warning("mail %d is not handed over yet: %s", recipient.id, reason)
    with transaction() as session:
        jobs.again(session, claimed, again)
        mails.move(session, claimed.company, recipient.id, RecipientState.QUEUED, now)
        if now - asked >= WORTH_A_TASK:
            facts = {"reason": reason}
            tasks.put(session, claimed.company, _UNAVAILABLE, "mail", now, details=facts)


def _done(claimed: Claim) -> None:
    with transaction() as session:
        jobs.done(session, claimed)


def _queue(session: Session, company: int, new: NewMail) -> bool:
    """Write it down with a job for each address; False if it was there before."""
    queued = mails.add(session, company, new)
    for recipient in queued:
        jobs.put(session, company, _JOB, str(recipient), new.created_at)
    return bool(queued)


def _require(actor: Actor) -> None:
    """Sending by e-mail is printing for somebody else."""
    require(actor, Feature.EMAIL)
    require(actor, Feature.PRINT)


def _ensure_limits(session: Session, actor: Actor, more: int, now: datetime) -> None:
    company, customer = actor.company.id, actor.scope.customer
    mails.wait_turn(session, company, customer)
    asked = mails.asked_since(session, company, customer, now - timedelta(hours=1))
    own = [when for who, when in asked if who == actor.subject]
    ensure_within(MOST_AN_HOUR_BY_PERSON, own, more, now)
    ensure_within(MOST_AN_HOUR_FOR_CUSTOMER, [when for _, when in asked], more, now)


def _subject(session: Session, actor: Actor, about: About) -> tuple[MailKind, str]:
    """What the e-mail is about, by our own ids; BoletoHeldBack for a boleto not to be paid yet."""
    company = actor.company.id
    if about.kind is MailKind.BOLETO:
        payment = payments.by_public_id(session, company, actor.scope, about.public_id)
        payable(session, actor.company, payment)
        return MailKind.BOLETO, f"payment:{payment.id}"
    if about.kind is MailKind.RECEIPT:
        receipt = receipts.by_public_id(session, company, actor.scope, about.public_id)
        return MailKind(receipt.kind.value), f"receipt:{receipt.id}"
    document = documents.by_public_id(session, company, actor.scope, about.public_id)
    attempt = _payable_attempt(session, actor, document)
    if attempt is not None:
        return MailKind.BOLETO, f"payment:{attempt}"
    return MailKind.DOCUMENT, f"document:{document.id}"


def _payable_attempt(session: Session, actor: Actor, document: Document) -> int | None:
    """The payment whose boleto this document can be paid with, if the actor sees all of it."""
    if document.attempt is None:
        return None
    company, public_id = actor.company.id, document.attempt.payment
    try:
        payment = payments.by_public_id(session, company, actor.scope, public_id)
        payable(session, actor.company, payment)
    except (NotFound, BoletoHeldBack):
        return None
    return payment.id


def _subjects(session: Session, actor: Actor, about: About) -> list[str]:
    """By our own ids, what e-mails about it are about."""
    company, scope = actor.company.id, actor.scope
    if about.kind is MailKind.BOLETO:
        return [f"payment:{payments.by_public_id(session, company, scope, about.public_id).id}"]
    if about.kind is MailKind.RECEIPT:
        return [f"receipt:{receipts.by_public_id(session, company, scope, about.public_id).id}"]
    document = documents.by_public_id(session, company, scope, about.public_id)
    attempt = _payable_attempt(session, actor, document)
    return [f"document:{document.id}", *([f"payment:{attempt}"] if attempt else [])]


def _written(company: int, recipient: Recipient) -> tuple[EmailMessage, str]:
    """The message to one address, and its sender's."""
    mail, now = recipient.mail, clock.now()
    with transaction(write=False) as session:
        owner = companies.by_id(session, company)
        sender = _sender(owner)
        if mail.user is not None:
            return notice_of(_notice(session, owner, sender, recipient, mail.user), now), sender
        if mail.customer is None:
            raise NotFound(kind="customer")
        if mail.kind is MailKind.CONTACT_CHANGED:
            name = customers.by_id(session, company, mail.customer).name
            told = Notice(recipient=recipient, company=owner, sender=sender, name=name, secret="")
            return notice_of(told, now), sender
        outgoing = Outgoing(
            recipient=recipient,
            company=owner,
            customer=customers.by_id(session, company, mail.customer),
            sender=sender,
            enclosure=enclosure_of(session, owner, mail.customer, mail.about, mail.locale),
        )
    return message_of(outgoing, now), sender


def _notice(
    session: Session, company: Company, sender: str, recipient: Recipient, user: int
) -> Notice:
    """What is about somebody's sign-in; ProofInvalid if the secret it carries is spent meanwhile."""
    found = users.by_id(session, company.id, user)
    if found is None:
        raise NotFound(kind="user")
    what, _, number = recipient.mail.about.partition(":")
    secret = proofs.secret_of(session, company.id, int(number)) if what == "proof" else ""
    return Notice(
        recipient=recipient, company=company, sender=sender, name=found.name, secret=secret
    )


def _sender(company: Company) -> str:
    """The address the company's e-mails come from; MailNotConfigured if there is none."""
    sender = _sender_or_none(company)
    if sender is None:
        raise MailNotConfigured
    return sender


def _sender_or_none(company: Company) -> str | None:
    return settings().mail_from or address_of(company.contact.email)
