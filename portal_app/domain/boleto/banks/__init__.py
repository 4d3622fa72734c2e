"""The banks the portal can make boletos for; a new one is a module and a line here."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from portal_app.domain.boleto.bank import Bank
from portal_app.domain.boleto.banks import banco_do_brasil, itau, sicoob

BANKS: Final[Mapping[str, Bank]] = MappingProxyType(
    {bank.code: bank for bank in (banco_do_brasil.BANK, itau.BANK, sicoob.BANK)}
)
