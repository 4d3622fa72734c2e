"""The seeded company: whole, right and the same every time."""

from pathlib import Path

from sqlalchemy import text

from portal_app.db import engine, migrate
from portal_app.domain.analysis import month_of
from portal_app.domain.documents import OpenFilter, Period
from portal_app.gateways import clock
from portal_app.services import access, actors, analysis, documents, history, ledger, seed
from portal_app.services.access import From
from portal_app.services.actors import Actor
from tests.company import NOW, build

CUSTOMERS, DOCUMENTS = 60, 5_000


def signed_in(kind: str) -> Actor:
    actor = actors.actor_of(
        access.sign_in(seed.login(kind), seed.PASSWORD, From("192.0.2.1")).token
    )
    assert actor is not None
    return actor


def rows(table: str) -> list[tuple[object, ...]]:
    with engine.engine().connect() as connection:
        return [tuple(row) for row in connection.execute(text(f"SELECT * FROM {table} ORDER BY 1"))]


def test_a_seeded_company_has_right_books_its_indexes_and_its_size(database: str) -> None:
    with clock.fixed_at(NOW):
        report = seed.load(CUSTOMERS, DOCUMENTS, 1)

    assert (report.created, report.documents, report.customers) == (True, DOCUMENTS, CUSTOMERS)
    assert len(rows("document")) == DOCUMENTS
    assert len(rows("customer")) == CUSTOMERS
    assert ledger.verify().ok
    assert report.payments == len(rows("payment")) > DOCUMENTS // 3
    migrate.check(database)


def test_people_of_a_seeded_company_sign_in_and_see_their_documents(database: str) -> None:
    with clock.fixed_at(NOW):
        seed.load(CUSTOMERS, DOCUMENTS, 1)
        usual, plain = signed_in(seed.USUAL), signed_in("open-500")

        page = documents.list_open(usual, OpenFilter())
        assert 2 <= page.counts.all <= 12
        assert 0 < page.counts.overdue < page.counts.all
        assert history.list_payments(usual, Period(), 0).matching > 10
        (panel,) = analysis.panels(usual, month_of(usual.today))
        assert panel.last is not None
        assert documents.list_open(plain, OpenFilter()).counts.all == 500
        assert len(documents.payable_ids(plain, OpenFilter(), None)) == 500


def test_the_same_seed_makes_the_same_rows(sqlite_database: str, tmp_path: Path) -> None:
    made: list[list[list[tuple[object, ...]]]] = []
    for url in (sqlite_database, f"sqlite:///{tmp_path / 'second.db'}"):
        engine.configure(url)
        migrate.upgrade(url)
        with clock.fixed_at(NOW):
            seed.load(20, 400, 5)
        made.append([rows(table) for table in ("customer", "document", "payment", "journal_line")])

    assert made[0] == made[1]


def test_seeding_again_changes_nothing(database: str) -> None:
    seed.load(5, 100, 3)

    again = seed.load(5, 100, 3)

    assert not again.created
    assert len(rows("document")) == 100


def test_a_company_is_seeded_beside_others_and_leaves_them_alone(database: str) -> None:
    with clock.fixed_at(NOW):
        build()
    before = rows("document")

    seed.load(5, 100, 1)
    seed.load(5, 100, 2)

    assert rows("document")[: len(before)] == before
    assert len(rows("document")) == len(before) + 200
    assert ledger.verify().ok
    assert seed.login(seed.USUAL, 2) != seed.login(seed.USUAL)


def test_one_customer_is_enough(database: str) -> None:
    report = seed.load(1, 3, 1)

    assert (report.logins, len(rows("document"))) == ((seed.login(seed.USUAL),), 3)
