"""Title, what is collected, and Bank, what a bank must supply to collect it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from portal_app.domain.boleto.barcode import codigo_de_barras, fator_vencimento
from portal_app.domain.boleto.check_digits import digits, is_number, padded
from portal_app.domain.companies import BankCarteira
from portal_app.domain.errors import (
    FieldMissing,
    InvalidAmount,
    InvalidField,
    NumberingExhausted,
    UnknownCarteira,
)
from portal_app.domain.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """What is collected and under which contract, as text the bank's module reads.

    Each bank uses some of the contract fields; the empty ones mean "not part
    of this contract". `sequence` is the number we give, without the bank's prefix or check digit.
    """

    sequence: int
    amount: Money | None = None
    due: date | None = None
    seu_numero: str = ""
    """Our document number, where the bank puts it into the barcode."""
    agencia: str = ""
    agencia_dv: str = ""
    conta: str = ""
    conta_dv: str = ""
    convenio: str = ""
    """Also called código do beneficiário or do cliente."""
    carteira: str = ""
    modalidade: str = ""
    variacao: str = ""
    produto: str = ""
    operacao: str = ""
    emissao: str = ""
    """Who prints the boleto (Caixa)."""
    tipo_cobranca: str = ""
    posto: str = ""
    ano: str = ""
    byte: str = ""
    """Year and who numbers the title within it (Sicredi)."""
    parcela: int = 1
    nn17: bool = False
    """Banco do Brasil, convênio of 6: the sequence is the whole 17-digit nosso número."""


@dataclass(frozen=True, slots=True)
class Bank:
    """A bank: its number and printed check digit, and its answers about a title."""

    code: str
    dv: str
    name: str
    nosso_numero: Callable[[Title], str]
    """As printed on paper."""
    campo_livre: Callable[[Title], str]
    """25 digits."""
    agencia_codigo: Callable[[Title], str]
    """Agência and code of the beneficiário, as printed on paper."""
    last_sequence: Callable[[Title], int]
    """The greatest sequence number this contract can carry."""
    sequence_of: Callable[[str, Title], int | None]
    """The sequence of the title whose nosso número a CNAB 240 remessa states so (`plain`).

    None unless a title of this contract with that sequence is stated the same, check digit
    included, and nothing else the barcode needs is left open.
    """
    also_printed: tuple[Callable[[Title], str], ...] = ()
    """Other ways in which slips of this bank print the same nosso número."""
    reported: Callable[[str, Title], int | None] | None = None
    """Like `sequence_of`, where a retorno states less than a second copy needs."""
    first_sequence: Callable[[Title], int] = lambda _: 1
    """The least sequence number this contract may give now: more than 1 where years begin anew."""
    stated: Callable[[Title], str] | None = None
    """How its retornos and its API state the nosso número, where not as printed."""

    def sequence_reported(self, stated: str, title: Title) -> int | None:
        """The sequence of the title a retorno speaks of; None if it is none of this contract."""
        return (self.reported or self.sequence_of)(stated, title)

    def stated_number(self, title: Title) -> str:
        """The nosso número as a retorno states it (`plain`), without leading zeros."""
        return plain((self.stated or self.nosso_numero)(title)).lstrip("0")


# What only some banks' contracts state; the names are also those of a carteira's `contract`.
CONTRACT_FIELDS: Final = frozenset(
    {"variacao", "produto", "operacao", "emissao", "tipo_cobranca", "posto", "byte"}
)
FILE_FIELDS: Final = frozenset({"transmissao"})
"""What only some banks' files state, and no title of theirs."""
FREE_NUMBER: Final = "nn17"
"""'1' in a carteira's `contract`: Banco do Brasil's convênio of 6 with 17 digits of our own."""
_PLACES: Final = 20
"""Of the nosso número in a file of 240 positions, the longest way to state it."""


