"""The audit as its readers see it: searched, told in words, taken away as a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from portal_app import locales
from portal_app.db import audit as entries
from portal_app.db import audit_names
from portal_app.db.audit import Wanted
from portal_app.db.engine import Session, transaction
from portal_app.domain.audit import Action, Entry
from portal_app.domain.documents import Period
from portal_app.domain.errors import InvalidField
from portal_app.domain.grants import StaffFeature
from portal_app.files import spreadsheet
from portal_app.services import audit
from portal_app.services.actors import Actor, require
from portal_app.services.audit_words import Told, tell

T = TypeVar("T")
_Query = Callable[[Session, int, str, int], Sequence[T]]

PAGE: Final = 50
MOST_ROWS: Final = 100_000
# A name that fits more people than this says nothing about any of them.
_MOST_FOUND: Final = 50
_AT_ONCE: Final = 1000
_LONGEST: Final = 100


@dataclass(frozen=True, slots=True)
class Typed:
    """The filters as somebody typed them; '' for none."""

    person: str = ""
    action: str = ""
    customer: str = ""
    document: str = ""


EVER: Final = Period()


@dataclass(frozen=True, slots=True)
class Filter:
    """The same by our own ids, which alone may stand in an address. None: whoever, whatever."""

    people: tuple[int, ...] | None = None
    action: str = ""
    customers: tuple[int, ...] | None = None
    abouts: tuple[str, ...] | None = None
    period: Period = EVER


@dataclass(frozen=True, slots=True)
class Page:
    """`older` is where the next page ends, None if this is the last."""

    entries: tuple[Told, ...]
    matching: int
    older: int | None


def understand(actor: Actor, typed: Typed, period: Period) -> Filter:
    """Find whom and what was meant; InvalidField where too many are called so."""
    require(actor, StaffFeature.SEE_AUDIT)
    action = typed.action if typed.action in set(Action) else ""
    with transaction(write=False) as session:

        def meant(field: str, text: str, query: _Query[T]) -> tuple[T, ...] | None:
            """None where nothing was typed."""
            text = text.strip()[:_LONGEST]
            found = query(session, actor.company.id, text, _MOST_FOUND + 1) if text else ()
            if len(found) > _MOST_FOUND:
                raise InvalidField(field=field, reason="too_many_found")
            return tuple(found) if text else None

        return Filter(
            people=meant("person", typed.person, audit_names.people),
            action=action,
            customers=meant("customer", typed.customer, audit_names.customers),
            abouts=meant("document", typed.document, audit_names.about_document),
            period=period,
        )


def page(actor: Actor, wanted: Filter, before: int | None, locale: str) -> Page:
    """A page of entries in words, the latest first; `before` is the last page's `older`."""
    require(actor, StaffFeature.SEE_AUDIT)
    asked = _wanted(actor, wanted)
    with transaction(write=False) as session:
        matching = entries.count(session, actor.company.id, asked)
        found = entries.find(session, actor.company.id, replace(asked, before=before), PAGE + 1)
        told = _told(session, actor, found[:PAGE], locale)
    return Page(told, matching, told[-1].number if len(found) > PAGE else None)


def export(actor: Actor, wanted: Filter, locale: str) -> tuple[str, bytes]:
    """File name and CSV of the filtered entries, the latest MOST_ROWS of them; itself entered."""
    require(actor, StaffFeature.SEE_AUDIT)
    columns = ("number", "when", "who", "what", "about", "customer", "facts", "action", "hash")
    rows = [[locales.text(f"audit.column.{column}", locale) for column in columns]]
    with transaction(write=False) as session:
        rows.extend(_cells(told) for told in _all(session, actor, wanted, locale))
    with transaction() as session:
        audit.record(session, actor, Action.AUDIT_EXPORTED, rows=len(rows) - 1, **_asked(wanted))
    return f"{actor.company.slug}-audit-{actor.today}.csv", spreadsheet.write(rows)


def _all(session: Session, actor: Actor, wanted: Filter, locale: str) -> Iterator[Told]:
    asked, left = _wanted(actor, wanted), MOST_ROWS
    while left > 0:
        found = entries.find(session, actor.company.id, asked, min(left, _AT_ONCE))
        if not found:
            return
        yield from _told(session, actor, found, locale)
        asked, left = replace(asked, before=found[-1].number), left - len(found)
        session.expunge_all()


def _told(session: Session, actor: Actor, found: Sequence[Entry], locale: str) -> tuple[Told, ...]:
    customers = {f"customer:{each.customer}" for each in found if each.customer is not None}
    references = {each.subject for each in found} | {each.about for each in found} | customers
    names = audit_names.names(session, actor.company.id, references)
    zone = ZoneInfo(actor.company.zone)
    return tuple(tell(each, names, each.at.astimezone(zone), locale) for each in found)


def _cells(told: Told) -> list[str]:
    when = told.when.strftime("%Y-%m-%d %H:%M:%S")
    words = (told.who, told.what, told.about, told.customer, told.facts)
    return [str(told.number), when, *words, told.action, told.hash]


def _wanted(actor: Actor, wanted: Filter) -> Wanted:
    zone, period = ZoneInfo(actor.company.zone), wanted.period
    people = wanted.people
    return Wanted(
        action=wanted.action,
        subjects=None if people is None else tuple(f"user:{id_}" for id_ in people),
        abouts=wanted.abouts,
        customers=wanted.customers,
        since=_midnight(period.first, zone) if period.first else None,
        until=_midnight(period.last + timedelta(days=1), zone) if period.last else None,
    )


def _asked(wanted: Filter) -> dict[str, Any]:
    """What was filtered by, for the entry about it: ids and days only."""
    period = wanted.period
    asked: dict[str, Any] = {
        "people": list(wanted.people or ()),
        "action": wanted.action,
        "customers": list(wanted.customers or ()),
        "first": period.first.isoformat() if period.first else "",
        "last": period.last.isoformat() if period.last else "",
    }
    return {name: value for name, value in asked.items() if value}


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
