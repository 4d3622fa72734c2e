"""Banks reached by file: what we say goes out once, what they answer is dealt with once."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from portal_app.db.engine import transaction
from portal_app.db.models import (
    BankAccountRow,
    BankEventRow,
    BankFileRow,
    BankInstructionRow,
    BoletoRow,
    CustomerRow,
    DocumentRow,
    JobRow,
)
from portal_app.domain.boleto.registration import Stage
from portal_app.domain.companies import Channel, Overdue
from portal_app.domain.errors import FieldMissing, InvalidFile, NotFound, OrderRefused, PortalError
from portal_app.domain.imports import RefusedLine
from portal_app.domain.money import Money
from portal_app.domain.payments import PaymentState
from portal_app.domain.settlement import Outcome
from portal_app.gateways import clock
from portal_app.services import (
    boletos,
    carteiras,
    incoming,
    integration,
    ledger,
    payments,
    remessas,
    tasks,
)
from portal_app.services.retornos import RetornoReport
from portal_app.settings import ROOT
from tests.bank_answers import Told, asked_in, retorno
from tests.company import NOW, World, actor, run_jobs, together
from tests.files.samples import samples

FACE = 34764
NEXT_DAY = NOW + timedelta(days=1)
# By bank: how its carteira is registered, and what its retorno's header states instead of ours.
CARTEIRAS: dict[str, tuple[dict[str, Any], str]] = {
    "001": (
        {
            "agencia": "3128",
            "conta": "28114",
            "convenio": "2883147",
            "carteira": "17",
            "contract": {"variacao": "19"},
        },
        "",
    ),
    "033": (
        {
            "agencia": "1234",
            "agencia_dv": "5",
            "conta": "13000123",
            "conta_dv": "4",
            "convenio": "1234567",
            "carteira": "101",
        },
        "1234567",
    ),
    "104": (
        {
            "agencia": "1234",
            "agencia_dv": "5",
            "conta": "12345",
            "convenio": "123456",
            "carteira": "RG",
            "modalidade": "1",
        },
        "",
    ),
    "237": (
        {
            "agencia": "1234",
            "agencia_dv": "X",
            "conta": "123456",
            "conta_dv": "X",
            "convenio": "4466911",
            "carteira": "09",
        },
        "",
    ),
    "341": ({"agencia": "0915", "conta": "41208", "conta_dv": "0", "carteira": "109"}, ""),
    "756": (
        {
            "agencia": "4277",
            "agencia_dv": "3",
            "conta": "6498",
            "conta_dv": "0",
            "convenio": "172278",
            "carteira": "1",
            "modalidade": "01",
        },
        "",
    ),
}


@dataclass
class Bank:
    """The company's carteira at a bank reached by file, and the folder of its files."""

    code: str
    folder: Path
    convenio: str

    def issue(self, documents: list[int], cents: int) -> str:
        offer = boletos.offer(actor("ana"), documents)
        (chosen,) = offer.banks
        return boletos.issue(actor("ana"), documents, chosen.carteira, Money(cents, "BRL"))

    def remessa(self) -> bytes:
        (written,) = remessas.write_waiting("norte", self.folder)
        return written.path.read_bytes()

    def answer(self, remessa: bytes, *told: Told, sequence: int = 1) -> RetornoReport:
        return take(self.save(retorno(remessa, told, self.convenio, sequence)))

    def save(self, content: bytes) -> Path:
        path = self.folder / "retorno.ret"
        path.write_bytes(content)
        return path


def take(path: Path, *, dry_run: bool = False) -> RetornoReport:
    report = integration.import_file("norte", path, dry_run=dry_run)
    assert isinstance(report, RetornoReport)
    return report


def register(world: World, code: str, folder: Path, **changed: Any) -> Bank:
    facts, convenio = CARTEIRAS[code]
    name = f"{code} by file"
    told = {"bank": code, **facts, "channel": Channel.CNAB240, **changed}
    carteiras.operator_save("norte", name, told)
    carteiras.operator_save_fatura("norte", "Fatura", [name])
    folder.mkdir(exist_ok=True)
    return Bank(code, folder, convenio)


