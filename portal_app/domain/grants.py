"""Features a manager may grant, where a grant comes from, roles and permissions of the company's people.

Adding a feature means adding one line to `Feature`, and one to `CLOSED` if it is not open to all by
default. It shows in the manager's matrix by itself; its words are `feature.NAME` in the catalogs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
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
    STATEMENT = "statement.see"
    ACCOUNT = "account.see"
    EDIT_DATA = "account.edit"
    INVITE = "account.invite"


class OwnFeature(StrEnum):
    """What anybody with a sign-in of his own may do with it. No manager takes these."""

    SECURITY = "own.security"
    PRIVACY = "own.privacy"


class StaffFeature(StrEnum):
    """What the company's own people may do: the permissions of a staff role."""

    FIND_CUSTOMERS = "customers.find"
    MAKE_LINKS = "links.make"
    INVITE_CUSTOMERS = "customers.invite"
    WORK_TASKS = "tasks.work"
    IMPORT = "documents.import"
    CONFIGURE_BANKS = "banks.configure"
    CONFIGURE_EMAIL = "emails.configure"
    EMIT_LETTERS = "letters.emit"
    RELEASE_DEBITS = "debits.release"
    REFUND = "payments.refund"
    SEE_AUDIT = "audit.see"
    WORK_PRIVACY = "privacy.work"
    VIEW_AS = "customers.view_as"
    MANAGE_GRANTS = "grants.manage"
    MANAGE_USERS = "users.manage"
    CONFIGURE_SECURITY = "security.configure"


AnyFeature = Feature | OwnFeature | StaffFeature


class Area(StrEnum):
    """Under which heading a feature stands in the manager's matrix, from left to right."""

    DOCUMENTS = "documents"
    PAY = "pay"
    LOOKUPS = "lookups"
    ACCOUNT = "account"


def area_of(feature: Feature) -> Area:
    """By the first part of its name; whatever names no area of its own is a lookup.

    >>> area_of(Feature.PAY_PIX), area_of(Feature.HISTORY)
    (<Area.PAY: 'pay'>, <Area.LOOKUPS: 'lookups'>)
    """
    first = feature.value.partition(".")[0]
    return next((area for area in Area if area.value == first), Area.LOOKUPS)


# As the matrix shows them: area by area, within one as they are declared.
IN_ORDER: Final = tuple(sorted(Feature, key=lambda feature: list(Area).index(area_of(feature))))

# A portal link proves less than a password: it never opens these.
NEEDS_PASSWORD: Final[frozenset[AnyFeature]] = frozenset(
    {*OwnFeature, Feature.EDIT_DATA, Feature.INVITE}
)

PAYS: Final[frozenset[AnyFeature]] = frozenset(
    {
        Feature.PAY_CARD,
        Feature.PAY_PIX,
        Feature.PAY_MB_WAY,
        Feature.PAY_MULTIBANCO,
        Feature.PAY_BOLETO,
    }
)
# A link to some documents shows those documents and pays them, nothing else.
SCOPED_LINK_OPENS: Final[frozenset[AnyFeature]] = PAYS | {
    Feature.SEE_DOCUMENTS,
    Feature.PRINT,
    Feature.CHOOSE_BANK,
}
# What changes nothing and sends nothing: an accountant's, and whoever sees as a customer sees.
READS: Final[frozenset[AnyFeature]] = frozenset(
    {
        Feature.SEE_DOCUMENTS,
        Feature.PRINT,
        Feature.HISTORY,
        Feature.ANALYSIS,
        Feature.STATEMENT,
        Feature.ACCOUNT,
    }
)

# Only an owner says who else acts for his customer.
OWNERS: Final[frozenset[AnyFeature]] = frozenset({Feature.INVITE})

# Not open to anybody until a manager opens them.
CLOSED: Final[frozenset[Feature]] = frozenset()

# What the portal does not do yet: it may be granted, and the matrix says that it comes later.
COMING: Final[frozenset[Feature]] = frozenset({Feature.STATEMENT})

