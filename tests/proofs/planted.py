"""Money bugs planted in the product one by one: the machine must find every one of them.

Whoever plants a bug that is not found has found a gap of the machine.
"""

from __future__ import annotations

import json
import logging
import secrets
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, Final
from unittest.mock import patch

from sqlalchemy import update
from sqlmodel import col

from portal_app.db import allocations, payments, returns
from portal_app.db import ledger as books
from portal_app.db import receipts as numbered
from portal_app.db.engine import Session, transaction
from portal_app.db.models import PaymentItemRow
from portal_app.domain import ledger, selection, settlement
from portal_app.domain.allocation import Allocation, Charged, Returned
from portal_app.domain.checkout import CheckoutStatus, Refund, RefundStatus
from portal_app.domain.ledger import Account, Entry, EntryKind, Line
from portal_app.domain.money import Money
from portal_app.domain.payments import LIVE, PaymentState
from portal_app.domain.settlement import Came, Claim
from portal_app.services import checkouts, incoming, provider_reports, receipts
from portal_app.services import payments as asked
from tests.proofs._ground import ground
from tests.proofs.machine import Run, hunt

Right = Callable[..., Any]
PLANTED: Final[dict[str, Callable[[], AbstractContextManager[Any]]]] = {}
"""By name: plants the bug for as long as it is entered."""


def planted(name: str, where: Any, what: str) -> Callable[[Callable[..., Any]], Right]:
    """In place of `where.what`, whose right way the wrong one gets as its first argument."""
    right: Right = getattr(where, what)

    def plant(wrong: Callable[..., Any]) -> Right:
        def instead(*arguments: Any, **named: Any) -> Any:
            return wrong(right, *arguments, **named)

        PLANTED[name] = lambda: patch.object(where, what, instead)
        return wrong

    return plant


@planted("a refund is known by its amount", provider_reports, "_take_refunds")
def _(_right: Right, case: Any) -> None:
    known = returns.refunds(case.session, case.company.id, case.payment.id)
    for refund in case.report.refunds:
        same = [before for _, before in known.values() if before.amount == refund.amount]
        before = same[0] if same else None
        if provider_reports.is_news(before, refund):
            provider_reports._take_refund(case, before, refund)


@planted("a refund is known by nothing", provider_reports, "is_news")
def _(_right: Right, _before: Refund | None, _now: Refund) -> bool:
    return True


@planted("a refund that waits is done", provider_reports, "_take_refund")
def _(right: Right, case: Any, before: Refund | None, refund: Refund) -> None:
    waits = refund.status is RefundStatus.PENDING
    right(case, before, replace(refund, status=RefundStatus.DONE) if waits else refund)


@planted("a refund that failed is forgotten", provider_reports, "_take_refund")
def _(right: Right, case: Any, before: Refund | None, refund: Refund) -> None:
    if refund.status is not RefundStatus.FAILED:
        right(case, before, refund)


@planted("an old report overwrites a later one", provider_reports, "_move")
def _(right: Right, case: Any) -> None:
    right(case)
    if case.report.status is not CheckoutStatus.PAID:
        state = provider_reports._ENDS.get(case.report.status, PaymentState.PENDING)
        payments.set_outcome(case.session, case.company.id, case.payment.id, state)


@planted("an old report reopens a dispute", provider_reports, "is_dispute_news")
def _(_right: Right, before: object, now: object) -> bool:
    return before != now


@planted("money after the end is ignored", provider_reports, "_settle")
def _(right: Right, case: Any) -> None:
    if case.payment.state in LIVE:
        right(case)


@planted("what was asked is booked, not what came", provider_reports, "_settle")
def _(right: Right, case: Any) -> None:
    right(replace(case, report=replace(case.report, paid=None)))


@planted("the fee is taken off the customer's money", provider_reports, "_settle")
def _(right: Right, case: Any) -> None:
    report = case.report
    net = report.paid - report.fee if report.fee and report.fee < report.paid else report.paid
    right(replace(case, report=replace(report, paid=net)))


@planted("the fee is taken again", provider_reports, "_take_fee")
def _(_right: Right, case: Any) -> None:
    if case.report.fee:
        matter = case.matter(("payment", case.payment.id))
        provider_reports._post(case, ledger.fee(matter, case.report.fee))


@planted("another sum settles the whole", provider_reports, "settle")
def _(right: Right, claims: list[Claim], came: Came, terms: object) -> object:
    face = Money.total((claim.frozen for claim in claims), came.paid.currency)
    return right(claims, Came(face, came.on), terms)


