"""A database of the step before keeps its rows on the way up, and on the way back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError

from portal_app.db import engine, migrate
from portal_app.domain.boleto.bank import Title
from portal_app.domain.boleto.banks import BANKS
from tests.postgres import Cluster

_ROWS = (
    """INSERT INTO company (id, slug, name, tax_id, country, currency, zone, locale, address,
    contact_name, contact_email, contact_phone, link_days, accent, fine_bp, interest_bp)
    VALUES (1, 'norte', 'Norte', '1', 'BR', 'BRL', 'UTC', 'pt_BR', '', '', '', '', 30, '', 200, 100)""",
    """INSERT INTO bank_account (id, company_id, bank, agencia, agencia_dv, conta, conta_dv,
    convenio, next_sequence) VALUES (1, 1, '001', '3128', '', '28114', '', '2883147', 8)""",
    """INSERT INTO carteira (id, company_id, name, kind, bank_account_id, code, modalidade,
    confirms, wait_minutes, days_to_pay, active)
    VALUES (1, 1, 'BB', 'bank', 1, '17', '', true, 30, 3, true)""",
    """INSERT INTO customer (id, company_id, code, name, tax_id, tax_id_valid, email, phone, street,
    district, city, state, postcode, locale)
    VALUES (1, 1, '1', 'Ana', '1', true, '', '', '', '', '', '', '', '')""",
    """INSERT INTO document (id, company_id, public_id, customer_id, type, series, number,
    sort_number, description, issue_date, currency, total_cents, balance_cents, cancelled,
    fine_paid, registered_elsewhere, bank, convenio, nosso_numero)
    VALUES (1, 1, 'd', 1, 'FT', '2026', '1', 'x', '', '2026-11-01', 'BRL', 1000, 1000, false,
    false, false, '', '', '')""",
    """INSERT INTO payment (id, company_id, public_id, customer_id, subject, method, state,
    state_rank, currency, amount_cents, created_at, failure)
    VALUES (5, 1, 'p', 1, '', 'boleto', 'pending', 1, 'BRL', 1000, '2026-11-22 15:00:00', '')""",
    """INSERT INTO payment_item (id, company_id, payment_id, document_id, principal_cents,
    fine_cents, interest_cents, live) VALUES (1, 1, 5, 1, 1000, 0, 0, true)""",
    """INSERT INTO boleto (id, company_id, payment_id, customer_id, carteira_id, bank_account_id,
    bank, sequence, nosso_numero, barcode, linha_digitavel, currency, amount_cents, due_date,
    state, state_rank, confirms, requested_at, available_at, reject_reason, sheet)
    VALUES (1, 1, 5, 1, 1, 1, '001', 7, '28831470000000007', '0', '0', 'BRL', 1000, '2026-11-25',
    'registered', 4, true, '2026-11-22 15:00:00', '2026-11-22 15:30:00', '', '{"due": "x"}')""",
    """INSERT INTO allocation (id, company_id, payment_id, document_id, currency, principal_cents,
    fine_cents, interest_cents) VALUES (1, 1, 5, 1, 'BRL', 400, 0, 0)""",
)
_PEOPLE = (
    """INSERT INTO portal_user (id, company_id, login, name, password_hash, role, active, locale,
    customer_id) VALUES (3, 1, 'ana@norte.example', 'Ana', 'x', 'customer', true, '', 1)""",
    """INSERT INTO portal_user (id, company_id, login, name, password_hash, role, active, locale,
    customer_id) VALUES (4, 1, 'staff@norte.example', 'Sofia', 'x', 'staff', true, '', NULL)""",
    """INSERT INTO session (id, company_id, id_hash, user_id, created_at, seen_at, expires_at)
    VALUES (1, 1, 'h', 3, '2026-11-22 15:00:00', '2026-11-22 15:00:00', '2026-11-22 16:00:00')""",
    """INSERT INTO feature_grant (id, company_id, customer_id, feature, allowed)
    VALUES (1, 1, NULL, 'analysis.see', false), (2, 1, 1, 'account.password', false)""",
)
_COPIED = (
    """INSERT INTO payment (id, company_id, public_id, customer_id, subject, method, state,
    state_rank, currency, amount_cents, created_at, failure)
    SELECT id + :more, company_id, :bank, customer_id, subject, method, state, state_rank, currency,
    amount_cents, created_at, failure FROM payment WHERE id = 5""",
    """INSERT INTO boleto (id, company_id, payment_id, customer_id, carteira_id, bank_account_id,
    bank, sequence, nosso_numero, barcode, linha_digitavel, currency, amount_cents, due_date,
    state, state_rank, confirms, requested_at, available_at, reject_reason, sheet)
    SELECT id + :more, company_id, payment_id + :more, customer_id, carteira_id, bank_account_id,
    :bank, :sequence, :printed, barcode, linha_digitavel, currency, amount_cents, due_date, state,
    state_rank, confirms, requested_at, available_at, reject_reason, sheet
    FROM boleto WHERE id = 1""",
)
_TITLES = {
    "001": Title(sequence=21, convenio="2883147"),
    "033": Title(sequence=22),
    "077": Title(sequence=23, agencia="0001", agencia_dv="9", carteira="110"),
    "104": Title(sequence=24, carteira="RG"),
    "237": Title(sequence=25, carteira="09"),
    "341": Title(sequence=26, agencia="0915", conta="41208", carteira="109"),
    "748": Title(sequence=26200027, agencia="0710", posto="65", convenio="00129"),
    "756": Title(sequence=28, agencia="4277", convenio="172278"),
}
_KEPT = "SELECT id, payment_id, sequence, nosso_numero, amount_cents, state FROM boleto"


@pytest.fixture
def sqlite_before(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'before.db'}"


@pytest.fixture
def postgres_before(postgres: Cluster) -> Iterator[str]:
    yield postgres.create("before")
    postgres.drop("before")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def before(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A database at the first step's tables, with a boleto under way."""
    url = request.getfixturevalue(f"{request.param}_before")
    migrate.upgrade(url, "0001")
    made = engine.make_engine(url)
    with made.begin() as connection:
        for row in (*_ROWS, *_PEOPLE):
            connection.execute(text(row.replace(":", r"\:")))
    yield made
    made.dispose()


