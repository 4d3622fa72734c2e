"""Money of a boleto over documents that may have changed since: nothing lost, nothing paid twice."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.domain.boleto.order import Discount, Late
from portal_app.domain.ledger import Account, ensure_balanced, payment
from portal_app.domain.money import Money
from portal_app.domain.settlement import Came, Claim, Fit, Settlement, Terms, settle

DUE = date(2026, 11, 25)
NONE = Money(0, "BRL")


def money(cents: int) -> Money:
    return Money(cents, "BRL")


def claim(
    document: int, principal: int, fine: int = 0, interest: int = 0, *, due: date = DUE
) -> Claim:
    """A document as it was frozen, all of it still open."""
    amounts = map(money, (principal, fine, interest, principal))
    return Claim(document, due, *amounts, fined=False)


# The example of the design, as one boleto due 25/11/2026: 347,64.
OLD = claim(1, 12990, 260, 199, due=date(2026, 10, 10))
LATE = claim(2, 12990, 260, 65, due=date(2026, 11, 10))
SOON = claim(3, 8000)
THREE = [OLD, LATE, SOON]
TERMS = Terms(DUE, Late(money(160), None, money(11), None))


def parts(settlement: Settlement) -> list[tuple[int, int, int, int]]:
    return [
        (s.document, s.principal.cents, s.fine.cents, s.interest.cents)
        for s in settlement.allocations
    ]


def test_the_amount_of_the_boleto_settles_every_document() -> None:
    settled = settle(THREE, Came(money(34764), DUE), TERMS)

    assert settled.fit is Fit.WHOLE
    assert parts(settled) == [(1, 12990, 260, 199), (2, 12990, 260, 65), (3, 8000, 0, 0)]


def test_its_own_fine_goes_to_documents_that_had_none_and_interest_to_all() -> None:
    # Five days late: multa 1,60 on the third document, juros 0,11 a day on the principal of all.
    paid_on = DUE + timedelta(days=5)

    settled = settle(THREE, Came(money(34764 + 160 + 55), paid_on), TERMS)

    assert settled.fit is Fit.WHOLE
    assert parts(settled) == [(1, 12990, 260, 220), (2, 12990, 260, 86), (3, 8000, 160, 13)]


def test_charges_the_bank_tells_are_taken_as_told() -> None:
    settled = settle(THREE, Came(money(34764 + 30), DUE, charges=money(30)), TERMS)

    assert settled.credit == NONE
    fines = sum(share.fine.cents for share in settled.allocations)
    interest = sum(share.interest.cents for share in settled.allocations)
    assert (fines, interest) == (260 + 260 + 30, 199 + 65)


def test_more_than_was_asked_is_credit() -> None:
    settled = settle(THREE, Came(money(34764 + 500), DUE), TERMS)

    assert (settled.fit, settled.credit) == (Fit.OVER, money(500))


def test_less_pays_the_oldest_first() -> None:
    settled = settle(THREE, Came(money(20000), DUE), TERMS)

    assert settled.fit is Fit.SHORT
    assert parts(settled) == [(1, 12990, 260, 199), (2, 6226, 260, 65)]
    assert settled.missing == money(14764)


@given(st.permutations([*THREE, claim(4, 100)]))
def test_shares_stand_in_the_order_they_were_paid(told: list[Claim]) -> None:
    # Of the two that fall due together the first there was is paid first, however they are listed.
    settled = settle(told, Came(money(34764 + 50), DUE), TERMS)

    assert [share.document for share in settled.allocations] == [1, 2, 3, 4]


def test_a_document_settled_another_way_is_not_paid_twice() -> None:
    settled = settle([replace(OLD, open=NONE), LATE, SOON], Came(money(34764), DUE), TERMS)

    assert (settled.fit, settled.credit) == (Fit.OVER, OLD.frozen)
    assert [share.document for share in settled.allocations] == [2, 3]


def test_a_fine_paid_meanwhile_is_not_taken_again() -> None:
    settled = settle([replace(OLD, fined=True)], Came(OLD.frozen, DUE), TERMS)

    assert parts(settled) == [(1, 12990, 0, 199)]
    assert settled.credit == money(260)


def test_a_boleto_paid_a_second_time_is_all_credit() -> None:
    settled = settle([], Came(money(34764), DUE), TERMS)

    assert (settled.allocations, settled.credit, settled.missing) == ((), money(34764), NONE)


DISCOUNTED = Terms(
    DUE, Late(NONE, None, NONE, None), Discount(DUE - timedelta(days=5), money(1000))
)


@pytest.mark.parametrize(("days", "fit"), [(-6, Fit.WHOLE), (-5, Fit.WHOLE), (0, Fit.SHORT)])
def test_a_discount_counts_only_in_time(days: int, fit: Fit) -> None:
    came = Came(money(9000), DUE + timedelta(days=days))

    assert settle([claim(1, 10000)], came, DISCOUNTED).fit is fit


def test_the_last_day_of_a_discount_moves_with_the_banks_days() -> None:
    # 20/11 is a holiday and 21/11 a Saturday: paying on Monday 23/11 is in time.
    assert DISCOUNTED.discount is not None
    assert DISCOUNTED.discount.until == date(2026, 11, 20)

    assert settle([claim(1, 10000)], Came(money(9000), date(2026, 11, 23)), DISCOUNTED).fit is (
        Fit.WHOLE
    )


def test_a_discount_is_let_off_the_documents_and_stands_in_the_journal() -> None:
    early = DUE - timedelta(days=9)

    settled = settle([claim(1, 7500), claim(2, 2500)], Came(money(9000), early), DISCOUNTED)

    assert [(s.principal.cents, s.discount.cents) for s in settled.allocations] == [
        (6750, 750),
        (2250, 250),
    ]
    entry = payment(7, 1, settled.allocations, settled.credit, early)
    ensure_balanced(entry)
    assert [x.amount.cents for x in entry.lines if x.account is Account.DISCOUNTS] == [750, 250]


@pytest.mark.parametrize(
    ("still_open", "shares", "credit"),
    [
        (0, [(2, 2250, 250)], 6750),
        (4500, [(1, 4050, 450), (2, 2250, 250)], 2700),
        (1, [(1, 1, 0), (2, 2250, 250)], 6749),
    ],
)
def test_what_was_paid_otherwise_keeps_its_part_of_the_discount(
    still_open: int, shares: list[tuple[int, int, int]], credit: int
) -> None:
    part_paid = replace(claim(1, 7500), open=money(still_open))

    settled = settle(
        [part_paid, claim(2, 2500)], Came(money(9000), DUE - timedelta(days=9)), DISCOUNTED
    )

    given = [(s.document, s.principal.cents, s.discount.cents) for s in settled.allocations]
    assert (given, settled.credit) == (shares, money(credit))


def test_short_of_even_the_discounted_amount_there_is_no_discount() -> None:
    settled = settle([claim(1, 10000)], Came(money(8999), DUE - timedelta(days=9)), DISCOUNTED)

    assert (settled.fit, settled.missing) == (Fit.SHORT, money(1001))


CENTS = st.integers(0, 10**8)


@st.composite
def claims(draw: st.DrawFn) -> list[Claim]:
    found: list[Claim] = []
    for number in range(draw(st.integers(0, 8))):
        principal = draw(st.integers(1, 10**7))
        fine, interest = draw(st.integers(0, 10**5)), draw(st.integers(0, 10**5))
        still_open = draw(st.sampled_from([0, principal]) | st.integers(0, 2 * 10**7))
        due = DUE + timedelta(days=draw(st.integers(-90, 90)))
        made = claim(number, principal, fine, interest, due=due)
        found.append(replace(made, open=money(still_open), fined=draw(st.booleans())))
    return found


@st.composite
def terms(draw: st.DrawFn) -> Terms:
    rate = draw(st.none() | st.decimals(0, "0.1", places=4, allow_nan=False))
    late = Late(
        money(draw(st.integers(0, 10**4))),
        None,
        money(draw(st.integers(0, 500))),
        Decimal(rate or 0) or None,
    )
    until = DUE - timedelta(days=draw(st.integers(0, 30)))
    discount = draw(st.none() | st.builds(Discount, st.just(until), st.builds(money, CENTS)))
    return Terms(DUE, late, discount)


@given(
    claims(),
    CENTS,
    st.integers(-60, 60),
    st.none() | st.builds(money, CENTS),
    terms(),
)
def test_nothing_is_lost_and_no_document_gets_more_than_is_open(
    asked: list[Claim], cents: int, days: int, charges: Money | None, told: Terms
) -> None:
    came = Came(money(cents), DUE + timedelta(days=days), charges)

    settled = settle(asked, came, told)

    given_out = Money.total((share.total for share in settled.allocations), "BRL")
    assert given_out + settled.credit == came.paid
    assert settled.credit.cents >= 0
    assert settled.missing.cents >= 0
    assert not (settled.credit and settled.missing)
    by_document = {each.document: each for each in asked}
    for share in settled.allocations:
        taken = share.principal + share.discount
        assert min(share.principal.cents, share.fine.cents, share.interest.cents) >= 0
        assert NONE <= taken <= by_document[share.document].open
        assert share.total or share.discount
    entry = payment(1, 1, settled.allocations, settled.credit, DUE)
    if entry.lines:
        ensure_balanced(entry)


@given(claims().filter(bool), terms())
def test_the_face_value_of_unchanged_documents_settles_them_whole(
    asked: list[Claim], told: Terms
) -> None:
    unchanged = [replace(each, open=each.principal, fined=False) for each in asked]
    face = Money.total((each.frozen for each in unchanged), "BRL")

    settled = settle(unchanged, Came(face, DUE), told)

    assert settled.fit is Fit.WHOLE
    principal = {s.document: s.principal + s.discount for s in settled.allocations}
    assert principal == {each.document: each.principal for each in unchanged}
