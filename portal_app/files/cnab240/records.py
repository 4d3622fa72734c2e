"""Where everything stands in a CNAB 240 file of collection: headers, segments, trailers.

FEBRABAN's "Layout padrão 240 posições", cobrança. One table of positions serves reading and
writing; where a bank departs from it its profile has a table of its own (banks.py).
"""

from __future__ import annotations

from typing import Final

from portal_app.files.fixed_width import Kind, fields

LENGTH: Final = 240

_NUMBER, _AMOUNT, _DAY = Kind.NUMBER, Kind.AMOUNT, Kind.DAY

COMMON: Final = fields(bank=(1, 3, _NUMBER), lote=(4, 7, _NUMBER), record=(8, 8, _NUMBER))
DETAIL: Final = fields(sequence=(9, 13, _NUMBER), segment=(14, 14), movement=(16, 17, _NUMBER))
FILE_HEADER: Final = fields(
    tax_id_type=(18, 18, _NUMBER),
    tax_id=(19, 32, _NUMBER),
    convenio=(33, 52),
    agencia=(53, 57, _NUMBER),
    agencia_dv=(58, 58),
    conta=(59, 70, _NUMBER),
    conta_dv=(71, 71),
    account_dv=(72, 72),
    company=(73, 102),
    bank_name=(103, 132),
    direction=(143, 143, _NUMBER),
    made_on=(144, 151, _DAY),
    made_at=(152, 157, _NUMBER),
    file_sequence=(158, 163, _NUMBER),
    layout=(164, 166, _NUMBER),
    density=(167, 171, _NUMBER),
)
LOTE_HEADER: Final = fields(
    operation=(9, 9),
    service=(10, 11, _NUMBER),
    layout=(14, 16, _NUMBER),
    tax_id_type=(18, 18, _NUMBER),
    tax_id=(19, 33, _NUMBER),
    convenio=(34, 53),
    agencia=(54, 58, _NUMBER),
    agencia_dv=(59, 59),
    conta=(60, 71, _NUMBER),
    conta_dv=(72, 72),
    account_dv=(73, 73),
    company=(74, 103),
    file_sequence=(184, 191, _NUMBER),
    recorded_on=(192, 199, _DAY),
    credited_on=(200, 207, _DAY),
)
SEGMENT_P: Final = fields(
    agencia=(18, 22, _NUMBER),
    agencia_dv=(23, 23),
    conta=(24, 35, _NUMBER),
    conta_dv=(36, 36),
    account_dv=(37, 37),
    nosso_numero=(38, 57),
    carteira=(58, 58, _NUMBER),
    registration=(59, 59, _NUMBER),
    document_kind=(60, 60),
    issued_by=(61, 61, _NUMBER),
    distributed_by=(62, 62),
    number=(63, 77),
    due=(78, 85, _DAY),
    amount=(86, 100, _AMOUNT),
    collecting_agencia=(101, 105, _NUMBER),
    especie=(107, 108, _NUMBER),
    aceite=(109, 109),
    issued=(110, 117, _DAY),
    interest_code=(118, 118, _NUMBER),
    interest_from=(119, 126, _DAY),
    interest=(127, 141, _AMOUNT),
    discount_code=(142, 142, _NUMBER),
    discount_until=(143, 150, _DAY),
    discount=(151, 165, _AMOUNT),
    iof=(166, 180, _AMOUNT),
    abatement=(181, 195, _AMOUNT),
    company_reference=(196, 220),
    protest_code=(221, 221, _NUMBER),
    protest_days=(222, 223, _NUMBER),
    write_off_code=(224, 224, _NUMBER),
    write_off_days=(225, 227, _NUMBER),
    currency=(228, 229, _NUMBER),
    contract=(230, 239, _NUMBER),
)
SEGMENT_Q: Final = fields(
    tax_id_type=(18, 18, _NUMBER),
    tax_id=(19, 33, _NUMBER),
    name=(34, 73),
    street=(74, 113),
    district=(114, 128),
    postcode=(129, 136, _NUMBER),
    city=(137, 151),
    state=(152, 153),
    final_tax_id_type=(154, 154, _NUMBER),
    final_tax_id=(155, 169, _NUMBER),
    final_name=(170, 209),
    correspondent=(210, 212, _NUMBER),
)
SEGMENT_R: Final = fields(
    discount_2_code=(18, 18, _NUMBER),
    discount_2_until=(19, 26, _DAY),
    discount_2=(27, 41, _AMOUNT),
    discount_3_code=(42, 42, _NUMBER),
    discount_3_until=(43, 50, _DAY),
    discount_3=(51, 65, _AMOUNT),
    fine_code=(66, 66, _NUMBER),
    fine_from=(67, 74, _DAY),
    fine=(75, 89, _AMOUNT),
    payer_occurrence=(200, 207, _NUMBER),
    debit_agencia=(208, 215, _NUMBER),
    debit_conta=(217, 228, _NUMBER),
    debit_notice=(231, 231, _NUMBER),
)
SEGMENT_T: Final = fields(
    nosso_numero=(38, 57),
    number=(59, 73),
    due=(74, 81, _DAY),
    face=(82, 96, _AMOUNT),
    company_reference=(106, 130),
    fee=(199, 213, _AMOUNT),
    reasons=(214, 223),
)
SEGMENT_U: Final = fields(
    charges=(18, 32, _AMOUNT),
    discount=(33, 47, _AMOUNT),
    abatement=(48, 62, _AMOUNT),
    paid=(78, 92, _AMOUNT),
    net=(93, 107, _AMOUNT),
    other_fees=(108, 122, _AMOUNT),
    occurred_on=(138, 145, _DAY),
    credited_on=(146, 153, _DAY),
)
LOTE_TRAILER: Final = fields(records=(18, 23, _NUMBER))
FILE_TRAILER: Final = fields(
    lotes=(18, 23, _NUMBER), records=(24, 29, _NUMBER), accounts=(30, 35, _NUMBER)
)