def kept(database: Engine) -> list[tuple[object, ...]]:
    with database.connect() as connection:
        return [tuple(row) for row in connection.execute(text(_KEPT))]


def url_of(database: Engine) -> str:
    database.dispose()
    return database.url.render_as_string(hide_password=False)


def test_rows_of_the_step_before_keep_their_meaning(before: Engine) -> None:
    boletos = kept(before)

    migrate.upgrade(url_of(before))

    with before.connect() as connection:
        row = connection.execute(text("SELECT seu_numero, bank_ref, pix FROM boleto")).one()
        terms = connection.execute(
            text("SELECT overdue, homologation, discount_bp, write_off_days FROM carteira")
        ).one()
        channel = connection.execute(text("SELECT channel, next_file FROM bank_account")).one()
        share = connection.execute(
            text("SELECT principal_cents, discount_cents FROM allocation")
        ).one()
    assert kept(before) == boletos
    assert tuple(row) == ("5", "", "")
    assert tuple(terms) == ("same", "none", 0, 60)
    assert tuple(channel) == ("demo", 1)
    assert tuple(share) == (400, 0)


def test_boletos_keep_their_number_as_their_bank_states_it(before: Engine) -> None:
    with before.begin() as connection:
        for more, (bank, title) in enumerate(_TITLES.items(), start=1):
            printed = BANKS[bank].nosso_numero(title)
            facts = {"more": more, "bank": bank, "printed": printed, "sequence": title.sequence}
            for copied in _COPIED:
                connection.execute(text(copied), facts)

    migrate.upgrade(url_of(before))

    with before.connect() as connection:
        found = connection.execute(text("SELECT bank, stated_number FROM boleto WHERE id > 1"))
        stated = {row.bank: row.stated_number for row in found}
    assert stated == {bank: BANKS[bank].stated_number(title) for bank, title in _TITLES.items()}


def test_there_is_a_way_back(before: Engine) -> None:
    boletos = kept(before)
    migrate.upgrade(url_of(before))
    with before.begin() as connection:
        connection.execute(text("UPDATE boleto SET sequence = NULL, nosso_numero = ''"))

    migrate.downgrade(url_of(before), "0001")

    (found,) = kept(before)
    assert found[2] == -1
    assert [found[0], found[1], *found[4:]] == [boletos[0][0], boletos[0][1], *boletos[0][4:]]
    migrate.downgrade(url_of(before))


def test_whoever_signed_in_for_a_customer_is_its_owner(before: Engine) -> None:
    migrate.upgrade(url_of(before))

    with before.connect() as connection:
        members = connection.execute(
            text("SELECT user_id, customer_id, kind, ends_on FROM membership")
        ).all()
        chosen = connection.execute(text("SELECT customer_id, stage FROM session")).one()
        grants = connection.execute(text("SELECT id, feature FROM feature_grant")).all()
        (public_id,) = connection.execute(text("SELECT public_id FROM customer")).scalars()
    assert [tuple(row) for row in members] == [(3, 1, "owner", None)]
    assert tuple(chosen) == (1, "open")
    assert len(public_id) == 32
    assert [tuple(row) for row in grants] == [(1, "analysis.see")]

    migrate.downgrade(url_of(before), "0004")

    with before.connect() as connection:
        users = connection.execute(text("SELECT id, customer_id FROM portal_user ORDER BY id"))
        assert [tuple(row) for row in users] == [(3, 1), (4, None)]


def test_an_audit_entry_can_neither_be_changed_nor_deleted(before: Engine) -> None:
    migrate.upgrade(url_of(before))
    with before.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO audit_entry (company_id, number, at, subject, action, about, facts,"
                " before, hash) VALUES (1, 1, '2026-11-22 15:00:00', 's', 'a', '', '{}', '', 'h')"
            )
        )

    for attack in ("UPDATE audit_entry SET subject = 'x'", "DELETE FROM audit_entry"):
        with pytest.raises(DatabaseError, match="never changed"), before.begin() as connection:
            connection.execute(text(attack))
