"""Banks by file when things cross: what was never sent is not payable, what was wrong is put right."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from portal_app.db.engine import transaction
from portal_app.db.models import BoletoRow
from portal_app.domain.boleto.registration import Stage
from portal_app.domain.companies import Overdue
from portal_app.domain.errors import AccountHasTitles, InvalidField
from portal_app.domain.settlement import Outcome
from portal_app.gateways import clock
from portal_app.services import boletos, carteiras, remessas
from tests.bank_answers import Told, asked_in, retorno
from tests.company import NOW, World, actor, run_jobs
from tests.services.test_bank_files import CARTEIRAS, FACE, register, state, take


def test_a_title_nobody_sent_is_not_payable_and_still_goes_out(
    world: World, tmp_path: Path
) -> None:
    bank = register(world, "756", tmp_path / "files", confirms=False, wait_minutes=30)
    public_id = bank.issue(world.three, FACE)
    run_jobs()
    with clock.fixed_at(NOW + timedelta(minutes=31)):
        run_jobs()
        assert boletos.view(actor("ana"), public_id).stage is Stage.OVERDUE_SILENT
        written = list(remessas.write_waiting("norte", bank.folder))
    assert written
    assert len(asked_in(written[0].path.read_bytes())) == 1


def test_a_corrected_agencia_keeps_its_titles(world: World, tmp_path: Path) -> None:
    bank = register(world, "237", tmp_path / "files")
    first = bank.issue(world.three, FACE)
    run_jobs()
    sent = bank.remessa()
    (asked,) = asked_in(sent)
    carteiras.operator_save("norte", "237 by file", {"agencia": "4321"})
    bank.answer(sent, Told(movement="06", asked=asked, paid=FACE))
    assert state(first) == "paid"


@pytest.mark.parametrize("code", sorted(CARTEIRAS))
@pytest.mark.parametrize("as_told", [True, False])
def test_titles_made_before_the_agencia_was_put_right_are_found_as_they_were_told(
    world: World, tmp_path: Path, code: str, as_told: bool
) -> None:
    """Also where the number as it was told is not kept, if the agência is no part of it."""
    told = {"convenio": "2883148"} if code == "001" else {}
    bank = register(world, code, tmp_path / "files", **told)
    first = bank.issue(world.three, FACE)
    run_jobs()
    (asked,) = asked_in(bank.remessa())
    if not as_told:
        with transaction() as session:
            session.execute(update(BoletoRow).values(stated_number=""))
    carteiras.operator_save("norte", f"{code} by file", {"agencia": "4321"})
    bank.issue([world.documents["later"]], 12990)
    run_jobs()
    paid = Told(movement="06", asked=asked, paid=FACE)

    report = take(bank.save(retorno(bank.remessa(), [paid], bank.convenio)))

    is_known = as_told or code not in {"341", "756"}
    assert report.outcomes == {Outcome.SETTLED if is_known else Outcome.UNKNOWN: 1}
    assert (state(first) == "paid") is is_known


@pytest.mark.parametrize("told", [{"convenio": "7777777"}, {"bank": "033", "carteira": "101"}])
def test_an_account_with_titles_stays_at_its_bank_and_convenio(
    world: World, tmp_path: Path, told: dict[str, str]
) -> None:
    bank = register(world, "237", tmp_path / "files")
    carteiras.operator_save("norte", "237 by file", {"convenio": "4466912"})
    bank.issue(world.three, FACE)
    before = carteiras.operator_registry("norte")

    with pytest.raises(AccountHasTitles):
        carteiras.operator_save("norte", "237 by file", told)

    assert carteiras.operator_registry("norte") == before


def test_a_refused_due_date_may_be_asked_for_again(world: World, tmp_path: Path) -> None:
    bank = register(world, "237", tmp_path / "files", overdue=Overdue.AMEND, days_to_pay=10)
    public_id = bank.issue(world.three, FACE)
    run_jobs()
    sent = bank.remessa()
    (asked,) = asked_in(sent)
    bank.answer(sent, Told(movement="02", asked=asked))
    with clock.fixed_at(NOW + timedelta(days=8)):
        boletos.move_due(actor("ana"), public_id)
        run_jobs()
        second = bank.remessa()
        (moved,) = asked_in(second)
        bank.answer(second, Told(movement="26", asked=moved, reasons="15"), sequence=2)
        boletos.move_due(actor("ana"), public_id)
        run_jobs()
        written = list(remessas.write_waiting("norte", bank.folder))
    assert written


def test_an_account_of_a_convenio_that_another_account_has_is_refused(
    world: World, tmp_path: Path
) -> None:
    """Both would count the convênio's numbers from one."""
    register(world, "001", tmp_path / "files")

    with pytest.raises(InvalidField) as refused:
        carteiras.operator_save("norte", "001 by file", {"agencia": "3129"})

    assert refused.value.details["field"] == "convenio"


def test_of_a_silent_bank_the_wait_is_counted_from_the_file(world: World, tmp_path: Path) -> None:
    bank = register(world, "756", tmp_path / "files", confirms=False, wait_minutes=30)
    public_id = bank.issue(world.three, FACE)
    run_jobs()
    written_at = NOW + timedelta(hours=5)
    with clock.fixed_at(written_at):
        run_jobs()
        bank.remessa()
        assert boletos.view(actor("ana"), public_id).stage is Stage.WAITING
    with clock.fixed_at(written_at + timedelta(minutes=62)):
        run_jobs()
        seen = boletos.view(actor("ana"), public_id)

    assert (seen.stage, state(public_id)) == (Stage.REGISTERED, "registered")
