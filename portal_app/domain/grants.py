"""Features a manager may grant, per customer; roles and what each may do by default.

Adding a feature means adding one line to `Feature` and, if it is not open to all
by default, one to `_CLOSED`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    CUSTOMER = "customer"
    STAFF = "staff"
    MANAGER = "manager"


class Assurance(StrEnum):
    """How somebody proved who they are."""

    LINK = "link"
    PASSWORD = "password"  # noqa: S105  a level, not a secret


class Feature(StrEnum):
    """What a customer may do. A manager opens and closes these (`grants`)."""

    SEE_DOCUMENTS = "documents.see"
    PRINT = "documents.print"
    EMAIL = "documents.email"
    PAY_CARD = "pay.card"
    PAY_PIX = "pay.pix"
    PAY_MB_WAY = "pay.mb_way"
    PAY_MULTIBANCO = "pay.multibanco"
    PAY_BOLETO = "pay.boleto"
    CHOOSE_BANK = "pay.choose_bank"
    HISTORY = "history.see"
    ANALYSIS = "analysis.see"
    ACCOUNT = "account.see"
    CHANGE_PASSWORD = "account.password"  # noqa: S105  a feature's name


class StaffFeature(StrEnum):
    """What the company's own people may do."""

    IMPORT = "documents.import"
    MAKE_LINKS = "links.make"
    WORK_TASKS = "tasks.work"
    CONFIGURE_BANKS = "banks.configure"


AnyFeature = Feature | StaffFeature

# A portal link proves less than a password: it never opens these.
NEEDS_PASSWORD: Final[frozenset[AnyFeature]] = frozenset({Feature.CHANGE_PASSWORD})

# A link to some documents shows those documents and pays them, nothing else.
PAYS: Final[frozenset[AnyFeature]] = frozenset(
    {
        Feature.PAY_CARD,
        Feature.PAY_PIX,
        Feature.PAY_MB_WAY,
        Feature.PAY_MULTIBANCO,
        Feature.PAY_BOLETO,
    }
)
SCOPED_LINK_OPENS: Final[frozenset[AnyFeature]] = PAYS | {
    Feature.SEE_DOCUMENTS,
    Feature.PRINT,
    Feature.CHOOSE_BANK,
}

_CLOSED: Final[frozenset[Feature]] = frozenset()

_OF_ROLE: Final[Mapping[Role, frozenset[AnyFeature]]] = {
    Role.CUSTOMER: frozenset(Feature) - _CLOSED,
    Role.STAFF: frozenset({Feature.CHANGE_PASSWORD, *StaffFeature}),
    Role.MANAGER: frozenset({Feature.CHANGE_PASSWORD, *StaffFeature}),
}


def effective(
    role: Role,
    assurance: Assurance,
    company: Mapping[str, bool],
    customer: Mapping[str, bool],
    *,
    scoped: bool = False,
) -> frozenset[AnyFeature]:
    """The features of one session.

    Role's default, overridden by the company's default, then by the customer's own
    grant; then narrowed by how the person came in.

    >>> Feature.ANALYSIS in effective(
    ...     Role.CUSTOMER, Assurance.PASSWORD, {"analysis.see": True}, {"analysis.see": False}
    ... )
    False
    """
    features = set(_OF_ROLE[role])
    if role is Role.CUSTOMER:
        for feature in Feature:
            allowed = customer.get(feature.value, company.get(feature.value))
            if allowed is not None:
                (features.add if allowed else features.discard)(feature)
    if assurance is Assurance.LINK:
        features -= NEEDS_PASSWORD
    return frozenset(features & SCOPED_LINK_OPENS if scoped else features)
