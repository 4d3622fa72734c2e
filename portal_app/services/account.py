"""One's own account: data, password, language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from portal_app.db import companies, customers, people, sessions, users
from portal_app.db.engine import transaction
from portal_app.db.users import User
from portal_app.domain.audit import Action
from portal_app.domain.contact_data import NOTHING_KNOWN, ContactData, contact_of
from portal_app.domain.emails import MailKind
from portal_app.domain.errors import FieldTooLong, InvalidField, SignInFailed
from portal_app.domain.grants import Assurance, Feature, OwnFeature
from portal_app.domain.passwords import ensure_uncommon
from portal_app.gateways import clock, passwords
from portal_app.services import audit, mail
from portal_app.services.actors import Actor, require

SHORTEST_PASSWORD: Final = passwords.SHORTEST


@dataclass(frozen=True, slots=True)
class Account:
    """What the account page shows of somebody and of the customer he acts for, if he does."""

    name: str
    login: str
    customer: str = ""
    code: str = ""
    tax_id: str = ""
    contracts: tuple[str, ...] = ()
    contact: ContactData = NOTHING_KNOWN


def show(actor: Actor) -> Account:
    if actor.customer is None:
        require(actor, OwnFeature.SECURITY)
        return Account(actor.name, actor.login)
    require(actor, Feature.ACCOUNT)
    with transaction(write=False) as session:
        customer = customers.by_id(session, actor.company.id, actor.scope.customer)
    contact, by_link = contact_of(customer), actor.assurance is Assurance.LINK
    return Account(
        name=actor.name,
        login=actor.login,
        customer=customer.name,
        code=customer.code,
        tax_id=customer.tax_id,
        contracts=customer.contracts,
        # A link may have been forwarded: whoever has it does not learn where the customer lives.
        contact=ContactData(email=contact.email) if by_link else contact,
    )


def change_password(actor: Actor, present: str, wanted: str) -> None:
    """Change one's own password; all other sessions of the user end."""
    require(actor, OwnFeature.SECURITY)
    ensure_length(wanted)
    with transaction(write=False) as session:
        user = users.by_id(session, actor.company.id, actor.user)
    if not passwords.matches(user.password_hash if user else None, present) or user is None:
        raise SignInFailed
    ensure_hard_to_guess(user, wanted)
    new_hash = passwords.hash_password(wanted)
    with transaction() as session:
        sessions.end_all(session, actor.company.id, actor.user, clock.now(), keep=actor.session)
        users.set_password(session, actor.company.id, actor.user, new_hash)
        mail.tell(session, user, MailKind.PASSWORD_CHANGED)
        audit.record(session, actor, Action.PASSWORD_CHANGED, actor.subject)


def ensure_length(wanted: str) -> None:
    """Refuse what is too short to be safe, and what is too long to be hashed."""
    if len(wanted) < passwords.SHORTEST:
        raise InvalidField(field="password", shortest=passwords.SHORTEST)
    if len(wanted) > passwords.LONGEST:
        raise FieldTooLong(field="password", longest=passwords.LONGEST)


def ensure_hard_to_guess(user: User, wanted: str) -> None:
    """Refuse a common password, and one made of whose it is and where he uses it."""
    with transaction(write=False) as session:
        company = companies.by_id(session, user.company)
        accounts = people.accounts(session, user.company, user.id)
    ensure_uncommon(
        wanted,
        (user.login, user.name, company.name, company.slug, *(each.name for each in accounts)),
    )


def set_locale(actor: Actor, locale: str) -> None:
    """Keep the language a user chose; a link session has nowhere to keep it."""
    if actor.assurance is Assurance.PASSWORD and not actor.viewing:
        with transaction() as session:
            users.set_locale(session, actor.company.id, actor.user, locale)