def title_of(
    carteira: BankCarteira,
    sequence: int,
    amount: Money,
    due: date | None,
    seu_numero: str,
    issued: date | None = None,
) -> Title:
    """A title collected by one of our carteiras; `issued` says in which year it is numbered."""
    contract = {name: value for name, value in carteira.contract.items() if name in CONTRACT_FIELDS}
    title = Title(
        sequence=sequence,
        amount=amount,
        due=due,
        seu_numero=seu_numero,
        agencia=carteira.agencia,
        agencia_dv=carteira.agencia_dv,
        conta=carteira.conta,
        conta_dv=carteira.conta_dv,
        convenio=carteira.convenio,
        carteira=carteira.carteira,
        modalidade=carteira.modalidade,
        ano=f"{issued:%y}" if issued else "",
        nn17=carteira.contract.get(FREE_NUMBER) == "1",
    )
    return replace(title, **contract)


def plain(nosso_numero: str) -> str:
    """Its digits and letters only.

    >>> plain("109/00223350-2")
    '109002233502'
    """
    if nosso_numero.isalnum():
        return nosso_numero
    return "".join(c for c in nosso_numero if c.isalnum())


def confirmed(
    sequence: str, title: Title, stated: str, written: Callable[[Title], str]
) -> int | None:
    """The sequence read from what is stated, if the title with it is written that way again."""
    if not is_number(sequence) or len(sequence) > _PLACES:
        return None
    try:
        again = plain(written(replace(title, sequence=int(sequence))))
    except InvalidField as refusal:
        if refusal.details["field"] == "sequence":
            return None
        raise
    return int(sequence) if again.lstrip("0") == stated.lstrip("0") else None


def stated_as_printed(
    nosso_numero: Callable[[Title], str], check_digits: int = 1
) -> Callable[[str, Title], int | None]:
    """The `sequence_of` of a bank whose files state the number as printed, check digits last."""
    return lambda stated, title: confirmed(stated[:-check_digits], title, stated, nosso_numero)


def barcode_of(bank: Bank, title: Title) -> str:
    """The 44 digits of a title that may be collected: in reais, of some amount, with a due date."""
    if title.amount is None:
        raise FieldMissing(field="amount")
    if title.due is None:
        raise FieldMissing(field="due")
    if title.amount.currency != "BRL" or title.amount.cents < 1:
        raise InvalidAmount(field="amount")
    fator = fator_vencimento(title.due)
    return codigo_de_barras(bank.code, fator, title.amount.cents, bank.campo_livre(title))


def ensure_numbering(bank: Bank, title: Title) -> None:
    """Raise NumberingExhausted once the contract has no number left for this title."""
    last = bank.last_sequence(title)
    if title.sequence > last:
        raise NumberingExhausted(bank=bank.code, last=last)


def sequence_digits(title: Title, length: int) -> str:
    """The sequence in so many digits."""
    return digits("sequence", str(title.sequence), length)


def known_carteira(title: Title, length: int, known: Collection[str]) -> str:
    """The carteira in its `length`; UnknownCarteira unless the bank's rule for it is known."""
    carteira = padded("carteira", title.carteira, length)
    if carteira not in known:
        raise UnknownCarteira(field="carteira", value=carteira)
    return carteira


def up_to(length: int) -> Callable[[Title], int]:
    """The `last_sequence` of a bank whose numbers always have `length` digits."""
    return lambda _: 10**length - 1


def agencia_and_conta(title: Title) -> str:
    """'1234-X / 12345-X', without the hyphens where there is no check digit."""
    return f"{_checked(title.agencia, title.agencia_dv)} / {_checked(title.conta, title.conta_dv)}"


def agencia_and_convenio(title: Title) -> str:
    """'4277-3 / 172278'."""
    return f"{_checked(title.agencia, title.agencia_dv)} / {title.convenio}"


def _checked(number: str, check_digit: str) -> str:
    return f"{number}-{check_digit}" if check_digit else number
