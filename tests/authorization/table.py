"""Who may what, written by hand: the portal's own rules are held against this table.

First the people, then which of them have each feature, then one line for each door. A new person
needs a line in `PEOPLE` and is made in people.py; a new feature a line in `FEATURES` or
`PERMISSIONS`; a new door one under its page. docs/authorization.md is drawn from it:
`python -m tests.authorization --write`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

Names = frozenset[str]


def names(text: str) -> Names:
    return frozenset(part.strip() for part in text.split("·") if part.strip())


# ── Features ──────────────────────────────────────────────────────────────────────────────────
# Who has a customer's feature besides those with a password who act for one (`HOLDERS`) and from
# whom it was not taken (`_LACKS`).

FEATURES: Final[Mapping[str, Names]] = {
    "documents.see": names("link · link to one document · accountant · manager viewing"),
    "documents.print": names("link · link to one document · accountant · manager viewing"),
    "documents.email": names("link"),
    "pay.card": names("link · link to one document"),
    "pay.pix": names("link · link to one document"),
    "pay.mb_way": names("link · link to one document"),
    "pay.multibanco": names("link · link to one document"),
    "pay.boleto": names("link · link to one document"),
    "pay.choose_bank": names("link · link to one document"),
    "history.see": names("link · accountant · manager viewing"),
    "analysis.see": names("link · accountant · manager viewing"),
    "statement.see": names("link · accountant · manager viewing"),
    "account.see": names("link · accountant · manager viewing"),
    "account.edit": names(""),
    "account.invite": names(""),
}
PAYS: Final = names("pay.card · pay.pix · pay.mb_way · pay.multibanco · pay.boleto")
# What belongs to a sign-in of one's own: everybody's who has one, of either side.
OWN: Final = names("own.security · own.privacy")
# Who has a permission besides the manager and whoever's role names it.
PERMISSIONS: Final[Mapping[str, Names]] = {
    "customers.find": names("staff"),
    "links.make": names("staff"),
    "customers.invite": names(""),
    "tasks.work": names("staff"),
    "documents.import": names("staff"),
    "banks.configure": names("staff"),
    "emails.configure": names(""),
    "letters.emit": names(""),
    "debits.release": names(""),
    "payments.refund": names(""),
    "audit.see": names(""),
    "privacy.work": names(""),
    "customers.view_as": names(""),
    "grants.manage": names(""),
    "users.manage": names(""),
    "security.configure": names(""),
}


def without(feature: str) -> str:
    return f"without {feature}"


def only(permission: str) -> str:
    return f"only {permission}"


# ── People ────────────────────────────────────────────────────────────────────────────────────

# Nobody, whatever they bring.
OUT: Final[Mapping[str, str]] = {
    "nobody": "no session",
    "made up session": "a session that never was",
    "session ended": "signed out",
    "session idle": "not used for 30 minutes",
    "session of yesterday": "in use, for 12 hours",
    "second factor awaited": "the password was right, no more",
    "user disabled": "a manager who was disabled",
    "accountant, over": "his last day was yesterday",
    "member no more": "his session names a customer he has nothing to do with any more",
    "viewing, not allowed": "staff, seeing as a customer after that permission was taken",
    "link revoked": "opened before it was revoked",
    "link expired": "opened before it expired",
}
# Who act for a customer, with a password.
HOLDERS: Final[Mapping[str, str]] = {
    "owner": "the customer whose documents these are",
    "member": "another user of that customer, no owner",
    "two customers, as one": "a user of two customers who acts for this one",
    "other customer": "of the same company",
    "other company": "a customer of another company",
}
NARROWED: Final[Mapping[str, str]] = {
    "pays nothing": "a user of the customer who may pay no way",
    "pays by card only": "a user of the customer",
    "nothing granted": "a user of the customer",
    **{without(feature): "a user of the customer" for feature in FEATURES},
}
READERS: Final[Mapping[str, str]] = {
    "link": "a portal link to all of the customer's documents",
    "link to one document": "a portal link to one",
    "accountant": "reads for the customer",
    "manager viewing": "a manager who sees as the customer",
}
UNDECIDED: Final[Mapping[str, str]] = {
    "two customers, none chosen": "a user of two customers who has not chosen",
}
COMPANY: Final[Mapping[str, str]] = {
    "staff": "without a role",
    "no permission": "staff whose role permits nothing",
    "every permission": "staff whose role permits everything",
    "manager": "of the customer's company",
    "other company's manager": "of another",
    **{only(permission): "staff whose role permits that" for permission in PERMISSIONS},
}

PEOPLE: Final[Mapping[str, str]] = {
    **OUT, **READERS, **HOLDERS, **NARROWED, **UNDECIDED, **COMPANY,
}  # fmt: skip
_LACKS: Final[Mapping[str, Names]] = {
    "pays nothing": PAYS,
    "pays by card only": PAYS - {"pay.card"},
    "nothing granted": frozenset(FEATURES),
    "member": names("account.invite"),
    **{without(feature): frozenset({feature}) for feature in FEATURES},
}
_EVERY_PERMISSION: Final = names("every permission · manager · other company's manager")


def holders(feature: str) -> Names:
    """Who has this feature."""
    if feature in OWN:
        return frozenset({*HOLDERS, *NARROWED, *UNDECIDED, *COMPANY, "accountant"})
    if feature in PERMISSIONS:
        return PERMISSIONS[feature] | _EVERY_PERMISSION | {only(feature)}
    lacking = frozenset(name for name, lacks in _LACKS.items() if feature in lacks)
    return FEATURES[feature] | (frozenset({*HOLDERS, *NARROWED}) - lacking)


# ── Doors ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class May:
    """Who may come in, in words; and what they need besides to be told anything there."""

    words: str
    people: Names
    told: Names | None = None

    def telling(self, *features: str) -> May:
        """Those without any of these may come in, and read nothing of anybody's."""
        told = frozenset[str]().union(*map(holders, features))
        return replace(self, words=f"{self.words}, told {_any(features)}", told=told)


