"""A company owns every row: no query in db/ without it."""

import ast
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from portal_app.db import models

DB = Path(models.__file__).parent

# Asked before any company is known, or for the whole installation (DECISIONS: finding a user by
# login, finding a session, opening a link, claiming a job; docs/adr/0008).
EXCEPTIONS = {
    "users.by_login": "finding a user by login",
    "users.blocked_until": "counted before a login is known to exist",
    "users.failures": "counted before a login is known to exist",
    "users.fail": "counted before a login is known to exist",
    "users.forgive": "counted before a login is known to exist",
    "users.forget_before": "counted before a login is known to exist",
    "retention.ceremonies": "made before a login is known to exist",
    "sessions.find": "finding a session",
    "links.find": "opening a link",
    "proofs.find": "opening a link that came by e-mail",
    "passkeys.by_credential": "a passkey says whose it is, as a login does",
    "passkeys.begin": "a challenge is nobody's yet",
    "passkeys.finish": "a challenge is nobody's yet",
    "passkeys.forget_before": "a challenge is nobody's yet",
    "companies.account_called_by": "receiving a provider's event",
    "payments.named": "receiving a provider's event",
    "provider_events.put": "receiving a provider's event",
    "jobs.claim": "claiming a job",
    "jobs.next_run_at": "claiming a job: when there will be one",
    "loading.wait_alone": "keeps a second loader out; reads nothing",
    "loading.add_company": "makes the company",
    "companies.by_slug": "an operator names the company",
    "companies.list_ids": "an operator's command goes through all companies",
}
# A claim carries its job's company.
CARRIES_COMPANY = {"Claim"}
OUTSIDE = {"__init__.py", "engine.py", "migrate.py", "models.py"}
TABLES_WITHOUT_COMPANY = {"company", "sign_in_throttle", "ceremony"}


def _queries() -> list[tuple[str, ast.FunctionDef]]:
    found: list[tuple[str, ast.FunctionDef]] = []
    for file in sorted(DB.glob("*.py")):
        if file.name in OUTSIDE:
            continue
        body = ast.parse(file.read_text(encoding="utf-8")).body
        functions = (node for node in body if isinstance(node, ast.FunctionDef))
        found += [(f"{file.stem}.{f.name}", f) for f in functions if _takes_session(f)]
    return found


def _takes_session(node: ast.FunctionDef) -> bool:
    return bool(node.args.args) and node.args.args[0].arg in {"session", "connection"}


def _annotation(argument: ast.arg) -> str:
    return ast.unparse(argument.annotation) if argument.annotation else ""


@pytest.mark.parametrize(("name", "node"), _queries(), ids=[name for name, _ in _queries()])
def test_every_query_takes_the_company_right_after_the_session(
    name: str, node: ast.FunctionDef
) -> None:
    if name in EXCEPTIONS or name.split(".")[1].startswith("_"):
        return
    second = node.args.args[1] if len(node.args.args) > 1 else None

    assert second is not None, f"{name} asks for rows of no company"
    assert second.arg == "company" or _annotation(second) in CARRIES_COMPANY


@pytest.mark.parametrize(("name", "node"), _queries(), ids=[name for name, _ in _queries()])
def test_every_query_uses_the_company_it_takes(name: str, node: ast.FunctionDef) -> None:
    if name in EXCEPTIONS:
        return
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    arguments = {argument.arg for argument in node.args.args}
    carried = [a for a in node.args.args if _annotation(a) in CARRIES_COMPANY]

    if "company" in arguments:
        assert "company" in names, f"{name} takes the company and forgets it"
    elif not carried:
        assert name.split(".")[1].startswith("_"), f"{name} has no company to use"


def test_no_exception_is_named_that_no_longer_exists() -> None:
    assert EXCEPTIONS.keys() <= {name for name, _ in _queries()}


def test_every_table_but_those_before_a_company_is_known_has_one() -> None:
    without = {
        name for name, table in SQLModel.metadata.tables.items() if "company_id" not in table.c
    }

    assert without == TABLES_WITHOUT_COMPANY
