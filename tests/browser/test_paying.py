"""Paying at a provider, whose page the demo plays: each way there is, and each way it can end."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import count
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from portal_app.domain.pix import decode
from tests.browser.conftest import PHONE
from tests.browser.test_journeys import ANA, row, sign_in, tick, total
from tests.served import Server

RUI = "rui@lusitana.example"
WHOSE = {
    ANA: ("nordeste", "10020030169;Ana Lima", "BRL"),
    RUI: ("lusitana", "234567813;Rui Tavares", "EUR"),
}
HEADER = "customer_code;customer_name;type;series;number;issue_date;due_date;amount;currency"

NOTHING = re.compile(r"(?<!\d)0,00")

_numbers = count(9001)

Bills = Callable[[str, int], list[str]]


@pytest.fixture(params=["desktop", "phone"])
def page(request: pytest.FixtureRequest) -> Page:
    return request.getfixturevalue(request.param)


@pytest.fixture
def bills(server: Server, tmp_path: Path) -> Bills:
    """Somebody is billed so many more documents of 10,00 each, not yet due; their numbers."""

    def bill(login: str, how_many: int) -> list[str]:
        company, customer, currency = WHOSE[login]
        today = datetime.now(UTC).date()
        numbers = [str(next(_numbers)) for _ in range(how_many)]
        lines = [
            f"{customer};FT;{today.year};{number};{today - timedelta(days=1)};"
            f"{today + timedelta(days=40)};10,00;{currency}"
            for number in numbers
        ]
        file = tmp_path / f"{numbers[0]}.csv"
        file.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
        done = server.command("import", str(file), "--company", company)
        assert done.returncode == 0, done.stdout + done.stderr
        return numbers

    return bill


def ask_how(page: Page, numbers: list[str]) -> None:
    """Tick these documents, and nothing else, and press Pagar."""
    row(page, numbers[0]).wait_for()
    try:
        # A page that was here before shows at first what it knew then.
        expect(total(page)).to_have_text(NOTHING, timeout=2_000)
    except AssertionError:
        page.get_by_test_id("clear-selection").locator("visible=true").click()
        expect(total(page)).to_have_text(NOTHING)
    for number in numbers:
        tick(page, number)
    expect(total(page)).to_have_text(re.compile(rf"(?<!\d){len(numbers)}0,00"))
    page.get_by_test_id("pay-button").locator("visible=true").click()


def pay_by(page: Page, method: str, numbers: list[str]) -> None:
    """… and go to the provider's page."""
    ask_how(page, numbers)
    page.get_by_test_id(f"pay-method-{method}").click()
    page.wait_for_url(re.compile(r"/demo/[\w-]+"))
    expect(page.get_by_test_id("demo-amount")).to_contain_text(f"{len(numbers)}0,00")


def leave(page: Page) -> None:
    """Come back from the provider's page without having decided anything."""
    page.get_by_role("link", name="Voltar sem decidir").click()
    page.wait_for_url(re.compile(r"/pay/[\w-]+"))
    has_state(page, "pending")


def has_state(page: Page, state: str, within: float = 10) -> None:
    status = page.get_by_test_id("payment-status")
    expect(status).to_have_attribute("data-status", state, timeout=within * 1000)


def copied(page: Page, testid: str) -> str:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_test_id(testid).click()
    return page.evaluate("navigator.clipboard.readText()")


def seconds_left(page: Page, testid: str) -> int:
    clock = page.get_by_test_id(testid)
    expect(clock).to_have_text(re.compile(r"\d+:\d\d"))
    minutes, seconds = clock.inner_text().split(":")
    return int(minutes) * 60 + int(seconds)


def test_three_documents_are_paid_by_pix_and_leave_the_list(page: Page, bills: Bills) -> None:
    numbers = bills(ANA, 3)
    sign_in(page)

    pay_by(page, "pix", numbers)
    page.get_by_test_id("demo-approve").click()

    page.wait_for_url(re.compile(r"/pay/[\w-]+"))
    has_state(page, "confirmed")
    expect(page.get_by_test_id("paid-amount")).to_have_text(re.compile(r"R\$\s?30,00"))
    expect(page.get_by_test_id("receipt")).to_be_visible()
    page.goto("/")
    page.get_by_test_id("document-row").first.wait_for()
    for number in numbers:
        expect(row(page, number)).to_have_count(0)


def test_a_pix_can_be_read_copied_and_left_alone(page: Page, bills: Bills) -> None:
    numbers = bills(ANA, 1)
    sign_in(page)
    pay_by(page, "pix", numbers)
    leave(page)

    code = copied(page, "pix-copy")
    assert decode(code).amount == decode(page.get_by_test_id("pix-code").inner_text()).amount
    picture = page.get_by_test_id("pix-qr")
    if page.viewport_size == PHONE["viewport"]:
        expect(picture).to_be_hidden()
    else:
        read = zxingcpp.read_barcodes(Image.open(BytesIO(picture.screenshot())))
        assert [found.text for found in read] == [code]
    left = seconds_left(page, "pix-countdown")
    assert 31 * 60 < left <= 32 * 60
    page.wait_for_timeout(2100)
    page.reload()
    assert left - 20 < seconds_left(page, "pix-countdown") < left
    page.goto("/")
    blocked = row(page, numbers[0])
    expect(blocked).to_contain_text("em pagamento")
    expect(blocked.get_by_test_id("document-select")).to_be_disabled()
    blocked.get_by_test_id("document-payment").click()
    has_state(page, "pending")


