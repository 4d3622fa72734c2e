"""What a company's account takes, and money an operator sends back."""

import pytest

from portal_app.domain.errors import InvalidField, MethodUnavailable, NotFound
from portal_app.domain.money import Money
from portal_app.domain.payments import PaymentMethod, PaymentState
from portal_app.services import ledger, payment_accounts, payments, refunds
from tests.company import World, actor, pay

TOTAL = Money(34738, "BRL")


def test_what_an_account_takes_is_what_is_offered(world: World) -> None:
    payment_accounts.operator_set("norte", None, ["card"], None)

    offered = payments.ways(actor("ana"), world.three).methods

    assert offered == (PaymentMethod.CARD, PaymentMethod.BOLETO)
    with pytest.raises(MethodUnavailable):
        payments.start(actor("ana"), world.three, PaymentMethod.PIX, TOTAL)
    assert payment_accounts.operator_show("norte").methods == (PaymentMethod.CARD,)


@pytest.mark.parametrize(
    ("methods", "account"), [(["mb_way"], None), (["gold"], None), (["card"], "cus_1")]
)
def test_what_cannot_be_is_refused(world: World, methods: list[str], account: str | None) -> None:
    with pytest.raises(InvalidField):
        payment_accounts.operator_set("norte", None, methods, account)

    assert payment_accounts.operator_show("norte").methods == (
        PaymentMethod.PIX,
        PaymentMethod.CARD,
    )


def test_a_providers_boleto_only_where_no_contract_has_a_bank(world: World) -> None:
    payment_accounts.operator_set("norte", None, ["boleto"], "acct_1")

    assert payments.ways(actor("ana"), world.three).at_bank
    with pytest.raises(MethodUnavailable):
        payments.start(actor("ana"), world.three, PaymentMethod.BOLETO, TOTAL)


def test_money_goes_back_once_however_often_it_is_asked_for(world: World) -> None:
    payment = pay(world)

    refund = refunds.operator_refund("norte", payment, "80.00")

    assert refund.amount == Money(8000, "BRL")
    assert payments.quote(actor("ana"), [world.documents["soon"]]).total == Money(8000, "BRL")
    assert ledger.verify().ok
    rest = refunds.operator_refund("norte", payment, None)
    assert rest.amount == TOTAL - refund.amount
    assert payments.view(actor("ana"), payment).state is PaymentState.REFUNDED
    with pytest.raises(NotFound):
        refunds.operator_refund("norte", payment, None)


@pytest.mark.parametrize("amount", ["0.00", "-1.00", "347.39"])
def test_more_than_came_in_never_goes_back(world: World, amount: str) -> None:
    payment = pay(world)

    with pytest.raises(InvalidField):
        refunds.operator_refund("norte", payment, amount)
    with pytest.raises(NotFound):
        refunds.operator_refund("sul", payment, None)
