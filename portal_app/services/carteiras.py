"""The registry of carteiras de cobrança: staff set it up, an operator from the terminal too."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal_app.db import carteiras, companies
from portal_app.db.carteiras import Stored, StoredFatura
from portal_app.db.engine import Session, transaction
from portal_app.domain.carteiras import CarteiraFacts, changed, ensure_carteira
from portal_app.domain.companies import Company
from portal_app.domain.errors import NotFound
from portal_app.domain.grants import StaffFeature
from portal_app.gateways import clock
from portal_app.services.actors import Actor, hash_of, require
from portal_app.services.bank_gateways import gateway_for
from portal_app.settings import settings


@dataclass(frozen=True, slots=True)
class Registry:
    """A company's carteiras, by name."""

    at_banks: tuple[Stored, ...]
    faturas: tuple[StoredFatura, ...]


def registry(actor: Actor) -> Registry:
    require(actor, StaffFeature.CONFIGURE_BANKS)
    with transaction(write=False) as session:
        return _registry(session, actor.company)


def save(actor: Actor, facts: CarteiraFacts) -> int:
    """Register or change the carteira of that name; its id. Raises the field that is wrong."""
    require(actor, StaffFeature.CONFIGURE_BANKS)
    with transaction() as session:
        return _save(session, actor.company, facts)


def operator_registry(company: str) -> Registry:
    """An operator's command: whoever can run it on the server may."""
    with transaction(write=False) as session:
        return _registry(session, companies.by_slug(session, company))


def operator_save(
    company: str, name: str, told: Mapping[str, Any], next_number: int | None = None
) -> int:
    """`save` from the terminal: what is told of the carteira of that name, the rest as it is.

    `next_number` is where its account goes on numbering.
    """
    with transaction() as session:
        owner = companies.by_slug(session, company)
        before = carteiras.find(session, owner.id, name)
        saved = _save(session, owner, changed(before.facts if before else None, name, told))
        if next_number is not None:
            stored = carteiras.find(session, owner.id, name)
            assert stored is not None, "saved above"
            carteiras.set_next_number(session, owner.id, stored.account, next_number)
        return saved


def operator_save_fatura(
    company: str, name: str, offers: Sequence[str], *, default: bool = False
) -> None:
    """A carteira that lets the customer choose among these; `default` for contracts without one."""
    with transaction() as session:
        owner = companies.by_slug(session, company)
        banks = carteiras.ids_by_name(session, owner.id, offers)
        fatura = carteiras.save_fatura(session, owner.id, name, banks)
        if default:
            carteiras.set_default(session, owner.id, fatura)


def operator_tie(company: str, contract: str, name: str) -> None:
    """Collect a contract by the carteira of this name."""
    with transaction() as session:
        owner = companies.by_slug(session, company)
        (carteira,) = carteiras.ids_by_name(session, owner.id, [name])
        carteiras.tie(session, owner.id, contract, carteira)


def operator_webhook(company: str, name: str) -> str:
    """The address an account's bank is told to call, with a new secret that only it gets."""
    secret = secrets.token_urlsafe(32)
    with transaction() as session:
        owner = companies.by_slug(session, company)
        stored = carteiras.find(session, owner.id, name)
        if stored is None:
            raise NotFound(kind="carteira", name=name)
        carteiras.set_webhook(session, owner.id, stored.account, hash_of(secret))
    return f"{settings().public_url}/webhooks/banks/{stored.facts.bank}?key={secret}"


def _registry(session: Session, company: Company) -> Registry:
    return Registry(
        tuple(carteiras.at_banks(session, company.id)),
        tuple(carteiras.faturas(session, company.id)),
    )


def _save(session: Session, company: Company, facts: CarteiraFacts) -> int:
    ensure_carteira(facts, clock.today(company.zone))
    saved = carteiras.save(session, company.id, facts)
    # What the channel needs is missed now rather than by the first customer.
    gateway_for(company, companies.bank_carteiras(session, company.id, [saved])[saved])
    return saved
