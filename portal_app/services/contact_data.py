"""A customer's contact data, kept right by his own people."""

from __future__ import annotations

from portal_app.db import customers
from portal_app.db.engine import transaction
from portal_app.domain.audit import Action
from portal_app.domain.contact_data import ContactData, checked, contact_of, differing
from portal_app.domain.emails import masked
from portal_app.domain.errors import ContactChangedMeanwhile
from portal_app.domain.grants import Feature
from portal_app.services import audit, mail
from portal_app.services.actors import Actor, require

_NONE = "—"


def show(actor: Actor) -> ContactData:
    _require(actor)
    with transaction(write=False) as session:
        return contact_of(customers.by_id(session, actor.company.id, actor.scope.customer))


def change(actor: Actor, wanted: ContactData, seen: ContactData) -> ContactData:
    """Write what differs from what the actor was shown (`seen`), and nothing else; what stands now.

    Whoever is reached by e-mail elsewhere from now on is told there and at the former address.
    Raises FieldsInvalid, ContactChangedMeanwhile, TooManyMails; nothing is written then.
    """
    _require(actor)
    kept = checked(wanted, seen, actor.company.country)
    with transaction() as session:
        customer = customers.locked(session, actor.company.id, actor.scope.customer)
        present = contact_of(customer)
        fields = differing(present, kept)
        # A double click's second half finds it done.
        if not fields:
            return kept
        if present != seen:
            raise ContactChangedMeanwhile(fields=differing(present, seen))
        changed = {name: getattr(kept, name) for name in fields}
        customers.set_contact(session, actor.company.id, customer, changed)
        if "email" in fields:
            change = "email" if kept.email else "email_emptied"
            facts = {"change": change, "before": _said(present.email), "now": _said(kept.email)}
            mail.tell_customer(session, actor, present.email, kept.email, facts)
        about = f"customer:{customer.id}"
        audit.record(session, actor, Action.DATA_EDITED, about, fields=list(fields))
    return kept


def _require(actor: Actor) -> None:
    """Changing is seeing first."""
    require(actor, Feature.ACCOUNT)
    require(actor, Feature.EDIT_DATA)


def _said(address: str) -> str:
    """As much of an address as whoever has it recognises: one of the two readers may be a stranger."""
    return masked(address) if address else _NONE