@planted("a part that went back is all of it", provider_reports, "outcome_of")
def _(right: Right, received: Money, gone: Money, *, is_disputed: bool) -> PaymentState:
    return right(received, received if gone else gone, is_disputed=is_disputed)


@planted("what is won stays held back", provider_reports, "_post")
def _(right: Right, case: Any, entry: Entry) -> int:
    return 0 if entry.kind is EntryKind.DISPUTE_WON else right(case, entry)


@planted("a part sent back reopens the whole share", provider_reports, "take_back")
def _(right: Right, amount: Money, shares: list[Allocation], credit: Money) -> Returned:
    returned = right(amount, shares, credit)
    touched = {part.document for part in returned.shares}
    whole = tuple(share for share in reversed(shares) if share.document in touched)
    return replace(returned, shares=whole)


@planted("what goes back is taken from the oldest", provider_reports, "take_back")
def _(right: Right, amount: Money, shares: list[Allocation], credit: Money) -> Returned:
    return right(amount, shares[::-1], credit)


@planted("what goes back spares the credit", provider_reports, "take_back")
def _(right: Right, amount: Money, shares: list[Allocation], credit: Money) -> Returned:
    return right(amount, shares, Money.zero(credit.currency))


@planted("credit that went back is there again", books, "credit_of")
def _(_right: Right, session: Session, company: int, payment: int, currency: str) -> Money:
    lines = books.lines_of(session, company, EntryKind.PAYMENT, ("payment", payment))
    credit = [-line.amount for line in lines if line.account is Account.CUSTOMER_CREDIT]
    return Money.total(credit, currency)


@planted("shares stand although their money went back", allocations, "reduce")
def _(_right: Right, *_: object) -> None:
    return


@planted("a fine that went back is never asked for again", allocations, "_allow_fines")
def _(_right: Right, *_: object) -> None:
    return


@planted("a refund forgets the late charges", ledger, "refund")
def _(right: Right, matter: object, returned: Returned) -> Entry:
    none = Money.zero(returned.credit.currency)
    bare = tuple(replace(share, fine=none, interest=none) for share in returned.shares)
    return right(matter, replace(returned, shares=bare))


@planted("a bank's reversal forgets the late charges", ledger, "reversal")
def _(right: Right, payment: int, customer: int, undone: list[Line], day: object) -> Entry:
    charges = [line for line in undone if line.account is Account.LATE_CHARGES]
    kept = [line for line in undone if line.account is not Account.LATE_CHARGES]
    for line in charges:
        kept = [_plus(each, line.amount) for each in kept]
    return right(payment, customer, [line for line in kept if line.amount], day)


@planted("money that is lost is held back for ever", ledger, "dispute_lost")
def _(right: Right, matter: object, returned: Returned, held: Money) -> Entry:
    return right(matter, returned, Money.zero(held.currency))


@planted("no cap at the open balance", Claim, "asked")
def _(right: Right, claim: Claim) -> Charged:
    wanted = right(claim)
    return replace(wanted, principal=claim.principal) if claim.open else wanted


@planted("settled another way, its charges are taken all the same", Claim, "asked")
def _(right: Right, claim: Claim) -> Charged:
    owed = replace(claim, open=claim.open or Money(1, claim.open.currency))
    return replace(right(owed), principal=min(claim.principal, claim.open))


@planted("a fine is taken twice", incoming, "_claim")
def _(right: Right, *arguments: object) -> Claim:
    return replace(right(*arguments), fined=False)


@planted("a fine is asked for twice", selection, "late_charges")
def _(right: Right, *arguments: object, fine_paid: bool) -> object:
    return right(*arguments, fine_paid=fine_paid and False)


@planted("money pays what another attempt holds", incoming, "_claim")
def _(right: Right, item: object, document: Any, *rest: object) -> Claim:
    return replace(right(item, document, *rest), open=document.balance)


@planted("the rest of a boleto asks for all of it", incoming, "claims_of")
def _(
    right: Right, session: object, company: object, payment: object, _earlier: object = ()
) -> object:
    return right(session, company, payment)


@planted("principal is paid before its charges", settlement, "allocate")
def _(right: Right, payment: Money, owed: list[Charged]) -> object:
    turned = [replace(c, principal=c.interest, interest=c.principal) for c in owed]
    shares, left = right(payment, turned)
    return [replace(s, principal=s.interest, interest=s.principal) for s in shares], left


