"""A tax id stands on papers and in the customer's own data; never in a log, an address or a list."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
import reflex as rx
from sqlalchemy import select
from sqlmodel import SQLModel

from portal_app.api import app as api
from portal_app.db.engine import transaction
from portal_app.domain.documents import OpenFilter, Period
from portal_app.domain.emails import About, MailKind
from portal_app.domain.errors import NotFound
from portal_app.domain.payments import PaymentMethod
from portal_app.services import account, boletos, documents, history, links, mail, payments, tasks
from portal_app.settings import settings
from portal_app.ui import routes, session
from portal_app.ui.account import state as account_page
from portal_app.ui.account.state import AccountShown
from tests.company import World, actor, run_jobs
from tests.services.test_audited import issue, public_id, start

ANA, BIA = "10020030169", "20408016183"
PRINTED = "100.200.301-69"
# Where what is written is neither the customer's own data nor a paper of his.
TRACES = ("job", "task", "audit_entry", "session", "selection", "mail", "provider_event")


@pytest.fixture(autouse=True)
def reader(world: World) -> object:
    token = session._actor.set(actor("ana"))
    yield
    session._actor.reset(token)


def busy(world: World) -> None:
    """A day of a customer's: a card, a boleto, papers, e-mails, a link, jobs, refusals."""
    ana = actor("ana")
    payments.view(ana, start(world, "soon"))
    issue(world, "later")
    run_jobs()
    documents.pdf(ana, public_id(world, "overdue_43"))
    mail.send(ana, About(MailKind.DOCUMENT, public_id(world, "overdue_12")), ["x@example.com"])
    link = links.create("norte", ANA).rpartition("/")[2]
    links.open_(link)
    links.ask_for_new(link)
    with pytest.raises(NotFound):
        documents.pdf(actor("bia"), public_id(world, "soon"))
    run_jobs()


def assert_none(text: str) -> None:
    for number in (ANA, BIA, PRINTED):
        assert number not in text


def test_no_log_names_one(world: World, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        busy(world)
        logging.getLogger("portal_app").warning("the test itself is heard")

    assert "the test itself is heard" in caplog.text
    assert_none(caplog.text)


def test_no_job_task_or_entry_names_one(world: World) -> None:
    busy(world)

    for name in TRACES:
        with transaction(write=False) as opened:
            rows = [str(row) for row in opened.execute(select(SQLModel.metadata.tables[name]))]
        for row in rows:
            assert_none(row)


def test_no_address_names_one(world: World) -> None:
    link = links.create("norte", ANA)
    boleto, paper = issue(world, "later"), public_id(world, "soon")
    checkout = payments.start(
        actor("ana"),
        [world.documents["soon"]],
        PaymentMethod.CARD,
        payments.quote(actor("ana"), [world.documents["soon"]]).total,
    )
    of: list[Callable[[str], str]] = [routes.pay, routes.boleto_pdf, routes.boleto_pix]

    for address in (link, checkout.url, routes.document_pdf(paper), *(f(boleto) for f in of)):
        assert address
        assert_none(address)
    assert link.startswith(settings().public_url)


def test_no_route_takes_one() -> None:
    taken = {
        name
        for route in api.build().routes
        for name in getattr(route, "param_convertors", {})
        if any(word in name for word in ("tax", "cpf", "cnpj", "nif", "code"))
    }

    assert taken == set()


def test_no_list_of_a_customers_shows_one(world: World) -> None:
    ana = actor("ana")
    busy(world)

    shown = (
        documents.list_open(ana, OpenFilter()),
        documents.header(ana),
        history.list_payments(ana, Period(), 0),
        tasks.list_open(actor("staff")),
        boletos.offer(ana, [world.documents["overdue_43"]]),
    )

    for each in shown:
        assert_none(str(each))


def test_his_own_account_shows_it_covered(world: World) -> None:
    shown = AccountShown.of(account.show(actor("ana")))

    assert (shown.tax_id, shown.code) == ("•••.200.301-••", "•••.200.301-••")
    assert_none(str(shown))
    assert issubclass(account_page.AccountState, rx.State)
