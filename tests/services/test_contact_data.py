"""A customer's people keep his contact data right; a file does not undo it, and nobody unseen."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from portal_app import locales
from portal_app.db import customers, privacy
from portal_app.db.audit import Wanted
from portal_app.db.engine import transaction
from portal_app.db.models import CustomerRow, MailRecipientRow, MailRow, MembershipRow
from portal_app.domain.audit import Action
from portal_app.domain.contact_data import ContactData
from portal_app.domain.emails import MailKind
from portal_app.domain.errors import (
    AssuranceTooLow,
    ContactChangedMeanwhile,
    FieldsInvalid,
    NotGranted,
    TooManyMails,
)
from portal_app.domain.grants import Feature, MemberKind
from portal_app.services import (
    account,
    audit_words,
    contact_data,
    integration,
    links,
    own_data,
)
from portal_app.services.actors import Actor, actor_of
from portal_app.services.integration import ImportReport
from tests.company import NOW, World, actor, entered, run_jobs, together
from tests.post_office import PostOffice, open_office, plain_text
from tests.services.test_own_data import unpacked

HEADER = "customer_code;customer_name;tax_id;email;street;district;city;state;postcode;type;series;number;issue_date;due_date;amount"
MOVED = {"street": "Rua da Aurora, 10", "postcode": "50040-090"}


def seen() -> ContactData:
    return contact_data.show(actor("ana"))


def change(**wanted: str) -> ContactData:
    before = seen()
    return contact_data.change(actor("ana"), replace(before, **wanted), before)


def ana_row(world: World) -> CustomerRow:
    with transaction(write=False) as session:
        return session.get_one(CustomerRow, world.customers["ana"])


def mails(world: World) -> list[tuple[MailRow, str]]:
    query = (
        select(MailRow, col(MailRecipientRow.address))
        .join(MailRecipientRow, col(MailRecipientRow.mail_id) == col(MailRow.id))
        .where(col(MailRow.kind) == MailKind.CONTACT_CHANGED.value)
        .order_by(col(MailRecipientRow.id))
    )
    with transaction(write=False) as session:
        return [(mail, address) for mail, address in session.execute(query)]


def test_only_what_differs_is_written(world: World) -> None:
    before = ana_row(world)

    kept = change(phone=" 81 3030-1200 ", postcode="50040090")

    row = ana_row(world)
    assert (kept.phone, kept.postcode) == ("81 3030-1200", "50040-090")
    assert seen() == kept
    assert row.own_fields == ["phone", "postcode"]
    assert (row.email, row.street, row.name) == (before.email, before.street, before.name)


def test_the_audit_names_the_fields_and_no_value(world: World) -> None:
    change(**MOVED)

    (entry,) = entered(world.company, Wanted(action=Action.DATA_EDITED.value))
    assert (entry.about, entry.customer) == (
        f"customer:{world.customers['ana']}",
        world.customers["ana"],
    )
    assert dict(entry.facts) == {"fields": ["street", "postcode"]}


def test_nothing_changed_is_nothing_done(world: World) -> None:
    change()
    change(state="pe", street="  Rua das Ninfas,  84")

    assert entered(world.company, Wanted(action=Action.DATA_EDITED.value)) == []
    assert ana_row(world).own_fields == []


def test_what_is_wrong_changes_nothing(world: World) -> None:
    before = seen()

    with pytest.raises(FieldsInvalid):
        change(phone="(81) 3030-1200", state="XX")

    assert seen() == before


def test_a_boletos_address_may_be_corrected_and_not_emptied(world: World) -> None:
    with pytest.raises(FieldsInvalid):
        change(street="")

    assert change(street="Rua Nova, 1", district="").district == ""


def test_what_changed_meanwhile_is_said_and_stays(world: World) -> None:
    shown = seen()
    contact_data.change(actor("ana"), replace(shown, phone="81 3030-1200"), shown)

    with pytest.raises(ContactChangedMeanwhile) as told:
        contact_data.change(actor("ana"), replace(shown, phone="81 4040-1200"), shown)

    assert told.value.details == {"fields": ("phone",)}
    assert seen().phone == "81 3030-1200"


def test_of_two_at_the_same_moment_one_is_told(world: World) -> None:
    ana, shown = actor("ana"), seen()
    wanted = [replace(shown, phone=f"81 3030-000{number}") for number in range(2)]

    answers = together(2, lambda number: contact_data.change(ana, wanted[number], shown))

    done = [each for each in answers if isinstance(each, ContactData)]
    assert len(done) == 1
    assert sum(isinstance(each, ContactChangedMeanwhile) for each in answers) == 1
    assert seen() == done[0]


def test_a_double_click_is_done_once(world: World) -> None:
    ana, shown = actor("ana"), seen()
    wanted = replace(shown, email="ana.lima@example.com")

    answers = together(2, lambda _: contact_data.change(ana, wanted, shown))

    assert answers == [wanted, wanted]
    assert len(entered(world.company, Wanted(action=Action.DATA_EDITED.value))) == 1
    assert len(mails(world)) == 2


def test_a_new_address_is_told_at_both_and_in_words(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = PostOffice()
    change(email="Lima@Example.org", phone="81 3030-1200")

    sent = mails(world)
    assert [address for _, address in sent] == ["ana@example.com", "Lima@example.org"]
    facts = {"change": "email", "before": "a•••@example.com", "now": "L•••@example.org"}
    assert sent[0][0].facts == facts
    with open_office(office, monkeypatch):
        run_jobs()
    (old,), (new,) = office.messages("ana@example.com"), office.messages("Lima@example.org")
    assert old["Subject"] == new["Subject"] == "Norte: seu e-mail de contato mudou"
    body = " ".join(plain_text(old).split())
    assert "L•••@example.org" in body
    assert "fale já com Norte: Financeiro · 1 · contas@norte.example" in body
    assert "Lima@example.org" not in body


@pytest.mark.usefixtures("world")
def test_without_a_new_address_nothing_is_said_to_go_there(monkeypatch: pytest.MonkeyPatch) -> None:
    office = PostOffice()
    change(email="")

    with open_office(office, monkeypatch):
        run_jobs()

    (told,) = office.messages("ana@example.com")
    body = " ".join(plain_text(told).split())
    assert "foi apagado. Documentos e recibos deixam de ser enviados por e-mail." in body
    assert "novo endereço" not in body


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        ("", "ana@example.com", ["ana@example.com"]),
        ("ana@example.com", "", ["ana@example.com"]),
        ("ana@example.com", "Ana@example.com", ["Ana@example.com"]),
        ("what a file said", "ana@example.com", ["ana@example.com"]),
    ],
)
def test_only_an_address_that_can_be_written_to_is_told(
    world: World, before: str, now: str, told: list[str]
) -> None:
    with transaction() as session:
        session.get_one(CustomerRow, world.customers["ana"]).email = before

    change(email=now)

    assert [address for _, address in mails(world)] == told


def test_nobody_floods_strangers_with_it(world: World) -> None:
    for number in range(15):
        change(email=f"ana{number}@example.com")
    before = seen()

    with pytest.raises(TooManyMails):
        change(email="one.more@example.com")

    assert seen() == before
    assert change(phone="81 3030-1200")


def viewer(name: str) -> Actor:
    found = actor(name)
    return replace(found, features=found.features - {Feature.EDIT_DATA}, viewing=True)


def test_who_may_not_change_changes_nothing(world: World) -> None:
    shown = seen()
    opened = links.open_(links.create("norte", "10020030169").rpartition("/")[2])
    by_link = actor_of(opened.token)
    assert by_link is not None
    without_page = replace(actor("ana"), features=actor("ana").features - {Feature.ACCOUNT})

    assert account.show(by_link).contact == ContactData(email=shown.email)
    for who, refusal in (
        (by_link, AssuranceTooLow),
        (viewer("ana"), NotGranted),
        (without_page, NotGranted),
    ):
        with pytest.raises(refusal):
            contact_data.show(who)
        with pytest.raises(refusal):
            contact_data.change(who, replace(shown, phone="81 3030-1200"), shown)
    assert seen() == shown


def test_an_accountant_reads_them_and_no_more(world: World) -> None:
    with transaction() as session:
        session.execute(
            update(MembershipRow)
            .where(col(MembershipRow.customer_id) == world.customers["ana"])
            .values(kind=MemberKind.ACCOUNTANT.value)
        )

    assert account.show(actor("ana")).contact.city == "Recife"
    with pytest.raises(NotGranted):
        contact_data.show(actor("ana"))


def test_everybody_changes_his_own_customer(world: World) -> None:
    shown = contact_data.show(actor("bia"))

    contact_data.change(actor("bia"), replace(shown, city="Olinda"), shown)

    assert (seen().city, contact_data.show(actor("bia")).city) == ("Recife", "Olinda")


def test_a_customer_in_portugal_has_a_postcode_of_portugal(world: World) -> None:
    rui = actor("rui")
    shown = contact_data.show(rui)

    kept = contact_data.change(rui, replace(shown, state="", postcode="4050038"), shown)

    assert (kept.state, kept.postcode) == ("", "4050-038")


def imported(tmp_path: Path, number: int, **cells: str) -> ImportReport:
    """A file's word on Ana, with a document of its own."""
    said = {"code": "10020030169", "name": "Ana", "tax_id": "10020030169", **cells}
    contact = [said.get(name, "") for name in HEADER.split(";")[3:9]]
    line = [said["code"], said["name"], said["tax_id"], *contact]
    document = ["FT", "2027", str(number), "2026-11-22", "2026-12-10", "10.00"]
    path = tmp_path / f"{number}.csv"
    path.write_text(f"{HEADER}\n{';'.join([*line, *document])}\n", encoding="utf-8")
    report = integration.import_file("norte", path)
    assert isinstance(report, ImportReport)
    return report


