"""Events: only what Stripe signed lately is read, and no bytes whatever bring the reader down."""

import hashlib
import hmac
import json
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe
from hypothesis import example, given, settings
from hypothesis import strategies as st

from portal_app.domain.checkout import ProviderEvent
from portal_app.domain.errors import EventInvalid
from portal_app.domain.payments import PaymentMethod
from portal_app.gateways import clock
from portal_app.gateways.stripe import StripeGateway
from portal_app.gateways.stripe.events import LARGEST
from tests.gateways.checkouts import order, ref
from tests.gateways.stripe_server import ACCOUNT, SECRET, StripeServer, signed

PAYMENT = "pay_7Kq"
NOON = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
OLD, NEW = "whsec_old", "whsec_new"

EVENT: dict[str, Any] = {
    "id": "evt_1",
    "object": "event",
    "api_version": "2026-10-28.endive",
    "account": ACCOUNT,
    "created": int(NOON.timestamp()),
    "data": {
        "object": {
            "id": "cs_test_1",
            "object": "checkout.session",
            "client_reference_id": PAYMENT,
            "payment_intent": "pi_1",
            "metadata": {"payment": PAYMENT},
        }
    },
    "livemode": False,
    "type": "checkout.session.completed",
}
READ = ProviderEvent(
    id="evt_1",
    type="checkout.session.completed",
    account=ACCOUNT,
    api_version="2026-10-28.endive",
    payment=PAYMENT,
    session="cs_test_1",
    intent="pi_1",
)

# One for the thousands of bodies below; it speaks to nobody.
READER = StripeGateway("sk_test_1", [OLD, NEW])


def read(raw: bytes, signature: str) -> ProviderEvent:
    with clock.fixed_at(NOON):
        return READER.read_event(raw, signature)


def sign(raw: bytes, at: datetime = NOON, secret: str = NEW) -> str:
    """As Stripe does, also of bytes that are no text."""
    stamp = str(int(at.timestamp()))
    digest = hmac.new(secret.encode(), stamp.encode() + b"." + raw, hashlib.sha256)
    return f"t={stamp},v1={digest.hexdigest()}"


def refusal(raw: bytes, signature: str) -> str:
    with pytest.raises(EventInvalid) as refused:
        read(raw, signature)
    return str(refused.value.details["reason"])


BODY = json.dumps(EVENT).encode()


@pytest.mark.parametrize("kind", ["completed", "expired", "async_payment_succeeded"])
def test_an_event_about_a_page_names_payment_session_and_intent(
    stripe_server: StripeServer, stripe_gateway: StripeGateway, kind: str
) -> None:
    opened = stripe_gateway.open(order(account=ACCOUNT))
    stripe_server.pay(PAYMENT)
    intent = stripe_gateway.look(ref(opened, ACCOUNT)).intent
    event = stripe_server.event(f"checkout.session.{kind}", PAYMENT, ACCOUNT)

    told = stripe_gateway.read_event(*stripe_server.sign(event))

    assert told == ProviderEvent(
        id=event["id"],
        type=f"checkout.session.{kind}",
        account=ACCOUNT,
        api_version=stripe.api_version,
        payment=PAYMENT,
        session=opened.session,
        intent=intent,
    )


@pytest.mark.parametrize(
    ("kind", "payment"),
    [
        ("payment_intent.succeeded", PAYMENT),
        ("charge.succeeded", PAYMENT),
        ("charge.refunded", PAYMENT),
        ("refund.updated", PAYMENT),
        ("charge.dispute.created", ""),
    ],
)
def test_an_event_about_its_money_names_the_intent(
    stripe_server: StripeServer, stripe_gateway: StripeGateway, kind: str, payment: str
) -> None:
    opened = stripe_gateway.open(order(PaymentMethod.CARD))
    stripe_server.pay(PAYMENT)
    known = ref(stripe_gateway.look(ref(opened)))
    stripe_gateway.refund(known, order().lines[0].amount, "refund:1")
    stripe_server.dispute(PAYMENT)

    told = stripe_gateway.read_event(*stripe_server.sign(stripe_server.event(kind, PAYMENT)))

    assert (told.type, told.payment, told.session) == (kind, payment, "")
    assert told.intent == known.intent
    assert told.account == ""


def test_a_type_nobody_has_heard_of_is_read(
    stripe_server: StripeServer, stripe_gateway: StripeGateway
) -> None:
    event = {**EVENT, "type": "moon.landed", "data": {"object": {"id": "m_1", "object": "moon"}}}

    told = read(json.dumps(event).encode(), sign(json.dumps(event).encode()))

    assert told == replace(READ, type="moon.landed", payment="", session="", intent="")


