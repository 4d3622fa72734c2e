"""A period typed as De and Até: reading it, and the two fields with what is wrong beside them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import reflex as rx

from portal_app.domain.documents import Period
from portal_app.domain.errors import InvalidDate, InvalidPeriod, PortalError
from portal_app.ui.components.form import field, refused
from portal_app.ui.texts import refusal, t

FIRST: Final = "first"
LAST: Final = "last"

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_LOCAL = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_LONGEST_SHOWN: Final = 20


@dataclass(frozen=True)
class Typed:
    """The two fields as they were typed, and what is wrong with them, ready to show."""

    first: str = ""
    last: str = ""
    error: str = ""
    code: str = ""


def read(form: Mapping[str, object]) -> tuple[Period | None, Typed]:
    """The period of a sent form, an empty field leaving that end open; None if it is none.

    Anything may come from a browser, so anything is read; the typed values are always kept.
    """
    first, last = (_text(form.get(name)) for name in (FIRST, LAST))
    period = _period(first, last)
    if isinstance(period, PortalError):
        return None, wrong(first, last, period)
    return period, Typed(first, last)


def wrong(first: str, last: str, error: PortalError) -> Typed:
    return Typed(first, last, refusal(error), error.code)


def typed(period: Period) -> Typed:
    """The fields that would be typed for a period."""
    ends = (day.isoformat() if day else "" for day in (period.first, period.last))
    return Typed(*ends)


def date_range(value: Typed, on_submit: rx.event.EventType, prefix: str) -> rx.Component:
    """De … até … with their button. `value` is a state's var; `prefix` sets the ids apart."""
    error_id = f"{prefix}-error"
    return rx.el.form(
        field(t("period.from"), _day(prefix, FIRST, value.first, value.error, error_id)),
        field(t("period.to"), _day(prefix, LAST, value.last, value.error, error_id)),
        rx.el.button(t("period.show"), type="submit", class_name="btn s"),
        refused(value.error, value.code, id=error_id, role="alert"),
        on_submit=on_submit,
        class_name="range",
    )


def _day(prefix: str, name: str, value: str, error: str, error_id: str) -> rx.Component:
    return rx.el.input(
        type="date",
        id=f"{prefix}-{name}",
        name=name,
        # Uncontrolled: what is typed stays typed; a new key puts in what the server says.
        default_value=value,
        key=value,
        min="1900-01-01",
        max="2999-12-31",
        aria_invalid=rx.cond(error, "true", "false"),
        aria_describedby=rx.cond(error, error_id, ""),
        class_name="input",
    )


def _text(value: object) -> str:
    return value.strip()[:_LONGEST_SHOWN] if isinstance(value, str) else ""


def _period(first: str, last: str) -> Period | PortalError:
    days = [_date(FIRST, first), _date(LAST, last)]
    for day in days:
        if isinstance(day, PortalError):
            return day
    try:
        return Period(*days)  # pyright: ignore[reportArgumentType]  no errors are left in it
    except InvalidPeriod as reversed_:
        return reversed_


def _date(name: str, text: str) -> date | InvalidDate | None:
    if not text:
        return None
    iso, local = _ISO.fullmatch(text), _LOCAL.fullmatch(text)
    parts = iso.groups() if iso else local.groups()[::-1] if local else None
    try:
        return date(*map(int, parts)) if parts else InvalidDate(field=name, value=text)
    except ValueError:
        return InvalidDate(field=name, value=text)
