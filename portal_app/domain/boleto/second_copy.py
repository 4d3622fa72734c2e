"""The second copy of a title that was registered outside the portal: the same code, or none."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from portal_app.domain.boleto.agreements import agreements
from portal_app.domain.boleto.bank import Title, barcode_of, plain, title_of
from portal_app.domain.boleto.banks import BANKS
from portal_app.domain.companies import BankCarteira
from portal_app.domain.documents import Document, DocumentType
from portal_app.domain.errors import InvalidInput
from portal_app.domain.imports import Registration


@dataclass(frozen=True, slots=True)
class SecondCopy:
    """The title as its bank knows it."""

    carteira: BankCarteira
    title: Title
    barcode: str


def second_copy(
    document: Document, registration: Registration, carteiras: Sequence[BankCarteira]
) -> SecondCopy | None:
    """The one title that our carteiras can make of an imported, wholly unpaid document.

    None where it is not certain: no carteira of ours fits, or two would print different codes.
    """
    if not _stands(document):
        return None
    copies = {
        copy.barcode: copy
        for carteira in carteiras
        if _is_at(carteira, registration)
        and (copy := _copy(document, registration.nosso_numero, carteira)) is not None
    }
    return next(iter(copies.values())) if len(copies) == 1 else None


def _stands(document: Document) -> bool:
    """Nothing happened since that would make the title ask for something else than is owed."""
    return (
        document.type is DocumentType.TIT
        and document.registered_elsewhere
        and not document.cancelled
        and document.attempt is None
        and document.balance == document.total
    )


def _is_at(carteira: BankCarteira, registration: Registration) -> bool:
    same_bank = carteira.bank == registration.bank
    return same_bank and registration.convenio.lstrip("0") in agreements(carteira)


def _copy(document: Document, nosso_numero: str, carteira: BankCarteira) -> SecondCopy | None:
    bank = BANKS.get(carteira.bank)
    if bank is None:
        return None
    seu_numero = document.number.removeprefix(f"{document.type} ")
    terms = title_of(carteira, 0, document.total, document.due, seu_numero)
    try:
        sequence = bank.sequence_of(plain(nosso_numero), terms)
        if sequence is None:
            return None
        title = replace(terms, sequence=sequence)
        return SecondCopy(carteira, title, barcode_of(bank, title))
    except InvalidInput:
        # What the bank's module would refuse to issue has no code of ours.
        return None
