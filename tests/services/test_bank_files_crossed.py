"""Banks by file when things cross: what was never sent is not payable, what was wrong is put right."""

from datetime import timedelta
from pathlib import Path

import pytest

from portal_app.domain.boleto.registration import Stage
from portal_app.domain.companies import Overdue
from portal_app.domain.errors import InvalidField
from portal_app.gateways import clock
from portal_app.services import boletos, carteiras, remessas
from tests.bank_answers import Told, asked_in
from tests.company import NOW, World, actor, run_jobs
from tests.services.test_bank_files import FACE, register, state


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
