"""E-mails from the wish to the mailbox: to whom, how many, at most once, and what became of each."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import func, select, update
from sqlmodel import col

from portal_app.db import companies, customers, documents, mails
from portal_app.db import payments as stored_payments
from portal_app.db.engine import transaction
from portal_app.db.models import (
    BoletoRow,
    CompanyRow,
    CustomerRow,
    DocumentRow,
    JobRow,
    MailRecipientRow,
    MailRow,
    PortalUserRow,
)
from portal_app.domain.emails import (
    MOST_AN_HOUR_BY_PERSON,
    MOST_AN_HOUR_FOR_CUSTOMER,
    About,
    MailKind,
    RecipientState,
)
from portal_app.domain.errors import (
    BoletoHeldBack,
    InvalidRecipient,
    MailNotConfigured,
    NotFound,
    NotGranted,
    PortalError,
    StaleClaim,
    TooManyMails,
)
from portal_app.domain.grants import Feature
from portal_app.domain.jobs import LEASE
from portal_app.gateways import clock
from portal_app.services import actors, boletos, jobs, links, mail, papers, payments, tasks
from portal_app.settings import settings
from tests.company import NOW, World, actor, build, run_jobs, together
from tests.post_office import PostOffice, attachment, open_office, plain_text, read, use

ANSWERED = NOW + timedelta(seconds=21)
THREE = ("ana@example.com", "contador@example.net", "socia@example.org")


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Iterator[PostOffice]:
    served = PostOffice()
    with open_office(served, monkeypatch):
        yield served


@pytest.fixture
def registered(world: World) -> Iterator[About]:
    """Ana's boleto over three documents, registered; the clock stands at that moment.

    She had no address then, so that it was not announced: each test sends what it is about.
    """
    set_email("")
    issued = issue(world)
    with clock.fixed_at(ANSWERED):
        run_jobs()
        set_email("ana@example.com")
        yield About(MailKind.BOLETO, issued)


def issue(world: World) -> str:
    ana = actor("ana")
    bank = next(b for b in boletos.offer(ana, world.three).banks if b.bank == "001")
    return boletos.issue(ana, world.three, bank.carteira, bank.total)


def set_email(address: str) -> None:
    with transaction() as session:
        session.execute(
            update(CustomerRow).where(col(CustomerRow.name) == "Ana").values(email=address)
        )


def of_document(id_: int) -> About:
    with transaction(write=False) as session:
        return About(MailKind.DOCUMENT, session.get_one(DocumentRow, id_).public_id)


def send(about: About, *typed: str, sender: str = "ana") -> tuple[str, ...]:
    return mail.send(actor(sender), about, typed)


def states(about: About) -> dict[str, str]:
    """What became of each address, as the page shows it."""
    return {each.address: each.state.value for each in mail.sent_mails(actor("ana"), about)}


def kept() -> tuple[int, ...]:
    """How many e-mails, addresses and jobs to send them there are."""
    with transaction(write=False) as session:
        counts = [
            session.scalar(select(func.count()).select_from(t)) for t in (MailRow, MailRecipientRow)
        ]
        waiting = select(func.count()).where(col(JobRow.kind) == "mail.send")
        return (*map(int, filter(None, counts)), session.scalar(waiting) or 0)


@contextmanager
def later(**delta: float) -> Iterator[None]:
    with clock.fixed_at(clock.now() + timedelta(**delta)):
        yield


def outbox() -> list[EmailMessage]:
    return [read(file.read_bytes()) for file in sorted((settings().data_dir / "outbox").iterdir())]


def test_each_address_gets_a_message_of_its_own_with_the_boleto(
    registered: About, office: PostOffice
) -> None:
    assert send(registered, *THREE) == THREE

    run_jobs()

    assert [to for to, _ in office.received] == list(THREE)
    line = boletos.view(actor("ana"), registered.public_id).linha_digitavel
    assert line
    for address in THREE:
        (message,) = office.messages(address)
        assert message["To"].addresses[0].addr_spec == address
        assert attachment(message) == papers.boleto_pdf(actor("ana"), registered.public_id)
        text = plain_text(message)
        for fact in (line, "R$ 347,64", "25/11/2026", "Banco do Brasil", "FT 2026/1841", "Ana"):
            assert fact in text, fact
        assert f"http://localhost:8000/pay/{registered.public_id}" in text
    assert states(registered) == {
        "a•••@example.com": "sent",
        "c•••@example.net": "sent",
        "s•••@example.org": "sent",
    }


def test_without_a_mail_server_it_is_a_file_with_all_its_headers(registered: About) -> None:
    send(registered, "ana@example.com")

    run_jobs()

    (message,) = outbox()
    assert message["Subject"] == "Norte: boleto de R$ 347,64, vencimento 25/11/2026"
    assert message["From"] == "Norte <contas@norte.example>"
    assert message["Reply-To"] == "Financeiro <contas@norte.example>"
    assert message["Date"].datetime == ANSWERED
    assert message["Auto-Submitted"] == "auto-generated"
    assert re.fullmatch(r"<20261122150021\.\d+\.\d+@norte\.example>", message["Message-ID"])
    html = message.get_body(("html",))
    assert html is not None
    assert f'href="http://localhost:8000/pay/{registered.public_id}"' in html.get_content()
    assert attachment(message)[0] == "boleto-001-28831470000000001.pdf"


def test_a_pix_code_stands_in_the_text_where_the_bank_gave_one(registered: About) -> None:
    with transaction() as session:
        session.execute(update(BoletoRow).values(pix="00020101021226-pix-of-the-bank"))
    send(registered, "ana@example.com")

    run_jobs()

    assert "Pix copia e cola\n00020101021226-pix-of-the-bank\n" in plain_text(outbox()[0])


def test_the_sender_writes_in_his_own_language_and_from_the_setting_s_address(
    registered: About, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_MAIL_FROM", "cobranca@portal.example")
    settings.cache_clear()
    ana = replace(actor("ana"), locale="en")

    mail.send(ana, registered, ["ana@example.com"])
    run_jobs()

    (message,) = outbox()
    assert message["From"] == "Norte <cobranca@portal.example>"
    assert message["Reply-To"] == "Financeiro <contas@norte.example>"
    assert "Your boleto" not in plain_text(message)
    assert "The boleto of Ana, due 25 Nov 2026, is attached." in plain_text(message)


def test_a_document_is_sent_as_its_own_paper(world: World) -> None:
    for name in ("overdue_43", "credit_note"):
        send(of_document(world.documents[name]), "ana@example.com")

    run_jobs()

    invoice, credit = outbox()
    assert (invoice["Subject"], credit["Subject"]) == ("Norte: FT 2026/1841", "Norte: NC 2026/12")
    assert [attachment(each)[0] for each in (invoice, credit)] == [
        "FT-2026-1841.pdf",
        "NC-2026-12.pdf",
    ]
    assert "Linha digitável" not in plain_text(invoice)
    assert "Valor: − R$ 15,00" in plain_text(credit)


def test_in_another_country_it_is_in_its_money_and_words(world: World) -> None:
    with transaction(write=False) as session:
        invoice = session.get_one(DocumentRow, world.documents["of_rui"]).public_id
    mail.send(actor("rui"), About(MailKind.DOCUMENT, invoice), ["rui@example.pt"])

    run_jobs()

    (message,) = outbox()
    assert message["From"] == "Sul <contas@sul.example>"
    assert "Valor: 64,30 €" in plain_text(message)
    assert attachment(message)[0] == "FT-2026-1841.pdf"


def test_a_document_in_a_boleto_that_can_be_paid_is_sent_as_that_boleto(
    world: World, registered: About
) -> None:
    send(of_document(world.documents["soon"]), "ana@example.com")

    run_jobs()

    assert attachment(outbox()[0]) == papers.boleto_pdf(actor("ana"), registered.public_id)
    assert states(registered) == {"a•••@example.com": "sent"}
    assert states(of_document(world.documents["soon"])) == {"a•••@example.com": "sent"}


def test_while_its_boleto_waits_a_document_is_sent_as_its_own_paper(world: World) -> None:
    ana = actor("ana")
    bank = boletos.offer(ana, world.three).banks[0]
    issued = boletos.issue(ana, world.three, bank.carteira, bank.total)

    with pytest.raises(BoletoHeldBack):
        send(About(MailKind.BOLETO, issued), "ana@example.com")
    send(of_document(world.documents["soon"]), "ana@example.com")
    run_jobs()

    assert attachment(outbox()[0])[0] == "ND-2026-77.pdf"


def test_a_title_made_outside_the_portal_is_sent_as_its_second_copy(world: World) -> None:
    title = world.add("TIT", 711, 13, 12990)
    with transaction() as session:
        session.execute(
            update(DocumentRow)
            .where(col(DocumentRow.id) == title)
            .values(
                registered_elsewhere=True,
                bank="001",
                convenio="2883147",
                nosso_numero="28831470000001001",
            )
        )
    about = of_document(title)
    send(about, "ana@example.com")

    run_jobs()

    (message,) = outbox()
    assert attachment(message) == papers.title_pdf(actor("ana"), about.public_id)
    assert "Linha digitável\n001" in plain_text(message)
    assert "boleto de" in message["Subject"]


def test_one_refused_address_leaves_the_others_theirs(
    registered: About, office: PostOffice
) -> None:
    office.refuses[THREE[1]] = "550 5.1.1 contador@example.net does not exist"
    send(registered, *THREE)

    run_jobs()

    assert [to for to, _ in office.received] == [THREE[0], THREE[2]]
    assert states(registered)["c•••@example.net"] == "refused"
    (task,) = tasks.list_open(actor("staff"))
    assert task.kind == "mail_refused"
    assert task.details["address"] == "c•••@example.net"
    assert task.details["reply"] == "550 5.1.1"
    assert str(task.details["about"]).startswith("payment:")


def test_an_address_that_is_put_off_is_tried_again_and_no_other_is(
    registered: About, office: PostOffice
) -> None:
    office.puts_off[THREE[0]] = 2
    send(registered, *THREE)

    run_jobs()
    assert states(registered)["a•••@example.com"] == "queued"
    with later(seconds=15):
        run_jobs()
    with later(seconds=60):
        run_jobs()

    assert sorted(to for to, _ in office.received) == sorted(THREE)
    assert set(states(registered).values()) == {"sent"}
    assert tasks.list_open(actor("staff")) == ()


def test_what_no_server_takes_for_long_becomes_a_task_that_its_success_closes(
    registered: About, office: PostOffice
) -> None:
    office.puts_off["ana@example.com"] = 2
    send(registered, "ana@example.com")
    run_jobs()

    with later(minutes=10):
        run_jobs()
        (task,) = tasks.list_open(actor("staff"))
    with later(minutes=21):
        run_jobs()

    assert (task.kind, task.details) == ("mail_unavailable", {"reason": "451 4.7.1"})
    assert tasks.list_open(actor("staff")) == ()
    assert len(office.received) == 1


def test_after_a_day_it_is_given_up_and_a_person_told(
    registered: About, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, "smtp://127.0.0.1:1")
    send(registered, "ana@example.com")
    run_jobs()

    with later(days=1):
        run_jobs()

    assert states(registered) == {"a•••@example.com": "refused"}
    (task,) = tasks.list_open(actor("staff"))
    assert (task.kind, task.details["reply"]) == ("mail_refused", "ConnectionRefusedError")


def test_a_line_cut_after_the_message_is_never_sent_again(
    registered: About, office: PostOffice
) -> None:
    office.at = "data"
    send(registered, "ana@example.com")

    run_jobs()
    with later(days=2):
        run_jobs()

    assert len(office.received) == 1
    assert states(registered) == {"a•••@example.com": "unknown"}
    (task,) = tasks.list_open(actor("staff"))
    assert (task.kind, task.details["address"]) == ("mail_unknown", "a•••@example.com")


def test_a_worker_that_died_while_sending_leaves_a_task_and_no_second_mail(
    registered: About, office: PostOffice
) -> None:
    send(registered, "ana@example.com")
    dead = jobs.claim()
    assert dead
    with transaction(write=False) as session:
        recipient = mails.by_recipient(session, dead.company, int(dead.key))
    mail._begin(dead, recipient)

    with later(seconds=LEASE.total_seconds() + 1):
        run_jobs()

    assert office.received == []
    assert states(registered) == {"a•••@example.com": "unknown"}
    assert [task.kind for task in tasks.list_open(actor("staff"))] == ["mail_unknown"]
    with pytest.raises(StaleClaim):
        mail._settle(dead, recipient, RecipientState.SENT)


def test_a_worker_killed_during_the_hand_over_leaves_a_task_and_no_second_mail(
    sqlite_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killer(PostOffice):
        """Takes the message, and its sender with it before he hears so."""

        async def handle_DATA(  # noqa: N802
            self, server: SMTP, session: Session, envelope: Envelope
        ) -> str:
            os.kill(worker.pid, signal.SIGKILL)
            return await super().handle_DATA(server, session, envelope)

    world, served = build(), Killer()
    about = of_document(world.documents["soon"])
    with open_office(served, monkeypatch):
        send(about, "ana@example.com")
        environment = {**os.environ, "PORTAL_DATABASE_URL": sqlite_database}
        worker = subprocess.Popen([sys.executable, "-m", "portal_app", "worker"], env=environment)
        assert worker.wait(60) == -signal.SIGKILL
        with later(seconds=LEASE.total_seconds() + 1):
            run_jobs()

    assert len(served.received) == 1
    assert states(about) == {"a•••@example.com": "unknown"}
    assert "mail_unknown" in [task.kind for task in tasks.list_open(actor("staff"))]


def test_a_worker_that_was_asleep_hands_nothing_over(registered: About, office: PostOffice) -> None:
    send(registered, "ana@example.com")
    asleep = jobs.claim()
    assert asleep
    office.puts_off["ana@example.com"] = 1

    with later(seconds=LEASE.total_seconds() + 1):
        run_jobs()
        with pytest.raises(StaleClaim):
            mail.deliver(asleep)

    assert office.received == []
    assert states(registered) == {"a•••@example.com": "queued"}


def test_a_job_that_is_run_again_after_its_end_sends_nothing(
    registered: About, office: PostOffice
) -> None:
    send(registered, "ana@example.com")
    run_jobs()
    with transaction() as session:
        session.execute(
            update(JobRow).where(col(JobRow.kind) == "mail.send").values(state="queued")
        )

    run_jobs()

    assert len(office.received) == 1
    assert states(registered) == {"a•••@example.com": "sent"}


def test_a_boleto_given_up_meanwhile_is_not_sent(registered: About, office: PostOffice) -> None:
    send(registered, "ana@example.com")
    payments.supersede(actor("ana"), registered.public_id)

    run_jobs()

    assert office.received == []
    assert states(registered) == {"a•••@example.com": "refused"}
    assert tasks.list_open(actor("staff")) == ()


def test_a_company_that_lost_its_address_meanwhile_sends_nothing_and_hears_of_it(
    registered: About,
) -> None:
    send(registered, "ana@example.com")
    with transaction() as session:
        session.execute(update(CompanyRow).values(contact_email=""))

    run_jobs()

    assert states(registered) == {"a•••@example.com": "refused"}
    (task,) = tasks.list_open(actor("staff"))
    assert (task.kind, task.details["reply"]) == ("mail_refused", "MAIL_NOT_CONFIGURED")


def test_a_wrong_field_is_refused_and_nothing_is_kept(registered: About) -> None:
    for typed, field, reason in (
        ([], "recipient_1", "missing"),
        (["ana@example.com", "nonsense"], "recipient_2", "malformed"),
        (["ana@example.com", "ANA@example.com"], "recipient_2", "repeated"),
        (["ana@example.com; bia@example.com"], "recipient_1", "several"),
        ([*THREE, "fourth@example.com"], "recipient_4", "too_many"),
    ):
        with pytest.raises(InvalidRecipient) as refused:
            send(registered, *typed)
        assert refused.value.details == {"field": field, "reason": reason}

    assert kept() == (0,)


@pytest.mark.parametrize("name", ["bia", "rui"])
def test_somebody_else_s_papers_are_not_found(world: World, registered: About, name: str) -> None:
    for about in (
        registered,
        of_document(world.documents["soon"]),
        About(MailKind.BOLETO, "never-was"),
        About(MailKind.DOCUMENT, "never-was"),
    ):
        for ask in (mail.preview, mail.sent_mails, lambda a, b: mail.send(a, b, THREE)):
            with pytest.raises(NotFound):
                ask(actor(name), about)

    assert kept() == (0,)


@pytest.mark.parametrize("feature", [Feature.EMAIL, Feature.PRINT])
def test_without_the_grant_nothing_is_sent(
    world: World, registered: About, feature: Feature
) -> None:
    ana = actor("ana")
    closed = replace(ana, features=ana.features - {feature})

    for about in (registered, of_document(world.documents["soon"])):
        with pytest.raises(NotGranted):
            mail.send(closed, about, THREE)
        with pytest.raises(NotGranted):
            mail.preview(closed, about)
    assert kept() == (0,)


def test_a_link_to_some_documents_does_not_send_them(world: World) -> None:
    link = links.create("norte", "10020030169", ["ND 2026/77"])
    holder = actors.actor_of(links.open_(link.rpartition("/")[2]).token)
    assert holder

    with pytest.raises(NotGranted):
        mail.send(holder, of_document(world.documents["soon"]), ["ana@example.com"])


def test_a_company_without_an_address_sends_nothing(registered: About) -> None:
    with transaction() as session:
        session.execute(update(CompanyRow).values(contact_email=""))

    with pytest.raises(MailNotConfigured):
        send(registered, "ana@example.com")
    assert kept() == (0,)


def test_a_person_writes_to_so_many_addresses_an_hour_and_no_more(registered: About) -> None:
    for _ in range(MOST_AN_HOUR_BY_PERSON // 3):
        send(registered, *THREE)

    with later(minutes=12), pytest.raises(TooManyMails) as refused:
        send(registered, "ana@example.com")
    with later(hours=1):
        send(registered, *THREE)

    assert refused.value.details == {"most": MOST_AN_HOUR_BY_PERSON, "minutes": 48}


def test_a_customer_s_people_together_write_to_so_many_addresses_an_hour(
    registered: About,
) -> None:
    people = [replace(actor("ana"), subject=f"user:{number}") for number in range(100, 103)]
    for person in people[:2]:
        for _ in range(MOST_AN_HOUR_BY_PERSON // 3):
            mail.send(person, registered, THREE)

    with pytest.raises(TooManyMails) as refused:
        mail.send(people[2], registered, ["ana@example.com"])

    assert refused.value.details["most"] == MOST_AN_HOUR_FOR_CUSTOMER


def test_wishes_of_one_moment_do_not_pass_the_limit_together(registered: About) -> None:
    ana = actor("ana")
    for _ in range(MOST_AN_HOUR_BY_PERSON // 3 - 1):
        mail.send(ana, registered, THREE)

    answers = together(4, lambda _: mail.send(ana, registered, THREE))

    assert [a for a in answers if not isinstance(a, PortalError)] == [THREE]
    assert all(isinstance(a, TooManyMails) for a in answers if isinstance(a, PortalError))


def owe(world: World, about: About, name: str = "ana") -> bool:
    with transaction() as session:
        company = companies.by_id(session, world.company)
        customer = customers.by_id(session, company.id, world.customers[name])
        scope = documents.Scope(world.customers["ana"])
        payment = stored_payments.by_public_id(session, company.id, scope, about.public_id)
        return mail.owe(session, company, customer, payment.id, MailKind.BOLETO_REGISTERED)


def test_a_boleto_is_announced_when_its_bank_has_registered_it(world: World) -> None:
    issued = issue(world)
    run_jobs()
    assert kept() == (0,)

    with clock.fixed_at(ANSWERED):
        run_jobs()

        (message,) = outbox()
        assert message["To"] == "ana@example.com"
        assert message["Subject"] == "Norte: seu boleto de R$ 347,64 está pronto"
        assert attachment(message) == papers.boleto_pdf(actor("ana"), issued)


def test_a_boleto_given_up_before_its_bank_answered_is_announced_to_nobody(world: World) -> None:
    issued = issue(world)
    run_jobs()
    payments.supersede(actor("ana"), issued)
    with clock.fixed_at(ANSWERED):
        run_jobs()

    assert kept() == (0,)


def test_a_registered_boleto_is_announced_once_in_its_customer_s_language(
    world: World, registered: About
) -> None:
    with transaction() as session:
        session.execute(update(PortalUserRow).values(locale="en"))

    queued = [owe(world, registered) for _ in range(2)]
    run_jobs()

    assert queued == [True, False]
    (message,) = outbox()
    assert message["To"] == "ana@example.com"
    assert message["Subject"] == "Norte: your boleto of R$347.64 is ready"
    assert attachment(message)[0].startswith("boleto-001-")
    assert states(registered) == {"a•••@example.com": "sent"}


def test_without_a_user_s_language_the_company_s_is_spoken(world: World, registered: About) -> None:
    owe(world, registered)
    run_jobs()

    assert outbox()[0]["Subject"] == "Norte: seu boleto de R$ 347,64 está pronto"


@pytest.mark.parametrize("email", ["", "ana", "ana@example.com; bia@example.com"])
def test_a_customer_without_one_address_is_owed_nothing(
    world: World, registered: About, email: str
) -> None:
    with transaction() as session:
        session.execute(update(CustomerRow).values(email=email))

    assert not owe(world, registered)
    assert kept() == (0,)


def test_what_the_portal_owes_counts_against_nobody(world: World, registered: About) -> None:
    owe(world, registered)

    for _ in range(MOST_AN_HOUR_BY_PERSON // 3):
        send(registered, *THREE)


def test_the_dialog_is_told_what_goes_out_and_from_whom(world: World, registered: About) -> None:
    boleto = mail.preview(actor("ana"), registered)
    paper = mail.preview(actor("ana"), of_document(world.documents["later"]))

    assert (boleto.sender, boleto.address) == ("Norte", "contas@norte.example")
    assert (boleto.bank, boleto.amount.cents, boleto.due) == (
        "Banco do Brasil",
        34764,
        NOW.date() + timedelta(days=3),
    )
    assert (paper.number, paper.bank, paper.file_name) == ("FT 2026/2114", "", "FT-2026-2114.pdf")
