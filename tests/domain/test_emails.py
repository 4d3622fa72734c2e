"""Whom an e-mail may go to, what becomes of each address, and how many go out in an hour."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.domain.emails import (
    LONGEST_ADDRESS,
    MOST_RECIPIENTS,
    TRIED_FOR,
    RecipientState,
    address_of,
    ensure_move,
    ensure_within,
    masked,
    may_follow,
    recipients,
    try_again_at,
)
from portal_app.domain.errors import IllegalMove, InvalidRecipient, TooManyMails
from tests.company import NOW

MINUTE = timedelta(minutes=1)
ENDED = {RecipientState.SENT, RecipientState.REFUSED, RecipientState.UNKNOWN}

NAMES = st.from_regex(r"[a-z0-9!#$%&'*+/=^_{|}~-]{1,12}(\.[a-z0-9_-]{1,12}){0,2}", fullmatch=True)
DOMAINS = st.from_regex(r"([a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?\.){1,3}[a-z]{2,10}", fullmatch=True)
ADDRESSES = st.builds("{}@{}".format, NAMES, DOMAINS)
# Everything a browser, or somebody without one, may put into a field.
ANYTHING = st.text(st.characters(exclude_categories=()), max_size=300)


def refusal(typed: Sequence[str]) -> tuple[object, object]:
    with pytest.raises(InvalidRecipient) as refused:
        recipients(typed)
    return refused.value.details["field"], refused.value.details["reason"]


@given(typed=st.lists(ADDRESSES, min_size=1, max_size=3, unique_by=str.casefold))
def test_one_to_three_addresses_are_taken_as_they_are(typed: list[str]) -> None:
    assert recipients(typed) == tuple(typed)


@given(typed=st.lists(ANYTHING | ADDRESSES | st.just(""), max_size=5))
def test_whatever_is_typed_gives_one_to_three_single_addresses_or_is_refused(
    typed: list[str],
) -> None:
    try:
        found = recipients(typed)
    except InvalidRecipient:
        return

    assert 1 <= len(found) <= MOST_RECIPIENTS
    assert len({address.casefold() for address in found}) == len(found)
    for address in found:
        assert address.isascii()
        assert address.isprintable()
        assert len(address) <= LONGEST_ADDRESS
        assert address.count("@") == 1
        assert not set(address) & set(' ,;:<>()[]"\\')
        assert "." in address.partition("@")[2]


@given(
    left=ADDRESSES,
    right=ADDRESSES,
    between=st.sampled_from([",", ";", " ", ", ", "\r\n", "\u2028"]),
)
def test_two_in_one_field_are_told_apart_from_one_that_is_wrong(
    left: str, right: str, between: str
) -> None:
    assert refusal(["", f"{left}{between}{right}"]) == ("recipient_2", "several")


@pytest.mark.parametrize(
    "text",
    [
        "ana",
        "ana@",
        "@example.com",
        "ana@example",
        "ana@example.",
        "ana@.example.com",
        "ana@exa mple.com",
        "ana@example.com ",
        "ana@example.com,",
        "ana@example.com\r\nBcc: bia",
        "ana@example.com\u2028",
        "ana@@example.com",
        "ana..lima@example.com",
        ".ana@example.com",
        '"ana lima"@example.com',
        "Ana Lima <ana@example.com>",
        "ana@example.com (Ana)",
        "=?utf-8?q?ana?=@example.com",
        "ana@[192.0.2.1]",
        "ana@192.0.2.1",
        "ana@exam_ple.com",
        "ana@-example.com",
        "ana@\u2603.\u2603",
        "aná@example.com",
        f"{'a' * 65}@example.com",
        f"ana@{'a' * 64}.com",
        f"ana@{'a.' * 125}com",
    ],
)
def test_what_is_not_exactly_one_address_is_malformed(text: str) -> None:
    assert refusal([text]) == ("recipient_1", "malformed")


@pytest.mark.parametrize("text", ["x" * 5000, "@" * 5000, "a@" + "é" * 5000, "\ud800@example.com"])
def test_a_field_of_rubbish_is_malformed(text: str) -> None:
    assert refusal([text]) == ("recipient_1", "malformed")


@pytest.mark.parametrize("typed", [[], [""], ["", "", ""], [" ", "\t", "\u2028"]])
def test_without_any_address_the_first_field_says_so(typed: list[str]) -> None:
    assert refusal(typed) == ("recipient_1", "missing")


def test_empty_fields_are_left_out_wherever_they_are() -> None:
    assert recipients(["", "ana@example.com", ""]) == ("ana@example.com",)


@given(address=ADDRESSES)
def test_the_same_address_in_capitals_is_a_repetition(address: str) -> None:
    assert refusal([address, "other@example.net", address.upper()]) == ("recipient_3", "repeated")


@pytest.mark.parametrize("first", [["a@example.com", "b@example.com", "c@example.com"], [""] * 3])
def test_a_fourth_is_refused_whatever_stands_before_it(first: list[str]) -> None:
    assert refusal([*first, "d@example.com"]) == ("recipient_4", "too_many")


def test_the_first_wrong_field_is_the_one_that_is_named() -> None:
    assert refusal(["ana@example.com", "nonsense", "ana@example.com"]) == (
        "recipient_2",
        "malformed",
    )


def test_a_domain_of_other_letters_is_kept_as_the_dns_knows_it() -> None:
    assert address_of("ana@Straße.example") == "ana@xn--strae-oqa.example"


@given(address=ADDRESSES)
def test_a_masked_address_shows_one_letter_before_the_at(address: str) -> None:
    name, _, domain = address.partition("@")

    assert masked(address) == f"{name[0]}•••@{domain}"


@pytest.mark.parametrize("ended", sorted(ENDED))
def test_what_ended_never_goes_out_again(ended: RecipientState) -> None:
    assert not any(may_follow(ended, other) for other in RecipientState)
    with pytest.raises(IllegalMove):
        ensure_move(ended, RecipientState.SENDING)


def test_nothing_is_sent_without_having_been_said_to_be_sending() -> None:
    assert [s for s in RecipientState if may_follow(s, RecipientState.SENT)] == [
        RecipientState.SENDING
    ]
    assert [s for s in RecipientState if may_follow(s, RecipientState.SENDING)] == [
        RecipientState.QUEUED
    ]


@given(
    ages=st.lists(st.integers(0, 120), max_size=40),
    more=st.integers(1, 3),
    most=st.integers(3, 20),
)
def test_no_hour_ever_has_more_than_most(ages: list[int], more: int, most: int) -> None:
    before = [NOW - age * MINUTE for age in ages]
    recent = [moment for moment in before if moment > NOW - 60 * MINUTE]

    if len(recent) + more <= most:
        ensure_within(most, before, more, NOW)
        return
    with pytest.raises(TooManyMails) as refused:
        ensure_within(most, before, more, NOW)
    minutes = refused.value.details["minutes"]
    assert isinstance(minutes, int)
    assert refused.value.details["most"] == most
    assert 1 <= minutes <= 60
    if len(recent) <= most:
        ensure_within(most, before, more, NOW + minutes * MINUTE)


def test_what_no_server_took_is_tried_again_for_a_day_and_ever_less_often() -> None:
    moment, waits = NOW, list[timedelta]()
    while (again := try_again_at(NOW, moment)) is not None:
        waits.append(again - moment)
        moment = again

    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (timedelta(seconds=15), timedelta(minutes=30))
    assert TRIED_FOR <= moment - NOW < TRIED_FOR + timedelta(minutes=30)