def test_the_same_event_may_be_told_again() -> None:
    assert read(BODY, sign(BODY)) == read(BODY, sign(BODY)) == READ


@pytest.mark.parametrize(
    ("seconds", "is_taken"),
    [(0, True), (-300, True), (-301, False), (300, True), (301, False), (3600, False)],
)
def test_an_event_is_neither_old_nor_ahead_of_its_time(seconds: int, is_taken: bool) -> None:
    signature = sign(BODY, NOON + timedelta(seconds=seconds))

    if is_taken:
        assert read(BODY, signature) == READ
    else:
        assert refusal(BODY, signature) == "signature"


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_while_a_secret_is_replaced_both_are_good(secret: str) -> None:
    assert read(BODY, sign(BODY, secret=secret)) == READ


def test_of_two_signatures_one_is_enough() -> None:
    good = sign(BODY).replace("v1=", "v1=" + "0" * 64 + ",v1=")

    assert read(BODY, good) == READ


HEADERS: dict[str, Callable[[str], str]] = {
    "missing": lambda _: "",
    "of another secret": lambda _: sign(BODY, secret="whsec_somebody"),
    "of no secret": lambda _: sign(BODY, secret=""),
    "of another body": lambda _: sign(BODY + b" "),
    "of the test scheme alone": lambda good: good.replace("v1=", "v0="),
    "without a moment": lambda good: good.partition(",")[2],
    "with another moment": lambda good: good.replace("t=", "t=1"),
    "with two moments": lambda good: f"t={int(NOON.timestamp()) + 1},{good}",
    "with a moment that is none": lambda good: good.replace("t=", "t=x"),
    "with an endless moment": lambda good: "t=" + "9" * 5000 + good[12:],
    "with an accent": lambda good: good + "é",
    "with a signature that is an accent": lambda good: good.partition(",")[0] + ",v1=é",
    "of commas": lambda _: ",,,",
    "of equals": lambda _: "===",
    "of a name alone": lambda _: "t,v1",
}


@pytest.mark.parametrize("wrong", HEADERS.values(), ids=HEADERS.keys())
def test_a_header_that_is_wrong_is_no_signature(wrong: Callable[[str], str]) -> None:
    assert refusal(BODY, wrong(sign(BODY))) == "signature"


@pytest.mark.parametrize("secrets", [[], [""], ["  "]])
def test_without_a_secret_nobody_is_believed(secrets: list[str]) -> None:
    gateway = StripeGateway("sk_test_1", secrets)

    for secret in (*secrets, NEW):
        with clock.fixed_at(NOON), pytest.raises(EventInvalid):
            gateway.read_event(BODY, sign(BODY, secret=secret))


def test_a_body_that_was_written_anew_is_not_the_one_that_was_signed() -> None:
    written = json.dumps(EVENT, indent=2).encode()

    assert refusal(written, sign(BODY)) == "signature"
    assert read(written, sign(written)) == READ


BROKEN: dict[str, bytes] = {
    "empty": b"",
    "no JSON": b"t=1",
    "cut": BODY[:-1],
    "a list": b"[" + BODY + b"]",
    "a text": b'"evt_1"',
    "a number": b"1",
    "an endless number": b"1" * 5000,
    "null": b"null",
    "no object": b"{}",
    "too deep": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "too deep a list": b"[" * 200_000,
    "a thin event": BODY.replace(b'"event"', b'"v2.core.event"'),
    "without an id": BODY.replace(b'"evt_1"', b"null"),
    "with an id that is a number": BODY.replace(b'"evt_1"', b"1"),
    "with an empty id": BODY.replace(b'"evt_1"', b'""'),
    "with a NUL in its id": BODY.replace(b'"evt_1"', b'"evt_\\u0000"'),
    "with half a character in its id": BODY.replace(b'"evt_1"', b'"evt_\\ud800"'),
    "with an id without end": BODY.replace(b'"evt_1"', b'"' + b"e" * 256 + b'"'),
    "without a type": BODY.replace(b'"checkout.session.completed"', b"{}"),
    "about nothing": json.dumps({**EVENT, "data": {}}).encode(),
    "about a text": json.dumps({**EVENT, "data": {"object": "cs_1"}}).encode(),
    "without data": json.dumps({**EVENT, "data": None}).encode(),
    "with data that is a list": json.dumps({**EVENT, "data": [EVENT["data"]]}).encode(),
}


@pytest.mark.parametrize("raw", BROKEN.values(), ids=BROKEN.keys())
def test_a_signed_body_that_is_no_event_is_refused(raw: bytes) -> None:
    assert refusal(raw, sign(raw)) == "body"


