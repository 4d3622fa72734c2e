"""The customers somebody can act for, to choose one."""

from __future__ import annotations

from dataclasses import dataclass

import reflex as rx

from portal_app.services import people
from portal_app.services.people import Account
from portal_app.services.rules import SIGNED_IN
from portal_app.ui import formats
from portal_app.ui.session import attempt, current, opens_to
from portal_app.ui.shell import initials
from portal_app.ui.texts import say


@dataclass(frozen=True)
class AccountLine:
    """A customer in words; `is_present`: the one the reader acts for now."""

    id: int
    name: str
    initials: str
    kind: str
    is_present: bool

    @classmethod
    def of(cls, account: Account) -> AccountLine:
        kind = say(f"member.{account.kind}")
        until = say("member.until", day=formats.day(account.ends)) if account.ends else ""
        return cls(
            id=account.customer,
            name=account.name,
            initials=initials(account.name),
            kind=" · ".join(filter(None, (kind, until))),
            is_present=account.customer == current().customer,
        )


@opens_to(SIGNED_IN)
class AccountsState(rx.State):
    status: str = "loading"
    accounts: list[AccountLine] = []

    @rx.event
    async def load(self) -> None:
        answer = await attempt(self, people.accounts)
        self.status = answer.status
        self.accounts = [AccountLine.of(account) for account in answer.value or ()]
