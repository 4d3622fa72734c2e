"""Words. Opens the gettext catalogs; formats Money and dates with Babel, for screen, paper and mail.

A sentence is known by a key, such as 'open.title' or an error's code; the catalogs
`<lang>/LC_MESSAGES/portal.po` say it. Values stand in braces: '{count} documentos'.
"""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Final

from babel.core import Locale
from babel.dates import format_date, format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, format_percent
from babel.units import format_unit

from portal_app.domain.errors import PortalError
from portal_app.domain.money import Money

DEFAULT: Final = "pt_BR"
COMPLETE: Final = ("pt_BR", "en")
_FOLDER: Final = Path(__file__).parent
_AMOUNT: Final = re.compile(r"(\D*)12(\D?)345(\D?)678(\D)90(\D*)")


def text(key: str, locale: str, **values: object) -> str:
    """The sentence of a key. An unknown key is a defect and raises KeyError."""
    found = _catalog(locale).gettext(key)
    if found == key:
        raise KeyError(key)
    return found.format_map(_shown(values, locale)) if values else found


def plural(key: str, count: int, locale: str, **values: object) -> str:
    """The sentence of a key for a number; `{count}` in it is that number."""
    found = _catalog(locale).ngettext(key, f"{key}.many", count)
    if found in {key, f"{key}.many"}:
        raise KeyError(key)
    return found.format_map(_shown({"count": count, **values}, locale))


def has(key: str, locale: str) -> bool:
    return _catalog(locale).gettext(key) != key


def refusal(error: PortalError, locale: str) -> str:
    """The sentence for a refusal, with its facts; the code itself where no sentence is written."""
    key = error.code
    reason = error.details.get("reason")
    if isinstance(reason, str) and has(f"{key}.{reason}", locale):
        key = f"{key}.{reason}"
    facts = {name: _fact(value, locale) for name, value in error.details.items()}
    return text(key, locale).format_map(_Missing(facts)) if has(key, locale) else str(error)


def money(amount: Money, locale: str) -> str:
    """'R$ 1.234,56', '-€ 15,00'; spaces never break the line.

    >>> money(Money(134736, "BRL"), "pt_BR").replace(chr(160), " ")
    'R$ 1.347,36'
    """
    form = _form(amount.currency, locale)
    if form is None:
        shown = format_currency(abs(amount.decimal()), amount.currency, locale=locale)
    else:
        shown = f"{form.before}{_figures(amount.cents, form)}{form.after}"
    return f"−\u00a0{shown}" if amount.cents < 0 else shown


def amount(value: Money, locale: str) -> str:
    """'1.234,56', without the currency."""
    form = _form(value.currency, locale)
    if form is None:
        return format_decimal(value.decimal(), format="#,##0.00", locale=locale)
    return f"{'-' if value.cents < 0 else ''}{_figures(value.cents, form)}"


@lru_cache(maxsize=256)
def percent(fraction: object, locale: str) -> str:
    """'2 %' with as many decimals as the rate has, at most two."""
    shown = format_percent(fraction, format="#,##0.## %", locale=locale)  # pyright: ignore[reportArgumentType]
    return shown.replace(" ", "\u00a0")


def day(value: date, locale: str) -> str:
    """'22/11/2026'; in English '22 Nov 2026', which no reader mistakes."""
    pattern = "d MMM y" if locale.startswith("en") else "dd/MM/yyyy"
    return format_date(value, pattern, locale=locale)


def short_day(value: date, locale: str) -> str:
    """'22/11'; in English '22 Nov'."""
    pattern = "d MMM" if locale.startswith("en") else "dd/MM"
    return format_date(value, pattern, locale=locale)


def month(value: date, locale: str) -> str:
    """'nov', for the axis of a chart."""
    return format_date(value, "MMM", locale=locale).rstrip(".")


def minute(value: datetime, locale: str) -> str:
    """'22/11/2026 14:05', in whatever zone the moment is given."""
    return f"{day(value.date(), locale)} {value:%H:%M}"


def long_period(first: date, last: date, locale: str) -> str:
    """'1 a 30 de novembro de 2026', or both days in full where they are of different months."""
    if (first.year, first.month) == (last.year, last.month):
        whole = format_skeleton("yMMMM", first, locale=locale)
        return text("period.within_month", locale, first=first.day, last=last.day, month=whole)
    return text("period.days", locale, first=day(first, locale), last=day(last, locale))