@pytest.mark.parametrize("raw", [b"\xff" + BODY, BODY[:9] + b"\xc3", b"\x80" * 40])
def test_a_body_that_is_no_text_is_refused(raw: bytes) -> None:
    assert refusal(raw, sign(raw)) == "signature"


def test_a_body_is_no_longer_than_any_of_stripes() -> None:
    longest = BODY[:-1] + b" " * (LARGEST - len(BODY)) + b"}"

    assert read(longest, sign(longest)) == READ
    assert refusal(longest + b" ", sign(longest + b" ")) == "body"


HINTS: dict[str, Any] = {
    "client_reference_id": 5,
    "payment_intent": {"id": "pi_1"},
    "metadata": ["payment"],
    "id": "x" * 300,
}


@pytest.mark.parametrize(("field", "value"), HINTS.items())
def test_a_hint_that_is_none_is_left_out(field: str, value: object) -> None:
    about = {**EVENT["data"]["object"], field: value}
    raw = json.dumps({**EVENT, "data": {"object": about}}).encode()

    told = read(raw, sign(raw))

    left_out = {"payment_intent": "intent", "id": "session"}.get(field)
    assert told == (replace(READ, **{left_out: ""}) if left_out else READ)


def test_an_event_of_another_version_is_read_and_noted(caplog: pytest.LogCaptureFixture) -> None:
    raw = BODY.replace(b"2026-10-28.endive", b"2026-09-30.endive")

    told = read(raw, sign(raw))

    assert told.api_version == "2026-09-30.endive"
    assert [r.levelno for r in caplog.records] == [logging.WARNING]


def test_an_event_signed_by_the_test_server_is_believed_by_its_own_secret_alone(
    stripe_server: StripeServer, stripe_gateway: StripeGateway
) -> None:
    raw, signature = signed(json.dumps(EVENT), SECRET, datetime.now(UTC).timestamp())

    assert stripe_gateway.read_event(raw, signature) == READ
    with pytest.raises(EventInvalid):
        READER.read_event(raw, signature)


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.text(alphabet="\x00\ud800\n é"),
    st.lists(st.none(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.none(), max_size=2),
)


@st.composite
def mutated_events(draw: st.DrawFn) -> bytes:
    """A good event with some of its values, or the whole, replaced or left out; some bytes flipped."""
    event = json.loads(BODY)
    for _ in range(draw(st.integers(0, 3))):
        event = draw(mutation_of(event))
    raw = bytearray(json.dumps(event, ensure_ascii=draw(st.booleans())).encode("utf-8", "replace"))
    for _ in range(draw(st.sampled_from([0, 0, 1, 4]))):
        if raw:
            raw[draw(st.integers(0, len(raw) - 1))] = draw(st.integers(0, 255))
    return bytes(raw)


@st.composite
def mutation_of(draw: st.DrawFn, value: Any) -> Any:
    if not isinstance(value, dict) or not value or draw(st.integers(0, 9)) == 0:
        return draw(JUNK)
    name = draw(st.sampled_from(sorted(value)))
    if draw(st.booleans()):
        return {key: each for key, each in value.items() if key != name}
    return value | {name: draw(mutation_of(value[name]))}


@settings(max_examples=3000, deadline=None)
@given(raw=mutated_events())
@example(raw=BODY)
def test_whatever_is_signed_is_an_event_or_invalid(raw: bytes) -> None:
    try:
        event = read(raw, sign(raw))
    except EventInvalid:
        return
    words = (event.id, event.type, event.payment, event.session, event.intent, event.account)
    assert event.id
    assert event.type
    assert all(word.isascii() and word.isprintable() and len(word) <= 255 for word in words)


@settings(max_examples=1500, deadline=None)
@given(raw=st.one_of(st.binary(), mutated_events()), signature=st.text())
def test_whatever_is_not_signed_is_invalid(raw: bytes, signature: str) -> None:
    assert refusal(raw, signature) == "signature"


@settings(max_examples=1500, deadline=None)
@given(flips=st.lists(st.tuples(st.integers(0, 80), st.characters()), min_size=1, max_size=3))
def test_a_signature_that_was_touched_is_invalid_or_the_same(flips: list[tuple[int, str]]) -> None:
    signature = list(sign(BODY))
    for place, character in flips:
        signature[place % len(signature)] = character
    touched = "".join(signature)

    try:
        event = read(BODY, touched)
    except EventInvalid:
        return
    # What says the same, such as a moment written with other digits or a needless sign.
    assert event == READ
