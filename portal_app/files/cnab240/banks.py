"""The banks of CNAB 240: where their fields stand.

Sources, with version, and what only the bank can confirm: docs/banks/cnab.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from portal_app.files.cnab240 import layouts
from portal_app.files.cnab240.layouts import Layout


@dataclass(frozen=True, slots=True)
class Profile:
    """A bank, as far as its files differ from others'."""

    layout: Layout


COMMON: Final = Profile(layouts.COMMON)
PROFILES: Final[Mapping[str, Profile]] = MappingProxyType(
    {
        "001": Profile(layouts.BANCO_DO_BRASIL),
        "033": Profile(layouts.SANTANDER),
        "104": Profile(layouts.CAIXA),
        "237": Profile(layouts.BRADESCO),
        "341": Profile(layouts.ITAU),
        "756": Profile(layouts.SICOOB),
    }
)


def profile_of(bank: str) -> Profile:
    return PROFILES.get(bank, COMMON)
