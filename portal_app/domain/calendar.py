"""Working days and bank holidays of Brazil and Portugal.

Brazil: national holidays on which banks do not open (Resolução CMN 4.880/2020,
Lei 662/1949, Lei 14.759/2023 for 20 November). Portugal: the compulsory public
holidays (Código do Trabalho, art. 234). Municipal holidays are left out on
purpose: they never block a payment.
"""

from datetime import date, timedelta
from functools import lru_cache

_FIXED = {
    "BR": ((1, 1), (4, 21), (5, 1), (9, 7), (10, 12), (11, 2), (11, 15), (12, 25)),
    "PT": (
        (1, 1),
        (4, 25),
        (5, 1),
        (6, 10),
        (8, 15),
        (10, 5),
        (11, 1),
        (12, 1),
        (12, 8),
        (12, 25),
    ),
}
# Days from Easter Sunday: carnival Monday and Tuesday, Good Friday, Corpus Christi.
_MOVABLE = {"BR": (-48, -47, -2, 60), "PT": (-2, 60)}
_BLACK_AWARENESS_SINCE = 2024


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher).

    >>> easter(2026)
    datetime.date(2026, 4, 5)
    """
    century, rest = divmod(year, 100)
    cycle = year % 19
    leap_centuries, century_rest = divmod(century, 4)
    moon = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * cycle + century - leap_centuries - moon + 15) % 30
    leap, leap_rest = divmod(rest, 4)
    weekday = (32 + 2 * century_rest + 2 * leap - epact - leap_rest) % 7
    correction = (cycle + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * correction + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=256)
def bank_holidays(year: int, country: str) -> frozenset[date]:
    """All bank holidays of a year; `country` is 'BR' or 'PT'."""
    sunday = easter(year)
    days = {date(year, month, day) for month, day in _FIXED[country]}
    days |= {sunday + timedelta(days=offset) for offset in _MOVABLE[country]}
    if country == "BR" and year >= _BLACK_AWARENESS_SINCE:
        days.add(date(year, 11, 20))
    return frozenset(days)


def is_business_day(day: date, country: str) -> bool:
    return day.weekday() < 5 and day not in bank_holidays(day.year, country)


def business_day_from(day: date, country: str) -> date:
    """`day` itself if banks open on it, else the next day they do.

    >>> business_day_from(date(2026, 11, 20), "BR")
    datetime.date(2026, 11, 23)
    """
    while not is_business_day(day, country):
        day += timedelta(days=1)
    return day


def business_day_after(day: date, country: str) -> date:
    """The first business day later than `day`."""
    return business_day_from(day + timedelta(days=1), country)
