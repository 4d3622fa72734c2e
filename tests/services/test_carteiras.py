"""The registry: what staff set is what boletos are made of, and no number is given twice."""

from collections.abc import Iterator

import pytest

from portal_app.domain.carteiras import CarteiraFacts
from portal_app.domain.companies import BankCarteira, Homologation
from portal_app.domain.errors import FieldMissing, NotFound, NotGranted, NumberUsed
from portal_app.domain.money import Money
from portal_app.services import boletos, carteiras
from portal_app.services.bank_gateways import is_offered
from portal_app.services.boletos import BankOffer
from portal_app.settings import settings
from tests.company import World, actor

NEW = CarteiraFacts(
    name="BB 17 novo",
    bank="001",
    agencia="3128",
    conta="77777",
    convenio="2999888",
    carteira="17",
    fine_bp=200,
    interest_bp=100,
    discount_bp=500,
    discount_days=2,
)


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("SECRET_KEY", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"):
        monkeypatch.setenv(f"PORTAL_{name}", "x" * 32)
    monkeypatch.setenv("PORTAL_MODE", "production")
    settings.cache_clear()
    yield
    settings.cache_clear()


def offers(world: World) -> list[BankOffer]:
    return list(boletos.offer(actor("ana"), world.three).banks)


def test_staff_register_a_carteira_and_customers_are_offered_it(world: World) -> None:
    carteiras.save(actor("staff"), NEW)
    carteiras.operator_save_fatura("norte", "Fatura", ["BB 17 novo"])

    (offer,) = offers(world)

    assert (offer.bank, offer.carteira_code, offer.convenio) == ("001", "17", "2999888")
    # 5 % of the 80,00 that are not late, until two days before the due date 25/11.
    assert offer.discount is not None
    assert (offer.discount.amount, offer.discount.until.day) == (Money(400, "BRL"), 23)


def test_customers_and_managers_without_the_right_see_nothing_of_it(world: World) -> None:
    for asked in (carteiras.registry, lambda who: carteiras.save(who, NEW)):
        with pytest.raises(NotGranted):
            asked(actor("ana"))


def test_a_change_keeps_what_is_not_told(world: World) -> None:
    carteiras.save(actor("staff"), NEW)

    carteiras.operator_save("norte", NEW.name, {"days_to_pay": 7})

    stored = next(
        c for c in carteiras.registry(actor("staff")).at_banks if c.facts.name == NEW.name
    )
    assert (stored.facts.days_to_pay, stored.facts.fine_bp) == (7, 200)


def test_what_is_wrong_saves_nothing(world: World) -> None:
    before = carteiras.registry(actor("staff"))

    with pytest.raises(FieldMissing):
        carteiras.operator_save("norte", "Nova", {"bank": "001", "agencia": "1", "conta": "1"})

    assert carteiras.registry(actor("staff")) == before


def test_a_number_that_was_given_is_never_given_again(world: World) -> None:
    carteiras.operator_save("norte", "BB", {}, next_number=500)
    issued = boletos.issue(actor("ana"), world.three, world.banks["001"], Money(34764, "BRL"))
    assert boletos.view(actor("ana"), issued).nosso_numero == "28831470000000500"

    with pytest.raises(NumberUsed) as refused:
        carteiras.operator_save("norte", "BB", {}, next_number=500)

    assert refused.value.details == {"next": 501}


def test_a_contract_is_collected_by_the_carteira_it_is_tied_to(world: World) -> None:
    carteiras.operator_tie("norte", "10482", "Itaú")

    assert [offer.bank for offer in offers(world)] == ["341"]
    with pytest.raises(NotFound):
        carteiras.operator_tie("norte", "no such contract", "Itaú")
    with pytest.raises(NotFound):
        carteiras.operator_tie("sul", "10482", "Itaú")


@pytest.mark.usefixtures("production")
def test_only_an_approved_carteira_could_be_offered_in_production() -> None:
    assert not is_offered(_carteira(Homologation.TESTING))
    assert is_offered(_carteira(Homologation.APPROVED))


def test_the_address_a_bank_calls_is_its_own_and_its_secret_kept_nowhere(world: World) -> None:
    first = carteiras.operator_webhook("norte", "BB")
    second = carteiras.operator_webhook("norte", "BB")

    assert first.startswith(f"{settings().public_url}/webhooks/banks/001?key=")
    assert first != second
    assert second.partition("key=")[2] not in repr(carteiras.registry(actor("staff")))


def _carteira(homologation: Homologation) -> BankCarteira:
    return BankCarteira(
        id=1,
        bank="001",
        carteira="17",
        modalidade="",
        agencia="1",
        agencia_dv="",
        conta="1",
        conta_dv="",
        convenio="1234567",
        account=1,
        confirms=True,
        wait_minutes=30,
        days_to_pay=3,
        homologation=homologation,
    )