def test_a_file_does_not_undo_what_the_customer_changed(world: World, tmp_path: Path) -> None:
    change(**MOVED)

    report = imported(
        tmp_path, 1, street="RUA DAS NINFAS 84", postcode="50070-050", district="Boa Vista"
    )

    assert (seen().street, seen().postcode, seen().district) == (*MOVED.values(), "Boa Vista")
    (warning,) = report.warnings
    assert (warning.code, warning.line) == ("OWN_DATA_KEPT", 2)
    assert warning.details == {"customer": "10020030169", "fields": ("street", "postcode")}
    assert (report.updated, report.created_documents, report.refused) == (1, 1, ())


def test_once_a_file_says_the_same_the_last_file_wins_again(world: World, tmp_path: Path) -> None:
    change(**MOVED)

    agreed = imported(tmp_path, 1, street="RUA DA AURORA, 10", postcode="50040090")
    later = imported(tmp_path, 2, street="Rua Nova, 1")

    assert (agreed.warnings, agreed.updated) == ((), 0)
    assert (later.warnings, later.updated) == ((), 1)
    assert (seen().street, seen().postcode) == ("Rua Nova, 1", "50040-090")
    assert ana_row(world).own_fields == []


def test_what_the_customer_emptied_stays_empty(world: World, tmp_path: Path) -> None:
    change(email="")

    report = imported(tmp_path, 1, email="ana@example.com")

    assert seen().email == ""
    assert [each.code for each in report.warnings] == ["OWN_DATA_KEPT"]


