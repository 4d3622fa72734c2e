"""Banco Inter within the test server. A title is ready after `polls_until_ready` looks at it."""

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

from tests.gateways.bank_desk import PIX, Call, Desk, Held, Result, Route, barcode_of


class InterDesk(Desk):
    def __init__(self, root: str, today: date) -> None:
        super().__init__(root, today)
        self.polls_until_ready = 1
        self._polls: dict[str, int] = {}

    def pay(self, name: str, amount: str, on: date) -> None:
        held = self.titles[name]
        held.state, held.paid, held.paid_on = "RECEBIDO", amount, on

    def call_of(self, name: str, at: str = "") -> dict[str, Any]:
        """One object of what the bank calls in with."""
        held = self.titles[name]
        day = held.paid_on or self.today
        return {
            "codigoSolicitacao": held.ref,
            "seuNumero": name,
            "situacao": held.state,
            "dataHoraSituacao": at or f"{day.isoformat()}T10:30:00-03:00",
            "valorTotalRecebido": held.paid,
            "nossoNumero": held.nosso_numero,
            "codigoBarras": held.barcode,
        }

    def routes(self) -> tuple[tuple[str, str, Route], ...]:
        one = f"{self.root}/([0-9a-f-]+)"
        return (
            ("POST", self.root, self._register),
            ("GET", self.root, self._list),
            ("GET", one, self._detail),
            ("PATCH", one, self._edit),
            ("POST", f"{one}/cancelar", self._cancel),
        )

    def _register(self, call: Call) -> Result:
        told = call.told()
        name = told["seuNumero"]
        if self.refusals:
            violation = {"propriedade": "pagador.cep", "razao": self.refusals.popleft()}
            return 400, {"title": "Dados inválidos.", "violacoes": [{**violation, "valor": "1"}]}
        if name in self.titles:
            words = f"Cobrança já emitida, código de solicitação: {self.titles[name].ref}."
            return 400, {"title": "Requisição duplicada", "detail": words}
        number = str(90000000000 + len(self.titles))
        due = date.fromisoformat(told["dataVencimento"])
        barcode = barcode_of("077", due, told["valorNominal"], f"0001112000000{number}0")
        held = Held(told, str(uuid.uuid4()), number, barcode, "EM_PROCESSAMENTO", due)
        self.titles[name] = held
        self._polls[held.ref] = self.polls_until_ready
        return 200, {"codigoSolicitacao": held.ref}

    def _list(self, call: Call) -> Result:
        first, last = call.query["dataInicial"], call.query["dataFinal"]
        found = [
            self._told(held)
            for name, held in self.titles.items()
            if call.query["seuNumero"] in name and first <= held.due.isoformat() <= last
        ]
        return 200, {"totalPaginas": 1, "totalElementos": len(found), "cobrancas": found}

    def _detail(self, _call: Call, ref: str) -> Result:
        held = self._by(ref)
        return (404, {"title": "Não Encontrado"}) if held is None else (200, self._told(held))

    def _edit(self, call: Call, ref: str) -> Result:
        held = self._by(ref)
        assert held is not None
        if self.refusals:
            return 400, {"title": self.refusals.popleft()}
        held.due = date.fromisoformat(call.told()["dataVencimento"])
        return 200, {"status": "PROCESSANDO", "codigoEdicao": str(uuid.uuid4())}

    def _cancel(self, call: Call, ref: str) -> Result:
        held = self._by(ref)
        assert held is not None
        if self.refusals:
            return 400, {"title": self.refusals.popleft()}
        assert 0 < len(call.told()["motivoCancelamento"]) <= 50
        held.state = "CANCELADO"
        return 202, None

    def _by(self, ref: str) -> Held | None:
        return next((held for held in self.titles.values() if held.ref == ref), None)

    def _told(self, held: Held) -> dict[str, Any]:
        if held.state == "EM_PROCESSAMENTO":
            self._polls[held.ref] -= 1
            held.state = "A_RECEBER" if self._polls[held.ref] < 0 else held.state
        told: dict[str, Any] = {
            "cobranca": {
                "codigoSolicitacao": held.ref,
                "seuNumero": held.told["seuNumero"],
                "dataVencimento": held.due.isoformat(),
                "valorNominal": Decimal(held.told["valorNominal"]),
                "situacao": held.state,
                "dataSituacao": (held.paid_on or self.today).isoformat(),
                "pagador": {"cpfCnpj": held.told["pagador"]["cpfCnpj"]},
            }
        }
        if held.paid_on:
            told["cobranca"] |= {"valorTotalRecebido": held.paid, "origemRecebimento": "BOLETO"}
        if held.state not in {"EM_PROCESSAMENTO", "FALHA_EMISSAO"}:
            told["boleto"] = {"nossoNumero": held.nosso_numero, "codigoBarras": held.barcode}
            if "PIX" in held.told["formasRecebimento"]:
                told["pix"] = {"txid": "x" * 30, "pixCopiaECola": PIX}
        return told
