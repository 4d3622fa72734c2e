"""What people do is entered in the audit, in the transaction of the deed; what is refused is not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal_app.db import audit as entries
from portal_app.db import tasks as stored_tasks
from portal_app.db.audit import Wanted
from portal_app.db.engine import transaction
from portal_app.domain.audit import Action
from portal_app.domain.emails import About, MailKind
from portal_app.domain.errors import NotFound, QuoteChanged
from portal_app.domain.money import Money
from portal_app.domain.payments import PaymentMethod
from portal_app.gateways import clock
from portal_app.services import audit, boletos, documents, mail, payments, tasks
from tests.company import NOW, World, actor, entered_as, together


def opened(world: World) -> list[str]:
    return [entry.about for entry in entered_as(world, Action.DOCUMENT_OPENED)]


def public_id(world: World, name: str) -> str:
    with transaction(write=False) as session:
        ana = actor("ana")
        (document,) = documents.stored.owned(
            session, world.company, ana.scope, [world.documents[name]]
        )
    return document.public_id


def start(world: World, *names: str) -> str:
    ana, ids = actor("ana"), [world.documents[name] for name in names]
    total = payments.quote(ana, ids).total
    return payments.start(ana, ids, PaymentMethod.CARD, total).payment


def issue(world: World, name: str) -> str:
    ana, ids = actor("ana"), [world.documents[name]]
    offer = boletos.offer(ana, ids).banks[0]
    return boletos.issue(ana, ids, offer.carteira, offer.total)


def test_a_payment_is_entered_once_whoever_clicks_twice(world: World) -> None:
    start(world, "soon")
    payments.start(actor("ana"), [world.documents["soon"]], PaymentMethod.CARD, Money(8000, "BRL"))

    (entry,) = entered_as(world, Action.PAYMENT_STARTED)
    assert (entry.subject, entry.customer) == (actor("ana").subject, world.customers["ana"])
    assert (entry.about.partition(":")[0], entry.facts) == ("payment", {"method": "card"})


def test_a_boleto_is_entered_once(world: World) -> None:
    first = issue(world, "soon")
    ana, ids = actor("ana"), [world.documents["soon"]]
    again = boletos.issue(ana, ids, world.banks["001"], Money(8000, "BRL"))

    assert again == first
    (entry,) = entered_as(world, Action.PAYMENT_STARTED)
    assert entry.facts == {"method": "boleto", "bank": "001"}


def test_what_was_refused_is_not_entered(world: World) -> None:
    with pytest.raises(QuoteChanged):
        payments.start(actor("ana"), world.three, PaymentMethod.CARD, Money(1, "BRL"))

    assert entered_as(world, Action.PAYMENT_STARTED) == []


def test_giving_up_is_entered_for_a_voucher_and_for_a_checkout(world: World) -> None:
    checkout, voucher = start(world, "soon"), issue(world, "later")

    for payment in (checkout, voucher, voucher):
        payments.supersede(actor("ana"), payment)

    assert len(entered_as(world, Action.PAYMENT_GIVEN_UP)) == 2


def test_a_paper_is_entered_once_a_minute_for_the_same_person(world: World) -> None:
    soon, later = public_id(world, "soon"), public_id(world, "later")
    ana = actor("ana")

    documents.pdf(ana, soon)
    documents.pdf(ana, soon)
    documents.pdf(ana, later)
    with clock.fixed_at(NOW + timedelta(minutes=1, seconds=1)):
        documents.pdf(ana, soon)

    assert opened(world) == [
        f"document:{world.documents[name]}" for name in ("soon", "later", "soon")
    ]


def test_a_paper_nobody_was_shown_is_not_entered(world: World) -> None:
    with pytest.raises(NotFound):
        documents.pdf(actor("bia"), public_id(world, "soon"))

    assert opened(world) == []


def test_an_email_is_entered_with_the_number_of_its_addresses_and_none_of_them(
    world: World,
) -> None:
    about = About(MailKind.DOCUMENT, public_id(world, "soon"))

    mail.send(actor("ana"), about, ["x@example.com", "y@example.com"])

    (entry,) = entered_as(world, Action.MAIL_ASKED)
    assert entry.about == f"document:{world.documents['soon']}"
    assert entry.facts == {"kind": "document", "addresses": 2}
    assert "@" not in str(entry)


def test_a_task_is_entered_by_whoever_closed_it(world: World) -> None:
    with transaction() as session:
        stored_tasks.put(session, world.company, "boleto_over", "payment:1", NOW)
    (task,) = tasks.list_open(actor("staff"))

    tasks.close(actor("staff"), task.id)
    tasks.close(actor("staff"), task.id)

    (entry,) = entered_as(world, Action.TASK_CLOSED)
    assert (entry.about, entry.facts) == (f"task:{task.id}", {"kind": "boleto_over"})


def test_deeds_at_one_moment_wait_for_each_other_and_make_one_chain(world: World) -> None:
    """Documents and tasks are locked before the audit's head, by all: nobody waits in a ring."""
    names = ("soon", "later", "overdue_12", "overdue_43")
    papers = [public_id(world, name) for name in names]
    ana = actor("ana")

    def deed(number: int) -> None:
        if number % 2:
            documents.pdf(ana, papers[number // 2])
        else:
            start(world, names[number // 2])

    answers = together(8, deed)

    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    verdict = audit.verify()
    assert verdict.first_wrong is None
    assert len(entered_as(world, Action.PAYMENT_STARTED)) == 4
    assert len(entered_as(world, Action.DOCUMENT_OPENED)) == 4


def test_entries_hold_nobodys_name_address_or_number(world: World) -> None:
    start(world, "soon")
    issue(world, "later")
    documents.pdf(actor("ana"), public_id(world, "soon"))

    with transaction(write=False) as session:
        whole = str(entries.find(session, world.company, Wanted(), 100))

    for secret in ("10020030169", "example.com", "Ana", "FT 2026"):
        assert secret not in whole
    assert "payment:" in whole
