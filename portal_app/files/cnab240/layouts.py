"""The positions in which a bank departs from FEBRABAN's common layout.

Sources, with version, and what only the bank can confirm: docs/banks/cnab.md. Fields named
`zeros` are the bank's own and filled with just that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from portal_app.files.cnab240 import records
from portal_app.files.fixed_width import Field, Fields, Kind, changed

_NUMBER, _AMOUNT, _DAY = Kind.NUMBER, Kind.AMOUNT, Kind.DAY
_ACCOUNT: Final = ("conta", "conta_dv", "account_dv")
_DEBIT: Final = ("payer_occurrence", "debit_agencia", "debit_conta", "debit_notice")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A bank's tables of positions.

    Its two directions may state the convênio in places of their own. `nosso_numero`: what of
    segment P tells the title in the same words as segment T.
    """

    file_header: Fields
    lote_header: Fields
    segment_p: Fields
    segment_q: Fields
    segment_r: Fields
    segment_t: Fields
    segment_u: Fields
    lote_trailer: Fields
    file_trailer: Fields
    remessa_convenio: Field
    retorno_convenio: Field
    nosso_numero: Field


COMMON: Final = Layout(
    file_header=records.FILE_HEADER,
    lote_header=records.LOTE_HEADER,
    segment_p=records.SEGMENT_P,
    segment_q=records.SEGMENT_Q,
    segment_r=records.SEGMENT_R,
    segment_t=records.SEGMENT_T,
    segment_u=records.SEGMENT_U,
    lote_trailer=records.LOTE_TRAILER,
    file_trailer=records.FILE_TRAILER,
    remessa_convenio=records.FILE_HEADER["convenio"],
    retorno_convenio=Field(33, 52, _NUMBER),
    nosso_numero=records.SEGMENT_P["nosso_numero"],
)
BANCO_DO_BRASIL: Final = replace(
    COMMON,
    lote_header=changed(records.LOTE_HEADER, convenio=(34, 51), situation=(52, 53)),
    # Produto, carteira and variação follow.
    remessa_convenio=Field(33, 41, _NUMBER),
    retorno_convenio=Field(33, 41, _NUMBER),
)
SANTANDER: Final = replace(
    COMMON,
    file_header=changed(
        records.FILE_HEADER,
        ("agencia", "agencia_dv", *_ACCOUNT, "made_at", "density"),
        tax_id_type=(17, 17, _NUMBER),
        tax_id=(18, 32, _NUMBER),
        convenio=(33, 47),
    ),
    lote_header=changed(
        records.LOTE_HEADER,
        ("agencia", "agencia_dv", *_ACCOUNT, "credited_on"),
        convenio=(54, 68),
    ),
    # What the others call nosso número begins with the collecting account here.
    segment_p=changed(
        records.SEGMENT_P,
        ("account_dv", "issued_by", "distributed_by", "contract"),
        agencia=(18, 21, _NUMBER),
        agencia_dv=(22, 22),
        conta=(23, 31, _NUMBER),
        conta_dv=(32, 32),
        collecting_conta=(33, 41, _NUMBER),
        collecting_conta_dv=(42, 42),
        nosso_numero=(45, 57),
        zeros=(225, 225, _NUMBER),
        write_off_days=(226, 227, _NUMBER),
    ),
    segment_q=changed(records.SEGMENT_Q, ("correspondent",), zeros=(210, 221, _NUMBER)),
    segment_r=changed(
        records.SEGMENT_R, (*_DEBIT, "discount_3_code", "discount_3_until", "discount_3")
    ),
    segment_t=changed(
        records.SEGMENT_T,
        nosso_numero=(41, 53),
        number=(55, 69),
        due=(70, 77, _DAY),
        face=(78, 92, _AMOUNT),
        company_reference=(101, 125),
        fee=(194, 208, _AMOUNT),
        reasons=(209, 218),
    ),
    file_trailer=changed(records.FILE_TRAILER, ("accounts",)),
    # The código de transmissão; a retorno states the código do beneficiário.
    remessa_convenio=Field(33, 47),
    retorno_convenio=Field(53, 61, _NUMBER),
    nosso_numero=Field(45, 57),
)
CAIXA: Final = replace(
    COMMON,
    file_header=changed(
        records.FILE_HEADER,
        _ACCOUNT,
        zeros=(33, 52, _NUMBER),
        convenio=(59, 64, _NUMBER),
        more_zeros=(65, 72, _NUMBER),
        situation=(192, 211),
    ),
    lote_header=changed(
        records.LOTE_HEADER,
        _ACCOUNT,
        beneficiary=(34, 39, _NUMBER),
        zeros=(40, 53, _NUMBER),
        convenio=(60, 65, _NUMBER),
        more_zeros=(66, 73, _NUMBER),
    ),
    segment_p=changed(
        records.SEGMENT_P,
        _ACCOUNT,
        convenio=(24, 29, _NUMBER),
        zeros=(30, 40, _NUMBER),
        nosso_numero=(41, 57),
        number=(63, 73),
    ),
    segment_r=changed(records.SEGMENT_R, _DEBIT),
    segment_t=changed(records.SEGMENT_T, nosso_numero=(40, 56), number=(59, 69)),
    lote_trailer=changed(
        records.LOTE_TRAILER,
        titles=(24, 29, _NUMBER),
        total=(30, 46, _AMOUNT),
        zeros=(47, 92, _NUMBER),
    ),
    file_trailer=changed(records.FILE_TRAILER, ("accounts",)),
    remessa_convenio=Field(59, 64, _NUMBER),
    retorno_convenio=Field(59, 64, _NUMBER),
    nosso_numero=Field(41, 57),
)
BRADESCO: Final = replace(
    COMMON,
    lote_trailer=changed(records.LOTE_TRAILER, zeros=(24, 115, _NUMBER)),
    remessa_convenio=Field(33, 52, _NUMBER),
)
ITAU: Final = replace(
    COMMON,
    file_header=changed(records.FILE_HEADER, ("agencia_dv", "conta_dv")),
    lote_header=changed(records.LOTE_HEADER, ("agencia_dv", "conta_dv")),
    segment_p=changed(
        records.SEGMENT_P,
        (
            *("agencia_dv", "conta_dv"),
            *("carteira", "registration", "document_kind", "issued_by", "distributed_by"),
            *("currency", "contract"),
        ),
        zeros=(58, 62, _NUMBER),
        number=(63, 72),
        write_off_days=(225, 226, _NUMBER),
        more_zeros=(227, 239, _NUMBER),
    ),
    # Ten more are taken and shortened by the bank.
    segment_q=changed(records.SEGMENT_Q, name=(34, 63)),
    segment_t=changed(records.SEGMENT_T, number=(59, 68)),
    lote_trailer=changed(records.LOTE_TRAILER, zeros=(24, 115, _NUMBER)),
)
SICOOB: Final = replace(
    COMMON,
    segment_p=changed(records.SEGMENT_P, ("write_off_days",)),
    segment_t=changed(records.SEGMENT_T, nosso_numero=(38, 47)),
    lote_trailer=changed(
        records.LOTE_TRAILER,
        titles=(24, 29, _NUMBER),
        total=(30, 46, _AMOUNT),
        zeros=(47, 115, _NUMBER),
    ),
    # Parcela, modalidade and kind of paper follow the ten digits.
    nosso_numero=Field(38, 47),
)
