"""A receipt goes out by itself, once, and again to whom its owner sends it."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from sqlalchemy import func, select, update

from portal_app.db.engine import transaction
from portal_app.db.models import CustomerRow, JobRow, MailRow, PortalUserRow
from portal_app.domain.emails import About, MailKind
from portal_app.domain.errors import NotFound
from portal_app.services import mail, receipts
from portal_app.settings import settings
from tests.company import World, actor, run_jobs
from tests.post_office import attachment, plain_text, read
from tests.services.test_receipts import CHARGED, go_back, of_payment, pay, public_id


def outbox() -> list[EmailMessage]:
    folder = settings().data_dir / "outbox"
    return [read(file.read_bytes()) for file in sorted(folder.glob("*"))]


def kept() -> int:
    with transaction(write=False) as session:
        return session.scalar(select(func.count()).select_from(MailRow)) or 0


def test_a_receipt_goes_to_the_customer_with_its_paper(world: World) -> None:
    payment = pay(world, 21936, CHARGED)

    run_jobs()

    (message,) = outbox()
    assert message["To"].addresses[0].addr_spec == "ana@example.com"
    assert message["Subject"] == "Norte: recibo de R$ 219,36 (REC 2026/1)"
    paper = receipts.pdf(actor("ana"), of_payment(world, payment)[0].public_id)
    assert attachment(message) == paper
    text = plain_text(message)
    for fact in (
        "Recebemos o pagamento de R$ 219,36 de Ana. O recibo REC 2026/1 segue em anexo.",
        "Valor: R$ 219,36",
        "Pago em: 22/11/2026",
        "Forma de pagamento: Pix",
        "Ainda em aberto: R$ 0,00",
        "Crédito a seu favor: R$ 5,00",
        "Documentos: FT 2026/1841, ND 2026/77",
        f"http://localhost:8000/pay/{public_id(payment)}",
        "Mensagem automática",
    ):
        assert fact in text, fact
    assert "Vencimento" not in text


def test_what_went_back_is_told_in_the_reader_s_language(world: World) -> None:
    payment = pay(world, 8000, {"soon": (8000, 0, 0)})
    run_jobs()
    with transaction() as session:
        session.execute(update(PortalUserRow).values(locale="en"))

    go_back(world, payment, 3000)
    run_jobs()

    message = outbox()[-1]
    assert message["Subject"] == "Norte: refund of R$30.00 (REC 2026/2)"
    assert attachment(message)[0] == "REC-2026-2.pdf"
    text = plain_text(message)
    for fact in ("Returned on: 22 Nov 2026", "Owed now: R$30.00", "Documents: ND 2026/77"):
        assert fact in text, fact


def test_money_that_fitted_nowhere_is_told_without_documents(world: World) -> None:
    pay(world, 500)

    run_jobs()

    text = plain_text(outbox()[0])
    assert "Crédito a seu favor: R$ 5,00" in text
    assert "Documentos" not in text
    assert "em aberto" not in text


@pytest.mark.parametrize("address", ["", "ana, rui"])
def test_without_an_address_the_receipt_is_issued_and_nothing_is_sent(
    world: World, address: str
) -> None:
    with transaction() as session:
        session.execute(update(CustomerRow).values(email=address))
    payment = pay(world, 8000, {"soon": (8000, 0, 0)})

    assert run_jobs() == 1

    assert (len(of_payment(world, payment)), kept()) == (1, 0)


def test_a_job_that_runs_twice_writes_one_mail(world: World) -> None:
    pay(world, 8000, {"soon": (8000, 0, 0)})
    run_jobs()
    with transaction() as session:
        session.execute(update(JobRow).values(state="queued"))

    run_jobs()

    assert (len(outbox()), kept()) == (1, 1)


def test_its_owner_sends_it_to_whom_he_likes(world: World) -> None:
    payment = pay(world, 8000, {"soon": (8000, 0, 0)})
    run_jobs()
    about = About(MailKind.RECEIPT, of_payment(world, payment)[0].public_id)

    preview = mail.preview(actor("ana"), about)
    mail.send(actor("ana"), about, ["contador@example.net", "socia@example.org"])
    run_jobs()

    assert (preview.number, preview.file_name, preview.due) == (
        "REC 2026/1",
        "REC-2026-1.pdf",
        None,
    )
    assert {message["To"].addresses[0].addr_spec for message in outbox()} == {
        "ana@example.com",
        "contador@example.net",
        "socia@example.org",
    }
    states = {each.address: each.state.value for each in mail.sent_mails(actor("ana"), about)}
    assert states == dict.fromkeys(
        ("a•••@example.com", "c•••@example.net", "s•••@example.org"), "sent"
    )


def test_a_refund_that_is_sent_says_that_it_is_one(world: World) -> None:
    payment = pay(world, 8000, {"soon": (8000, 0, 0)})
    run_jobs()
    go_back(world, payment, 8000)
    run_jobs()
    refund = of_payment(world, payment)[1]

    mail.send(actor("ana"), About(MailKind.RECEIPT, refund.public_id), ["contador@example.net"])
    run_jobs()

    subjects = [message["Subject"] for message in outbox()]
    assert sum("estorno de R$ 80,00 (REC 2026/2)" in subject for subject in subjects) == 2


@pytest.mark.parametrize("name", ["bia", "rui"])
def test_nobody_sends_somebody_else_s_receipt(world: World, name: str) -> None:
    payment = pay(world, 8000, {"soon": (8000, 0, 0)})
    run_jobs()
    about = About(MailKind.RECEIPT, of_payment(world, payment)[0].public_id)

    for ask in (mail.preview, mail.sent_mails):
        with pytest.raises(NotFound):
            ask(actor(name), about)
    with pytest.raises(NotFound):
        mail.send(actor(name), about, ["x@example.net"])
    assert kept() == 1
