"""What Banco Inter is told of a title, and what it would refuse: `EmitirCobrancaRequestBody`.

Source and what is open: docs/banks/api.md.
"""

from collections.abc import Iterator
from textwrap import wrap
from typing import Any, Final

from portal_app.domain.boleto.gateway import Problem
from portal_app.domain.boleto.order import Order, Payer
from portal_app.domain.errors import FieldMissing, FieldTooLong, InvalidField
from portal_app.gateways.registration.limits import amount_problems, payer_problems, percent

_LEAST: Final = 2_50
_LONGEST: Final = {"name": 100, "street": 100, "district": 60, "city": 60}
_LONGEST_SEU_NUMERO: Final = 15
_MOST_DAYS: Final = 60
_MOST_LINES: Final = 5
_LONGEST_LINE: Final = 78


def problems_of(order: Order) -> Iterator[Problem]:
    if not order.title.seu_numero:
        yield Problem("seu_numero", FieldMissing.code)
    if len(order.title.seu_numero) > _LONGEST_SEU_NUMERO:
        yield Problem("seu_numero", FieldTooLong.code)
    if not 0 <= order.write_off_days <= _MOST_DAYS:
        yield Problem("write_off_days", InvalidField.code)
    if len(_message(order)) > _MOST_LINES:
        yield Problem("instructions", FieldTooLong.code)
    yield from amount_problems(order, _LEAST)
    yield from payer_problems(order.payer, _LONGEST)


def request_of(order: Order) -> dict[str, Any]:
    parts: dict[str, Any] = {
        "seuNumero": order.title.seu_numero,
        "valorNominal": order.amount,
        "dataVencimento": order.due.isoformat(),
        "numDiasAgenda": order.write_off_days,
        "pagador": _payer(order.payer),
        "desconto": _discount(order),
        "multa": _fine(order),
        "mora": _interest(order),
        "mensagem": {f"linha{n}": line for n, line in enumerate(_message(order), start=1)},
        "formasRecebimento": ["BOLETO", "PIX"] if order.wants_pix else ["BOLETO"],
    }
    return {name: part for name, part in parts.items() if part not in (None, {})}


def _message(order: Order) -> list[str]:
    return [line for text in order.instructions for line in wrap(text, _LONGEST_LINE)]


def _payer(payer: Payer) -> dict[str, str]:
    """Without the e-mail address: the company writes to its customers, not the bank."""
    parts = {
        "cpfCnpj": payer.tax_id,
        "tipoPessoa": "JURIDICA" if payer.is_company else "FISICA",
        "nome": payer.name,
        "endereco": payer.street,
        "bairro": payer.district,
        "cidade": payer.city,
        "uf": payer.state,
        "cep": payer.postcode,
    }
    return {name: part for name, part in parts.items() if part}


def _discount(order: Order) -> dict[str, Any] | None:
    if order.discount is None:
        return None
    return {
        "codigo": "VALORFIXODATAINFORMADA",
        "quantidadeDias": (order.due - order.discount.until).days,
        "valor": order.discount.amount,
    }


def _fine(order: Order) -> dict[str, Any] | None:
    rate = percent(order.late.fine_rate)
    if rate:
        return {"codigo": "PERCENTUAL", "taxa": rate}
    return {"codigo": "VALORFIXO", "valor": order.late.fine} if order.late.fine else None


def _interest(order: Order) -> dict[str, Any] | None:
    rate, a_day = percent(order.late.interest_rate), order.late.interest_a_day
    if rate:
        return {"codigo": "TAXAMENSAL", "taxa": rate}
    return {"codigo": "VALORDIA", "valor": a_day} if a_day else None
