"""A company's account at the payment provider: what it takes.

An operator's commands: whoever can run them on the server may.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from portal_app.db import companies, payment_accounts
from portal_app.db.engine import transaction
from portal_app.domain.errors import InvalidField
from portal_app.domain.methods import takeable
from portal_app.domain.payments import PaymentMethod
from portal_app.services.payment_gateways import present_provider

_ACCOUNT: Final = re.compile(r"acct_[A-Za-z0-9]{1,60}")


@dataclass(frozen=True, slots=True)
class Shown:
    """An account in words that programs read."""

    provider: str
    currency: str
    account: str
    methods: tuple[PaymentMethod, ...]


def operator_show(company: str) -> Shown:
    """What the company takes in its own currency."""
    with transaction(write=False) as session:
        owner = companies.by_slug(session, company)
        known = payment_accounts.of_company(session, owner.id, owner.currency)
    return Shown(present_provider().value, owner.currency, known.account, known.methods)


def operator_set(
    company: str, currency: str | None, methods: Sequence[str], account: str | None
) -> None:
    """Take these methods in a currency, the company's own if none is named.

    `account` is a connected account of the provider, '' the installation's own, None as before.
    """
    if account and not _ACCOUNT.fullmatch(account):
        raise InvalidField(field="account", value=account[:40])
    with transaction() as session:
        owner = companies.by_slug(session, company)
        wanted = (currency or owner.currency).upper()
        possible = takeable(wanted)
        wrong = next((name for name in methods if name not in possible), None)
        if wrong is not None:
            raise InvalidField(field="method", value=wrong[:40])
        before = payment_accounts.of_company(session, owner.id, wanted)
        kept = before.account if account is None else account
        chosen = [PaymentMethod(name) for name in dict.fromkeys(methods)]
        payment_accounts.put(session, owner.id, wanted, kept, chosen)