@planted("what fits nowhere is forgotten", ledger, "payment")
def _(right: Right, *arguments: Any) -> Entry:
    payment, customer, shares, credit, *rest = arguments
    none = Money.zero(credit.currency)
    return right(payment, customer, shares, none if shares else credit, *rest)


@planted("the balance of a wrong document falls", ledger, "payment")
def _(right: Right, *arguments: Any) -> Entry:
    payment, customer, shares, *rest = arguments
    others = [share.document for share in (*shares[1:], *shares[:1])]
    crossed = [replace(s, document=other) for s, other in zip(shares, others, strict=True)]
    return right(payment, customer, crossed, *rest)


@planted("a receipt is issued twice", receipts, "_keep")
def _(right: Right, case: object, matter: Any, facts: object) -> None:
    right(case, matter, facts)
    right(case, replace(matter, about=f"{matter.about} again"), facts)


@planted("a number is taken and not used", numbered, "take_number")
def _(right: Right, *arguments: object) -> int:
    right(*arguments)
    return right(*arguments)


@planted("a receipt is silent about the credit", receipts, "stated")
def _(right: Right, *arguments: object) -> object:
    says = right(*arguments)
    return replace(says, credit=Money.zero(says.credit.currency))


@planted("an expired attempt keeps its documents", payments, "move")
def _(right: Right, session: Session, company: int, payment: Any, state: Any, *rest: Any) -> None:
    right(session, company, payment, state, *rest)
    if state is PaymentState.EXPIRED:
        _hold(session, payment.id, live=True)


@planted("an attempt that waits lets its documents go", payments, "move")
def _(right: Right, session: Session, company: int, payment: Any, state: Any, *rest: Any) -> None:
    right(session, company, payment, state, *rest)
    if state is PaymentState.PENDING:
        _hold(session, payment.id, live=False)


@planted("an attempt is given up unasked", checkouts, "give_up")
def _(_right: Right, company: Any, payment: Any) -> object:
    with transaction() as session:
        payments.move(session, company.id, payment, PaymentState.SUPERSEDED)
        return payments.by_id(session, company.id, payment.id)


@planted("every asking has a key of its own", checkouts, "_order")
def _(right: Right, case: object) -> object:
    order = right(case)
    return replace(order, key=f"{order.key}{secrets.token_hex(4)}")


@planted("nobody looks at the end", checkouts, "plan")
def _(right: Right, session: object, company: object, payment: object, until: Any) -> None:
    right(session, company, payment, until.replace(year=until.year + 1))


@planted("a second click is another attempt", asked, "first_attempt")
def _(_right: Right, *_: object) -> None:
    return


def _hold(session: Session, payment: int, *, live: bool) -> None:
    session.execute(
        update(PaymentItemRow).where(col(PaymentItemRow.payment_id) == payment).values(live=live)
    )


def _plus(line: Line, amount: Money) -> Line:
    is_there = line.account is Account.CLEARING
    return replace(line, amount=line.amount + amount) if is_there else line


def find(name: str, examples: int, steps: int, seed: int) -> Run:
    """Plant it, and run until it is found."""
    with ground() as stage, PLANTED[name]():
        return hunt(stage, examples, steps, seed, shrink=False)


def main(argv: Sequence[str]) -> bool:
    """Whether each of them was found."""
    parser = ArgumentParser(prog="./portal prove planted")
    parser.add_argument("names", nargs="*", metavar="NAME", help="all of them if left out")
    parser.add_argument("--examples", type=int, default=1_000)
    parser.add_argument("--steps", type=int, default=25)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32))
    told = parser.parse_args(argv)
    # A planted bug makes the product complain, as it should.
    logging.disable(logging.CRITICAL)
    runs = [_told(name, told) for name in told.names or PLANTED]
    found = sum(run.found is not None for run in runs)
    line = {"proof": "planted", "seed": told.seed, "found": found, "not_found": len(runs) - found}
    sys.stdout.write(json.dumps(line) + "\n")
    return found == len(runs)


def _told(name: str, told: Namespace) -> Run:
    run = find(name, told.examples, told.steps, told.seed)
    what = (run.found or "").partition("\n")[0][:110]
    counted = {"examples": run.examples, "cpu_seconds": round(run.seconds, 1), "found": what}
    sys.stdout.write(json.dumps({"planted": name, **counted}, ensure_ascii=False) + "\n")
    sys.stdout.flush()
    return run