def test_a_declined_card_says_why_and_the_next_try_is_approved(page: Page, bills: Bills) -> None:
    numbers = bills(ANA, 2)
    sign_in(page)
    pay_by(page, "card", numbers)
    page.get_by_test_id("demo-decline").click()
    has_state(page, "failed")
    expect(page.get_by_test_id("payment-outcome")).to_contain_text("o banco do cartão recusou")
    first = page.url

    page.get_by_test_id("payment-again").click()
    expect(page.get_by_test_id("method-total")).to_have_text(re.compile(r"R\$\s?20,00"))
    page.get_by_test_id("pay-method-pix").click()
    page.get_by_test_id("demo-approve").click()

    has_state(page, "confirmed")
    page.goto(first)
    has_state(page, "failed")
    expect(page.get_by_test_id("payment-replaced-by")).to_be_visible()
    expect(page.get_by_test_id("payment-again")).to_have_count(0)


def test_approved_later_it_confirms_by_itself(page: Page, bills: Bills) -> None:
    numbers = bills(ANA, 1)
    sign_in(page)
    pay_by(page, "card", numbers)
    page.get_by_test_id("demo-later").click()

    page.wait_for_url(re.compile(r"/pay/[\w-]+"))
    has_state(page, "pending")
    page.evaluate("window.unmoved = true")
    has_state(page, "confirmed", within=20)
    assert page.evaluate("window.unmoved")


def test_a_multibanco_reference_is_copied_part_by_part_and_paid(page: Page, bills: Bills) -> None:
    numbers = bills(RUI, 2)
    sign_in(page, RUI)
    pay_by(page, "multibanco", numbers)
    leave(page)
    reference = page.get_by_test_id("multibanco-reference")

    expect(page.get_by_test_id("multibanco-entity")).to_have_text(re.compile(r"\d{5}"))
    expect(reference).to_have_text(re.compile(r"\d{3} \d{3} \d{3}"))
    shown = reference.inner_text()
    assert copied(page, "multibanco-reference-copy") == shown.replace(" ", "")
    entity = page.get_by_test_id("multibanco-entity").inner_text()
    assert copied(page, "multibanco-entity-copy") == entity
    assert copied(page, "multibanco-amount-copy") == "20,00"
    expect(page.get_by_test_id("multibanco-until")).to_have_text(re.compile(r"\d\d/\d\d/\d{4}"))

    page.reload()
    expect(reference).to_have_text(shown)
    page.get_by_test_id("payment-continue").click()
    page.get_by_test_id("demo-approve").click()
    has_state(page, "confirmed")


def test_a_mb_way_request_counts_four_minutes_down_whatever_is_reloaded(
    page: Page, bills: Bills
) -> None:
    numbers = bills(RUI, 1)
    sign_in(page, RUI)
    pay_by(page, "mb_way", numbers)
    page.get_by_test_id("demo-never").click()
    page.wait_for_url(re.compile(r"/pay/[\w-]+"))

    left = seconds_left(page, "mb-way-countdown")
    assert 200 < left <= 240
    page.wait_for_timeout(2100)
    page.reload()
    assert left - 20 < seconds_left(page, "mb-way-countdown") < left
    has_state(page, "pending")
    page.get_by_test_id("payment-continue").click()
    page.get_by_test_id("demo-approve").click()
    has_state(page, "confirmed")


def test_a_second_tab_is_shown_the_first_attempt(desktop: Page, bills: Bills) -> None:
    numbers = bills(ANA, 2)
    sign_in(desktop)
    second = desktop.context.new_page()
    second.goto("/")
    tick(second, numbers[0])
    pay_by(desktop, "pix", numbers)
    first = desktop.url.rpartition("/")[2]

    expect(total(second)).to_have_text(re.compile("10,00"))
    second.get_by_test_id("pay-button").locator("visible=true").click()
    second.get_by_test_id("attempt-continue").click()

    second.wait_for_url(re.compile(rf"/pay/{first}"))
    has_state(second, "pending")


def test_a_double_click_is_one_payment(desktop: Page, bills: Bills) -> None:
    numbers = bills(ANA, 1)
    sign_in(desktop)
    ask_how(desktop, numbers)

    desktop.get_by_test_id("pay-method-card").dblclick()

    desktop.wait_for_url(re.compile(r"/demo/[\w-]+"))
    desktop.get_by_test_id("demo-approve").click()
    has_state(desktop, "confirmed")
    expect(desktop.get_by_test_id("notice")).to_have_count(0)


