"""One's own data: chosen, asked to be deleted with the law's exception said before, decided by staff."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update
from sqlmodel import SQLModel, col

from portal_app.db import customers, jobs
from portal_app.db.engine import transaction
from portal_app.db.models import (
    AuthenticatorRow,
    CeremonyRow,
    CompanyRow,
    CustomerRow,
    DeviceRow,
    DocumentRow,
    FeatureGrantRow,
    JournalEntryRow,
    JournalLineRow,
    MailRecipientRow,
    MailRow,
    MembershipRow,
    PasskeyRow,
    PortalUserRow,
    ProofRow,
    RecoveryCodeRow,
    SelectionRow,
)
from portal_app.domain.audit import Action
from portal_app.domain.emails import MailKind
from portal_app.domain.errors import (
    FieldMissing,
    FieldTooLong,
    IllegalMove,
    LastManager,
    NotFound,
    NotGranted,
    SignInFailed,
)
from portal_app.domain.grants import Role, StaffFeature
from portal_app.domain.privacy import Choice, DeletionRequest, RequestState
from portal_app.services import access, audit, mail, privacy, tasks
from portal_app.services.access import From
from portal_app.services.actors import Actor, actor_of
from tests.company import NOW, PASSWORD, World, actor, entered_as, run_jobs, sign_in, together

BY_BOLETO = Choice.BOLETO_REGISTERED


def officer() -> Actor:
    staff = actor("staff")
    return replace(staff, features=staff.features | {StaffFeature.WORK_PRIVACY})


def asked() -> DeletionRequest:
    return privacy.ask_deletion(actor("ana"))


def latest() -> DeletionRequest:
    (found,) = privacy.list_requests(officer())
    return found


def tidy(*tables: type[SQLModel]) -> None:
    with transaction() as session:
        for table in tables:
            session.execute(delete(table))


def forget_traces(world: World) -> None:
    """As the night does it."""
    with transaction() as session:
        jobs.put(session, world.company, "trace.forget", "1", NOW)
    run_jobs()


def user_row(user: int) -> PortalUserRow:
    with transaction(write=False) as session:
        return session.get_one(PortalUserRow, user)


def test_without_a_word_everybody_gets_everything(world: World) -> None:
    seen = privacy.show(actor("ana"))

    assert (seen.declined, seen.history, seen.request) == (frozenset(), (), None)


def test_a_choice_is_kept_and_proved_by_the_version_of_its_text(world: World) -> None:
    privacy.choose_mails(actor("ana"), [Choice.REMINDER])
    privacy.choose_mails(actor("ana"), [Choice.REMINDER])
    privacy.choose_mails(actor("ana"), list(Choice))

    seen = privacy.show(actor("ana"))

    assert seen.declined == frozenset()
    said = [(each.purpose, each.version, each.given, each.at) for each in seen.history]
    purpose = "mail.boleto_registered"
    assert said == [(purpose, "2026-11", True, NOW), (purpose, "2026-11", False, NOW)]
    assert len(entered_as(world, Action.CONSENT_CHANGED)) == 2


def owe(world: World, kind: MailKind, payment: int) -> bool:
    company = actor("ana").company
    with transaction() as session:
        customer = customers.by_id(session, world.company, world.customers["ana"])
        return mail.owe(session, company, customer, payment, kind)


def test_what_was_declined_is_not_sent_and_what_is_the_service_is(world: World) -> None:
    privacy.choose_mails(actor("ana"), [])

    assert not mail.reaches(actor("ana"))
    assert not owe(world, MailKind.BOLETO_REGISTERED, 1)
    assert owe(world, MailKind.RECEIPT, 1)


def test_what_was_taken_up_again_is_sent(world: World) -> None:
    privacy.choose_mails(actor("ana"), [])
    privacy.choose_mails(actor("ana"), [BY_BOLETO])

    assert mail.reaches(actor("ana"))
    assert owe(world, MailKind.BOLETO_REGISTERED, 1)


def test_somebody_elses_choice_does_not_count(world: World) -> None:
    privacy.choose_mails(actor("bia"), [])

    assert mail.reaches(actor("ana"))


def test_a_link_or_a_viewer_has_no_privacy_page(world: World) -> None:
    seeing = replace(actor("ana"), features=frozenset(), viewing=True)

    for act in (privacy.show, privacy.ask_deletion, lambda who: privacy.choose_mails(who, [])):
        with pytest.raises(NotGranted):
            act(seeing)


def test_before_it_is_asked_the_law_says_what_stays(world: World) -> None:
    kept = privacy.show(actor("ana")).kept

    # Issued in 2026: by the CTN until 2031; the company's own 120 months are longer.
    assert (kept.documents, kept.until, kept.months) == (5, date(2036, 11, 20), 120)


def test_portugal_keeps_ten_civil_years(world: World) -> None:
    assert privacy.show(actor("rui")).kept.until == date(2036, 12, 31)


def test_with_a_shorter_rule_of_its_own_the_company_keeps_what_the_law_says(world: World) -> None:
    with transaction() as session:
        session.execute(update(CompanyRow).values(retention_months=12))

    kept = privacy.show(actor("ana")).kept
    assert (kept.until, kept.months) == (date(2031, 12, 31), 0)


def test_asked_twice_it_is_one_request_and_one_task(world: World) -> None:
    first, again = asked(), asked()

    assert (first.id, first.state, first.kept.documents) == (again.id, RequestState.ASKED, 5)
    (task,) = tasks.list_open(actor("staff"))
    assert (task.kind, task.subject) == ("deletion_requested", actor("ana").subject)
    assert len(entered_as(world, Action.DELETION_ASKED)) == 1
    assert privacy.show(actor("ana")).request == first


def test_asked_by_eight_at_once_it_is_one_request(world: World) -> None:
    ana = actor("ana")

    answers = together(8, lambda _: privacy.ask_deletion(ana))

    assert {each.id for each in answers if isinstance(each, DeletionRequest)} == {latest().id}
    assert not [each for each in answers if isinstance(each, Exception)]


def test_refused_the_person_reads_why_and_may_ask_again(world: World) -> None:
    privacy.refuse(officer(), asked().id, "  Há um processo em curso.  ")

    refused = privacy.show(actor("ana")).request
    assert refused is not None
    assert (refused.state, refused.reason) == (RequestState.REFUSED, "Há um processo em curso.")
    assert list(tasks.list_open(actor("staff"))) == []
    assert len(entered_as(world, Action.DELETION_REFUSED)) == 1
    assert asked().id != refused.id


@pytest.mark.parametrize(("reason", "why"), [(" ", FieldMissing), ("x" * 501, FieldTooLong)])
def test_a_refusal_says_why_and_not_too_long(
    world: World, reason: str, why: type[Exception]
) -> None:
    request = asked().id

    with pytest.raises(why):
        privacy.refuse(officer(), request, reason)

    assert latest().state is RequestState.ASKED


def belongings(world: World, user: int) -> None:
    """One of everything a user can have."""
    own: dict[str, Any] = {"company_id": world.company, "user_id": user}
    with transaction() as session:
        session.add(AuthenticatorRow(**own, secret="s"))
        session.add(RecoveryCodeRow(**own, code_hash="h"))
        session.add(PasskeyRow(**own, credential="c", public_key="k", name="n", created_at=NOW))
        session.add(ProofRow(**own, purpose="p", secret_hash="h", created_at=NOW, expires_at=NOW))
        session.add(DeviceRow(**own, cookie_hash="h", name="n", first_seen_at=NOW, seen_at=NOW))
        session.add(FeatureGrantRow(**own, feature="history.see", allowed=False))
        session.add(CeremonyRow(id_hash="h", challenge="c", user_id=user, expires_at=NOW))
        customer = world.customers["ana"]
        session.add(
            SelectionRow(
                company_id=world.company,
                subject=f"user:{user}",
                customer_id=customer,
                documents=[],
                updated_at=NOW,
            )
        )
        for key, state in (("old", "sent"), ("new", "queued")):
            sent = MailRow(
                **own, key=key, kind="x", about="", locale="", asked_by="", created_at=NOW
            )
            session.add(sent)
            session.flush()
            session.add(
                MailRecipientRow(
                    company_id=world.company,
                    mail_id=sent.id,
                    address="ana@example.com",
                    state=state,
                    changed_at=NOW,
                )
            )


def test_forgotten_somebody_is_nobody_and_the_books_stay(world: World) -> None:
    ana, token = actor("ana").user, sign_in("ana")
    belongings(world, ana)
    privacy.choose_mails(actor("ana"), [])
    with transaction(write=False) as session:
        papers = session.scalars(select(func.count()).select_from(DocumentRow)).one()

    privacy.carry_out(officer(), asked().id)

    row = user_row(ana)
    assert row.login.startswith("deleted-")
    assert len(row.login) > 24
    assert (row.name, row.password_hash, row.active, row.mail_choices) == ("", "", False, {})
    for table in _tables_of_a_user() - {"mail", "deletion_request"}:
        assert _left(table, ana) == 0, table
    assert _left("mail", ana) == 2, "the one on its way, and the one that tells him"
    assert actor_of(token) is None
    with pytest.raises(SignInFailed):
        access.sign_in("ana@example.com", PASSWORD, From("192.0.2.9"))
    with transaction(write=False) as session:
        assert session.scalars(select(func.count()).select_from(DocumentRow)).one() == papers
        assert session.scalars(select(func.count()).select_from(SelectionRow)).one() == 0
        assert session.get_one(CustomerRow, world.customers["ana"]).email == "ana@example.com"
    assert audit.verify().first_wrong is None
    (entry,) = entered_as(world, Action.DELETION_DONE)
    assert (entry.about, entry.facts) == (f"user:{ana}", {"contact_removed": False})
    assert list(tasks.list_open(actor("staff"))) == []


def _tables_of_a_user() -> set[str]:
    """Whatever has a user: a table that is added and forgotten here fails the test above."""
    tables = SQLModel.metadata.tables
    return {name for name, table in tables.items() if "user_id" in table.c}


def _left(name: str, user: int) -> int:
    table = SQLModel.metadata.tables[name]
    with transaction(write=False) as session:
        query = select(func.count()).select_from(table).where(table.c.user_id == user)
        return session.execute(query).scalar_one()


def test_nothing_of_somebody_forgotten_is_left_anywhere_but_in_the_companys_books(
    world: World,
) -> None:
    ana = actor("ana").user
    belongings(world, ana)
    tidy(MailRecipientRow, MailRow)
    with transaction() as session:
        ours = col(CustomerRow.id) == world.customers["ana"]
        session.execute(update(CustomerRow).where(ours).values(email="billing@example.com"))
        session.execute(
            update(PortalUserRow).where(col(PortalUserRow.id) == ana).values(name="Anastácia")
        )

    privacy.carry_out(officer(), asked().id)
    run_jobs()
    forget_traces(world)

    for name, table in SQLModel.metadata.tables.items():
        with transaction(write=False) as session:
            found = [str(row) for row in session.execute(select(table))]
        assert not [row for row in found if "ana@example.com" in row or "Anastácia" in row], name


def test_contact_data_goes_where_no_paper_binds_it(world: World) -> None:
    tidy(JournalLineRow, JournalEntryRow)
    with transaction() as session:
        session.execute(
            delete(DocumentRow).where(col(DocumentRow.customer_id) == world.customers["bia"])
        )
    bia = actor("bia")
    assert not privacy.show(bia).kept.binds

    privacy.carry_out(officer(), privacy.ask_deletion(bia).id)

    with transaction(write=False) as session:
        row = session.get_one(CustomerRow, world.customers["bia"])
    assert (row.email, row.street, row.city, row.postcode) == ("", "", "", "")
    assert row.name == "Bia"


def test_contact_data_goes_once_the_time_of_the_papers_is_over(world: World) -> None:
    with transaction() as session:
        session.execute(update(DocumentRow).values(issue_date=date(2016, 11, 21)))

    privacy.carry_out(officer(), privacy.ask_deletion(actor("bia")).id)

    with transaction(write=False) as session:
        assert session.get_one(CustomerRow, world.customers["bia"]).email == ""


def test_contact_data_stays_while_somebody_else_acts_for_the_customer(world: World) -> None:
    ana = actor("ana").user
    with transaction() as session:
        session.execute(update(DocumentRow).values(issue_date=date(2001, 1, 1)))
        session.add(
            MembershipRow(
                company_id=world.company,
                user_id=ana,
                customer_id=world.customers["bia"],
                kind="accountant",
            )
        )

    privacy.carry_out(officer(), privacy.ask_deletion(actor("bia")).id)

    with transaction(write=False) as session:
        assert session.get_one(CustomerRow, world.customers["bia"]).email == "bia@example.com"


def test_decided_it_is_decided(world: World) -> None:
    request = asked().id
    privacy.carry_out(officer(), request)

    for act in (
        lambda: privacy.carry_out(officer(), request),
        lambda: privacy.refuse(officer(), request, "no"),
    ):
        with pytest.raises(IllegalMove):
            act()


def test_decided_by_two_at_once_it_is_decided_once(world: World) -> None:
    request, desk = asked().id, officer()

    answers = together(4, lambda n: privacy.refuse(desk, request, f"{n}"))

    assert len([each for each in answers if isinstance(each, IllegalMove)]) == 3
    assert len(entered_as(world, Action.DELETION_REFUSED)) == 1


def test_the_last_manager_stays(world: World) -> None:
    staff = actor("staff")
    with transaction() as session:
        ours = col(PortalUserRow.id) == staff.user
        session.execute(update(PortalUserRow).where(ours).values(role=Role.MANAGER.value))
    request = privacy.ask_deletion(actor("staff")).id

    with pytest.raises(LastManager):
        privacy.carry_out(officer(), request)

    assert user_row(staff.user).login == "staff@example.com"


def test_only_those_who_may_decide_see_requests_of_their_own_company(world: World) -> None:
    rui = privacy.ask_deletion(actor("rui"))
    acts = (
        privacy.list_requests,
        lambda who: privacy.carry_out(who, rui.id),
        lambda who: privacy.refuse(who, rui.id, "no"),
    )

    assert privacy.list_requests(officer()) == ()
    for act in acts:
        for nobody in (actor("staff"), actor("ana")):
            with pytest.raises(NotGranted):
                act(nobody)
    for act in acts[1:]:
        with pytest.raises(NotFound):
            act(officer())


def test_those_that_wait_come_first(world: World) -> None:
    ana, bia = asked(), privacy.ask_deletion(actor("bia"))
    privacy.refuse(officer(), ana.id, "no")

    assert [each.id for each in privacy.list_requests(officer())] == [bia.id, ana.id]


def letters(path: Path) -> list[str]:
    """Recipient, subject and plain text of what went out."""
    run_jobs()
    return [_letter(each.read_bytes()) for each in path.rglob("*.eml")]


def _letter(raw: bytes) -> str:
    letter = email.message_from_bytes(raw, policy=email.policy.default)
    body = letter.get_body(("plain",))
    assert body is not None
    return f"{letter['To']}|{letter['Subject']}|{body.get_content()}"


def test_the_person_hears_the_outcome_by_email(world: World, tmp_path: Path) -> None:
    privacy.refuse(officer(), asked().id, "Há um processo em curso.")
    (refused,) = letters(tmp_path)
    assert refused.startswith("ana@example.com|Norte: sobre o seu pedido")
    assert "Há um processo em curso." in refused


def test_whoever_was_forgotten_is_told_a_last_time_and_then_that_is_forgotten_too(
    world: World, tmp_path: Path
) -> None:
    privacy.carry_out(officer(), asked().id)

    (done,) = letters(tmp_path)
    assert done.startswith("ana@example.com|Norte: seus dados foram apagados")
    assert "/account" not in done
    forget_traces(world)
    with transaction(write=False) as session:
        assert session.scalars(select(func.count()).select_from(MailRecipientRow)).one() == 0
