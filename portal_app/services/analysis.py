"""Figures of a period, and the documents behind each."""

from collections.abc import Sequence
from enum import StrEnum

from portal_app.db import analysis
from portal_app.db.engine import transaction
from portal_app.domain.analysis import Behind, Panel, ensure_period
from portal_app.domain.documents import Period
from portal_app.domain.grants import Feature
from portal_app.services.actors import Actor, require


class FigureName(StrEnum):
    PURCHASED = "purchased"
    PAID = "paid"
    COMING_DUE = "coming_due"
    OVERDUE = "overdue"


def panels(actor: Actor, period: Period) -> tuple[Panel, ...]:
    """The analysis of the period, one panel a currency, the company's own first."""
    require(actor, Feature.ANALYSIS)
    today = actor.today
    ensure_period(period, today)
    company, customer = actor.company.id, actor.scope.customer
    with transaction(write=False) as session:
        return analysis.panels(session, company, customer, period, actor.company.currency, today)


def behind(actor: Actor, figure: FigureName, period: Period, currency: str) -> Sequence[Behind]:
    """The rows behind a figure; their amounts add up to it."""
    require(actor, Feature.ANALYSIS)
    today = actor.today
    ensure_period(period, today)
    company, customer = actor.company.id, actor.scope.customer
    with transaction(write=False) as session:
        if figure is FigureName.PURCHASED:
            return analysis.behind_purchased(session, company, customer, period, currency)
        if figure is FigureName.PAID:
            return analysis.behind_paid(session, company, customer, period, currency)
        rows = analysis.behind_open(session, company, customer, period, currency)
    late = figure is FigureName.OVERDUE
    return [row for row in rows if (row.day < today) is late]
