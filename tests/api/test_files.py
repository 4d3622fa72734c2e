"""PDFs over HTTP: to their owner, uncached; to anybody else there is nothing."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from sqlalchemy import update
from sqlmodel import col

from portal_app.api.app import build
from portal_app.db import grants
from portal_app.db.engine import transaction
from portal_app.db.grants import Owner
from portal_app.db.models import DocumentRow
from portal_app.domain.grants import Feature, Level
from portal_app.domain.money import Money
from portal_app.domain.payments import PaymentMethod
from portal_app.services import access, links, payments
from tests.company import World, actor, run_jobs, sign_in
from tests.company import world as world
from tests.services.test_receipts import of_payment, pay


@pytest.fixture
def title(world: World) -> str:
    """Address of a title of Ana's that was registered outside the portal."""
    made = world.add("TIT", 711, 13, 12990)
    with transaction() as session:
        session.execute(
            update(DocumentRow)
            .where(col(DocumentRow.id) == made)
            .values(
                registered_elsewhere=True,
                bank="001",
                convenio="2883147",
                nosso_numero="28831470000001001",
            )
        )
        return f"/files/titles/{session.get_one(DocumentRow, made).public_id}.pdf"


@pytest.fixture
def invoice(world: World) -> str:
    """Address of the paper of one of Ana's invoices."""
    with transaction() as session:
        row = session.get_one(DocumentRow, world.documents["overdue_43"])
        return f"/files/documents/{row.public_id}.pdf"


@pytest.fixture
def receipt(world: World) -> str:
    """Address of the receipt of a payment of Ana's."""
    payment = pay(world, 8000, {"soon": (8000, 0, 0)})
    run_jobs()
    return f"/files/receipts/{of_payment(world, payment)[0].public_id}.pdf"


@pytest.fixture
def pix(world: World) -> str:
    """Public id of a Pix of Ana's that waits for its money."""
    total = Money(34738, "BRL")
    return payments.start(actor("ana"), world.three, PaymentMethod.PIX, total).payment


def get(path: str, token: str = "", **headers: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(build())
        cookies = {access.session_cookie(): token} if token else {}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://portal", cookies=cookies
        ) as http:
            return await http.get(path, headers=headers)

    return asyncio.run(ask())


def test_the_owner_gets_the_paper_and_nothing_keeps_it(title: str) -> None:
    answer = get(title, sign_in("ana"))

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "private, no-store"
    assert "boleto-001-28831470000001001.pdf" in answer.headers["content-disposition"]
    assert answer.content.startswith(b"%PDF")


def test_the_owner_gets_the_paper_of_a_document_too(invoice: str) -> None:
    answer = get(invoice, sign_in("ana"))

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, no-store"
    assert 'inline; filename="FT-2026-1841.pdf"' in answer.headers["content-disposition"]
    assert answer.content.startswith(b"%PDF")


def test_the_owner_gets_a_receipt(receipt: str) -> None:
    answer = get(receipt, sign_in("ana"))

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert 'inline; filename="REC-2026-1.pdf"' in answer.headers["content-disposition"]
    assert answer.content.startswith(b"%PDF")


def test_a_link_to_other_documents_opens_no_receipt(receipt: str) -> None:
    def through(*documents: str) -> int:
        link = links.create("norte", "10020030169", documents).rpartition("/")[2]
        return get(receipt, links.open_(link).token).status_code

    assert [through("ND 2026/77"), through("FT 2026/1841"), through()] == [200, 404, 200]


@pytest.mark.parametrize("name", ["bia", "rui", "staff"])
def test_anybody_else_finds_nothing(title: str, invoice: str, receipt: str, name: str) -> None:
    token = sign_in(name)
    strangers = (f"/files/{kind}/nothing.pdf" for kind in ("titles", "documents", "receipts"))

    for path in (title, invoice, receipt, *strangers):
        answer = get(path, token)
        assert (answer.status_code, answer.json()) == (404, {"code": "NOT_FOUND"})


def test_without_a_session_there_is_no_paper(title: str, invoice: str, receipt: str) -> None:
    assert [get(path).status_code for path in (title, invoice, receipt)] == [401] * 3


def test_whoever_may_not_print_finds_no_paper(world: World, invoice: str, receipt: str) -> None:
    with transaction() as session:
        grants.put(session, world.company, Owner(Level.COMPANY), Feature.PRINT, allowed=False)

    token = sign_in("ana")
    assert [get(path, token).status_code for path in (invoice, receipt)] == [404, 404]


def test_the_code_of_a_pix_is_a_picture_for_its_payer_while_it_can_be_paid(pix: str) -> None:
    path, ana = f"/files/payments/{pix}/pix.svg", sign_in("ana")

    answer = get(path, ana)

    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.content.startswith(b"<svg")
    assert get(path).status_code == 401
    assert get(path, sign_in("bia")).status_code == 404
    assert get("/files/payments/nothing/pix.svg", ana).status_code == 404
    payments.supersede(actor("ana"), pix)
    assert get(path, ana).status_code == 404


def test_whoever_opens_an_address_reads_a_sentence(world: World) -> None:
    """Both languages: nobody knows whose they are. A program reads the code."""
    token = sign_in("ana")
    first = get("/files/my-data.zip", token)
    too_soon = get("/files/my-data.zip", token, **{"sec-fetch-mode": "navigate"})
    foreign = get("/files/receipts/none.pdf", token, **{"sec-fetch-mode": "navigate"})

    assert first.status_code == 200
    assert too_soon.status_code == 429
    assert "Tente de novo em" in too_soon.text
    assert "Try again in" in too_soon.text
    assert too_soon.headers["cache-control"] == "no-store"
    assert foreign.status_code == 404
    assert "Não encontramos isso" in foreign.text
    assert get("/files/my-data.zip", token).json() == {"code": "TOO_SOON"}
