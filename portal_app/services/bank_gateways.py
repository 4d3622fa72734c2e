"""Which gateway an account's bank is reached by."""

from collections.abc import Callable, Mapping
from typing import Final

from portal_app.domain.boleto.gateway import BankGateway
from portal_app.domain.companies import BankCarteira, Channel, Company, Homologation
from portal_app.domain.errors import MethodUnavailable
from portal_app.domain.imports import tax_id_of
from portal_app.files.cnab240 import Beneficiary
from portal_app.files.gateway import FileGateway
from portal_app.gateways.registration.banco_do_brasil import BancoDoBrasil
from portal_app.gateways.registration.demo import DemoBank
from portal_app.gateways.registration.inter import Inter
from portal_app.settings import settings

_BY_CALL: Final[Mapping[Channel, Callable[[BankCarteira], BankGateway]]] = {
    Channel.INTER: Inter.of,
    Channel.BANCO_DO_BRASIL: BancoDoBrasil.of,
}


def gateway_for(company: Company, carteira: BankCarteira) -> BankGateway:
    """The gateway of a company's carteira; MethodUnavailable where there is none here.

    BankAccessDenied where the secrets it needs are not there or no use, InvalidField where a
    bank's files ask for something the carteira does not say.
    """
    if carteira.channel in _BY_CALL:
        return _BY_CALL[carteira.channel](carteira)
    if carteira.channel is Channel.CNAB240:
        return FileGateway.of(beneficiary(company, carteira))
    if carteira.channel is Channel.DEMO and settings().mode == "demo":
        return DemoBank.of(carteira, settings().demo_bank_seconds)
    raise MethodUnavailable(method="boleto", bank=carteira.bank)


def beneficiary(company: Company, carteira: BankCarteira) -> Beneficiary:
    """Who collects, as the files of its bank name it."""
    return Beneficiary(company.name, tax_id_of(company.tax_id), carteira)


def is_offered(carteira: BankCarteira) -> bool:
    """Whether customers may choose it: its bank approved it, or this is not production."""
    return settings().mode == "demo" or carteira.homologation is Homologation.APPROVED
