"""The banks the portal can make boletos for; a new one is a module and a line here."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from portal_app.domain.boleto.bank import Bank
from portal_app.domain.boleto.banks import (
    ailos,
    banco_do_brasil,
    banrisul,
    bnb,
    bradesco,
    caixa,
    inter,
    itau,
    safra,
    santander,
    sicoob,
    sicredi,
    unicred,
)

BANKS: Final[Mapping[str, Bank]] = MappingProxyType(
    {
        bank.code: bank
        for bank in (
            banco_do_brasil.BANK,
            bnb.BANK,
            santander.BANK,
            banrisul.BANK,
            inter.BANK,
            ailos.BANK,
            caixa.BANK,
            unicred.BANK,
            bradesco.BANK,
            itau.BANK,
            safra.BANK,
            sicredi.BANK,
            sicoob.BANK,
        )
    }
)
