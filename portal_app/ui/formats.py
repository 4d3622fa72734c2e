"""Money and dates → text, for the present reader."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from portal_app import locales
from portal_app.domain.contact_data import ContactData
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


def moment(value: datetime | None, zone: str) -> str:
    """The day of a moment where the company is; '—' for none."""
    return day(value.astimezone(ZoneInfo(zone)).date()) if value else "—"


def short_day(value: date | None) -> str:
    return locales.short_day(value, session.locale()) if value else "—"


def address(contact: ContactData) -> str:
    """'Rua das Ninfas, 84, Soledade, Recife - PE, 50070-050', without what is not known."""
    place = " - ".join(filter(None, (contact.city, contact.state)))
    parts = (contact.street, contact.district, place, contact.postcode)
    return ", ".join(filter(None, parts))


def month(value: date) -> str:
    return locales.month(value, session.locale())


def wait(minutes: int) -> str:
    """'30 minutos', '2 dias'."""
    return locales.wait(minutes, session.locale())


def long_period(first: date, last: date) -> str:
    return locales.long_period(first, last, session.locale())