def wait(minutes: int, locale: str) -> str:
    """'30 minutos', '2 horas', '2 dias': in the greatest unit that says it whole.

    >>> wait(30, "pt_BR"), wait(2 * 24 * 60, "en")
    ('30 minutos', '2 days')
    """
    for unit, size in (("day", 24 * 60), ("hour", 60)):
        if minutes and minutes % size == 0:
            return format_unit(minutes // size, f"duration-{unit}", locale=locale)
    return format_unit(minutes, "duration-minute", locale=locale)


def keys(locale: str) -> frozenset[str]:
    """All keys a catalog has a sentence for."""
    return frozenset(_sentences(locale))


def placeholders(key: str, locale: str) -> frozenset[str]:
    """The names of the values a key's sentence asks for, in any of its forms."""
    return _placeholders(_sentences(locale)[key])


def check() -> list[str]:
    """What is wrong with the complete catalogs: a key or a placeholder that one of them lacks."""
    said = {locale: _sentences(locale) for locale in COMPLETE}
    everything = frozenset[str]().union(*said.values())
    return [
        complaint
        for key in sorted(everything)
        for complaint in _complaints(key, {locale: said[locale].get(key) for locale in COMPLETE})
    ]


def _fact(value: object, locale: str) -> object:
    if isinstance(value, Money):
        return money(value, locale)
    if isinstance(value, list | tuple):
        return ", ".join(str(_fact(each, locale)) for each in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return value


def _shown(values: Mapping[str, object], locale: str) -> dict[str, object]:
    return {name: _fact(value, locale) for name, value in values.items()}


@dataclass(frozen=True, slots=True)
class _Form:
    """What stands around and between the digits of a currency's amounts.

    `thousand` stands in 1.234, which some languages write 1234; `thousands` in 12.345.
    """

    before: str
    thousand: str
    thousands: str
    decimals: str
    after: str


def _figures(cents: int, form: _Form) -> str:
    units, rest = divmod(abs(cents), 100)
    whole = f"{units:,}".replace(",", form.thousands if units >= 10_000 else form.thousand)
    return f"{whole}{form.decimals}{rest:02}"


@lru_cache(maxsize=256)
def _form(currency: str, locale: str) -> _Form | None:
    """As Babel writes this currency; None where digits alone do not tell (none or three decimals).

    Babel works its patterns out anew for every amount, and a page shows hundreds of them.
    """
    large, small = (
        format_currency(Decimal(amount), currency, locale=locale)
        for amount in ("12345678.90", "1234.50")
    )
    found = _AMOUNT.fullmatch(large)
    if found is None or len(set(found.group(2, 3))) > 1:
        return None
    before, thousands, _, decimals, after = found.groups()
    thousand = small.removeprefix(before).partition("234")[0].removeprefix("1")
    return _Form(before, thousand, thousands, decimals, after)


class _Missing(dict[str, object]):
    """Facts for a sentence; one the refusal does not give is left out, not an error."""

    def __missing__(self, key: str) -> str:
        return "…"


@lru_cache(maxsize=8)
def _catalog(locale: str) -> gettext.NullTranslations:
    """The catalog, compiled in memory: there is no second file to fall behind."""
    file = _FOLDER / locale / "LC_MESSAGES" / "portal.po"
    if not file.is_file():
        return _catalog(DEFAULT)
    compiled = io.BytesIO()
    with file.open("rb") as source:
        write_mo(compiled, read_po(source, locale=Locale.parse(locale)))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def _complaints(key: str, said: Mapping[str, tuple[str, ...] | None]) -> list[str]:
    silent = [f"{locale}: nothing said for {key}" for locale, forms in said.items() if not forms]
    named = {locale: _placeholders(forms) for locale, forms in said.items() if forms}
    differ = len(set(named.values())) > 1
    shown = "; ".join(f"{locale} {', '.join(sorted(names))}" for locale, names in named.items())
    return [*silent, *([f"{key}: placeholders differ: {shown}"] if differ else [])]


def _placeholders(forms: tuple[str, ...]) -> frozenset[str]:
    """All values the forms of one key ask for; a singular may well leave out its number."""
    return frozenset(
        name for form in forms for _, name, _, _ in Formatter().parse(form) if name is not None
    )


@lru_cache(maxsize=8)
def _sentences(locale: str) -> Mapping[str, tuple[str, ...]]:
    """Each key with all its forms, as far as all of them are written."""
    with (_FOLDER / locale / "LC_MESSAGES" / "portal.po").open("rb") as source:
        catalog = read_po(source, locale=Locale.parse(locale))
    found: dict[str, tuple[str, ...]] = {}
    for message in catalog:
        key = message.id if isinstance(message.id, str) else message.id[0]
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        if key and all(forms):
            found[key] = tuple(map(str, forms))
    return found