def test_of_whoever_was_deleted_nothing_is_kept_against_a_file(
    world: World, tmp_path: Path
) -> None:
    change(**MOVED)
    with transaction() as session:
        privacy.forget_contact(session, world.company, [world.customers["ana"]])

    report = imported(tmp_path, 1, street="Rua das Ninfas, 84")

    assert (seen().street, report.warnings) == ("Rua das Ninfas, 84", ())


def test_his_own_file_names_what_he_changed(world: World) -> None:
    change(**MOVED)

    data = unpacked(own_data.export(actor("ana"))[1])[1]

    customer = data["customer"]["customer"]
    assert (customer["street"], customer["own_fields"]) == (
        "Rua da Aurora, 10",
        ["postcode", "street"],
    )


def test_of_what_nobody_changed_the_last_file_wins(world: World, tmp_path: Path) -> None:
    report = imported(tmp_path, 1, street="Rua Nova, 1")

    assert (report.warnings, seen().street) == ((), "Rua Nova, 1")


def test_a_file_heard_while_he_changes_it_does_not_undo_it(world: World, tmp_path: Path) -> None:
    """The file looks at him before his change is done, and writes after it."""
    ana, own, under_way = world.customers["ana"], {"street": MOVED["street"]}, threading.Event()

    def one(number: int) -> ImportReport | None:
        if number:
            assert under_way.wait(10)
            return imported(tmp_path, 1, street="Rua Velha, 2", district="Boa Vista")
        with transaction() as session:
            row = customers.locked(session, world.company, ana)
            customers.set_contact(session, world.company, row, own)
            under_way.set()
            time.sleep(0.3)
        return None

    _, report = together(2, one)

    assert isinstance(report, ImportReport)
    assert ana_row(world).own_fields == ["street"]
    assert (seen().street, seen().district) == (MOVED["street"], "Boa Vista")
    assert [each.code for each in report.warnings] == ["OWN_DATA_KEPT"]


def test_whoever_reads_the_audit_reads_it_in_words(world: World) -> None:
    change(**MOVED)
    (entry,) = entered(world.company, Wanted(action=Action.DATA_EDITED.value))

    told = audit_words.tell(entry, {}, NOW, locales.DEFAULT)

    assert (told.what, told.facts) == ("Mudou dados de cadastro", "campos: Endereço, Código postal")
