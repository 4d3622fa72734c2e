"""Whom a door lets in: one rule for each event, route and file, declared beside it.

A door asks its rule before anything else happens; the service behind it asks again for what it
does. A door without a rule lets nobody in, and a test names it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from portal_app.domain.grants import PAYS, AnyFeature, OwnFeature, Role
from portal_app.services.actors import Actor


class Who(StrEnum):
    """CUSTOMER: whoever acts for one, or sees as one does; STAFF: the company's own people."""

    ANYBODY = "anybody"
    SIGNED_IN = "signed_in"
    CUSTOMER = "customer"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may come in, with any one of `features`; without any named, whatever he was granted."""

    who: Who
    features: frozenset[AnyFeature] = frozenset()

    def admits(self, actor: Actor | None) -> bool:
        if self.who is Who.ANYBODY:
            return True
        if actor is None or not self._is_one(actor):
            return False
        return not self.features or bool(self.features & actor.features)

    def _is_one(self, actor: Actor) -> bool:
        if self.who is Who.CUSTOMER:
            return actor.customer is not None
        return self.who is Who.SIGNED_IN or actor.role is not Role.CUSTOMER


ANYBODY: Final = Rule(Who.ANYBODY)
SIGNED_IN: Final = Rule(Who.SIGNED_IN)
CUSTOMERS: Final = Rule(Who.CUSTOMER)
STAFF: Final = Rule(Who.STAFF)
# Whoever has a sign-in of his own, which a link is not.
SECURING: Final = Rule(Who.SIGNED_IN, frozenset({OwnFeature.SECURITY}))


def granted(*features: AnyFeature) -> Rule:
    """Whoever acts for a customer and was granted one of these."""
    return Rule(Who.CUSTOMER, frozenset(features))


def permitted(*features: AnyFeature) -> Rule:
    """Those of the company's own people who may do one of these."""
    return Rule(Who.STAFF, frozenset(features))


def own(feature: OwnFeature) -> Rule:
    """Whoever signed in himself, whomever he acts for."""
    return Rule(Who.SIGNED_IN, frozenset({feature}))


PAYING: Final = granted(*PAYS)
