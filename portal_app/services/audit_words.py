"""An entry of the audit in a reader's words: who, what, about whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from portal_app import locales
from portal_app.domain.audit import OPERATOR, Entry
from portal_app.domain.money import Money

# Where the words of a fact's value stand, the first that has them.
_VALUES: Final = (
    "audit.value",
    "feature",
    "permission",
    "member",
    "role",
    "payment.method",
    "staff.kind",
    "contact_data.field",
)
# What somebody wrote is told as he wrote it, whatever word of ours it looks like.
_TYPED: Final = frozenset({"reason", "words"})
_NOTHING: Final[tuple[object, ...]] = (None, "", [])


@dataclass(frozen=True, slots=True)
class Told:
    """`when` is the entry's moment in the company's zone; what there is nothing of is empty.

    So is `about` where somebody did something about himself.
    """

    number: int
    when: datetime
    who: str
    what: str
    about: str
    customer: str
    facts: str
    action: str
    hash: str


def tell(entry: Entry, names: Mapping[str, str], when: datetime, locale: str) -> Told:
    """`names` says what 'user:12' is called today; who is not in it any more was removed."""
    customer = f"customer:{entry.customer}" if entry.customer is not None else ""
    return Told(
        number=entry.number,
        when=when,
        who=_who(entry.subject, names, locale),
        what=what(entry.action, locale),
        about="" if entry.about == entry.subject else _about(entry.about, names, locale),
        customer=_called(customer, names, locale) if customer else "",
        facts=" · ".join(_facts(entry.facts, locale)),
        action=entry.action,
        hash=entry.hash,
    )


def what(action: str, locale: str) -> str:
    """In words; an action of another version by its name."""
    key = f"audit.{action}"
    return locales.text(key, locale) if locales.has(key, locale) else action


def _who(subject: str, names: Mapping[str, str], locale: str) -> str:
    kind = subject.partition(":")[0]
    if kind == "user":
        return _called(subject, names, locale)
    key = {"link": "audit.by.link", OPERATOR: "audit.by.operator", "": "audit.by.nobody"}.get(kind)
    return locales.text(key, locale) if key else subject


def _about(about: str, names: Mapping[str, str], locale: str) -> str:
    kind = about.partition(":")[0]
    key = f"audit.about.{kind}"
    if not about or not locales.has(key, locale):
        return about
    return locales.text(key, locale, name=_called(about, names, locale))


def _called(reference: str, names: Mapping[str, str], locale: str) -> str:
    """Its present name; a person or customer without one was removed, anything else has its id."""
    kind, _, id_ = reference.partition(":")
    if reference in names:
        return names[reference]
    return locales.text("audit.removed", locale) if kind in {"user", "customer"} else id_


def _facts(facts: Mapping[str, Any], locale: str) -> list[str]:
    return [_fact(name, fact, locale) for name, fact in facts.items() if fact not in _NOTHING]


def _fact(name: str, value: object, locale: str) -> str:
    key = f"audit.fact.{name}"
    label = locales.text(key, locale) if locales.has(key, locale) else name
    return f"{label}: {_value(name, value, locale)}"


def _value(name: str, value: Any, locale: str) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_value(name, each, locale) for each in cast("list[Any]", value))
    if isinstance(value, dict) and value.keys() == {"cents", "currency"}:
        return locales.money(Money(**cast("dict[str, Any]", value)), locale)
    if isinstance(value, dict):
        return ", ".join(_facts(cast("dict[str, Any]", value), locale))
    if isinstance(value, bool):
        return locales.text("audit.yes" if value else "audit.no", locale)
    return what(str(value), locale) if name == "what" else _word(name, str(value), locale)


def _word(name: str, value: str, locale: str) -> str:
    if name in _TYPED:
        return value
    keys = (f"{where}.{value}" for where in _VALUES)
    return next((locales.text(key, locale) for key in keys if locales.has(key, locale)), value)
