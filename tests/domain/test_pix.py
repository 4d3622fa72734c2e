"""Published BR Codes are read, damaged ones refused, and what we write is read back."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from portal_app.domain.errors import (
    FieldMissing,
    FieldTooLong,
    InvalidAmount,
    InvalidField,
    InvalidPix,
)
from portal_app.domain.money import Money
from portal_app.domain.pix import BRCode, crc16, decode, described, encode

VECTORS = Path(__file__).parents[1] / "vectors" / "pix.json"
PUBLISHED: list[dict[str, Any]] = json.loads(VECTORS.read_text(encoding="utf-8"))
RIGHT = [example for example in PUBLISHED if example["crc_ok"]]
WRONG = [example for example in PUBLISHED if not example["crc_ok"]]

STATIC = BRCode(key="teste@exemplo.com", name="EMPRESA", city="SAO PAULO", amount=Money(300, "BRL"))
DYNAMIC = BRCode(
    url="pix.example.com/qr/93598be0-1bd0-4997-8318-81776a1d8a99",
    name="EMPRESA",
    city="SAO PAULO",
    single_use=True,
)
# Its CRC begins with a zero.
PAYLOAD = (
    "00020126390014br.gov.bcb.pix0117teste@exemplo.com52040000530398654043.005802BR"
    "5907EMPRESA6009SAO PAULO62070503***63040D06"
)

printable = st.characters(min_codepoint=32, max_codepoint=126)
names = st.text(printable, min_size=1, max_size=15).filter(str.strip)
static_codes = st.builds(
    BRCode,
    key=st.text(printable, min_size=1, max_size=40).filter(str.strip),
    info=st.text(printable, max_size=33).filter(lambda text: not text or text.strip()),
    name=names,
    city=names,
    amount=st.none() | st.builds(Money, st.integers(1, 10**12 - 1), st.just("BRL")),
    txid=st.from_regex(r"[A-Za-z0-9]{0,25}", fullmatch=True),
    postcode=st.sampled_from(["", "50070050"]),
    single_use=st.booleans(),
)


def signed(body: str) -> str:
    """The body with a right CRC, whatever else is wrong with it."""
    return f"{body}6304{crc16(f'{body}6304')}"


@pytest.mark.parametrize("example", RIGHT, ids=lambda example: example["crc"])
def test_a_published_code_is_read_field_by_field(example: dict[str, Any]) -> None:
    code = decode(example["payload"])

    assert {each.id: each.value for each in code.fields} == example["campos"]
    for outer, inner in example.get("subcampos", {}).items():
        field = next(each for each in code.fields if each.id == outer)
        assert {each.id: each.value for each in field.fields} == inner


@pytest.mark.parametrize("example", WRONG, ids=lambda example: example["crc"])
def test_a_published_code_with_a_wrong_crc_is_refused(example: dict[str, Any]) -> None:
    with pytest.raises(InvalidPix) as refusal:
        decode(example["payload"])

    assert refusal.value.details == {"reason": "crc"}


@pytest.mark.parametrize("example", PUBLISHED, ids=lambda example: example["crc"])
def test_the_crc_is_the_one_computed_for_each_published_code(example: dict[str, Any]) -> None:
    assert crc16(example["payload"][:-4]) == example["crc_calculado"]


@pytest.mark.parametrize(
    ("crc", "read"),
    [
        ("DA67", {"key": "teste@teste.com", "amount": 10000, "txid": "id-transacao"}),
        ("6A00", {"key": "11438374798", "amount": 1000, "single_use": False}),
        ("EB76", {"amount": 12345, "postcode": "70074900", "city": "BRASILIA"}),
        ("EEAB", {"url": DYNAMIC.url, "amount": None, "txid": "", "single_use": True}),
    ],
)
def test_what_a_payer_s_app_reads(crc: str, read: dict[str, Any]) -> None:
    code = decode(next(example["payload"] for example in RIGHT if example["crc"] == crc))

    cents = code.amount.cents if code.amount else None
    found = {name: cents if name == "amount" else getattr(code, name) for name in read}

    assert found == read


def test_a_crc_that_begins_with_a_zero_keeps_it() -> None:
    assert encode(STATIC) == PAYLOAD
    assert decode(PAYLOAD) == STATIC


@given(code=static_codes)
def test_a_static_code_is_read_back_as_it_was_written(code: BRCode) -> None:
    assert decode(encode(code)) == code


@given(
    code=static_codes,
    url=st.from_regex(r"[a-z0-9./-]{1,77}", fullmatch=True),
)
def test_a_dynamic_code_is_read_back_as_it_was_written(code: BRCode, url: str) -> None:
    dynamic = replace(code, key="", url=url, info="")

    assert decode(encode(dynamic)) == dynamic


@given(code=static_codes, place=st.integers(0), other=printable)
def test_any_single_changed_character_is_refused(code: BRCode, place: int, other: str) -> None:
    text = encode(code)
    place %= len(text)
    assume(other != text[place])

    with pytest.raises(InvalidPix):
        decode(text[:place] + other + text[place + 1 :])


@given(code=static_codes, end=st.integers(0))
def test_a_cut_code_is_refused(code: BRCode, end: int) -> None:
    text = encode(code)

    with pytest.raises(InvalidPix):
        decode(text[: end % len(text)])


@given(text=st.text() | st.builds(signed, st.text().map("000201{}".format)))
def test_whatever_is_pasted_is_read_or_refused(text: str) -> None:
    assert answer_to(text) in {"read", "crc", "length", "order", "field", "gui"}


def answer_to(text: str) -> object:
    try:
        decode(text)
    except InvalidPix as refusal:
        return refusal.details["reason"]
    return "read"


ACCOUNT = "26390014br.gov.bcb.pix0117teste@exemplo.com"
REST = "5204000053039865802BR5907EMPRESA6009SAO PAULO"


@pytest.mark.parametrize(
    ("text", "details"),
    [
        ("", {"reason": "order", "field": "00"}),
        ("hello", {"reason": "order", "field": "00"}),
        ("000202", {"reason": "order", "field": "00"}),
        (f"{ACCOUNT}000201{REST}", {"reason": "order", "field": "00"}),
        ("000201", {"reason": "order", "field": "63"}),
        (f"000201{ACCOUNT}{REST}", {"reason": "order", "field": "63"}),
        (f"{PAYLOAD}0103abc", {"reason": "order", "field": "63"}),
        (f"{PAYLOAD}\n", {"reason": "length", "field": "\n"}),
        (PAYLOAD[:-1], {"reason": "length", "field": "63"}),
        (PAYLOAD[:40], {"reason": "length", "field": "26"}),
        (PAYLOAD.lower(), {"reason": "crc"}),
        (signed(f"000201{ACCOUNT}{REST}6108"), {"reason": "order", "field": "63"}),
        (signed(f"000201{ACCOUNT}{REST}6100"), {"reason": "length", "field": "61"}),
        (signed(f"000201{ACCOUNT}{REST}61XX"), {"reason": "length", "field": "61"}),
        (signed(f"000201{ACCOUNT}{REST}6204050*"), {"reason": "length", "field": "62"}),
        (signed(f"000201{ACCOUNT}{REST}62060504ab"), {"reason": "length", "field": "62.05"}),
        (signed(f"000201{ACCOUNT}{REST}6101\x00"), {"reason": "field", "field": "61"}),
        (signed(f"000201{ACCOUNT}{REST}5901A"), {"reason": "field", "field": "59"}),
        (signed(f"000201010213{ACCOUNT}{REST}"), {"reason": "field", "field": "01"}),
        (signed(f"000201{REST}"), {"reason": "gui"}),
        (signed(f"000201{ACCOUNT}27{ACCOUNT[2:]}{REST}"), {"reason": "gui"}),
        (signed(f"00020126120008br.other{REST}"), {"reason": "gui"}),
        (signed(f"00020126180014br.gov.bcb.pix{REST}"), {"reason": "field", "field": "26"}),
        (
            signed(f"00020126280014br.gov.bcb.pix0101a2501b{REST}"),
            {"reason": "field", "field": "26"},
        ),
        (signed(f"000201{ACCOUNT}"), {"reason": "order", "field": "53"}),
        (
            signed(f"000201{ACCOUNT}{REST.replace('5303986', '5303840')}"),
            {"reason": "field", "field": "53"},
        ),
        (
            signed(f"000201{ACCOUNT}{REST.replace('5802BR', '5802PT')}"),
            {"reason": "field", "field": "58"},
        ),
        (
            signed(f"000201{ACCOUNT}{REST.replace('5907EMPRESA', '')}"),
            {"reason": "order", "field": "59"},
        ),
    ],
)
def test_what_is_no_pix_is_refused_with_its_reason(text: str, details: dict[str, str]) -> None:
    with pytest.raises(InvalidPix) as refusal:
        decode(text)

    assert refusal.value.details == details


@pytest.mark.parametrize(
    ("text", "cents"), [("100", 10000), ("100.00", 10000), ("123.45", 12345), ("0.5", 50)]
)
def test_an_amount_is_read_to_the_cent(text: str, cents: int) -> None:
    code = decode(signed(f"000201{ACCOUNT}{REST}54{len(text):02}{text}"))

    assert code.amount == Money(cents, "BRL")


@pytest.mark.parametrize("text", ["-1.00", "1,00", "1.005", "1.", ".5", "1e2", "12345678901", "１"])
def test_an_amount_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidPix) as refusal:
        decode(signed(f"000201{ACCOUNT}{REST}54{len(text):02}{text}"))

    assert refusal.value.details == {"reason": "field", "field": "54"}


def test_lengths_count_characters_and_not_bytes() -> None:
    code = decode(signed(f"000201{ACCOUNT}{REST.replace('5907EMPRESA', '5908Café Só!')}"))

    assert code.name == "Café Só!"


def test_accents_are_taken_off_before_the_name_is_measured() -> None:
    name, city = "Conceição & Irmãos – Pães", "São João do Rio"

    with pytest.raises(InvalidField, match="name"):
        encode(replace(STATIC, name=name))
    code = decode(encode(replace(STATIC, name=name.replace("–", "-"), city=city)))

    assert (code.name, code.city) == ("Conceicao & Irmaos - Paes", "Sao Joao do Rio")


@pytest.mark.parametrize(
    ("differently", "refusal", "field"),
    [
        ({"name": "N" * 26}, FieldTooLong, "name"),
        ({"city": "C" * 16}, FieldTooLong, "city"),
        ({"postcode": "1" * 11}, FieldTooLong, "postcode"),
        ({"key": "k" * 78}, FieldTooLong, "key"),
        ({"key": "", "url": "u" * 78}, FieldTooLong, "url"),
        ({"info": "i" * 57}, FieldTooLong, "info"),
        ({"key": "k" * 77, "info": "i"}, FieldTooLong, "info"),
        ({"txid": "t" * 26}, FieldTooLong, "txid"),
        ({"amount": Money(10**12, "BRL")}, FieldTooLong, "amount"),
        ({"name": " "}, FieldMissing, "name"),
        ({"city": ""}, FieldMissing, "city"),
        ({"key": ""}, FieldMissing, "key"),
        ({"url": "pix.example.com/1"}, InvalidField, "url"),
        ({"key": "", "url": "https://pix.example.com/1"}, InvalidField, "url"),
        ({"key": "josé@exemplo.com"}, InvalidField, "key"),
        ({"name": "Loja\n1"}, InvalidField, "name"),
        ({"txid": "FT 2026/1"}, InvalidField, "txid"),
        ({"amount": Money(0, "BRL")}, InvalidAmount, "amount"),
        ({"amount": Money(-1, "BRL")}, InvalidAmount, "amount"),
        ({"amount": Money(100, "EUR")}, InvalidAmount, "amount"),
    ],
)
def test_what_does_not_fit_is_refused_by_name_and_never_cut(
    differently: dict[str, Any], refusal: type[InvalidField], field: str
) -> None:
    with pytest.raises(refusal) as refused:
        encode(replace(STATIC, **differently))

    assert refused.value.details["field"] == field


def test_the_longest_of_each_fits() -> None:
    longest = replace(
        STATIC, key="k" * 77, name="N" * 25, city="C" * 15, txid="t" * 25, postcode="50070-0500"
    )

    assert decode(encode(longest)) == longest


def test_each_field_is_named_as_its_manual_names_it_and_others_keep_their_value() -> None:
    code = decode(next(each["payload"] for each in RIGHT if each["crc"] == "EB76"))

    lines = [(depth, field.id, name) for depth, field, name in described(code.fields)]

    assert lines[:7] == [
        (0, "00", "Payload Format Indicator"),
        (0, "04", "Merchant Account Information"),
        (0, "26", "Merchant Account Information"),
        (1, "00", "GUI"),
        (1, "01", "chave"),
        (0, "27", "Merchant Account Information"),
        (1, "00", "GUI"),
    ]
    assert (1, "05", "Reference Label (txid)") in lines
    assert (2, "01", "") in lines
