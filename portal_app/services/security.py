"""How a company guards its own people's sign-ins: by a manager on his page, by an operator's command."""

from __future__ import annotations

from dataclasses import dataclass

from portal_app.db import companies, factors, staff, users
from portal_app.db.engine import Session, transaction
from portal_app.db.factors import Kinds
from portal_app.db.staff import StaffPerson
from portal_app.domain.audit import OPERATOR, Action, Deed
from portal_app.domain.companies import SecondFactor
from portal_app.domain.errors import InvalidField, NotFound, OwnFactorMissing
from portal_app.domain.grants import Role, StaffFeature
from portal_app.domain.privacy import least_months
from portal_app.services import audit, lost_factors
from portal_app.services.actors import Actor, require
from portal_app.settings import settings


@dataclass(frozen=True, slots=True)
class Guarded:
    """One of the company's own people, and with what he proves himself besides the password."""

    person: StaffPerson
    kinds: Kinds


@dataclass(frozen=True, slots=True)
class Security:
    """`by_mode`: what SecondFactor.BY_MODE means on this installation, required or not.

    `months`: how long the company keeps its papers, at least `least_months`.
    """

    second_factor: SecondFactor
    by_mode: bool
    people: tuple[Guarded, ...]
    months: int
    least_months: int


def show(actor: Actor) -> Security:
    require(actor, StaffFeature.CONFIGURE_SECURITY)
    company = actor.company.id
    with transaction(write=False) as session:
        own = companies.by_id(session, company)
        found = staff.people(session, company)
        kinds = factors.kinds(session, company, [person.id for person in found])
    people = tuple(Guarded(person, kinds[person.id]) for person in found)
    return Security(
        second_factor=own.second_factor,
        by_mode=SecondFactor.BY_MODE.is_required(production=settings().is_production),
        people=people,
        months=own.retention_months,
        least_months=least_months(own.country),
    )


def choose_second_factor(actor: Actor, rule: SecondFactor, *, confirmed: bool) -> None:
    """Say whether managers must have one; it holds at each manager's next event.

    OwnFactorMissing for a manager without one whom it would bind himself, unless he `confirmed`.
    """
    require(actor, StaffFeature.CONFIGURE_SECURITY)
    with transaction() as session:
        if not confirmed and _binds(session, actor, rule):
            raise OwnFactorMissing
        _change(session, actor.company.id, rule, actor.subject)


def second_factor(company: str) -> SecondFactor:
    """Whether this company's managers must have a second factor."""
    with transaction(write=False) as session:
        return companies.by_slug(session, company).second_factor


def set_second_factor(company: str, wanted: str) -> SecondFactor:
    """An operator's way to say whether they must."""
    try:
        rule = SecondFactor(wanted)
    except ValueError:
        raise InvalidField(field="second_factor", value=wanted) from None
    with transaction() as session:
        _change(session, companies.by_slug(session, company).id, rule, OPERATOR)
    return rule


def remove_factor(company: str, login: str) -> bool:
    """An operator's way back for the last manager who lost his; False if he had none."""
    with transaction() as session:
        found = companies.by_slug(session, company)
        user = users.by_login(session, login.strip().lower())
        if user is None or user.company != found.id:
            raise NotFound(kind="user")
        deed = Deed(OPERATOR, Action.FACTOR_RESET, f"user:{user.id}")
        return lost_factors.take_away(session, found.id, user.id, deed)


def _change(session: Session, company: int, rule: SecondFactor, subject: str) -> None:
    before = companies.locked(session, company).second_factor
    if before is rule:
        return
    companies.set_second_factor(session, company, rule)
    facts = {"before": before.value, "after": rule.value}
    deed = Deed(subject, Action.SECURITY_CHANGED, "company", None, facts)
    audit.enter(session, company, deed)


def _binds(session: Session, actor: Actor, rule: SecondFactor) -> bool:
    """Whether the actor himself would have to set one up before anything else."""
    if actor.role is not Role.MANAGER or not rule.is_required(production=settings().is_production):
        return False
    return not factors.has_any(session, actor.company.id, actor.user)