def has(*features: str) -> May:
    """Whoever has one of these."""
    return May(_any(features), frozenset[str]().union(*map(holders, features)))


def _any(features: tuple[str, ...]) -> str:
    return " or ".join(f"`{feature}`" for feature in features)


ANYBODY: Final = May("anybody", frozenset(PEOPLE))
SIGNED_IN: Final = May("signed in", frozenset(PEOPLE) - OUT.keys())
CUSTOMERS: Final = May("customers", frozenset({*HOLDERS, *READERS, *NARROWED}))
STAFF: Final = May("the company's people", frozenset(COMPANY))
PAYING: Final = replace(has(*sorted(PAYS)), words="`pay.…`")

ROUTES_OF: Final[Mapping[str, Mapping[str, May]]] = {
    "Programs ask whether we are there": {
        "GET /healthz": ANYBODY,
        "GET /readyz": ANYBODY,
        "GET /api/v1/openapi.json": ANYBODY,
        "HEAD /api/v1/openapi.json": ANYBODY,
    },
    "Signing in and out, one's own things": {
        "POST /auth/sign-in": ANYBODY,
        "POST /auth/sign-out": ANYBODY,
        "POST /auth/language": ANYBODY,
        "POST /auth/password": ANYBODY,
    },
    "Proofs by e-mail, second factors and passkeys": {
        "POST /auth/reset": ANYBODY,
        "GET /r/{secret}": ANYBODY,
        "GET /i/{secret}": ANYBODY,
        "POST /auth/new-password": ANYBODY,
        "POST /auth/code": ANYBODY,
        "POST /auth/code-sign-in": ANYBODY,
        "POST /auth/second-factor": ANYBODY,
        "POST /auth/passkeys/challenge": ANYBODY,
        "POST /auth/passkeys/sign-in": ANYBODY,
        "POST /auth/passkeys/begin": has("own.security"),
        "POST /auth/passkeys/add": has("own.security"),
        "POST /auth/passkeys/remove": has("own.security"),
        "POST /auth/factor/begin": has("own.security"),
        "POST /auth/factor/confirm": has("own.security"),
        "POST /auth/factor/remove": has("own.security"),
        "POST /auth/factor/codes": has("own.security"),
        "POST /auth/factor/codes-kept": has("own.security"),
        "GET /files/authenticator.svg": has("own.security"),
    },
    "For whom one acts, and seeing as a customer": {
        "POST /auth/account": SIGNED_IN,
        "POST /auth/view": has("customers.view_as"),
        "POST /auth/view/end": CUSTOMERS,
    },
    "Links": {
        "GET /l/{token}": ANYBODY,
        "POST /auth/link": ANYBODY,
        "POST /auth/new-link": ANYBODY,
    },
    "Files": {
        "GET /files/boletos/{payment}.pdf": has("documents.print"),
        "GET /files/titles/{document}.pdf": has("documents.print"),
        "GET /files/documents/{document}.pdf": has("documents.print"),
        "GET /files/receipts/{receipt}.pdf": has("documents.print"),
        "GET /files/boletos/{payment}/pix.svg": has("documents.see"),
        "GET /files/payments/{payment}/pix.svg": has("documents.see"),
    },
    "Own and company's data": {
        "GET /files/my-data.zip": has("own.privacy"),
        "GET /files/audit.csv": has("audit.see"),
    },
    "Banks and providers call in, and prove themselves by what they send": {
        "POST /webhooks/stripe": ANYBODY,
        "POST /webhooks/banks/{bank}": ANYBODY,
    },
}