# What staff may do who were given no role.
STAFF_DEFAULT: Final[frozenset[StaffFeature]] = frozenset(
    {
        StaffFeature.FIND_CUSTOMERS,
        StaffFeature.MAKE_LINKS,
        StaffFeature.WORK_TASKS,
        StaffFeature.IMPORT,
        StaffFeature.CONFIGURE_BANKS,
    }
)


class MemberKind(StrEnum):
    """What somebody is to a customer: OWNER and MEMBER act for him, an ACCOUNTANT only reads.

    Only an OWNER lets others in.
    """

    OWNER = "owner"
    MEMBER = "member"
    ACCOUNTANT = "accountant"


class Level(StrEnum):
    """Where a grant was given, from the widest to the narrowest. PRODUCT: nobody said anything."""

    PRODUCT = "product"
    COMPANY = "company"
    GROUP = "group"
    CUSTOMER = "customer"
    USER = "user"


Given = Mapping[str, bool]
"""Feature → given (True) or taken (False), at one level; silent about all others."""


@dataclass(frozen=True, slots=True)
class Layers:
    """What was given and taken at each level that a session stands under."""

    company: Given = field(default_factory=dict[str, bool])
    group: Given = field(default_factory=dict[str, bool])
    customer: Given = field(default_factory=dict[str, bool])
    user: Given = field(default_factory=dict[str, bool])


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a feature is granted, and which level says so."""

    allowed: bool
    level: Level


def standing(feature: Feature, layers: Layers) -> Standing:
    """The narrowest level that says something decides; a single user can only be narrowed.

    >>> standing(Feature.ANALYSIS, Layers(company={"analysis.see": False}))
    Standing(allowed=False, level=<Level.COMPANY: 'company'>)
    >>> standing(Feature.ANALYSIS, Layers(user={"analysis.see": True})).level
    <Level.PRODUCT: 'product'>
    """
    name = feature.value
    above = (
        (Level.CUSTOMER, layers.customer),
        (Level.GROUP, layers.group),
        (Level.COMPANY, layers.company),
    )
    found = next(((level, given[name]) for level, given in above if name in given), None)
    level, allowed = found or (Level.PRODUCT, feature not in CLOSED)
    if allowed and layers.user.get(name) is False:
        return Standing(allowed=False, level=Level.USER)
    return Standing(allowed, level)


def of_customer(
    layers: Layers,
    assurance: Assurance,
    *,
    kind: MemberKind = MemberKind.OWNER,
    scoped: bool = False,
    reads_only: bool = False,
) -> frozenset[AnyFeature]:
    """The features of a session that acts for a customer.

    What the company granted, then narrowed by how the person came in (a link, a link to some
    documents) and by what he is to the customer. `reads_only`: somebody sees as the customer sees.
    """
    features: set[AnyFeature] = {each for each in Feature if standing(each, layers).allowed}
    features |= set(OwnFeature)
    if assurance is Assurance.LINK:
        features -= NEEDS_PASSWORD
    if scoped:
        features &= SCOPED_LINK_OPENS
    if kind is not MemberKind.OWNER:
        features -= OWNERS
    if kind is MemberKind.ACCOUNTANT:
        features &= READS | set(OwnFeature)
    return frozenset(features & READS if reads_only else features)


def of_staff(role: Role, permissions: Iterable[str] | None) -> frozenset[AnyFeature]:
    """The features of one of the company's own people; a manager has all of them.

    `permissions` of his staff role, None without one. A permission of another version is nothing.
    """
    if role is Role.MANAGER:
        return frozenset({*StaffFeature, *OwnFeature})
    names = None if permissions is None else set(permissions)
    given = STAFF_DEFAULT if names is None else {f for f in StaffFeature if f.value in names}
    return frozenset({*given, *OwnFeature})


def is_member(ends: date | None, today: date) -> bool:
    """Whether somebody still is what he was made; `ends` is the last day he is."""
    return ends is None or today <= ends
