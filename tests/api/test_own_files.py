"""The audit as CSV and one's own data as ZIP, over HTTP: for whom they are, and nobody else."""

from __future__ import annotations

import io
import zipfile

import pytest
from sqlalchemy import update
from sqlmodel import col

from portal_app.db.engine import transaction
from portal_app.db.models import PortalUserRow
from portal_app.domain.grants import Role
from portal_app.services import audit_search, links
from tests.api.test_files import get
from tests.company import World, actor, sign_in
from tests.company import world as world

AUDIT = "/files/audit.csv"
OWN = "/files/my-data.zip"


@pytest.fixture
def manager(world: World) -> str:
    """The token of one of the company's people who may see the audit."""
    staff = actor("staff").user
    with transaction() as session:
        ours = col(PortalUserRow.id) == staff
        session.execute(update(PortalUserRow).where(ours).values(role=Role.MANAGER.value))
    return sign_in("staff")


def test_the_audit_is_a_file_nothing_keeps(manager: str) -> None:
    answer = get(AUDIT, manager)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["cache-control"] == "private, no-store"
    disposition = answer.headers["content-disposition"]
    assert disposition == 'attachment; filename="norte-audit-2026-11-22.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert answer.text.count("\r\n") == 2, "the heading and the sign-in"


def test_the_files_filter_is_in_its_address(manager: str) -> None:
    ana = actor("ana").user
    sign_in("ana")

    def rows(query: str) -> int:
        return get(f"{AUDIT}?{query}", manager).text.count("\r\n") - 1

    assert rows(f"person={ana}") == 1
    assert rows(f"person={ana}&person=999&action=session.opened") == 1
    assert rows(f"person={ana}&first=2026-11-23") == 0
    assert rows("action=link.made") == 0


@pytest.mark.parametrize(
    "query", ["person=x", "first=tomorrow", "first=2026-11-02&last=2026-11-01", "person=1&" * 51]
)
def test_an_address_nobody_made_is_refused(manager: str, query: str) -> None:
    assert get(f"{AUDIT}?{query}", manager).status_code == 422


@pytest.mark.parametrize("query", ["", "?person=1", "?person=x"])
@pytest.mark.parametrize("name", ["ana", "staff", "rui"])
def test_the_audit_is_not_there_for_anybody_else(world: World, name: str, query: str) -> None:
    answer = get(f"{AUDIT}{query}", sign_in(name))

    assert (answer.status_code, answer.json()) == (404, {"code": "NOT_FOUND"})


def test_without_a_session_there_is_neither(world: World) -> None:
    assert [get(path).status_code for path in (AUDIT, f"{AUDIT}?person=x", OWN)] == [401] * 3


@pytest.mark.parametrize("name", ["ana", "staff"])
def test_everybody_who_signed_in_gets_his_own_data(world: World, name: str) -> None:
    answer = get(OWN, sign_in(name))

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, no-store"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert f"{name}@example.com" in archive.read("data.json").decode()


def test_a_second_file_within_a_minute_is_refused(world: World) -> None:
    token = sign_in("ana")
    get(OWN, token)

    answer = get(OWN, token)

    assert (answer.status_code, answer.json()) == (429, {"code": "TOO_SOON"})


def test_a_link_opens_neither(world: World) -> None:
    link = links.create("norte", "10020030169").rpartition("/")[2]
    token = links.open_(link).token

    assert [get(path, token).status_code for path in (AUDIT, OWN)] == [404, 404]


def test_no_filter_asks_for_everything() -> None:
    assert audit_search.Filter() == audit_search.Filter(None, "", None, None, audit_search.EVER)
