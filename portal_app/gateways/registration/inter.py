"""Banco Inter (077), API Cobrança v3 ("boleto com Pix"): not homologated.

Asynchronous: a request is only taken, and the bank gives number, barcode and Pix code a moment
later, told by a call of its own or when asked. Source: "API Cobrança (Boleto com Pix)",
developers.inter.co/references/cobranca-bolepix, and the bank's own SDK; what follows from them
and what is open: docs/banks/api.md.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from portal_app.domain.boleto.bank import plain
from portal_app.domain.boleto.events import NOTHING, BankEvent, EventKind
from portal_app.domain.boleto.gateway import Answer, Capability, Problem, Report, TitleRef
from portal_app.domain.boleto.order import Order
from portal_app.domain.companies import BankCarteira
from portal_app.domain.errors import InvalidDate, InvalidField
from portal_app.gateways.registration import credentials, payload
from portal_app.gateways.registration.http import Access, BankClient, Reply, client_of, understood
from portal_app.gateways.registration.inter_order import problems_of, request_of
from portal_app.gateways.registration.limits import refused_here
from portal_app.gateways.registration.payload import Record

BANK: Final = "077"
ACCESS: Final = Access(
    BANK, "boleto-cobranca.read boleto-cobranca.write", account="x-conta-corrente"
)
NEEDED: Final = frozenset({"certificate", "private_key"})

_COBRANCAS: Final = "/cobranca/v3/cobrancas"
_MOST_REASONS: Final = 10
_WITHDRAWN: Final = "Pagador escolheu outra forma de pagamento"
# A title may have been moved, always to a later due date.
_MOVED_AT_MOST: Final = timedelta(days=60)
_REFERENCE: Final = re.compile(r"[0-9A-Fa-f-]{8,64}")
_KNOWN_AS: Final = re.compile(
    r"c[óo]digo de solicita[çc][ãa]o:? *([0-9A-Fa-f-]{8,64})", re.IGNORECASE
)

# MARCADO_RECEBIDO: somebody of the company ticked it off at the bank. It can no longer be paid,
# and no money came by it.
_ANSWERS: Final = {
    "EM_PROCESSAMENTO": Answer.PENDING,
    "A_RECEBER": Answer.REGISTERED,
    "ATRASADO": Answer.REGISTERED,
    "PROTESTO": Answer.REGISTERED,
    "RECEBIDO": Answer.PAID,
    "MARCADO_RECEBIDO": Answer.CANCELLED,
    "CANCELADO": Answer.CANCELLED,
    "EXPIRADO": Answer.EXPIRED,
    "FALHA_EMISSAO": Answer.REJECTED,
}
_KINDS: Final = {
    Answer.PENDING: EventKind.NOTED,
    Answer.REGISTERED: EventKind.REGISTERED,
    Answer.PAID: EventKind.PAID,
    Answer.CANCELLED: EventKind.CANCELLED,
    Answer.EXPIRED: EventKind.EXPIRED,
    Answer.REJECTED: EventKind.REJECTED,
}
_EDITS: Final = {
    "SUCESSO": Answer.AMENDED,
    "PROCESSANDO": Answer.PENDING,
    "FALHA": Answer.REJECTED,
}
_CLOSED: Final = frozenset({Answer.REJECTED, Answer.CANCELLED, Answer.EXPIRED})


@dataclass(frozen=True, slots=True)
class Inter:
    """One account at Banco Inter."""

    carteira: BankCarteira
    client: BankClient
    capabilities: frozenset[Capability] = frozenset(
        {
            Capability.QUERY,
            Capability.CANCEL,
            Capability.AMEND,
            Capability.PIX,
            Capability.WEBHOOK,
            Capability.NUMBERS,
        }
    )
    expected_wait: timedelta = timedelta(minutes=1)

    @classmethod
    def of(cls, carteira: BankCarteira) -> "Inter":
        """With the credentials the carteira names; BankAccessDenied where they are no use."""
        secrets = credentials.read(carteira.credentials, BANK, NEEDED)
        return cls(carteira, client_of(ACCESS, secrets))

    def validate(self, order: Order, /) -> Sequence[Problem]:
        return list(problems_of(order))

    def register(self, order: Order, /) -> Report:
        """PENDING: the bank took the request, or has it already."""
        if problems := self.validate(order):
            return refused_here(problems)
        reply = self.client.call("POST", _COBRANCAS, body=request_of(order))
        with understood(BANK):
            if reply.is_refusal:
                known = _known_as(reply)
                if known is None:
                    return Report(answer=Answer.REJECTED, reasons=_reasons(reply))
                return Report(answer=Answer.PENDING, bank_ref=known)
            taken = payload.record(reply.body, "body")
            return Report(answer=Answer.PENDING, bank_ref=_reference(taken))

    def query(self, ref: TitleRef, /) -> Report:
        """By the bank's reference, else by our number: the answer may never have reached us."""
        with understood(BANK):
            return self._report(self._found(ref))

    def cancel(self, ref: TitleRef, /) -> Report:
        """What it is already where it does not stand open; REJECTED where the bank says no."""
        with understood(BANK):
            report = self._report(self._found(ref))
            if report.answer is not Answer.REGISTERED:
                return report
            path = f"{_COBRANCAS}/{report.bank_ref}/cancelar"
            reply = self.client.call("POST", path, body={"motivoCancelamento": _WITHDRAWN})
            if reply.is_refusal:
                return Report(answer=Answer.REJECTED, reasons=_reasons(reply))
            return Report(answer=Answer.UNKNOWN if reply.is_unknown else Answer.CANCELLED)

    def amend(self, ref: TitleRef, due: date, /) -> Report:
        """PENDING: taken, and not done yet. Asked again it says AMENDED once it is."""
        with understood(BANK):
            found = self._found(ref)
            report = self._report(found)
            if found is None or report.answer is not Answer.REGISTERED:
                return report
            if payload.iso_day(payload.member(found, "cobranca"), "dataVencimento") == due:
                return Report(answer=Answer.AMENDED)
            path, change = f"{_COBRANCAS}/{report.bank_ref}", {"dataVencimento": due.isoformat()}
            return _edited(self.client.call("PATCH", path, body=change))

    def parse_events(self, raw: bytes, _headers: Mapping[str, str], /) -> Sequence[BankEvent]:
        """A call tells of several titles, in any order, and may come again."""
        return [
            # A state that is new to us is a reason to ask, as all of them are.
            self._event(each, _ANSWERS.get(payload.stated(each, "situacao")), "dataHoraSituacao")
            for each in payload.calls(raw)
        ]

    def _found(self, ref: TitleRef) -> Record | None:
        if _REFERENCE.fullmatch(ref.bank_ref):
            reply = self.client.call("GET", f"{_COBRANCAS}/{ref.bank_ref}")
            if not reply.is_unknown:
                return reply.told()
        return self._by_our_number(ref)

    def _by_our_number(self, ref: TitleRef) -> Record | None:
        """Two titles of one number, or more than one answer tells of, are for a person to sort out."""
        query = {
            "dataInicial": ref.due.isoformat(),
            "dataFinal": (ref.due + _MOVED_AT_MOST).isoformat(),
            "filtrarDataPor": "VENCIMENTO",
            "seuNumero": ref.seu_numero,
            "paginacao.itensPorPagina": "1000",
        }
        reply = self.client.call("GET", _COBRANCAS, query=query)
        if reply.is_unknown:
            return None
        page = reply.told()
        same = [
            each
            for each in payload.records(page.get("cobrancas"), "cobrancas")
            if payload.text(payload.member(each, "cobranca"), "seuNumero") == ref.seu_numero
        ]
        if len(same) > 1 or payload.text(page, "totalPaginas") not in {"", "0", "1"}:
            raise InvalidField(field="cobrancas")
        return same[0] if same else None

    def _report(self, found: Record | None) -> Report:
        if found is None:
            return Report(answer=Answer.UNKNOWN)
        charge = payload.member(found, "cobranca")
        slip = payload.member(found, "boleto")
        answer = _answer(charge)
        event = None
        if answer is Answer.PAID:
            event = self._event({**slip, **charge}, answer, "dataSituacao")
        registered = answer is Answer.REGISTERED
        return Report(
            answer=answer,
            reasons=(payload.stated(charge, "situacao"),) if answer in _CLOSED else (),
            bank_ref=_reference(charge),
            nosso_numero=_number(slip, required=registered),
            barcode=payload.barcode(slip, "codigoBarras", required=registered),
            pix=payload.text(payload.member(found, "pix"), "pixCopiaECola"),
            event=event,
        )

    def _event(self, told: Record, answer: Answer | None, since: str) -> BankEvent:
        """From a call, or from what was answered of a title that was paid; `since` which field says."""
        is_money = answer is Answer.PAID
        day = payload.iso_day(told, since)
        if day is None:
            raise InvalidDate(field=since)
        return BankEvent(
            kind=_KINDS[answer] if answer else EventKind.NOTED,
            bank=BANK,
            agreement=_agreement(self.carteira),
            nosso_numero=_number(told, required=is_money),
            movement=payload.stated(told, "situacao"),
            seu_numero=payload.text(told, "seuNumero"),
            bank_ref=_reference(told),
            occurred_on=day,
            due=payload.iso_day(told, "dataVencimento"),
            face=payload.amount(told, "valorNominal"),
            paid=payload.received(told, "valorTotalRecebido") if is_money else NOTHING,
        )


