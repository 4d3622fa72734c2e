"""What Banco do Brasil is told of a title, and what it would refuse: `RequisicaoRegistroBoletos`.

Source and what is open: docs/banks/api.md.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from portal_app.domain.boleto.bank import Title, plain
from portal_app.domain.boleto.check_digits import is_number
from portal_app.domain.boleto.gateway import Problem
from portal_app.domain.boleto.order import Order, Payer
from portal_app.domain.errors import FieldMissing, FieldNotNumeric, InvalidField
from portal_app.gateways.registration.limits import amount_problems, payer_problems, percent

PREFIX: Final = "000"

_CONVENIO: Final = re.compile(r"[1-9][0-9]{6}")
_SEU_NUMERO: Final = re.compile(r"[A-Z0-9' -]{1,15}")
_LONGEST: Final = {"name": 60, "street": 60, "district": 30, "city": 30}
_ESPECIES: Final = {
    "DM": 2,
    "DMI": 3,
    "DS": 4,
    "DSI": 5,
    "NP": 12,
    "RC": 17,
    "FAT": 18,
    "ND": 19,
    "ME": 21,
}


def problems_of(order: Order) -> Iterator[Problem]:
    yield from _title_problems(order.title)
    if not re.fullmatch(f"{order.title.convenio}[0-9]{{10}}", order.nosso_numero):
        yield Problem("nosso_numero", InvalidField.code)
    if order.especie_doc not in _ESPECIES:
        yield Problem("especie_doc", InvalidField.code)
    yield from amount_problems(order, least=1)
    yield from payer_problems(order.payer, _LONGEST)
    # It goes into a JSON number, which has no room for the letters of a new CNPJ.
    if order.payer.tax_id and not is_number(order.payer.tax_id):
        yield Problem("tax_id", FieldNotNumeric.code)


def request_of(order: Order) -> dict[str, Any]:
    """Without the instructions: they say in words what is told here, and the paper is ours."""
    title = order.title
    return {
        "numeroConvenio": int(title.convenio),
        "numeroCarteira": int(title.carteira),
        "numeroVariacaoCarteira": int(title.variacao),
        "codigoModalidade": 1,
        "dataEmissao": written(order.document_date),
        "dataVencimento": written(order.due),
        "valorOriginal": order.amount,
        # With "S" and no days the convênio's own limit would hold.
        "indicadorAceiteTituloVencido": "S" if order.write_off_days else "N",
        "numeroDiasLimiteRecebimento": order.write_off_days,
        "codigoAceite": "A" if order.aceite in {"A", "S"} else "N",
        "codigoTipoTitulo": _ESPECIES[order.especie_doc],
        "indicadorPermissaoRecebimentoParcial": "N",
        "numeroTituloBeneficiario": title.seu_numero,
        "numeroTituloCliente": title_number(order.nosso_numero),
        "desconto": _discount(order),
        "jurosMora": _interest(order),
        "multa": _fine(order),
        "pagador": _payer(order.payer),
        "indicadorPix": "S" if order.wants_pix else "N",
    }


def _payer(payer: Payer) -> dict[str, Any]:
    """Numbers without the zeros in front, as JSON wants them; without an e-mail address."""
    return {
        "tipoInscricao": 2 if payer.is_company else 1,
        "numeroInscricao": int(payer.tax_id),
        "nome": payer.name,
        "endereco": payer.street,
        "cep": int(payer.postcode),
        "cidade": payer.city,
        "bairro": payer.district,
        "uf": payer.state,
    }


def _discount(order: Order) -> dict[str, Any]:
    if order.discount is None:
        return {"tipo": 0}
    until, less = written(order.discount.until), order.discount.amount
    return {"tipo": 1, "dataExpiracao": until, "valor": less}


def _interest(order: Order) -> dict[str, Any]:
    """Told even where there is none: left out, the convênio's own would be charged."""
    rate, a_day = percent(order.late.interest_rate), order.late.interest_a_day
    if rate:
        return {"tipo": 2, "porcentagem": rate}
    return {"tipo": 1, "valor": a_day} if a_day else {"tipo": 0}


def _fine(order: Order) -> dict[str, Any]:
    rate, since = percent(order.late.fine_rate), written(order.late_from)
    if rate:
        return {"tipo": 2, "data": since, "porcentagem": rate}
    if order.late.fine:
        return {"tipo": 1, "data": since, "valor": order.late.fine}
    return {"tipo": 0}


def title_number(nosso_numero: str) -> str:
    """The 20 digits the bank knows a title by: '000' and what a convênio of 7 digits prints."""
    number = plain(nosso_numero)
    if len(number) != 17 or not is_number(number):
        raise InvalidField(field="nosso_numero")
    return PREFIX + number


def written(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def _title_problems(title: Title) -> Iterator[Problem]:
    if not _CONVENIO.fullmatch(title.convenio):
        yield Problem("convenio", InvalidField.code)
    if not _SEU_NUMERO.fullmatch(title.seu_numero):
        yield Problem("seu_numero", InvalidField.code)
    for field, value in (("carteira", title.carteira), ("variacao", title.variacao)):
        if not is_number(value):
            yield Problem(field, FieldNotNumeric.code if value else FieldMissing.code)
