"""A bank calls about its titles. A call is a hint: the bank is asked before anything changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from portal_app.db import companies, jobs
from portal_app.db.engine import transaction
from portal_app.domain.boleto.events import BankEvent
from portal_app.domain.errors import NotFound
from portal_app.gateways import clock
from portal_app.services.actors import hash_of
from portal_app.services.bank_gateways import gateway_for

# What names a title; whatever else a call says is asked for.
_NAMES: Final = ("bank", "agreement", "nosso_numero", "seu_numero", "bank_ref")


def receive(bank: str, secret: str, raw: bytes, headers: Mapping[str, str]) -> int:
    """Note which titles a call is about, to be asked for by jobs; how many.

    NotFound for a secret that is none of this bank's accounts, InvalidInput for a body that is
    no call of this bank.
    """
    now = clock.now()
    # Looked up first without the write lock, which nobody may take who does not know the secret.
    with transaction(write=False) as session:
        found = companies.account_called_by(session, hash_of(secret)) if secret else None
    if found is None:
        raise NotFound(kind="account")
    with transaction() as session:
        company = companies.by_id(session, found.company)
        carteiras = companies.carteiras_of_account(session, company.id, found.account)
        if not carteiras or carteiras[0].bank != bank:
            raise NotFound(kind="account")
        events = gateway_for(company, carteiras[0]).parse_events(raw, headers)
        for event in events:
            # Asked at most once a second, however often it calls.
            key = f"{found.account}/{_title(event)}/{now:%Y%m%d%H%M%S}"
            payload = {"account": found.account, "event": _named(event)}
            jobs.put(session, company.id, "boleto.hint", key, now, payload)
    return len(events)


def _title(event: BankEvent) -> str:
    return event.bank_ref or event.nosso_numero or event.seu_numero


def _named(event: BankEvent) -> dict[str, Any]:
    facts = asdict(event)
    return {name: facts[name] for name in _NAMES}