@pytest.fixture
def bank(world: World, tmp_path: Path) -> Bank:
    return register(world, "001", tmp_path / "files")


def state(public_id: str) -> str:
    with transaction(write=False) as session:
        payment = payments.view(actor("ana"), public_id)
        row = session.scalars(select(BoletoRow).where(col(BoletoRow.payment_id) == payment.id))
        return row.one().state


def stage(public_id: str) -> Stage:
    return boletos.view(actor("ana"), public_id).stage


def kinds() -> list[str]:
    return [task.kind for task in tasks.list_open(actor("staff"))]


def rows(table: type) -> int:
    with transaction(write=False) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize("code", sorted(CARTEIRAS))
def test_a_title_goes_out_by_file_is_registered_and_paid(
    world: World, tmp_path: Path, code: str
) -> None:
    bank = register(world, code, tmp_path / "files")
    public_id = bank.issue(world.three, FACE)
    run_jobs()
    assert (state(public_id), stage(public_id)) == ("queued", Stage.WAITING)

    sent = bank.remessa()
    assert state(public_id) == "sent"
    (asked,) = asked_in(sent)
    assert (asked.movement, asked.cents) == ("01", FACE)

    with clock.fixed_at(NEXT_DAY):
        entered = bank.answer(sent, Told(movement="02", asked=asked))
        assert entered.outcomes == {Outcome.REGISTERED: 1}
        assert stage(public_id) is Stage.REGISTERED
        assert boletos.view(actor("ana"), public_id).linha_digitavel

        # Itaú states what reaches the account; the others what was paid.
        paid = FACE - 190 if code == "341" else FACE
        report = bank.answer(sent, Told(movement="06", asked=asked, paid=paid, fee=190), sequence=2)

    assert (report.outcomes, report.known, report.refused) == ({Outcome.SETTLED: 1}, 0, ())
    assert payments.view(actor("ana"), public_id).state is PaymentState.CONFIRMED
    assert payments.view(actor("ana"), public_id).received == Money(FACE, "BRL")
    assert kinds() == []
    assert ledger.verify().ok


def test_importing_a_retorno_twice_changes_nothing(world: World, bank: Bank) -> None:
    bank.issue(world.three, FACE)
    run_jobs()
    sent = bank.remessa()
    (asked,) = asked_in(sent)
    told = (Told(movement="02", asked=asked), Told(movement="06", asked=asked, paid=FACE))
    first = bank.answer(sent, *told)
    tables = (BankEventRow, BankFileRow, JobRow)
    before = [rows(table) for table in tables]

    again = take(bank.folder / "retorno.ret")

    assert (first.new, again.new, again.known) == (2, 0, 2)
    assert [rows(table) for table in tables] == before
    assert ledger.verify().ok


def test_a_dry_run_says_the_same_and_keeps_nothing(world: World, bank: Bank) -> None:
    public_id = bank.issue(world.three, FACE)
    run_jobs()
    sent = bank.remessa()
    (asked,) = asked_in(sent)
    told = (Told(movement="02", asked=asked), Told(movement="06", asked=asked, paid=FACE))
    path = bank.save(retorno(sent, told))
    counted = [rows(table) for table in (BankEventRow, BankFileRow)]

    tried = take(path, dry_run=True)
    assert [rows(table) for table in (BankEventRow, BankFileRow)] == counted
    assert state(public_id) == "sent"

    assert take(path) == tried


def test_what_waits_goes_out_once_with_numbers_without_gaps(world: World, bank: Bank) -> None:
    for number in range(3):
        bank.issue([world.add("FT", 5000 + number, 5, 1000)], 1000)
        run_jobs()
        bank.remessa()

    assert list(remessas.write_waiting("norte", bank.folder)) == []
    names = sorted(path.name for path in bank.folder.iterdir())
    assert names == [f"001-2883147-{number:06}.rem" for number in (1, 2, 3)]
    assert all(path.stat().st_mode & 0o077 == 0 for path in bank.folder.iterdir())
    with transaction(write=False) as session:
        sequences = session.scalars(select(col(BankFileRow.sequence)))
        assert sorted(sequences) == [1, 2, 3]


