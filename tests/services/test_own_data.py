"""One's own data as a file: all of it, nobody else's, and no secret."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from portal_app.db import audit as entries
from portal_app.db.audit import Wanted
from portal_app.db.engine import transaction
from portal_app.db.models import MembershipRow, PortalUserRow
from portal_app.domain.audit import Action
from portal_app.domain.emails import About, MailKind
from portal_app.domain.errors import AssuranceTooLow, TooSoon
from portal_app.domain.grants import MemberKind
from portal_app.gateways import clock
from portal_app.services import links, mail, own_data, privacy
from portal_app.services.actors import actor_of
from tests.company import NOW, World, actor, sign_in
from tests.services.test_audited import issue, public_id
from tests.services.test_privacy import belongings


def unpacked(body: bytes) -> tuple[str, dict[str, Any]]:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.namelist() == ["README.txt", "data.json"]
        return archive.read("README.txt").decode(), json.loads(archive.read("data.json"))


def data_of(name: str) -> dict[str, Any]:
    return unpacked(own_data.export(actor(name))[1])[1]


def test_an_owner_gets_himself_and_his_customer(world: World) -> None:
    issue(world, "later")
    links.create("norte", "10020030169")
    privacy.choose_mails(actor("ana"), [])

    data = data_of("ana")

    assert data["user"]["login"] == "ana@example.com"
    assert [each["kind"] for each in data["memberships"]] == ["owner"]
    assert {each["purpose"] for each in data["consents"]} == {
        "mail.boleto_registered",
        "mail.reminder",
    }
    assert "data.exported" in {each["action"] for each in data["audit"]}
    customer = data["customer"]
    assert customer["customer"]["tax_id"] == "10020030169"
    lengths = {name: len(customer[name]) for name in ("contracts", "documents", "boletos", "links")}
    assert lengths == {"contracts": 4, "documents": 5, "boletos": 1, "links": 1}
    assert customer["payments"][0]["amount_cents"] == 12990


def test_nobody_elses_data_is_in_it(world: World) -> None:
    issue(world, "later")
    whole = json.dumps(data_of("ana"))

    for stranger in ("bia@example.com", "20408016183", "3001", "staff@example.com"):
        assert stranger not in whole


def test_no_secret_is_in_it(world: World) -> None:
    ana = actor("ana").user
    belongings(world, ana)
    address = links.create("norte", "10020030169")
    token = sign_in("ana")
    with transaction(write=False) as session:
        password_hash = session.get_one(PortalUserRow, ana).password_hash

    data = data_of("ana")

    whole = json.dumps(data)
    assert len(data["sessions"]) > 1
    assert (len(data["devices"]), len(data["passkeys"])) == (1, 1)
    for secret in (password_hash, token, address.rpartition("/")[2], "argon2"):
        assert secret not in whole
    assert not [name for name in _names(data) if "hash" in name or "secret" in name]


def _names(data: object) -> set[str]:
    if isinstance(data, dict):
        return set(data) | {name for each in data.values() for name in _names(each)}
    return {name for each in data for name in _names(each)} if isinstance(data, list) else set()


def test_addresses_of_others_are_covered(world: World) -> None:
    about = About(MailKind.DOCUMENT, public_id(world, "soon"))
    mail.send(actor("ana"), about, ["joana@example.org", "ana@example.com"])

    sent = data_of("ana")["customer"]["mails"]

    assert sorted(each["address"] for each in sent) == ["ana@example.com", "j•••@example.org"]
    assert {each["asked_by"] for each in sent} == {"person"}


@pytest.mark.parametrize("kind", [MemberKind.MEMBER, MemberKind.ACCOUNTANT])
def test_who_is_no_owner_gets_only_himself(world: World, kind: MemberKind) -> None:
    with transaction() as session:
        session.execute(update(MembershipRow).values(kind=kind.value))

    data = data_of("ana")

    assert "customer" not in data
    assert "10020030169" not in json.dumps(data["user"])


def test_staff_get_themselves(world: World) -> None:
    data = data_of("staff")

    assert (data["user"]["role"], data["memberships"]) == ("staff", [])
    assert "customer" not in data


def test_it_is_made_once_a_minute_and_entered(world: World) -> None:
    own_data.export(actor("ana"))

    with clock.fixed_at(NOW + timedelta(seconds=48)), pytest.raises(TooSoon) as refused:
        own_data.export(actor("ana"))
    own_data.export(actor("bia"))
    with clock.fixed_at(NOW + timedelta(seconds=61)):
        own_data.export(actor("ana"))

    assert refused.value.details == {"seconds": 12}
    with transaction(write=False) as session:
        wanted = Wanted(action=Action.DATA_EXPORTED.value)
        assert len(entries.find(session, world.company, wanted, 9)) == 3


def test_too_long_a_list_is_cut_and_the_readme_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_data, "MOST", 3)

    readme, data = unpacked(own_data.export(replace(actor("ana"), locale="en"))[1])

    assert len(data["customer"]["documents"]) == 3
    assert "only the latest 3 rows are there of: contracts, documents" in readme
    assert "contas@norte.example" in readme


def test_a_whole_one_says_nothing_of_being_cut(world: World) -> None:
    readme, _ = unpacked(own_data.export(actor("ana"))[1])

    assert readme.startswith("Seus dados em Norte")
    assert "mais recentes" not in readme


def test_a_link_gets_no_file(world: World) -> None:
    opened = links.open_(links.create("norte", "10020030169").rpartition("/")[2])
    link = actor_of(opened.token)
    assert link is not None

    with pytest.raises(AssuranceTooLow):
        own_data.export(link)
