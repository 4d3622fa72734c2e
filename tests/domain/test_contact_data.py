"""What may stand in a customer's contact data: by country, all that is wrong told at once."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.domain.boleto.order import ADDRESS
from portal_app.domain.contact_data import (
    FIELDS,
    LONGEST,
    STATES,
    ContactData,
    checked,
    differing,
)
from portal_app.domain.errors import FieldsInvalid

ANA = ContactData(
    email="ana@example.com",
    phone="(81) 99100-2003",
    street="Rua das Ninfas, 84",
    district="Soledade",
    city="Recife",
    state="PE",
    postcode="50070-050",
)
NOTHING = ContactData()
ANYTHING = st.builds(ContactData, **dict.fromkeys(FIELDS, st.text(max_size=150)))


def refused(wanted: ContactData, seen: ContactData, country: str = "BR") -> dict[str, str]:
    """Codes by field, each with its reason where it has one."""
    with pytest.raises(FieldsInvalid) as told:
        checked(wanted, seen, country)
    return {
        str(each.details["field"]): f"{each.code}.{each.details.get('reason', '')}".rstrip(".")
        for each in told.value.refused
    }


def test_all_that_is_wrong_is_told_at_once() -> None:
    wanted = ContactData(
        email="ana at example.com",
        phone="12",
        street="",
        district="x" * 61,
        city="Reci\u200bfe",
        state="XX",
        postcode="5007",
    )

    assert refused(wanted, ANA) == {
        "email": "ADDRESS_INVALID",
        "phone": "FIELD_INVALID.phone",
        "street": "FIELD_MISSING.boleto",
        "district": "FIELD_TOO_LONG.here",
        "city": "FIELD_INVALID.unprintable",
        "state": "FIELD_INVALID.state",
        "postcode": "FIELD_INVALID.postcode_BR",
    }


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("email", " Ana.Lima@Example.COM ", "Ana.Lima@example.com"),
        ("phone", "+55 (81) 99100-2003", "+55 (81) 99100-2003"),
        ("street", "  Rua   Nova,\u00a010\n", "Rua Nova, 10"),
        ("city", "Sa\u0303o Paulo", "São Paulo"),
        ("state", "sp", "SP"),
        ("postcode", "01310100", "01310-100"),
        ("postcode", "01310-100", "01310-100"),
    ],
)
def test_what_has_one_form_is_kept_in_it(field: str, typed: str, kept: str) -> None:
    assert getattr(checked(replace(ANA, **{field: typed}), ANA, "BR"), field) == kept


@pytest.mark.parametrize(
    "phone",
    ["1234567", "1234567890123456", "81 9910x2003", "81+99100-2003", "()()()()", "٨١٩٩١٠٠٢٠"],
)
def test_what_is_no_telephone_is_refused(phone: str) -> None:
    assert refused(replace(ANA, phone=phone), ANA) == {"phone": "FIELD_INVALID.phone"}


def test_the_27_states_of_brazil_and_no_other() -> None:
    assert len(set(STATES)) == 27
    for state in STATES:
        assert checked(replace(ANA, state=state), ANA, "BR").state == state
    assert refused(replace(ANA, state="Porto"), ANA) == {"state": "FIELD_INVALID.state"}


def test_portugal_has_its_own_postcode_and_no_state() -> None:
    rui = ContactData(city="Porto", postcode="4050-038")

    assert checked(replace(rui, postcode="4100115"), rui, "PT").postcode == "4100-115"
    assert refused(replace(rui, postcode="50070-050", state="PE"), rui, "PT") == {
        "postcode": "FIELD_INVALID.postcode_PT",
        "state": "FIELD_INVALID.state",
    }


def test_where_nobody_counted_only_lengths_count() -> None:
    wanted = replace(ANA, state="Somewhere", postcode="AB1 2CD")

    assert checked(wanted, ANA, "GB") == wanted
    assert refused(replace(ANA, postcode="x" * 13), ANA, "GB") == {
        "postcode": "FIELD_TOO_LONG.here"
    }


@pytest.mark.parametrize("field", FIELDS)
def test_only_what_a_boleto_needs_may_not_be_emptied(field: str) -> None:
    emptied = replace(ANA, **{field: " "})

    if field in ADDRESS:
        assert refused(emptied, ANA) == {field: "FIELD_MISSING.boleto"}
    else:
        assert getattr(checked(emptied, ANA, "BR"), field) == ""
    assert getattr(checked(replace(ANA, **{field: ""}), ANA, "PT"), field) == ""


def test_what_is_empty_may_stay_empty() -> None:
    assert checked(NOTHING, NOTHING, "BR") == NOTHING


@given(seen=ANYTHING, country=st.sampled_from(["BR", "PT", "GB"]))
def test_what_a_file_brought_is_nobodys_mistake_here(seen: ContactData, country: str) -> None:
    assert checked(seen, seen, country) == seen


@given(wanted=ANYTHING, seen=ANYTHING, country=st.sampled_from(["BR", "PT", "GB"]))
def test_what_was_kept_is_kept_again_as_it_is(
    wanted: ContactData, seen: ContactData, country: str
) -> None:
    """And what was refused names only what differs, each field once."""
    try:
        kept = checked(wanted, seen, country)
    except FieldsInvalid as told:
        names = [str(each.details["field"]) for each in told.refused]
        assert len(set(names)) == len(names) > 0
        assert set(names) <= set(differing(wanted, seen))
    else:
        assert checked(kept, seen, country) == kept
        changed = {
            name: value for name, value in asdict(kept).items() if value != getattr(seen, name)
        }
        assert all(len(value) <= LONGEST[name] for name, value in changed.items())