def test_two_that_write_at_once_say_each_thing_once(world: World, bank: Bank) -> None:
    for number in range(4):
        bank.issue([world.add("FT", 5000 + number, 5, 1000)], 1000)
    run_jobs()

    made = together(2, lambda _: list(remessas.write_waiting("norte", bank.folder)))

    written = [each for answer in made if isinstance(answer, list) for each in answer]
    assert sum(each.instructions for each in written) == 4
    asked = [a for each in written for a in asked_in(each.path.read_bytes())]
    assert len({each.nosso_numero for each in asked}) == 4
    assert rows(BankFileRow) == len(written)


def test_a_lost_file_is_written_again_byte_for_byte(world: World, bank: Bank) -> None:
    bank.issue(world.three, FACE)
    run_jobs()
    sent = bank.remessa()
    (bank.folder / "001-2883147-000001.rem").unlink()

    with clock.fixed_at(NEXT_DAY):
        again = remessas.write_again("norte", "001 by file", 1, bank.folder)

    assert (again.path.read_bytes(), again.same) == (sent, True)
    with pytest.raises(NotFound):
        remessas.write_again("norte", "001 by file", 2, bank.folder)
    carteiras.operator_save("norte", "001 by file", {"agencia_dv": "7"})
    assert not remessas.write_again("norte", "001 by file", 1, bank.folder).same


