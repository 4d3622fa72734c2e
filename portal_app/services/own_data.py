"""Everything the portal holds about somebody, as a file he takes away (LGPD art. 18, GDPR art. 15 and 20)."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from math import ceil
from typing import Any, Final

from portal_app import locales
from portal_app.db import audit as entries
from portal_app.db import own_data, users
from portal_app.db.audit import Wanted
from portal_app.db.engine import Session, transaction
from portal_app.domain.audit import Action
from portal_app.domain.emails import masked
from portal_app.domain.errors import TooSoon
from portal_app.domain.grants import MemberKind, OwnFeature
from portal_app.gateways import clock
from portal_app.services import audit
from portal_app.services.actors import Actor, require, valid

# Bounds of the work and of the file: so many rows of each kind, and so long between two files.
MOST: Final = 10_000
WAIT: Final = timedelta(minutes=1)


def export(actor: Actor) -> tuple[str, bytes]:
    """File name and ZIP: `data.json` and a README in his language; entered in the audit.

    With the data of the customer he acts for if he is its owner. TooSoon within a minute of the
    last one.
    """
    require(actor, OwnFeature.PRIVACY)
    company, now = actor.company.id, clock.now()
    with transaction() as session:
        _ensure_not_too_soon(session, actor, now)
        audit.record(session, actor, Action.DATA_EXPORTED, actor.subject)
    with transaction(write=False) as session:
        held = own_data.of_user(session, company, actor.user, MOST + 1)
        if _is_owner(session, actor):
            of_customer = own_data.of_customer(session, company, actor.scope.customer, MOST + 1)
            held["customer"] = of_customer
    cut = _cut(held) + _cut(held.get("customer", {}))
    _mask(held, actor.login)
    _mask(held.get("customer", {}), actor.login)
    body = {"company": actor.company.name, "made_at": now, **held}
    return "em-dia-data.zip", _zip(body, _readme(actor, "customer" in held, cut))


def _ensure_not_too_soon(session: Session, actor: Actor, now: datetime) -> None:
    wanted = Wanted(actor.subject, Action.DATA_EXPORTED.value, since=now - WAIT)
    last = entries.find(session, actor.company.id, wanted, 1)
    if last:
        left = (last[0].at + WAIT - now).total_seconds()
        raise TooSoon(seconds=max(1, ceil(left)))


def _is_owner(session: Session, actor: Actor) -> bool:
    if actor.customer is None:
        return False
    members = users.members(session, actor.company.id, actor.user)
    return any(
        member.customer == actor.customer
        and member.kind is MemberKind.OWNER
        and valid(member, actor.company)
        for member in members
    )


def _cut(held: Mapping[str, Any]) -> list[str]:
    """Shorten what is too long; the names of those sections."""
    long = [name for name, rows in held.items() if isinstance(rows, list) and len(rows) > MOST]  # pyright: ignore[reportUnknownArgumentType]
    for name in long:
        del held[name][MOST:]
    return long


def _mask(held: Mapping[str, Any], login: str) -> None:
    """Cover addresses that are not his own, and say of nobody else that he asked for an e-mail."""
    for mail in held.get("mails", ()):
        if mail["address"].casefold() != login.casefold():
            mail["address"] = masked(mail["address"])
        mail["asked_by"] = "person" if mail["asked_by"] else "portal"


def _readme(actor: Actor, is_owner: bool, cut: list[str]) -> str:
    locale, company = actor.locale, actor.company
    when = locales.day(actor.today, locale)
    parts = [
        locales.text("own_data.readme.title", locale, company=company.name),
        locales.text("own_data.readme.what", locale, when=when),
        *([locales.text("own_data.readme.customer", locale)] if is_owner else []),
        locales.text("own_data.readme.not", locale),
        locales.text("own_data.readme.units", locale),
    ]
    if cut:
        facts = {"most": MOST, "sections": ", ".join(cut), "contact": company.contact.email}
        parts.append(locales.text("own_data.readme.cut", locale, **facts))
    return "\n\n".join(parts) + "\n"


def _zip(held: Mapping[str, Any], readme: str) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", readme)
        archive.writestr(
            "data.json", json.dumps(held, ensure_ascii=False, indent=1, default=_plain)
        )
    return whole.getvalue()


def _plain(value: object) -> str:
    assert isinstance(value, date | datetime), "all else is JSON already"
    return value.isoformat()
