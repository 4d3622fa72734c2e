"""The proof of the books finds what is wrong with them."""

from sqlalchemy import insert, update
from sqlmodel import col

from portal_app.db.engine import transaction
from portal_app.db.models import DocumentRow, JournalLineRow
from portal_app.services import ledger
from tests.company import TODAY, World


def test_books_kept_by_the_portal_are_right(world: World) -> None:
    report = ledger.verify()

    assert report.ok
    assert (report.documents, report.entries) == (7, 7)


def test_an_empty_installation_is_right(database: str) -> None:
    assert ledger.verify().ok


def test_a_planted_balance_is_found(world: World) -> None:
    document = world.documents["of_rui"]
    with transaction() as session:
        session.execute(
            update(DocumentRow).where(col(DocumentRow.id) == document).values(balance_cents=6429)
        )

    wrong = ledger.verify().first_wrong

    assert wrong is not None
    assert (wrong.kind, wrong.id, wrong.found, wrong.expected) == ("document", document, 6429, 6430)


def test_a_planted_line_is_found_as_an_unbalanced_entry(world: World) -> None:
    with transaction() as session:
        session.execute(
            insert(JournalLineRow).values(
                company_id=world.company,
                entry_id=3,
                customer_id=world.customers["ana"],
                value_date=TODAY,
                account="clearing",
                currency="BRL",
                amount_cents=5,
            )
        )

    wrong = ledger.verify().first_wrong

    assert wrong is not None
    assert (wrong.kind, wrong.id, wrong.found, wrong.expected) == ("journal_entry", 3, 5, 0)
