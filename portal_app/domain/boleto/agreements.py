"""How a bank's files name our agreements and our titles."""

from collections.abc import Iterator, Sequence

from portal_app.domain.boleto.bank import title_of
from portal_app.domain.boleto.banks import BANKS
from portal_app.domain.companies import BankCarteira
from portal_app.domain.errors import InvalidInput
from portal_app.domain.money import Money


def agreements(carteira: BankCarteira) -> frozenset[str]:
    """How a bank's file may name the carteira's agreement, without leading zeros.

    `agência/conta` stands for a convênio the file leaves blank.
    """
    account = f"{carteira.agencia.lstrip('0')}/{carteira.conta.lstrip('0')}"
    return frozenset({carteira.convenio.lstrip("0") or account, account})


def sequence_reported(
    carteiras: Sequence[BankCarteira], nosso_numero: str
) -> Iterator[tuple[int, int]]:
    """Carteira and our number that a retorno may mean by this nosso número."""
    for carteira in carteiras:
        sequence = _reported(carteira, nosso_numero)
        if sequence is not None:
            yield carteira.id, sequence


def _reported(carteira: BankCarteira, nosso_numero: str) -> int | None:
    bank = BANKS.get(carteira.bank)
    if bank is None or not nosso_numero:
        return None
    try:
        terms = title_of(carteira, 0, Money(1, "BRL"), None, "0")
        return bank.sequence_reported(nosso_numero, terms)
    except InvalidInput:
        # A number that this contract could not have given is none of its titles.
        return None
