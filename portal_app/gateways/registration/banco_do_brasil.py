"""Banco do Brasil (001), API Cobranças v2: not homologated.

Synchronous: what is registered stands at once. We number the titles (convênio of type 4), so a
title told twice is known by its number. Source: the bank's "API Cobranças v2" (OpenAPI and
guide, apoio.developers.bb.com.br) as copied by others; what follows from it and what is open:
docs/banks/api.md.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from portal_app.domain.boleto.events import BankEvent, EventKind
from portal_app.domain.boleto.gateway import Answer, Capability, Problem, Report, TitleRef
from portal_app.domain.boleto.order import Order
from portal_app.domain.companies import BankCarteira
from portal_app.domain.errors import BankUnavailable, InvalidDate, InvalidField
from portal_app.gateways import clock
from portal_app.gateways.registration import credentials, payload
from portal_app.gateways.registration.banco_do_brasil_order import (
    PREFIX,
    problems_of,
    request_of,
    title_number,
    written,
)
from portal_app.gateways.registration.http import Access, BankClient, Reply, client_of, understood
from portal_app.gateways.registration.limits import refused_here
from portal_app.gateways.registration.payload import ZONE, Record

BANK: Final = "001"
ACCESS: Final = Access(
    BANK,
    "cobrancas.boletos-info cobrancas.boletos-requisicao",
    basic=True,
    app_key="gw-dev-app-key",
)
NEEDED: Final = frozenset({"app_key"})

_BOLETOS: Final = "/boletos"
_NUMBER: Final = re.compile(f"{PREFIX}[0-9]{{17}}")
_DAY: Final = re.compile(r"([0-9]{2})[./]([0-9]{2})[./]([0-9]{4})( .*)?")
_NO_DAY: Final = frozenset({"", "00.00.0000"})
_MOST_REASONS: Final = 10
_KNOWN_ALREADY: Final = "4874915"
# The bank withdraws and changes nothing in a title's first half hour.
_TOO_YOUNG: Final = 1800

# 2, 3, 4, 8: on its way to the notary, payable all the same. 14, 15, 17, 21: money on its way.
# 5, 9, 13: protested, the bank no longer collects it. 18, 19: part of it came.
_ANSWERS: Final = {
    **dict.fromkeys(("1", "2", "3", "4", "8", "14", "15", "17", "21"), Answer.REGISTERED),
    **dict.fromkeys(("6", "10", "11", "12", "16", "18", "19"), Answer.PAID),
    **dict.fromkeys(("5", "9", "13"), Answer.EXPIRED),
    "7": Answer.CANCELLED,
    "80": Answer.PENDING,
}
_GAVE_UP: Final = frozenset({"12", "13", "90"})
"""Kinds of baixa that nobody asked for: the title was out of time."""

# A baixa operacional: another bank, or this one, says the title is being paid; 10 takes it back.
_CALLS: Final = {"1": EventKind.PAID, "2": EventKind.PAID, "10": EventKind.REVERSED}

_FINES: Final = frozenset({"1", "2"})
_MOVE_DUE: Final = "indicadorNovaDataVencimento"
_CHARGE_FINE: Final = "indicadorCobrarMulta"
# All of them are told each time, one of them "S".
_INDICATORS: Final = (
    *(_MOVE_DUE, "indicadorNovoValorNominal", "indicadorAtribuirDesconto"),
    *("indicadorAlterarDesconto", "indicadorAlterarDataDesconto", "indicadorProtestar"),
    *("indicadorSustacaoProtesto", "indicadorCancelarProtesto", "indicadorIncluirAbatimento"),
    *("indicadorAlterarAbatimento", "indicadorCobrarJuros", "indicadorDispensarJuros"),
    *(_CHARGE_FINE, "indicadorDispensarMulta", "indicadorNegativar", "indicadorAlterarSeuNumero"),
    *("indicadorAlterarEnderecoPagador", "indicadorAlterarPrazoBoletoVencido"),
)


@dataclass(frozen=True, slots=True)
class BancoDoBrasil:
    """One convênio at Banco do Brasil."""

    carteira: BankCarteira
    client: BankClient
    capabilities: frozenset[Capability] = frozenset(
        {
            Capability.REGISTER_AT_ONCE,
            Capability.QUERY,
            Capability.CANCEL,
            Capability.AMEND,
            Capability.PIX,
            Capability.WEBHOOK,
        }
    )
    expected_wait: timedelta = timedelta(0)

    @classmethod
    def of(cls, carteira: BankCarteira) -> "BancoDoBrasil":
        """With the credentials the carteira names; BankAccessDenied where they are no use."""
        secrets = credentials.read(carteira.credentials, BANK, NEEDED)
        return cls(carteira, client_of(ACCESS, secrets))

    def validate(self, order: Order, /) -> Sequence[Problem]:
        return list(problems_of(order))

    def register(self, order: Order, /) -> Report:
        """REGISTERED, or what the title is where the bank has it already."""
        if problems := self.validate(order):
            return refused_here(problems)
        number = title_number(order.nosso_numero)
        reply = self.client.call("POST", _BOLETOS, body=request_of(order))
        with understood(BANK):
            if reply.is_refusal:
                return self._not_taken(number, reply)
            taken = payload.record(reply.body, "body")
            if payload.stated(taken, "numero") != number:
                raise InvalidField(field="numero")
            return Report(
                answer=Answer.REGISTERED,
                bank_ref=number,
                nosso_numero=order.nosso_numero,
                barcode=payload.barcode(taken, "codigoBarraNumerico", required=True),
                pix=payload.text(payload.member(taken, "qrCode"), "emv"),
            )

    def query(self, ref: TitleRef, /) -> Report:
        number = title_number(ref.nosso_numero)
        with understood(BANK):
            return self._report(number, self._found(number))

    def cancel(self, ref: TitleRef, /) -> Report:
        """What it is already where it does not stand open; REJECTED where the bank says no."""
        number = title_number(ref.nosso_numero)
        with understood(BANK):
            found = self._found(number)
            if found is None or _answer(found) is not Answer.REGISTERED:
                return self._report(number, found)
            body = {"numeroConvenio": int(_convenio(number))}
            reply = self.client.call("POST", f"{_path(number)}/baixar", body=body)
            return _instructed(reply, found, Answer.CANCELLED)

    def amend(self, ref: TitleRef, due: date, /) -> Report:
        """The fine begins on a day of its own, so that is moved as well."""
        number = title_number(ref.nosso_numero)
        with understood(BANK):
            found = self._found(number)
            if found is None or _answer(found) is not Answer.REGISTERED:
                return self._report(number, found)
            for indicator, change in _changes(found, due):
                body = _change(number, indicator, change)
                reply = self.client.call("PATCH", _path(number), body=body)
                report = _instructed(reply, found, Answer.AMENDED)
                if report.answer is not Answer.AMENDED:
                    return report
            return Report(answer=Answer.AMENDED)

    def parse_events(self, raw: bytes, _headers: Mapping[str, str], /) -> Sequence[BankEvent]:
        """Calls of the webhook "baixa operacional"; one may come again, and before another."""
        return [_called(each) for each in payload.calls(raw)]

    def _found(self, number: str) -> Record | None:
        query = {"numeroConvenio": _convenio(number)}
        reply = self.client.call("GET", _path(number), query=query)
        return None if reply.is_unknown else reply.told()

    def _not_taken(self, number: str, reply: Reply) -> Report:
        """Known already is no refusal: an answer was lost on its way, and the title says how it is."""
        if _KNOWN_ALREADY in _codes(reply):
            found = self._found(number)
            if found is not None:
                return self._report(number, found)
        return Report(answer=Answer.REJECTED, reasons=_reasons(reply))

    def _report(self, number: str, found: Record | None) -> Report:
        if found is None:
            return Report(answer=Answer.UNKNOWN)
        answer = _answer(found)
        stands = answer is Answer.REGISTERED
        return Report(
            answer=answer,
            reasons=_why(found) if answer in {Answer.CANCELLED, Answer.EXPIRED} else (),
            bank_ref=number,
            nosso_numero=number.removeprefix(PREFIX),
            barcode=payload.barcode(found, "textoCodigoBarrasTituloCobranca", required=stands),
            pix=self._pix(number) if stands else "",
            event=_paid(number, found) if answer is Answer.PAID else None,
        )

    def _pix(self, number: str) -> str:
        """The detail of a title leaves its Pix out."""
        if not self.carteira.wants_pix:
            return ""
        query = {"numeroConvenio": _convenio(number)}
        reply = self.client.call("GET", f"{_path(number)}/pix", query=query)
        if reply.is_unknown:
            return ""
        return payload.text(payload.member(reply.told(), "qrCode"), "emv")


def _path(number: str) -> str:
    return f"{_BOLETOS}/{number}"


def _convenio(number: str) -> str:
    return number[3:10]


def _changes(found: Record, due: date) -> Iterator[tuple[str, dict[str, Any]]]:
    """What must be told, one thing a call, until the title is due on that day and fined after it."""
    if _day(found, "dataVencimentoTituloCobranca") != due:
        yield _MOVE_DUE, {"alteracaoData": {"novaDataVencimento": written(due)}}
    kind, since = payload.text(found, "codigoTipoMulta"), _day(found, "dataMultaTitulo")
    if kind in _FINES and since and since <= due:
        fine = {
            "tipoMulta": int(kind),
            "valorMulta": payload.number(found, "valorMultaTituloCobranca"),
            "taxaMulta": payload.number(found, "percentualMultaTitulo"),
            "dataInicioMulta": written(due + timedelta(days=1)),
        }
        yield _CHARGE_FINE, {"multa": fine}


def _change(number: str, indicator: str, change: Mapping[str, Any]) -> dict[str, Any]:
    indicators = {each: "S" if each == indicator else "N" for each in _INDICATORS}
    return {"numeroConvenio": int(_convenio(number)), **indicators, **change}


def _instructed(reply: Reply, found: Record, done: Answer) -> Report:
    """What became of an instruction; BankUnavailable if the title may be too young for any."""
    if reply.is_unknown:
        return Report(answer=Answer.UNKNOWN)
    if not reply.is_refusal:
        return Report(answer=done)
    since = _day(found, "dataRegistroTituloCobranca")
    if since and clock.today(ZONE) - since <= timedelta(days=1):
        raise BankUnavailable(bank=BANK, retry_after=_TOO_YOUNG)
    return Report(answer=Answer.REJECTED, reasons=_reasons(reply))


def _answer(found: Record) -> Answer:
    state = payload.stated(found, "codigoEstadoTituloCobranca").lstrip("0")
    if state not in _ANSWERS:
        raise InvalidField(field="codigoEstadoTituloCobranca")
    answer = _ANSWERS[state]
    if answer is Answer.CANCELLED and payload.text(found, "codigoTipoBaixaTitulo") in _GAVE_UP:
        return Answer.EXPIRED
    return answer


def _why(found: Record) -> tuple[str, ...]:
    return (payload.said(found, "codigoEstadoTituloCobranca", "codigoTipoBaixaTitulo"),)


def _paid(number: str, found: Record) -> BankEvent:
    interest, fine = "valorJuroMoraRecebido", "valorMultaRecebido"
    discount, abatement = "valorDescontoUtilizado", "valorAbatimentoTotal"
    return BankEvent(
        kind=EventKind.PAID,
        bank=BANK,
        agreement=_convenio(number),
        nosso_numero=number.removeprefix(PREFIX),
        movement=payload.stated(found, "codigoEstadoTituloCobranca"),
        seu_numero=payload.text(found, "numeroTituloCedenteCobranca"),
        bank_ref=number,
        occurred_on=_stated_day(found, "dataRecebimentoTitulo"),
        credited_on=_day(found, "dataCreditoLiquidacao"),
        due=_day(found, "dataVencimentoTituloCobranca"),
        face=payload.amount(found, "valorOriginalTituloCobranca"),
        paid=payload.received(found, "valorPagoSacado"),
        net=payload.amount(found, "valorCreditoCedente"),
        charges=payload.amount(found, interest) + payload.amount(found, fine),
        discount=payload.amount(found, discount) + payload.amount(found, abatement),
    )


def _called(told: Record) -> BankEvent:
    state, number = payload.stated(told, "codigoEstadoBaixaOperacional"), payload.stated(told, "id")
    if not _NUMBER.fullmatch(number):
        raise InvalidField(field="id")
    return BankEvent(
        # A state that is new to us is a reason to ask, as all of them are.
        kind=_CALLS.get(state, EventKind.NOTED),
        bank=BANK,
        agreement=_convenio(number),
        nosso_numero=number.removeprefix(PREFIX),
        movement=state,
        bank_ref=number,
        occurred_on=_stated_day(told, "dataLiquidacao"),
        due=_day(told, "dataVencimento"),
        face=payload.amount(told, "valorOriginal"),
        paid=payload.received(told, "valorPagoSacado"),
    )


def _codes(reply: Reply) -> set[str]:
    """'4874915', also where it is written '4874915.1'."""
    return {
        payload.text(each, name).partition(".")[0]
        for each in _errors(reply)
        for name in ("codigo", "code")
    }


def _reasons(reply: Reply) -> tuple[str, ...]:
    names = ("codigo", "mensagem", "code", "message")
    said = [payload.said(each, *names) for each in _errors(reply)[:_MOST_REASONS]]
    reasons = tuple(reason for reason in said if reason)
    if not reasons:
        raise InvalidField(field="erros")
    return reasons


def _errors(reply: Reply) -> Sequence[Record]:
    problem = payload.record(reply.body, "body")
    return [
        *payload.records(problem.get("erros"), "erros"),
        *payload.records(problem.get("errors"), "errors"),
    ]


def _day(of: Record, field: str) -> date | None:
    """'31.03.2026', or with slashes and a time of day; None where the bank left it out."""
    value = payload.text(of, field)
    if value in _NO_DAY:
        return None
    parts = _DAY.fullmatch(value)
    if parts is None:
        raise InvalidDate(field=field)
    try:
        return date(int(parts[3]), int(parts[2]), int(parts[1]))
    except ValueError:
        raise InvalidDate(field=field) from None


def _stated_day(of: Record, field: str) -> date:
    day = _day(of, field)
    if day is None:
        raise InvalidDate(field=field)
    return day