def test_a_pix_is_given_up_for_a_boleto(page: Page, bills: Bills) -> None:
    numbers = bills(ANA, 2)
    sign_in(page)
    pay_by(page, "pix", numbers)
    provider = page.url
    leave(page)
    first = page.url

    page.get_by_test_id("payment-replace").click()
    page.get_by_test_id("payment-replace-confirm").click()
    page.wait_for_url(re.compile(r"/$"))
    expect(total(page)).to_have_text(re.compile("20,00"))
    page.get_by_test_id("pay-button").locator("visible=true").click()
    page.locator('[data-testid="bank-option"][data-bank="001"]').click()
    page.get_by_test_id("bank-confirm").click()

    page.wait_for_url(lambda url: "/pay/" in url and url != first)
    expect(page.get_by_test_id("registration-notice")).to_have_attribute(
        "data-state", "registered", timeout=15_000
    )
    page.goto(first)
    has_state(page, "superseded")
    page.goto(provider)
    expect(page.get_by_test_id("demo-back")).to_be_visible()
    expect(page.get_by_test_id("demo-approve")).to_have_count(0)


def test_it_is_paid_by_the_keyboard_alone(desktop: Page, bills: Bills) -> None:
    numbers = bills(ANA, 1)
    sign_in(desktop)
    ask_how(desktop, numbers)
    tile = desktop.get_by_test_id("pay-method-pix")
    tile.wait_for()
    for _ in range(3):
        desktop.keyboard.press("Tab")
        if tile.evaluate("tile => tile === document.activeElement"):
            break

    expect(tile).to_be_focused()
    assert tile.evaluate("tile => getComputedStyle(tile).outlineStyle") == "solid"
    desktop.keyboard.press("Enter")

    desktop.wait_for_url(re.compile(r"/demo/[\w-]+"))
    desktop.get_by_test_id("demo-approve").focus()
    desktop.keyboard.press("Enter")
    has_state(desktop, "confirmed")


def test_nobody_else_finds_the_payment_or_the_providers_page(
    desktop: Page, another_visitor: Page, bills: Bills
) -> None:
    numbers = bills(ANA, 1)
    sign_in(desktop)
    pay_by(desktop, "pix", numbers)
    provider = desktop.url

    sign_in(another_visitor, "bruno@nordeste.example")
    another_visitor.goto(provider)
    expect(another_visitor.get_by_test_id("demo-not-found")).to_be_visible()
    expect(another_visitor.get_by_test_id("demo-approve")).to_have_count(0)
    another_visitor.goto(provider.replace("/demo/", "/pay/"))
    expect(another_visitor.get_by_test_id("payment-not-found")).to_be_visible()


Faults = Callable[[Page], list[str]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_while_euros_are_paid(
    page: Page, bills: Bills, axe: Faults, scheme: str
) -> None:
    page.emulate_media(color_scheme=scheme)  # pyright: ignore[reportArgumentType]
    numbers = bills(RUI, 2)
    found: dict[str, list[str]] = {}
    sign_in(page, RUI)
    ask_how(page, numbers[:1])
    page.get_by_test_id("pay-method-multibanco").wait_for()
    found["the ways"] = axe(page)
    page.get_by_test_id("pay-method-multibanco").click()
    page.get_by_test_id("demo-approve").wait_for()
    found["the provider"] = axe(page)
    leave(page)
    found["a reference"] = axe(page)
    page.goto("/")
    pay_by(page, "mb_way", numbers[1:])
    page.get_by_test_id("demo-never").click()
    page.get_by_test_id("mb-way-countdown").wait_for()
    found["a request"] = axe(page)

    assert not {where: faults for where, faults in found.items() if faults}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_while_reais_are_paid(
    page: Page, bills: Bills, axe: Faults, scheme: str
) -> None:
    page.emulate_media(color_scheme=scheme)  # pyright: ignore[reportArgumentType]
    numbers = bills(ANA, 2)
    found: dict[str, list[str]] = {}
    sign_in(page, ANA)
    pay_by(page, "pix", numbers[:1])
    leave(page)
    found["a Pix"] = axe(page)
    page.get_by_test_id("payment-replace").click()
    page.get_by_test_id("payment-replace-confirm").wait_for()
    found["giving up"] = axe(page)
    page.keyboard.press("Escape")
    page.get_by_test_id("payment-continue").click()
    page.get_by_test_id("demo-approve").click()
    has_state(page, "confirmed")
    found["confirmed"] = axe(page)
    page.goto("/")
    pay_by(page, "card", numbers[1:])
    page.get_by_test_id("demo-decline").click()
    has_state(page, "failed")
    found["failed"] = axe(page)

    assert not {where: faults for where, faults in found.items() if faults}


def test_nothing_scrolls_sideways_on_the_smallest_phone(phone: Page, bills: Bills) -> None:
    numbers = bills(RUI, 1)
    phone.set_viewport_size({"width": 360, "height": 740})
    sign_in(phone, RUI)
    pay_by(phone, "multibanco", numbers)

    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    leave(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