def test_a_crash_while_writing_takes_no_number_and_leaves_no_file(
    world: World, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank.issue(world.three, FACE)
    run_jobs()
    with monkeypatch.context() as broken:
        broken.setattr("portal_app.db.bank_files.put_in", _crash)
        with pytest.raises(ZeroDivisionError):
            list(remessas.write_waiting("norte", bank.folder))

    assert list(bank.folder.iterdir()) == []
    assert rows(BankFileRow) == 0
    assert bank.remessa()
    assert [path.name for path in bank.folder.iterdir()] == ["001-2883147-000001.rem"]


def test_what_is_given_up_before_it_went_out_never_goes(world: World, bank: Bank) -> None:
    public_id = bank.issue(world.three, FACE)
    run_jobs()
    payments.supersede(actor("ana"), public_id)
    run_jobs()

    assert state(public_id) == "cancelled"
    assert list(remessas.write_waiting("norte", bank.folder)) == []


def test_what_is_given_up_afterwards_is_asked_back_and_freed_by_the_banks_word(
    world: World, bank: Bank
) -> None:
    public_id = bank.issue(world.three, FACE)
    run_jobs()
    sent = bank.remessa()
    (asked,) = asked_in(sent)
    bank.answer(sent, Told(movement="02", asked=asked))
    payments.supersede(actor("ana"), public_id)
    run_jobs()

    second = bank.remessa()
    (withdrawal,) = asked_in(second)
    assert (withdrawal.movement, withdrawal.nosso_numero) == ("02", asked.nosso_numero)
    report = bank.answer(second, Told(movement="09", asked=asked), sequence=2)

    assert report.outcomes == {Outcome.CANCELLED: 1}
    assert state(public_id) == "cancelled"


def test_a_later_due_date_goes_out_and_comes_back(world: World, tmp_path: Path) -> None:
    bank = register(world, "237", tmp_path / "files", overdue=Overdue.AMEND)
    public_id = bank.issue(world.three, FACE)
    run_jobs()
    sent = bank.remessa()
    (asked,) = asked_in(sent)
    bank.answer(sent, Told(movement="02", asked=asked))
    with clock.fixed_at(NOW + timedelta(days=8)):
        due = boletos.move_due(actor("ana"), public_id)
        run_jobs()
        second = bank.remessa()
        (moved,) = asked_in(second)
        assert (moved.movement, moved.due) == ("06", due)

        report = bank.answer(second, Told(movement="14", asked=moved), sequence=2)

        assert report.outcomes == {Outcome.AMENDED: 1}
        seen = boletos.view(actor("ana"), public_id)
    assert (seen.due, seen.amended) == (due, True)


def test_a_rejected_entry_frees_the_documents_and_names_the_reasons(
    world: World, bank: Bank
) -> None:
    public_id = bank.issue(world.three, FACE)
    run_jobs()
    sent = bank.remessa()
    (asked,) = asked_in(sent)

    report = bank.answer(sent, Told(movement="03", asked=asked, reasons="4849"))

    assert report.outcomes == {Outcome.REJECTED: 1}
    seen = boletos.view(actor("ana"), public_id)
    assert (seen.stage, seen.reject_reason) == (Stage.REJECTED, "48 49")
    assert bank.issue(world.three, FACE) != public_id


@pytest.mark.parametrize(
    ("on", "paid", "charges", "outcome", "task"),
    [
        (25, FACE - 1, 0, Outcome.SHORT, "boleto_short"),
        (25, FACE + 5, 0, Outcome.OVER, "boleto_over"),
        (30, FACE + 803, 803, Outcome.SETTLED, None),
    ],
)
def test_money_short_or_over_is_kept_and_shown_to_staff(
    world: World,
    bank: Bank,
    on: int,
    paid: int,
    charges: int,
    outcome: Outcome,
    task: str | None,
) -> None:
    bank.issue(world.three, FACE)
    run_jobs()
    sent = bank.remessa()
    (asked,) = asked_in(sent)

    report = bank.answer(
        sent,
        Told(movement="02", asked=asked),
        Told(movement="06", asked=asked, paid=paid, charges=charges, on=date(2026, 11, on)),
    )

    assert report.outcomes[outcome] == 1
    assert kinds() == ([task] if task else [])
    assert ledger.verify().ok


def test_a_withdrawal_is_never_money(world: World, bank: Bank) -> None:
    public_id = bank.issue(world.three, FACE)
    run_jobs()
    sent = bank.remessa()
    (asked,) = asked_in(sent)

    bank.answer(sent, Told(movement="09", asked=asked, paid=FACE))

    assert payments.view(actor("ana"), public_id).state is PaymentState.CANCELLED
    assert payments.view(actor("ana"), public_id).received is None


def test_money_of_a_title_nobody_knows_is_a_warning_and_one_task(world: World, bank: Bank) -> None:
    bank.issue(world.three, FACE)
    run_jobs()
    sent = bank.remessa()
    (asked,) = asked_in(sent)
    others = [replace(asked, nosso_numero=f"2883147{n:010}", number="x") for n in (900, 901)]

    report = bank.answer(
        sent,
        *(Told(movement="06", asked=each, paid=5000) for each in others),
        Told(movement="02", asked=replace(others[0], nosso_numero="28831470000000902")),
    )

    assert report.outcomes == {Outcome.UNKNOWN: 3}
    assert [(w.line, w.code) for w in report.warnings] == [
        (3, "TITLE_UNKNOWN"),
        (5, "TITLE_UNKNOWN"),
    ]
    assert kinds() == ["titles_unknown"]


def test_of_an_account_that_is_not_ours_nothing_is_taken(world: World, bank: Bank) -> None:
    bank.issue(world.three, FACE)
    run_jobs()
    sent = bank.remessa()
    (asked,) = asked_in(sent)
    path = bank.save(retorno(sent, [Told(movement="02", asked=asked)], convenio="9999999"))

    report = take(path)

    (refused,) = report.refused
    assert (refused.line, refused.code) == (1, "ACCOUNT_UNKNOWN")
    assert refused.details == {"bank": "001", "agreement": "9999999"}
    assert (report.new, report.untaken) == (0, 1)
    assert rows(BankEventRow) == 0


def test_of_a_name_that_two_accounts_have_nothing_is_taken(world: World, tmp_path: Path) -> None:
    bank = register(world, "341", tmp_path / "files")
    facts, _ = CARTEIRAS["341"]
    carteiras.operator_save("norte", "twin", {"bank": "341", **facts, "convenio": "77"})
    bank.issue(world.three, FACE)
    run_jobs()
    sent = bank.remessa()
    (asked,) = asked_in(sent)

    report = bank.answer(sent, Told(movement="02", asked=asked))

    assert [refused.code for refused in report.refused] == ["ACCOUNT_AMBIGUOUS"]
    assert rows(BankEventRow) == 0


def test_our_example_pays_what_our_example_brought(world: World) -> None:
    integration.import_file("norte", ROOT / "examples" / "remessa-nordeste.rem")

    report = take(ROOT / "examples" / "retorno-nordeste.ret")

    assert report.outcomes == {Outcome.NOTED: 9, Outcome.SETTLED: 1, Outcome.SHORT: 1}
    assert sorted(kinds()) == ["boleto_short", "title_withdrawn"]
    with transaction(write=False) as session:
        left = session.scalars(
            select(col(DocumentRow.balance_cents))
            .where(col(DocumentRow.registered_elsewhere))
            .order_by(col(DocumentRow.id))
        ).all()
    assert left[:4] == [0, 12990, 9990, 900]
    assert take(ROOT / "examples" / "retorno-nordeste.ret").new == 0
    assert ledger.verify().ok


def test_mutilated_files_are_refused_and_keep_nothing_wrong(world: World, bank: Bank) -> None:
    """Bytes lost, changed and repeated anywhere: refusals of our own, and balanced books."""
    bank.issue(world.three, FACE)
    run_jobs()
    sent = bank.remessa()
    (asked,) = asked_in(sent)
    whole = retorno(
        sent, [Told(movement="02", asked=asked), Told(movement="06", asked=asked, paid=FACE)]
    )
    chance = random.Random(20261124)
    refused = 0
    for _ in range(80):
        at, length = chance.randrange(len(whole)), chance.choice((0, 1, 1, 2, 240))
        broken = whole[:at] + chance.randbytes(length) + whole[at + chance.choice((0, 1, 2, 242)) :]
        try:
            refused += bool(take(bank.save(broken)).refused)
        except PortalError:
            refused += 1
        assert ledger.verify().ok

    assert refused > 40


@pytest.mark.parametrize("sample", samples("*.ret"), ids=lambda path: path.stem)
def test_other_programs_files_are_read_to_their_end(world: World, sample: Path) -> None:
    """No account of theirs is registered: each line is counted or named all the same."""
    report = take(sample)

    assert report.new == 0
    assert report.untaken or report.refused


def test_a_broken_file_keeps_nothing(world: World, bank: Bank) -> None:
    public_id = bank.issue(world.three, FACE)
    run_jobs()
    sent = bank.remessa()
    (asked,) = asked_in(sent)
    whole = retorno(sent, [Told(movement="02", asked=asked)])
    # Its last line is missing.
    path = bank.save(b"\r\n".join(whole.split(b"\r\n")[:-2]) + b"\r\n")

    with pytest.raises(InvalidFile):
        take(path)

    assert (rows(BankEventRow), state(public_id)) == (0, "sent")


def test_good_lines_are_kept_beside_broken_ones(world: World, bank: Bank) -> None:
    public_id = bank.issue(world.three, FACE)
    run_jobs()
    sent = bank.remessa()
    (asked,) = asked_in(sent)
    content = retorno(
        sent, [Told(movement="02", asked=asked), Told(movement="06", asked=asked, paid=FACE)]
    )
    lines = content.split(b"\r\n")
    lines[5] = lines[5][:77] + b"00000000000034X" + lines[5][92:]
    report = take(bank.save(b"\r\n".join(lines)))

    assert report.outcomes == {Outcome.REGISTERED: 1}
    assert [(each.line, each.code) for each in report.refused] == [
        (5, "TITLE_INCOMPLETE"),
        (6, "FIELD_NOT_NUMERIC"),
    ]
    assert stage(public_id) is Stage.REGISTERED
    assert all(isinstance(each, RefusedLine) for each in report.refused)


def test_what_could_not_be_dealt_with_keeps_no_other_from_it_and_is_tried_again(
    world: World, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = bank.issue([world.add("FT", 5001, 5, 1000)], 1000)
    second = bank.issue([world.add("FT", 5002, 5, 1000)], 1000)
    run_jobs()
    sent = bank.remessa()
    told = [Told(movement="06", asked=asked, paid=1000) for asked in asked_in(sent)]
    with monkeypatch.context() as broken:
        broken.setattr("portal_app.services.incoming.post", _once(_crash))
        report = bank.answer(sent, *told)

    assert report.outcomes == {Outcome.FAILED: 1, Outcome.SETTLED: 1}
    assert kinds() == ["report_failed"]
    assert (state(first), state(second)) == ("sent", "paid")
    assert ledger.verify().ok

    again = take(bank.folder / "retorno.ret")

    assert (again.outcomes, again.known) == ({Outcome.SETTLED: 1}, 2)
    assert (state(first), state(second)) == ("paid", "paid")
    assert ledger.verify().ok


def test_what_was_kept_and_not_dealt_with_is_dealt_with_by_the_worker(
    world: World, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    public_id = bank.issue(world.three, FACE)
    run_jobs()
    sent = bank.remessa()
    (asked,) = asked_in(sent)
    with monkeypatch.context() as crashed:
        crashed.setattr("portal_app.services.bank_reports.handle_all", _crash)
        with pytest.raises(ZeroDivisionError):
            bank.answer(sent, Told(movement="06", asked=asked, paid=FACE))
    assert state(public_id) == "sent"

    with clock.fixed_at(NOW + timedelta(hours=1)):
        _plan_and_run()

    assert state(public_id) == "paid"


def test_a_title_that_cannot_be_stated_any_more_is_refused_here(world: World, bank: Bank) -> None:
    public_id = bank.issue(world.three, FACE)
    run_jobs()
    with transaction() as session:
        row = session.scalars(select(BoletoRow)).one()
        row.order = {**row.order, "especie_doc": "??"}

    assert list(remessas.write_waiting("norte", bank.folder)) == []

    seen = boletos.view(actor("ana"), public_id)
    assert (seen.stage, seen.reject_reason) == (Stage.REJECTED, "FIELD_INVALID:especie_doc")
    with transaction(write=False) as session:
        assert session.scalars(select(BankInstructionRow)).all() == []
        assert set(session.scalars(select(col(BankAccountRow.next_file)))) == {1}


def test_a_payer_the_file_could_not_state_is_refused_before_a_number_is_taken(
    world: World, bank: Bank
) -> None:
    with transaction() as session:
        ana = session.scalars(select(CustomerRow).where(col(CustomerRow.name) == "Ana")).one()
        ana.postcode = "5007"

    with pytest.raises(OrderRefused) as refused:
        bank.issue(world.three, FACE)

    assert refused.value.details["fields"] == ["postcode"]
    assert rows(BoletoRow) == 0


def test_what_the_banks_files_ask_for_is_missed_when_the_carteira_is_registered(
    world: World,
) -> None:
    facts, _ = CARTEIRAS["001"]
    with pytest.raises(FieldMissing) as refused:
        carteiras.operator_save(
            "norte",
            "BB sem variação",
            {"bank": "001", **facts, "contract": {}, "channel": Channel.CNAB240},
        )

    assert refused.value.details["field"] == "variacao"


def test_titles_of_the_file_and_of_two_ways_settle_once(world: World, bank: Bank) -> None:
    """The same payment by two files, the second with its credit date."""
    bank.issue(world.three, FACE)
    run_jobs()
    sent = bank.remessa()
    (asked,) = asked_in(sent)
    paid = Told(movement="06", asked=asked, paid=FACE, on=date(2026, 11, 25))
    bank.answer(sent, paid)

    again = bank.answer(
        sent, replace(paid, movement="17", credited_on=date(2026, 11, 26)), sequence=2
    )

    assert (again.new, again.known) == (0, 1)
    assert ledger.verify().ok


def _crash(*_: object, **__: object) -> None:
    raise ZeroDivisionError


def _once(first: Callable[..., None]) -> Callable[..., None]:
    """The first call is `first`, the others are as they were."""
    original, calls = incoming.post, [0]

    def called(*args: Any, **named: Any) -> None:
        calls[0] += 1
        (first if calls[0] == 1 else original)(*args, **named)

    return called


def _plan_and_run() -> None:
    from portal_app.jobs.schedule import SCHEDULE
    from portal_app.services import jobs

    jobs.plan(SCHEDULE)
    run_jobs()