def _edited(reply: Reply) -> Report:
    if reply.is_refusal:
        return Report(answer=Answer.REJECTED, reasons=_reasons(reply))
    if reply.is_unknown:
        return Report(answer=Answer.UNKNOWN)
    edit = payload.record(reply.body, "body")
    status = payload.stated(edit, "status")
    if status not in _EDITS:
        raise InvalidField(field="status")
    answer = _EDITS[status]
    reasons = (payload.said(edit, "status", "mensagem"),) if answer is Answer.REJECTED else ()
    return Report(answer=answer, reasons=reasons)


def _answer(told: Record) -> Answer:
    situation = payload.stated(told, "situacao")
    if situation not in _ANSWERS:
        raise InvalidField(field="situacao")
    return _ANSWERS[situation]


def _reference(told: Record) -> str:
    reference = payload.stated(told, "codigoSolicitacao")
    if not _REFERENCE.fullmatch(reference):
        raise InvalidField(field="codigoSolicitacao")
    return reference


def _number(told: Record, *, required: bool) -> str:
    number = plain(payload.text(told, "nossoNumero"))
    if len(number) > 20 or (required and not number):
        raise InvalidField(field="nossoNumero")
    return number


def _known_as(reply: Reply) -> str | None:
    """Told twice within 30 minutes the bank refuses, and in its words names the first request."""
    known = _KNOWN_AS.search(payload.said(payload.record(reply.body, "body"), "detail"))
    return known[1] if known else None


def _reasons(reply: Reply) -> tuple[str, ...]:
    """Field and reason of each violation, never its value; else what the refusal is called."""
    problem = payload.record(reply.body, "body")
    found = payload.records(problem.get("violacoes"), "violacoes")
    reasons = [payload.said(each, "propriedade", "razao") for each in found[:_MOST_REASONS]]
    named = [reason for reason in reasons if reason]
    return tuple(named) or (payload.stated(problem, "title"),)


def _agreement(carteira: BankCarteira) -> str:
    account = f"{carteira.agencia.lstrip('0')}/{carteira.conta.lstrip('0')}"
    return carteira.convenio.lstrip("0") or account
