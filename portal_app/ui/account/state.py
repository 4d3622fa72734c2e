"""What the account page shows of the person who asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import reflex as rx

from portal_app.domain.errors import FieldTooLong, InvalidField, SignInFailed
from portal_app.domain.grants import Assurance, Feature, OwnFeature
from portal_app.domain.tax_ids import masked, masked_code
from portal_app.services import account, second_factor
from portal_app.services.account import Account
from portal_app.services.rules import SIGNED_IN
from portal_app.services.second_factor import Standing
from portal_app.ui import formats, routes
from portal_app.ui.errors import refusal_of
from portal_app.ui.session import attempt, current, opens_to, told
from portal_app.ui.texts import refusal, say, say_many

PASSWORD_CHANGED: Final = "PASSWORD_CHANGED"  # noqa: S105  a code

# On this page a code can only be about the password form, and its sentence says so.
_PASSWORD_REFUSED: Final = {
    SignInFailed.code: "account.password.wrong",
    InvalidField.code: "account.password.too_short",
    FieldTooLong.code: "account.password.too_long",
}


@dataclass(frozen=True)
class AccountShown:
    """The account in words, the tax id with its ends hidden."""

    name: str = ""
    login: str = ""
    customer: str = ""
    code: str = ""
    tax_id: str = ""
    contracts: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""

    @classmethod
    def of(cls, account: Account) -> AccountShown:
        tax_id = masked(account.tax_id) if account.tax_id else ""
        return cls(
            name=account.name if account.name != account.customer else "",
            login=account.login,
            customer=account.customer,
            code=masked_code(account.code, account.tax_id),
            tax_id=tax_id,
            contracts=", ".join(account.contracts),
            email=account.contact.email,
            phone=account.contact.phone,
            address=formats.address(account.contact),
        )


@opens_to(SIGNED_IN)
class AccountState(rx.State):
    """The account, and what the password form was answered."""

    status: str = "loading"
    account: AccountShown = AccountShown()
    may_edit: bool = False
    is_link: bool = False
    may_change_password: bool = False
    verification: str = ""
    has_privacy: bool = False
    hint: str = ""
    done: str = ""
    error: str = ""
    code: str = ""

    @rx.event
    async def load(self) -> None:
        actor = current()
        answer = await attempt(self, account.show)
        self.status = answer.status
        self.account = AccountShown.of(answer.value) if answer.value else AccountShown()
        self.may_edit = actor.may(Feature.EDIT_DATA)
        self.is_link = actor.assurance is Assurance.LINK
        self.may_change_password = actor.may(OwnFeature.SECURITY)
        standing = await attempt(self, second_factor.standing)
        self.verification = _in_words(standing.value) if standing.value else ""
        self.has_privacy = actor.may(OwnFeature.PRIVACY)
        self.hint = say("account.password.hint", shortest=account.SHORTEST_PASSWORD)
        self._say(told(self, routes.ACCOUNT))

    def _say(self, answered: dict[str, str]) -> None:
        code = answered.get("code", "")
        found = refusal_of(code, answered)
        self.done = say("account.password.changed") if code == PASSWORD_CHANGED else ""
        self.code = found.code if found else ""
        key = _PASSWORD_REFUSED.get(self.code)
        if key:
            self.error = say(key, **answered)
        else:
            self.error = refusal(found) if found else ""


def _in_words(standing: Standing) -> str:
    """'Aplicativo de códigos · 1 chave de acesso · 8 códigos de recuperação', or that it is off."""
    if not standing.has_any:
        return say("account.verification.off")
    parts = (
        say("account.verification.app") if standing.has_app else "",
        say_many("account.verification.passkeys", standing.passkeys) if standing.passkeys else "",
        say_many("verification.codes.left", standing.codes_left),
    )
    return " · ".join(filter(None, parts))
