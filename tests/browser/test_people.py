"""An accountant of two customers; a link that staff make and take back; roles that hold at once."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.test_journeys import ANA, sign_in

ACCOUNTANT = "contador@nordeste.example"
DESK = "atendimento@nordeste.example"
MANAGER = "gestor@nordeste.example"


def open_customer(page: Page, typed: str) -> None:
    page.goto("/staff/customers")
    expect(page.get_by_test_id("customer-row").first).to_be_visible()
    page.get_by_test_id("customer-search").fill(typed)
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("customer-row")).to_have_count(1)
    page.get_by_test_id("customer-row").get_by_role("link").click()
    page.wait_for_url(re.compile(r"/staff/customers/[\w-]+$"))


def test_an_accountant_picks_a_customer_sees_documents_and_cannot_pay(desktop: Page) -> None:
    sign_in(desktop, ACCOUNTANT, r"/accounts/?$")
    options = desktop.get_by_test_id("account-option")
    expect(options).to_have_count(2)
    expect(options.first).to_contain_text("Ana Lima")
    expect(options.first).to_contain_text(re.compile(r"Contador · até \d\d/\d\d/\d{4}"))

    options.first.click()
    desktop.wait_for_url(re.compile(r":\d+/$"))

    rows = desktop.get_by_test_id("document-row").locator("visible=true")
    expect(rows.first).to_be_visible()
    expect(desktop.get_by_test_id("acts-for")).to_contain_text("Ana Lima")
    expect(desktop.get_by_test_id("pay-button")).to_have_count(0)
    expect(desktop.get_by_test_id("document-email")).to_have_count(0)

    desktop.get_by_test_id("acts-for").click()
    desktop.wait_for_url(re.compile(r"/accounts/?$"))
    options.nth(1).click()
    desktop.wait_for_url(re.compile(r":\d+/$"))
    expect(desktop.get_by_test_id("acts-for")).to_contain_text("Mercado São João")


def test_staff_make_a_link_and_take_it_back_and_its_session_ends(
    desktop: Page, another_visitor: Page
) -> None:
    sign_in(desktop, DESK)
    open_customer(desktop, "elisa")
    expect(desktop.get_by_role("heading", level=1)).to_have_text("Elisa Prado")
    assert "41290377570" not in desktop.content(), "no tax id stands on the page"
    desktop.get_by_test_id("link-make").click()
    address = desktop.get_by_test_id("link-made").inner_text()

    another_visitor.goto(address)
    rows = another_visitor.get_by_test_id("document-row").locator("visible=true")
    expect(rows).to_have_count(3)
    desktop.reload()
    expect(desktop.get_by_test_id("link-row")).to_have_count(1)
    expect(desktop.get_by_test_id("link-row")).to_contain_text("aberto uma vez")
    expect(desktop.get_by_test_id("link-made")).to_have_count(0)

    desktop.get_by_test_id("link-revoke").click()
    expect(desktop.get_by_test_id("link-row")).to_contain_text("Revogado")
    another_visitor.get_by_test_id("document-select").locator("visible=true").first.click()

    another_visitor.wait_for_url(re.compile(r"/sign-in/?$"))


def test_an_owner_invites_narrows_and_removes_somebody(phone: Page) -> None:
    sign_in(phone, ANA)
    phone.goto("/account")
    phone.get_by_test_id("people-invite").click()
    phone.get_by_test_id("people-name").fill("Marta Lima")
    phone.get_by_test_id("people-login").fill("marta@casa.example")
    phone.get_by_test_id("people-submit").click()
    marta = phone.get_by_test_id("person-row").filter(has_text="Marta Lima")
    expect(marta).to_contain_text("Convidado")

    marta.get_by_test_id("people-manage").click()
    phone.get_by_test_id("people-switch-pay").uncheck()
    phone.get_by_test_id("people-submit").click()
    expect(phone.get_by_text("Salvo.")).to_be_visible()
    marta.get_by_test_id("people-manage").click()
    expect(phone.get_by_test_id("people-switch-pay")).not_to_be_checked()
    expect(phone.get_by_test_id("people-switch-email")).to_be_checked()
    phone.get_by_test_id("people-remove").click()

    expect(marta).to_have_count(0)


def test_a_permission_holds_at_the_next_event_of_whoever_has_the_role(
    desktop: Page, another_visitor: Page
) -> None:
    sign_in(another_visitor, DESK)
    open_customer(another_visitor, "davi")
    sign_in(desktop, MANAGER)
    desktop.goto("/manager/roles")
    box = desktop.locator('input[data-permission="links.make"][data-role="Atendimento"]')
    box.uncheck()
    expect(desktop.get_by_text("Salvo.")).to_be_visible()

    another_visitor.get_by_test_id("link-make").click()

    expect(another_visitor.get_by_test_id("links")).to_have_count(0)
    expect(another_visitor.get_by_test_id("people")).to_be_visible()
    box.check()
    desktop.reload()
    expect(box).to_be_checked()


def test_axe_finds_nothing_on_the_pages_of_people(
    desktop: Page, axe: Callable[[Page], list[str]]
) -> None:
    sign_in(desktop, MANAGER)
    for path, there in (
        ("/staff/customers", "customer-row"),
        ("/manager/users", "staff-row"),
        ("/manager/roles", "role-manage"),
        ("/manager/security", "guarded-row"),
    ):
        desktop.goto(path)
        expect(desktop.get_by_test_id(there).first).to_be_visible()
        assert axe(desktop) == [], path
    desktop.goto("/manager/users")
    desktop.get_by_test_id("staff-manage").first.click()
    expect(desktop.get_by_role("dialog")).to_be_visible()
    assert axe(desktop) == []
    open_customer(desktop, "carla@")
    expect(desktop.get_by_test_id("person-row").first).to_be_visible()
    assert axe(desktop) == []


def test_no_page_of_people_scrolls_sideways_on_the_smallest_phone(phone: Page) -> None:
    phone.set_viewport_size({"width": 320, "height": 640})
    sign_in(phone, MANAGER)
    for path, there in (
        ("/staff/customers", "customer-row"),
        ("/manager/users", "staff-row"),
        ("/manager/roles", "role-manage"),
        ("/manager/security", "guarded-row"),
    ):
        phone.goto(path)
        expect(phone.get_by_test_id(there).first).to_be_visible()
        assert phone.evaluate("document.documentElement.scrollWidth") <= 320, path
    open_customer(phone, "carla@")
    phone.get_by_test_id("link-make").click()
    expect(phone.get_by_test_id("link-made")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 320
