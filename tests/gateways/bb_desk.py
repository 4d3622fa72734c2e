"""Banco do Brasil within the test server. A title `young` takes no instruction yet."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from tests.gateways.bank_desk import PIX, Call, Desk, Held, Result, Route, barcode_of

_TOO_YOUNG: Final = "Comando permitido somente 30 minutos após o registro."


@dataclass
class Extras:
    """What is kept of a title besides, and what of its money was what."""

    young: bool = False
    fine_from: str = ""
    ended_by: int = 0
    parts: dict[str, str] = field(default_factory=dict[str, str])


class BancoDoBrasilDesk(Desk):
    def __init__(self, root: str, today: date) -> None:
        super().__init__(root, today)
        self.extras: dict[str, Extras] = {}

    def pay(
        self, name: str, amount: str, on: date, credited_on: date | None = None, **parts: str
    ) -> None:
        """`parts` of the money by the bank's own names: valorMultaRecebido …"""
        held = self.titles[name]
        held.state, held.paid, held.paid_on = "6", amount, on
        held.credited_on = credited_on
        self.extras[name].parts = parts

    def call_of(self, name: str, state: int = 1) -> dict[str, Any]:
        """What the bank calls in with: the webhook "baixa operacional"."""
        held = self.titles[name]
        assert held.paid_on is not None
        return {
            "id": name,
            "dataVencimento": _dotted(held.due),
            "valorOriginal": Decimal(held.told["valorOriginal"]),
            "valorPagoSacado": Decimal(held.paid),
            "numeroConvenio": int(name[3:10]),
            "codigoEstadoBaixaOperacional": state,
            "dataLiquidacao": f"{held.paid_on:%d/%m/%Y} 16:29:30",
            "identidadePortador": 98959112000179,
            "nomePortador": "CINE VENTURA",
        }

    def routes(self) -> tuple[tuple[str, str, Route], ...]:
        one = f"{self.root}/([0-9]{{20}})"
        return (
            ("POST", self.root, self._register),
            ("GET", one, self._detail),
            ("PATCH", one, self._change),
            ("POST", f"{one}/baixar", self._withdraw),
            ("GET", f"{one}/pix", self._pix),
        )

    def _register(self, call: Call) -> Result:
        told = call.told()
        number = told["numeroTituloCliente"]
        if self.refusals:
            return 400, _erros("4432632", self.refusals.popleft())
        if number in self.titles:
            return 400, _erros("4874915", "Nosso Número já incluído anteriormente.")
        due = _day(told["dataVencimento"])
        free = "000000" + number[3:] + f"{told['numeroCarteira']:02}"
        barcode = barcode_of("001", due, told["valorOriginal"], free)
        self.titles[number] = Held(told, number, number[3:], barcode, "1", due)
        self.extras[number] = Extras(fine_from=told["multa"].get("data", ""))
        answer = {"numero": number, "codigoBarraNumerico": barcode, "numeroCarteira": 17}
        if told["indicadorPix"] == "S":
            answer["qrCode"] = {"url": "pix.example/qr", "txId": "x" * 30, "emv": PIX}
        return 201, answer

    def _detail(self, call: Call, number: str) -> Result:
        held = self.titles.get(number)
        if held is None or call.query["numeroConvenio"] != number[3:10]:
            return 404, None
        extras, fine = self.extras[number], held.told["multa"]
        registered = self.today - timedelta(days=0 if extras.young else 9)
        return 200, {
            "codigoEstadoTituloCobranca": int(held.state),
            "codigoTipoBaixaTitulo": extras.ended_by,
            "numeroTituloCedenteCobranca": held.told["numeroTituloBeneficiario"],
            "dataRegistroTituloCobranca": _dotted(registered),
            "dataVencimentoTituloCobranca": _dotted(held.due),
            "valorOriginalTituloCobranca": Decimal(held.told["valorOriginal"]),
            "textoCodigoBarrasTituloCobranca": held.barcode,
            "codigoTipoMulta": fine["tipo"],
            "percentualMultaTitulo": Decimal(fine.get("porcentagem", "0")),
            "valorMultaTituloCobranca": Decimal(fine.get("valor", "0")),
            "dataMultaTitulo": extras.fine_from,
            "valorPagoSacado": Decimal(held.paid),
            "valorCreditoCedente": Decimal(held.paid),
            "dataRecebimentoTitulo": _dotted(held.paid_on),
            "dataCreditoLiquidacao": _dotted(held.credited_on),
            **{part: Decimal(amount) for part, amount in extras.parts.items()},
        }

    def _change(self, call: Call, number: str) -> Result:
        held, extras, told = self.titles[number], self.extras[number], call.told()
        indicators = [value for key, value in told.items() if key.startswith("indicador")]
        if extras.young:
            return 400, {"errors": [{"code": "4125718.1", "message": _TOO_YOUNG}]}
        assert (len(indicators), indicators.count("S")) == (18, 1)
        if told["indicadorNovaDataVencimento"] == "S":
            held.due = _day(told["alteracaoData"]["novaDataVencimento"])
        if told["indicadorCobrarMulta"] == "S":
            extras.fine_from = told["multa"]["dataInicioMulta"]
        return 200, {"numeroContratoCobranca": 1, "dataAtualizacao": _dotted(self.today)}

    def _withdraw(self, _call: Call, number: str) -> Result:
        held, extras = self.titles[number], self.extras[number]
        if self.refusals:
            return 400, _erros("4125718", self.refusals.popleft())
        if extras.young:
            return 400, _erros("4125718", _TOO_YOUNG)
        held.state, extras.ended_by = "7", 11
        return 200, {"numeroContratoCobranca": "1", "dataBaixa": _dotted(self.today)}

    def _pix(self, _call: Call, number: str) -> Result:
        held = self.titles.get(number)
        if held is None or held.told["indicadorPix"] != "S":
            return 404, None
        return 200, {"id": number, "qrCode": {"emv": PIX}}


def _erros(code: str, words: str) -> dict[str, Any]:
    return {"erros": [{"codigo": code, "versao": "1", "mensagem": words, "ocorrencia": "2AzBShK"}]}


def _day(dotted: str) -> date:
    day, month, year = dotted.split(".")
    return date(int(year), int(month), int(day))


def _dotted(day: date | None) -> str:
    return f"{day:%d.%m.%Y}" if day else ""
