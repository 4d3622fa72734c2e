"""The audit as its readers see it: found by names, told in words, taken away without a formula in it."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col

from portal_app import locales
from portal_app.db.engine import transaction
from portal_app.db.models import CustomerRow, PortalUserRow
from portal_app.domain.audit import OPERATOR, Action, Deed
from portal_app.domain.documents import Period
from portal_app.domain.errors import InvalidField, NotGranted
from portal_app.domain.grants import StaffFeature
from portal_app.files import spreadsheet
from portal_app.gateways import clock
from portal_app.services import audit, audit_search
from portal_app.services.actors import Actor
from portal_app.services.audit_search import EVER, Filter, Page, Typed
from portal_app.services.audit_words import tell, what
from tests.company import NOW, World, actor

ANYTHING = Typed()
EVERYTHING = Filter()


def auditor() -> Actor:
    staff = actor("staff")
    return replace(staff, features=staff.features | {StaffFeature.SEE_AUDIT})


def enter(world: World, deed: Deed, company: int | None = None) -> None:
    with transaction() as session:
        audit.enter(session, company or world.company, deed)


def deed(world: World, who: str = "ana", **facts: object) -> Deed:
    subject, customer = actor(who).subject, world.customers[who]
    about = f"document:{world.documents['soon']}"
    return Deed(subject, Action.DOCUMENT_OPENED, about, customer, facts)


def find(typed: Typed = ANYTHING, period: Period = EVER) -> Page:
    reader = auditor()
    wanted = audit_search.understand(reader, typed, period)
    return audit_search.page(reader, wanted, None, "pt_BR")


def csv_of(wanted: Filter = EVERYTHING) -> list[list[str]]:
    name, body = audit_search.export(auditor(), wanted, "pt_BR")
    assert name == "norte-audit-2026-11-22.csv"
    assert body.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), delimiter=";"))


@pytest.mark.parametrize("locale", locales.COMPLETE)
def test_every_action_has_words(locale: str) -> None:
    assert [each for each in Action if not locales.has(f"audit.{each.value}", locale)] == []


def test_an_action_of_another_version_is_shown_by_its_name() -> None:
    assert what("something.new", "en") == "something.new"


def test_an_entry_says_who_did_what_to_which_paper(world: World) -> None:
    enter(world, deed(world, method="card"))

    (told,) = find().entries

    assert (told.who, told.what, told.about) == ("Ana", "Abriu um PDF", "ND 2026/77")
    assert (told.customer, told.facts) == ("Ana", "forma: Cartão")
    assert told.when.isoformat() == "2026-11-22T12:00:00-03:00"


@pytest.mark.parametrize(
    ("subject", "who"),
    [
        ("link:7", "link do portal"),
        (OPERATOR, "comando no servidor"),
        ("user:999", "removido"),
        ("", "ninguém conhecido"),
    ],
)
def test_who_is_nobody_of_today_is_told_all_the_same(world: World, subject: str, who: str) -> None:
    enter(world, Deed(subject, Action.LINK_MADE, "link:7"))

    (told,) = find().entries
    assert (told.who, told.about) == (who, "link nº 7")


def test_somebody_without_a_name_any_more_was_removed(world: World) -> None:
    enter(world, deed(world))
    with transaction() as session:
        session.execute(update(PortalUserRow).values(name=""))

    assert find().entries[0].who == "removido"


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        (Typed(person="an"), 1),
        (Typed(person="ANA@example"), 1),
        (Typed(person="bia"), 1),
        (Typed(person="nobody at all"), 0),
        (Typed(customer="10020030169"), 1),
        (Typed(customer="1002003016"), 0),
        (Typed(customer="Bi"), 1),
        (Typed(customer="100%"), 0),
        (Typed(document="ND 2026/77"), 2),
        (Typed(document="nd 2026/77"), 2),
        (Typed(document="77"), 2),
        (Typed(document="FT 2026/77"), 0),
        (Typed(action="document.opened"), 2),
        (Typed(action="link.made"), 0),
        (Typed(action="anything a browser sends"), 2),
        (Typed(person="ana", customer="bia"), 0),
        (Typed(), 2),
    ],
)
def test_filters_find_by_what_people_call_things(world: World, typed: Typed, found: int) -> None:
    enter(world, deed(world, "ana"))
    enter(world, deed(world, "bia"))

    page = find(typed)

    assert (len(page.entries), page.matching) == (found, found)


def test_days_are_the_companys_own(world: World) -> None:
    for hour in (2, 3):  # the 22nd begins at 03:00 UTC in Recife
        with clock.fixed_at(NOW.replace(hour=hour)):
            enter(world, deed(world))
    day = date(2026, 11, 22)

    assert find(period=Period(day, day)).matching == 1
    assert find(period=Period(None, day - timedelta(days=1))).matching == 1
    assert find(period=Period(day - timedelta(days=1), day)).matching == 2


def test_a_name_too_many_have_is_refused(world: World) -> None:
    with transaction() as session:
        for number in range(51):
            session.add(CustomerRow(company_id=world.company, code=f"c{number}", name="Silva"))

    with pytest.raises(InvalidField) as refused:
        find(Typed(customer="silva"))
    assert refused.value.details == {"field": "customer", "reason": "too_many_found"}


def test_pages_of_fifty_follow_each_other_without_gap(world: World) -> None:
    for _ in range(101):
        enter(world, deed(world))
    reader, before, numbers = auditor(), None, list[int]()

    for expected in (50, 50, 1):
        page = audit_search.page(reader, Filter(), before, "en")
        assert (len(page.entries), page.matching) == (expected, 101)
        numbers += [told.number for told in page.entries]
        before = page.older

    assert (numbers, before) == (list(range(101, 0, -1)), None)


def test_another_companys_entries_and_names_are_not_there(world: World) -> None:
    rui = actor("rui")
    enter(world, Deed(rui.subject, Action.SIGNED_IN, rui.subject), world.other_company)
    enter(world, Deed(rui.subject, Action.SIGNED_IN, f"customer:{world.customers['rui']}"))

    (told,) = find().entries

    assert (told.who, told.about) == ("removido", "cliente removido")
    assert find(Typed(person="rui")).matching == 0


def test_the_file_has_what_the_page_shows_and_is_itself_entered(world: World) -> None:
    enter(world, deed(world, "ana"))
    enter(world, deed(world, "bia"))
    wanted = audit_search.understand(auditor(), Typed(person="bia"), Period())

    header, row = csv_of(wanted)

    assert header[:4] == ["Nº", "Quando", "Quem", "O quê"]
    assert row[:6] == ["2", "2026-11-22 12:00:00", "Bia", "Abriu um PDF", "ND 2026/77", "Bia"]
    (entry,) = find(Typed(action="audit.exported")).entries
    assert (entry.who, entry.what) == ("Staff", "Baixou a auditoria")
    assert "linhas: 1" in entry.facts


def test_the_file_takes_the_latest_of_too_many(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_search, "MOST_ROWS", 5)
    monkeypatch.setattr(audit_search, "_AT_ONCE", 2)
    for _ in range(7):
        enter(world, deed(world))

    assert [row[0] for row in csv_of()[1:]] == ["7", "6", "5", "4", "3"]


def test_what_was_left_out_of_a_file_of_nobody_is_everything(world: World) -> None:
    enter(world, deed(world))

    assert len(csv_of(Filter(people=()))) == 1


@pytest.mark.parametrize(
    "name", ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "=1;=2"]
)
def test_no_cell_of_the_file_is_a_formula(world: World, name: str) -> None:
    enter(world, deed(world))
    with transaction() as session:
        ours = col(PortalUserRow.company_id) == world.company
        session.execute(update(PortalUserRow).where(ours).values(name=name))

    cells = [cell for row in csv_of() for cell in row]

    assert f"'{name}" in cells
    assert not [cell for cell in cells if cell.strip().startswith(("=", "+", "-", "@"))]


def test_quotes_and_line_breaks_stay_within_their_cell() -> None:
    body = spreadsheet.write([['a "b"', "c\nd", "e;f"]]).decode("utf-8-sig")

    (row,) = csv.reader(io.StringIO(body, newline=""), delimiter=";")
    assert row == ['a "b"', "c\nd", "e;f"]


def test_facts_of_every_shape_are_told(world: World) -> None:
    enter(world, deed(world, given=True, feature="x", several=["a", 1], inner={"k": "v"}))

    assert find().entries[0].facts == "aceito: sim · função: x · several: a, 1 · inner: k v"


def test_staff_who_may_not_see_it_find_nothing(world: World) -> None:
    for nobody in (actor("staff"), actor("ana")):
        with pytest.raises(NotGranted):
            audit_search.understand(nobody, Typed(), Period())
        with pytest.raises(NotGranted):
            audit_search.page(nobody, Filter(), None, "en")
        with pytest.raises(NotGranted):
            audit_search.export(nobody, Filter(), "en")


def test_words_never_show_an_unknown_reference_as_somebody() -> None:
    entry = audit.entries.chained(Deed("robot:1", Action.SIGNED_IN, "moon:1"), 1, NOW, "0")

    told = tell(entry, {}, NOW, "en")

    assert (told.who, told.about) == ("robot:1", "moon:1")
