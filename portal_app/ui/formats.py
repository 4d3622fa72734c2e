"""Money and dates → text, for the present reader."""

from datetime import date, datetime
from decimal import Decimal

from portal_app import locales
from portal_app.domain.money import Money
from portal_app.ui import session


def money(amount: Money) -> str:
    return locales.money(amount, session.locale())


def amount(value: Money) -> str:
    """Without the currency: '129,90'."""
    return locales.amount(value, session.locale())


def percent(fraction: Decimal) -> str:
    return locales.percent(fraction, session.locale())


def day(value: date | None) -> str:
    """'22/11/2026', '—' for none."""
    return locales.day(value, session.locale()) if value else "—"


def minute(value: datetime) -> str:
    """'22/11/2026 14:05', in whatever zone the moment is given."""
    return locales.minute(value, session.locale())


def short_day(value: date | None) -> str:
    return locales.short_day(value, session.locale()) if value else "—"


def month(value: date) -> str:
    return locales.month(value, session.locale())


def wait(minutes: int) -> str:
    """'30 minutos', '2 dias'."""
    return locales.wait(minutes, session.locale())


def long_period(first: date, last: date) -> str:
    return locales.long_period(first, last, session.locale())


def masked(tax_id: str) -> str:
    """A tax id that its owner recognises and nobody learns: '•••.456.789-••'.

    >>> masked("12345678901")
    '•••.456.789-••'
    """
    if len(tax_id) == 11:
        return f"•••.{tax_id[3:6]}.{tax_id[6:9]}-••"
    if len(tax_id) == 14:
        return f"••.{tax_id[2:5]}.{tax_id[5:8]}/{tax_id[8:12]}-••"
    return f"••••••{tax_id[-3:]}" if len(tax_id) > 6 else "—"
