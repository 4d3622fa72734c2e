"""A bank that does not behave: each fault has its refusal, and a token is asked for once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
import trustme

from portal_app.domain.errors import (
    BankAccessDenied,
    BankAnswerUnreadable,
    BankUnavailable,
    Unreachable,
)
from portal_app.gateways import clock
from portal_app.gateways.registration import credentials
from portal_app.gateways.registration.http import (
    LONGEST_WAIT,
    Access,
    BankClient,
    client_of,
    close_clients,
)
from portal_app.settings import settings
from tests.gateways.bank_server import Answered, BankServer, Fault
from tests.gateways.fixtures import client
from tests.gateways.titles import NOON

# The two ways to be let in: secrets in the form, or in the header and a key in each address.
BY_FORM = Access("077", "read write", account="x-conta-corrente")
BY_HEADER = Access("001", "read write", basic=True, app_key="gw-dev-app-key")
PATH = "/cobranca/v3/cobrancas"
QUERY = {"seuNumero": "1", "dataInicial": "2026-11-01", "dataFinal": "2026-11-30"}


def ask(bank: BankClient) -> int:
    return bank.call("GET", PATH, query=QUERY).status


@pytest.mark.parametrize(
    ("fault", "refusal"),
    [
        (Fault.FORBIDDEN, BankAccessDenied),
        (Fault.BUSY, BankUnavailable),
        (Fault.BROKEN, BankUnavailable),
        (Fault.DROP_BEFORE, BankUnavailable),
        (Fault.DROP_AFTER, BankUnavailable),
        (Fault.SLOW, BankUnavailable),
        (Fault.DRIP, BankUnavailable),
        (Fault.CUT, BankUnavailable),
        (Fault.RUBBISH, BankAnswerUnreadable),
        (Fault.TRUNCATED, BankAnswerUnreadable),
        (Fault.HUGE, BankAnswerUnreadable),
        (Fault.REDIRECT, BankAnswerUnreadable),
    ],
)
def test_each_fault_has_its_refusal_and_the_next_call_goes_through(
    bank_server: BankServer, fault: Fault, refusal: type[Unreachable]
) -> None:
    bank_server.silence = 0.6
    with closing(client(BY_FORM, seconds=0.3)) as bank:
        ask(bank)
        bank_server.fail(fault)

        with pytest.raises(Unreachable) as refused:
            ask(bank)
        status = ask(bank)

    assert type(refused.value) is refusal
    assert refused.value.details["bank"] == "077"
    assert status == 200


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("7", 7),
        ("99999999999999999999", LONGEST_WAIT),
        ("Tue, 24 Nov 2026 15:02:00 GMT", 120),
        ("Tue, 24 Nov 2026 15:02:00", 120),
        ("Tue, 24 Nov 2020 15:02:00 GMT", 0),
        ("Fri, 24 Nov 2056 15:02:00 GMT", LONGEST_WAIT),
        ("soon", None),
        ("", None),
    ],
)
def test_a_busy_bank_says_when_to_come_back(
    bank_server: BankServer, said: str, expected: int | None
) -> None:
    bank_server.fail(Answered(b"", 429, {"Retry-After": said}))

    with (
        closing(client(BY_FORM)) as bank,
        clock.fixed_at(NOON),
        pytest.raises(BankUnavailable) as refused,
    ):
        ask(bank)

    assert refused.value.details.get("retry_after") == expected


def test_a_token_the_bank_no_longer_takes_is_replaced_once(bank_server: BankServer) -> None:
    with closing(client(BY_FORM)) as bank:
        ask(bank)
        bank_server.expire_tokens()
        status = ask(bank)
        bank_server.fail(Fault.UNAUTHORIZED, Fault.UNAUTHORIZED)
        with pytest.raises(BankAccessDenied) as refused:
            ask(bank)

    assert status == 200
    assert refused.value.details["reason"] == "refused"
    assert bank_server.tokens_given == 3
    # One call, one repeated, one repeated in vain.
    assert len(bank_server.made("GET", PATH)) == 5


@pytest.mark.parametrize(("life", "tokens"), [(3600, 1), (20, 3)])
def test_a_token_is_kept_until_shortly_before_its_end(
    bank_server: BankServer, life: int, tokens: int
) -> None:
    bank_server.token_seconds = life
    with closing(client(BY_FORM)) as bank:
        for _ in range(3):
            ask(bank)

    assert bank_server.tokens_given == tokens


def test_eight_threads_take_one_token(bank_server: BankServer) -> None:
    together = threading.Barrier(8)

    def at_once(_: int) -> int:
        together.wait(5)
        return ask(bank)

    with closing(client(BY_FORM)) as bank, ThreadPoolExecutor(8) as threads:
        first = list(threads.map(at_once, range(8)))
        bank_server.expire_tokens()
        second = list(threads.map(at_once, range(8)))

    assert (first, second) == ([200] * 8, [200] * 8)
    assert bank_server.tokens_given == 2


@pytest.mark.parametrize(
    ("fault", "refusal"),
    [
        (Fault.UNAUTHORIZED, BankAccessDenied),
        (Answered(b'{"error": "invalid_client"}', 400), BankAccessDenied),
        (Fault.BUSY, BankUnavailable),
        (Fault.BROKEN, BankUnavailable),
        (Fault.RUBBISH, BankAnswerUnreadable),
        (Fault.EMPTY, BankAnswerUnreadable),
        (Answered(b'{"expires_in": 60}'), BankAnswerUnreadable),
        (Answered(b'{"access_token": ["a"]}'), BankAnswerUnreadable),
        (Answered(b'{"access_token": "a b"}'), BankAnswerUnreadable),
        (Answered('{"access_token": "é"}'.encode()), BankAnswerUnreadable),
        (Answered(b'{"access_token": "a\\nX-Other: b"}'), BankAnswerUnreadable),
    ],
)
def test_without_a_token_nothing_is_said(
    bank_server: BankServer, fault: Fault | Answered, refusal: type[Unreachable]
) -> None:
    bank_server.fail_token(fault)
    with closing(client(BY_HEADER)) as bank, pytest.raises(Unreachable) as refused:
        bank.call("GET", "/boletos/00031285570000000005", query={"numeroConvenio": "3128557"})

    assert type(refused.value) is refusal
    assert not bank_server.made("GET", "5")


def test_a_wrong_secret_is_refused(bank_server: BankServer) -> None:
    bank_server.credentials(settings().bank_credentials, "inter", client_secret="another")

    with closing(client(BY_FORM)) as bank, pytest.raises(BankAccessDenied):
        ask(bank)


def test_a_certificate_the_bank_does_not_know_is_refused(bank_server: BankServer) -> None:
    bank_server.credentials(settings().bank_credentials, "inter", authority=trustme.CA())

    with closing(client(BY_FORM)) as bank, pytest.raises(BankAccessDenied) as refused:
        ask(bank)

    assert refused.value.details == {"bank": "077", "reason": "certificate"}
    assert not bank_server.calls


def test_a_bank_whose_certificate_we_do_not_know_is_told_nothing(bank_server: BankServer) -> None:
    bank_server.credentials(settings().bank_credentials, "inter", ca="")

    with closing(client(BY_FORM)) as bank, pytest.raises(BankAccessDenied) as refused:
        ask(bank)

    assert refused.value.details["reason"] == "certificate"
    assert not bank_server.calls


@pytest.mark.parametrize("file", ["inter.crt", "inter.key", "bank.pem"])
def test_a_certificate_that_is_none_is_refused_before_any_call(
    bank_server: BankServer, file: str
) -> None:
    (settings().bank_credentials / file).write_text("no certificate")

    with pytest.raises(BankAccessDenied) as refused:
        client(BY_FORM)

    assert refused.value.details["reason"] == "certificate"


def test_nobody_at_that_address_is_unavailable(bank_server: BankServer) -> None:
    bank_server.credentials(
        settings().bank_credentials, "inter", token_url="https://127.0.0.1:1/oauth/v2/token"
    )

    with closing(client(BY_FORM)) as bank, pytest.raises(BankUnavailable):
        ask(bank)


def test_a_renewed_certificate_makes_a_new_client(bank_server: BankServer) -> None:
    first = client_of(BY_FORM, credentials.read("inter", "077"))
    again = client_of(BY_FORM, credentials.read("inter", "077"))

    bank_server.credentials(settings().bank_credentials, "inter")
    renewed = client_of(BY_FORM, credentials.read("inter", "077"))

    assert first is again
    assert renewed is not first
    close_clients()
