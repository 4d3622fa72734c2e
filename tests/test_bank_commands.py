"""The terminal's way with banks: a carteira registered, a remessa written, its retorno taken."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from portal_app.cli.app import app
from portal_app.domain.errors import PortalError
from portal_app.services import boletos
from tests.bank_answers import Told, asked_in, retorno
from tests.company import World, actor, run_jobs
from tests.company import world as world

SET = (
    "carteira set Arquivo --company norte --bank 237 --agencia 1234 --agencia-dv X"
    " --conta 123456 --conta-dv X --convenio 4466911 --carteira 09 --channel cnab240"
    " --fine 2 --interest 1.5 --days-to-pay 5 --next-number 700 --contract transmissao=1"
)


@pytest.fixture(autouse=True)
def prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's own database stands already; the demo company would only be slow."""
    monkeypatch.setattr("portal_app.serve.prepare_database", lambda: None)


def run(line: str, *more: str) -> Result:
    return CliRunner().invoke(app, [*line.split(), *more])


def test_from_a_carteira_to_its_retorno(world: World, tmp_path: Path) -> None:
    assert run(SET).stdout == "Arquivo is registered.\n"
    assert run("carteira offer Fatura --company norte --bank Arquivo").exit_code == 0
    assert run("carteira tie 10482 --company norte --carteira Fatura").exit_code == 0
    listed = run("carteira list --company norte").stdout
    for fact in ("Arquivo", "  fine_bp: 200", "  interest_bp: 150", "  next_number: 700"):
        assert fact in listed
    assert "Fatura: offers Arquivo" in listed

    ana = actor("ana")
    (bank,) = boletos.offer(ana, world.three).banks
    boletos.issue(ana, world.three, bank.carteira, bank.total)
    run_jobs()
    written = run(f"remessa --company norte --out {tmp_path}")
    place = tmp_path / "237-4466911-000001.rem"
    assert written.stdout == f"{place}  file 1, 1 instructions\n"
    assert run(f"remessa --company norte --out {tmp_path}").stdout == "Nothing waits to be sent.\n"
    again = run(f"remessa --company norte --out {tmp_path} --carteira Arquivo --again 1")
    assert again.stdout == written.stdout

    (asked,) = asked_in(place.read_bytes())
    told = [Told(movement="02", asked=asked), Told(movement="06", asked=asked, paid=asked.cents)]
    file = tmp_path / "CB241126.RET"
    file.write_bytes(retorno(place.read_bytes(), told))
    tried = run(f"import {file} --company norte --dry-run")
    taken = run(f"import {file} --company norte")
    assert tried.stdout == taken.stdout == "2 new, 1 registered, 1 settled, 0 known\n0 refused\n"
    assert run(f"import {file} --company norte").stdout == "0 new, 2 known\n0 refused\n"


def test_what_was_refused_ends_with_one(world: World, tmp_path: Path) -> None:
    run(SET)
    file = tmp_path / "x.ret"
    file.write_bytes(("02RETORNO01COBRANCA".ljust(394) + "000001\n").encode())
    refused = run(f"import {file} --company norte")

    assert isinstance(refused.exception, PortalError | SystemExit)
    assert refused.exit_code == 1


def test_a_wrong_contract_is_refused_by_its_form(world: World) -> None:
    assert "NAME=VALUE" in run(SET.replace("transmissao=1", "transmissao")).output


def test_again_needs_to_know_whose(world: World) -> None:
    assert "--carteira" in run("remessa --company norte --again 1").output


def test_the_webhook_address_holds_a_secret(world: World) -> None:
    run(SET)
    first = run("carteira webhook Arquivo --company norte").stdout
    assert first.startswith("http://localhost:8000/webhooks/banks/237?key=")
    assert run("carteira webhook Arquivo --company norte").stdout != first
