"""Boletos made outside the portal: whose, which, and never with another code."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from sqlalchemy import event, update
from sqlmodel import col

from portal_app.db import engine, grants
from portal_app.db.engine import transaction
from portal_app.db.grants import Owner
from portal_app.db.models import BankAccountRow, CarteiraRow, CompanyRow, DocumentRow
from portal_app.domain.boleto.barcode import parts_of
from portal_app.domain.documents import Block, OpenFilter
from portal_app.domain.errors import NotFound, NotGranted, NotPayable
from portal_app.domain.grants import Feature, Level
from portal_app.domain.money import Money
from portal_app.services import actors, boletos, demo, documents, integration, links, papers
from portal_app.services.actors import Actor
from portal_app.services.documents import OpenRow
from portal_app.services.integration import ImportReport
from portal_app.settings import ROOT
from tests.company import World, actor

EXAMPLE = ROOT / "examples" / "remessa-nordeste.rem"
TITLE = {"bank": "001", "convenio": "2883147", "nosso_numero": "28831470000001001"}


@pytest.fixture
def title(world: World) -> int:
    """A title of Ana's as an import leaves it, at the company's Banco do Brasil."""
    made = world.add("TIT", 711, 13, 12990)
    change(made, registered_elsewhere=True, series="", **TITLE)
    return made


def change(document: int, **values: Any) -> None:
    with transaction() as session:
        session.execute(update(DocumentRow).where(col(DocumentRow.id) == document).values(**values))


def public_id(document: int) -> str:
    with transaction(write=False) as session:
        return session.get_one(DocumentRow, document).public_id


def row_of(who: Actor, document: int) -> OpenRow:
    rows = documents.list_open(who, OpenFilter()).rows
    return next(row for row in rows if row.document.id == document)


def read(paper: bytes) -> tuple[list[str], str]:
    """The barcodes on the paper, and its words."""
    with pypdfium2.PdfDocument(paper) as pdf:
        page = pdf[0]
        image = page.render(scale=3).to_pil()
        words = page.get_textpage().get_text_bounded()
    return [found.text for found in zxingcpp.read_barcodes(image)], words


@contextmanager
def counted_queries() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(engine.engine(), "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine.engine(), "before_cursor_execute", note)


def test_an_imported_title_is_printed_with_the_code_it_has(title: int) -> None:
    name, paper = papers.title_pdf(actor("ana"), public_id(title))

    (barcode,), words = read(paper)
    assert name == "boleto-001-28831470000001001.pdf"
    assert barcode[19:] == "0000002883147000000100117"
    assert parts_of(barcode).cents == 12990
    assert parts_of(barcode).fator == 1000 + (date(2026, 12, 5) - date(2025, 2, 22)).days
    assert "28831470000001001" in words
    assert "05/12/2026" in words
    assert "Segunda via de boleto já registrado" in words


def test_it_can_be_printed_and_not_ticked(title: int) -> None:
    row = row_of(actor("ana"), title)

    assert row.printable
    assert row.block is Block.REGISTERED_ELSEWHERE
    assert title not in documents.payable_ids(actor("ana"), OpenFilter(), None)


def test_other_rows_are_not_said_to_be_printable(world: World, title: int) -> None:
    rows = documents.list_open(actor("ana"), OpenFilter()).rows

    assert {row.document.id for row in rows if row.printable} == {title}


def test_fifty_titles_cost_as_many_queries_as_one(world: World, title: int) -> None:
    ana = actor("ana")
    with counted_queries() as one:
        documents.list_open(ana, OpenFilter())
    for number in range(44):
        made = world.add("TIT", 800 + number, 20, 1000)
        change(made, registered_elsewhere=True, **TITLE | {"nosso_numero": f"2883147{number:010}"})

    with counted_queries() as many:
        page = documents.list_open(ana, OpenFilter())

    assert sum(row.printable for row in page.rows) == 45
    assert len(many) == len(one)


@pytest.mark.parametrize("name", ["bia", "rui"])
def test_somebody_else_s_title_is_not_found(title: int, name: str) -> None:
    with pytest.raises(NotFound):
        papers.title_pdf(actor(name), public_id(title))


def test_a_link_prints_the_titles_of_its_scope_only(world: World, title: int) -> None:
    def holder(*numbers: str) -> Actor:
        address = links.create("norte", "10020030169", numbers)
        found = actors.actor_of(links.open_(address.rpartition("/l/")[2]).token)
        assert found is not None
        return found

    name, _ = papers.title_pdf(holder("TIT 711"), public_id(title))
    assert name == "boleto-001-28831470000001001.pdf"
    with pytest.raises(NotFound):
        papers.title_pdf(holder("FT 2026/1841"), public_id(title))


def test_who_may_not_print_gets_no_copy(world: World, title: int) -> None:
    with transaction() as session:
        grants.put(
            session,
            world.company,
            Owner(Level.CUSTOMER, world.customers["ana"]),
            Feature.PRINT,
            allowed=False,
        )
    ana = actor("ana")

    assert not row_of(ana, title).printable
    with pytest.raises(NotGranted):
        papers.title_pdf(ana, public_id(title))


@pytest.mark.parametrize(
    ("values", "reason"),
    [({"balance_cents": 0}, "paid"), ({"cancelled": True}, "cancelled")],
)
def test_a_paid_or_cancelled_title_is_refused(
    title: int, values: dict[str, Any], reason: str
) -> None:
    change(title, **values)

    with pytest.raises(NotPayable) as refused:
        papers.title_pdf(actor("ana"), public_id(title))

    assert refused.value.details["reason"] == reason


@pytest.mark.parametrize(
    "values",
    [
        {"registered_elsewhere": False},
        {"balance_cents": 5000},
        {"due_date": None},
        {"convenio": "9999999"},
        {"bank": "237"},
        {"nosso_numero": ""},
        {"nosso_numero": "28831470000001001X"},
    ],
)
def test_what_is_not_certain_is_not_printed(title: int, values: dict[str, Any]) -> None:
    change(title, **values)
    ana = actor("ana")

    assert not row_of(ana, title).printable
    with pytest.raises(NotFound):
        papers.title_pdf(ana, public_id(title))


def test_a_document_of_the_portal_has_no_second_copy(world: World) -> None:
    with pytest.raises(NotFound):
        papers.title_pdf(actor("ana"), public_id(world.documents["soon"]))


def test_a_carteira_no_longer_in_use_prints_nothing(world: World, title: int) -> None:
    with transaction() as session:
        session.execute(
            update(CarteiraRow)
            .where(col(CarteiraRow.id) == world.banks["001"])
            .values(active=False)
        )

    assert not row_of(actor("ana"), title).printable


def test_another_company_s_account_prints_nothing(world: World, title: int) -> None:
    with transaction() as session:
        session.execute(
            update(BankAccountRow)
            .where(col(BankAccountRow.bank) == "001")
            .values(company_id=world.other_company)
        )
        session.execute(
            update(CarteiraRow)
            .where(col(CarteiraRow.id) == world.banks["001"])
            .values(company_id=world.other_company)
        )

    assert not row_of(actor("ana"), title).printable


def test_a_payee_without_address_prints_nothing(world: World, title: int) -> None:
    with transaction() as session:
        session.execute(
            update(CompanyRow).where(col(CompanyRow.id) == world.company).values(address="")
        )

    assert not row_of(actor("ana"), title).printable


def test_the_example_file_brings_titles_the_demo_s_customers_can_print(database: str) -> None:
    demo.load_if_empty()
    report = integration.import_file("nordeste", Path(EXAMPLE))
    assert isinstance(report, ImportReport)
    address = links.create("nordeste", "41820573923")
    marina = actors.actor_of(links.open_(address.rpartition("/l/")[2]).token)
    assert marina is not None

    rows = documents.list_open(marina, OpenFilter()).rows
    drawn = [papers.title_pdf(marina, row.document.public_id) for row in rows]

    assert (report.created_documents, report.refused, report.warnings) == (8, (), ())
    assert [row.printable for row in rows] == [True, True]
    assert {row.block for row in rows} == {Block.REGISTERED_ELSEWHERE}
    for row, (name, paper) in zip(rows, drawn, strict=True):
        (barcode,), words = read(paper)
        assert parts_of(barcode).cents == row.document.total.cents
        assert barcode[25:42] in name
        assert "MARINA ALVES DE MOURA" in words


def test_a_number_the_bank_has_from_another_program_is_not_given_again(
    world: World, title: int
) -> None:
    change(title, nosso_numero="28831470000000001")
    bill = world.add("FT", 712, 13, 12990)

    payment = boletos.issue(actor("ana"), [bill], world.banks["001"], Money(12990, "BRL"))

    assert boletos.view(actor("ana"), payment).nosso_numero == "28831470000000002"
