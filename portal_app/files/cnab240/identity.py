"""How a file names an agreement and a title."""

from __future__ import annotations

import re
from typing import Final

from portal_app.domain.errors import InvalidField
from portal_app.files.cnab240.records import FILE_HEADER
from portal_app.files.fixed_width import Field, Fields, Kind, text_of, without_zeros

_NOSSO_NUMERO: Final = re.compile(r"[0-9A-Z/-]+")


def agreement_of(header: str, position: Field) -> str:
    """The convênio; where the bank leaves it blank (Sicoob, Itaú), the account stands for it."""
    convenio = position.of(header)
    if position.kind is Kind.NUMBER:
        convenio = without_zeros(convenio)
    if convenio.strip("0"):
        return convenio
    agencia = without_zeros(FILE_HEADER["agencia"].of(header))
    conta = without_zeros(FILE_HEADER["conta"].of(header))
    return f"{agencia}/{conta}"


def nosso_numero_of(record: str, position: Field) -> str:
    """As it stands in the file; empty where the bank is to give the number."""
    return ensure_nosso_numero(position.of(record))


def ensure_nosso_numero(text: str) -> str:
    if not text.strip("0"):
        return ""
    if not _NOSSO_NUMERO.fullmatch(text):
        raise InvalidField(field="nosso_numero", value=text)
    return text


def seu_numero_of(record: str, table: Fields) -> str:
    """Ours as a retorno gives it back, from either of its two places."""
    stated = (text_of(record, table[name]) for name in ("number", "company_reference"))
    return next((number for number in stated if number.strip("0")), "")