EVENTS_OF: Final[Mapping[str, Mapping[str, May]]] = {
    "Around every page": {
        "LanguageState.load": ANYBODY,
        "NoticeState.close": ANYBODY,
        "NoticeState.refuse": ANYBODY,
        "ShellState.load": SIGNED_IN.telling("documents.see"),
    },
    "Before the door": {
        "SignInState.load": ANYBODY,
        "LinkState.load": ANYBODY,
    },
    "Open documents": {
        "OpenState.load": CUSTOMERS.telling("documents.see"),
        "OpenState.show": has("documents.see"),
        "OpenState.set_period": has("documents.see"),
        "OpenState.sort_by": has("documents.see"),
        "OpenState.previous": has("documents.see"),
        "OpenState.next": has("documents.see"),
        "SelectionState.tick": has("documents.see"),
        "SelectionState.everything": has("documents.see"),
        "SelectionState.overdue": has("documents.see"),
        "SelectionState.clear": has("documents.see"),
        "SelectionState.pay": PAYING,
        "SelectionState.pay_group": PAYING,
    },
    "How to pay, and at which bank": {
        "MethodState.start": PAYING,
        "MethodState.accept": PAYING,
        "MethodState.close": PAYING,
        "ChoiceState.pick": has("pay.boleto"),
        "ChoiceState.confirm": has("pay.boleto"),
        "ChoiceState.accept": has("pay.boleto"),
    },
    "A payment's page": {
        "PaymentPageState.load": CUSTOMERS.telling("documents.see"),
        "PaymentPageState.follow": CUSTOMERS.telling("documents.see"),
        "PaymentPageState.ask_to_replace": CUSTOMERS,
        "PaymentPageState.keep": CUSTOMERS,
        "PaymentPageState.again": CUSTOMERS.telling("documents.see"),
        "PaymentPageState.replace": PAYING,
        "PaymentPageState.move_due": has("pay.boleto"),
        "PaymentPageState.email": has("documents.email"),
        "PaymentPageState.email_receipt": has("documents.email"),
        "SentState.follow": CUSTOMERS.telling("documents.see"),
    },
    "The demo provider's page": {
        "DemoState.load": CUSTOMERS.telling("documents.see"),
        "DemoState.decide": PAYING,
    },
    "The e-mail dialog": {
        "EmailState.open_document": has("documents.email"),
        "EmailState.open_receipt": has("documents.email"),
        "EmailState.send": has("documents.email"),
        "EmailState.close": has("documents.email"),
    },
    "History": {
        "HistoryState.load": CUSTOMERS.telling("history.see"),
        "HistoryState.choose_tab": has("history.see"),
        "HistoryState.choose_period": has("history.see"),
        "HistoryState.forget_period": has("history.see"),
        "HistoryState.newer": has("history.see"),
        "HistoryState.older": has("history.see"),
    },
    "Analysis": {
        "AnalysisState.load": CUSTOMERS.telling("analysis.see"),
        "AnalysisState.choose_span": has("analysis.see"),
        "AnalysisState.type_period": has("analysis.see"),
        "AnalysisState.choose_period": has("analysis.see"),
        "BehindState.open": has("analysis.see"),
        "BehindState.close": has("analysis.see"),
    },
    "Account": {
        "AccountState.load": SIGNED_IN.telling("account.see"),
        "ContactDataState.load": SIGNED_IN.telling("account.edit"),
        "ContactDataState.save": has("account.edit"),
    },
    "Own sessions, factors and passkeys": {
        "CodeState.load": ANYBODY,
        "NewPasswordState.load": ANYBODY,
        "SecondFactorState.load": ANYBODY,
        "VerificationState.load": has("own.security"),
        "SessionsState.load": has("own.security"),
        "SessionsState.end": has("own.security"),
        "SessionsState.end_others": has("own.security"),
        "SessionsState.revoke": has("own.security"),
    },
    "For whom one acts": {
        "AccountsState.load": SIGNED_IN,
    },
    "A customer's people, on his own page and on the company's": {
        "PeopleState.load": SIGNED_IN.telling("account.invite", "customers.invite"),
        "PeopleState.open_invite": has("account.invite", "customers.invite"),
        "PeopleState.open_person": has("account.invite", "customers.invite"),
        "PeopleState.close": has("account.invite", "customers.invite"),
        "PeopleState.invite": has("account.invite", "customers.invite"),
        "PeopleState.save": has("account.invite", "customers.invite"),
        "PeopleState.act": has("account.invite", "customers.invite"),
        "PeopleState.ask_to_remove_factor": has("customers.invite"),
        "PeopleState.remove_factor": has("customers.invite"),
    },
    "Privacy": {
        "PrivacyState.load": SIGNED_IN,
        "PrivacyState.save": has("own.privacy"),
        "PrivacyState.begin": has("own.privacy"),
        "PrivacyState.back": has("own.privacy"),
        "PrivacyState.confirm": has("own.privacy"),
    },
    "Staff: tasks": {
        "StaffHomeState.load": STAFF.telling("tasks.work"),
        "StaffHomeState.show": has("tasks.work"),
        "StaffHomeState.retry": has("tasks.work"),
        "StaffHomeState.close": has("tasks.work"),
        "StaffHomeState.look_again": has("tasks.work"),
    },
    "Staff: customers": {
        "CustomersState.load": STAFF.telling("customers.find"),
        "CustomersState.search": has("customers.find"),
        "CustomersState.previous": has("customers.find"),
        "CustomersState.next": has("customers.find"),
    },
    "Staff: a customer": {
        "CustomerState.load": STAFF.telling("customers.find"),
        # Whoever sees a customer sees his payments; sending one back is a permission of its own.
        "PaidState.load": STAFF.telling("customers.find"),
        "PaidState.newer": has("customers.find"),
        "PaidState.older": has("customers.find"),
        "PaidState.follow": has("customers.find"),
        "RefundState.choose": has("payments.refund"),
        "RefundState.weigh": has("payments.refund"),
        "RefundState.send": has("payments.refund"),
        "RefundState.close": has("payments.refund"),
        "LinksState.load": STAFF.telling("links.make"),
        "LinksState.make": has("links.make"),
        "LinksState.revoke": has("links.make"),
    },
    "Staff: audit": {
        "AuditState.load": STAFF.telling("audit.see"),
        "AuditState.choose": has("audit.see"),
        "AuditState.forget": has("audit.see"),
        "AuditState.newer": has("audit.see"),
        "AuditState.older": has("audit.see"),
    },
    "Staff: requests to delete": {
        "PrivacyDeskState.load": STAFF.telling("privacy.work"),
        "PrivacyDeskState.decide": has("privacy.work"),
        "PrivacyDeskState.back": has("privacy.work"),
        "PrivacyDeskState.carry_out": has("privacy.work"),
        "PrivacyDeskState.refuse": has("privacy.work"),
    },
    "Manager: grants": {
        "GrantsState.load": STAFF.telling("grants.manage"),
        "GrantsState.search": has("grants.manage"),
        "GrantsState.previous": has("grants.manage"),
        "GrantsState.next": has("grants.manage"),
        "GrantsState.show_all": has("grants.manage"),
        "GrantsState.show_people": has("grants.manage"),
        "ChangeState.choose": has("grants.manage"),
        "ChangeState.decide": has("grants.manage"),
        "ChangeState.close": has("grants.manage"),
        "MarkedState.tick": has("grants.manage"),
        "MarkedState.everything": has("grants.manage"),
        "MarkedState.clear": has("grants.manage"),
        "MarkedState.choose_feature": has("grants.manage"),
        "MarkedState.choose_group": has("grants.manage"),
        "MarkedState.propose": has("grants.manage"),
        "MarkedState.propose_group": has("grants.manage"),
        "MarkedState.back": has("grants.manage"),
        "MarkedState.confirm": has("grants.manage"),
        "GroupsState.open": has("grants.manage"),
        "GroupsState.add": has("grants.manage"),
        "GroupsState.rename": has("grants.manage"),
        "GroupsState.ask_to_remove": has("grants.manage"),
        "GroupsState.remove": has("grants.manage"),
        "GroupsState.close": has("grants.manage"),
    },
    "Manager: users": {
        "StaffState.load": STAFF.telling("users.manage"),
        "StaffState.open_invite": has("users.manage"),
        "StaffState.open_person": has("users.manage"),
        "StaffState.close": has("users.manage"),
        "StaffState.invite": has("users.manage"),
        "StaffState.save": has("users.manage"),
        "StaffState.act": has("users.manage"),
        "StaffState.ask_to_remove_factor": has("users.manage"),
        "StaffState.remove_factor": has("users.manage"),
    },
    "Manager: roles": {
        "RolesState.load": STAFF.telling("users.manage"),
        "RolesState.open_role": has("users.manage"),
        "RolesState.close": has("users.manage"),
        "RolesState.add": has("users.manage"),
        "RolesState.rename": has("users.manage"),
        "RolesState.set_permission": has("users.manage"),
        "RolesState.remove": has("users.manage"),
    },
    "Manager: security": {
        "SecurityState.load": STAFF.telling("security.configure"),
        "SecurityState.save": has("security.configure"),
        "SecurityState.confirm": has("security.configure"),
        "SecurityState.back": has("security.configure"),
        "RetentionState.save": has("security.configure"),
        "RetentionState.confirm": has("security.configure"),
        "RetentionState.back": has("security.configure"),
    },
}


def _all(groups: Mapping[str, Mapping[str, May]]) -> dict[str, May]:
    found = [line for lines in groups.values() for line in lines.items()]
    assert len(dict(found)) == len(found), "a door has one line"
    return dict(found)


ROUTES: Final = _all(ROUTES_OF)
EVENTS: Final = _all(EVENTS_OF)
