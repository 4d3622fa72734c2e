"""How a company guards its own people's sign-ins. An operator's command so far."""

from portal_app.db import companies, users
from portal_app.db.engine import transaction
from portal_app.domain.audit import OPERATOR, Action, Deed
from portal_app.domain.companies import SecondFactor
from portal_app.domain.errors import InvalidField, NotFound
from portal_app.services import audit, lost_factors


def second_factor(company: str) -> SecondFactor:
    """Whether this company's managers must have a second factor."""
    with transaction(write=False) as session:
        return companies.by_slug(session, company).second_factor


def set_second_factor(company: str, wanted: str) -> SecondFactor:
    """Say whether they must; it holds at each manager's next event, without a new sign-in."""
    try:
        rule = SecondFactor(wanted)
    except ValueError:
        raise InvalidField(field="second_factor", value=wanted) from None
    with transaction() as session:
        found = companies.by_slug(session, company)
        if found.second_factor is not rule:
            companies.set_second_factor(session, found.id, rule)
            facts = {"before": found.second_factor.value, "after": rule.value}
            deed = Deed(OPERATOR, Action.SECURITY_CHANGED, "company", None, facts)
            audit.enter(session, found.id, deed)
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
