"""A customer puts his contact data right on a phone, while somebody else does too."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.test_journeys import sign_in

PAGE = "/account/data"


def open_form(page: Page) -> None:
    sign_in(page)
    page.goto(PAGE)
    expect(page.get_by_test_id("contact-save")).to_be_visible()


def test_data_are_put_right_on_a_phone(phone: Page, axe: Callable[[Page], list[str]]) -> None:
    sign_in(phone)
    phone.goto("/account")
    phone.get_by_test_id("contact-data-open").click()
    telephone = phone.get_by_test_id("contact-phone")
    postcode = phone.get_by_test_id("contact-postcode")

    telephone.fill("81 3030-1234")
    postcode.fill("5007")
    postcode.press("Enter")

    expect(phone.get_by_test_id("contact-postcode-wrong")).to_contain_text("O CEP tem 8 dígitos")
    expect(postcode).to_be_focused()
    expect(postcode).to_have_value("5007")
    expect(telephone).to_have_value("81 3030-1234")
    assert axe(phone) == []

    postcode.fill("50070050")
    postcode.press("Enter")

    saved = phone.get_by_test_id("contact-saved")
    expect(saved).to_have_text("Dados salvos.")
    expect(saved).to_be_focused()
    expect(postcode).to_have_value("50070-050")
    assert axe(phone) == []
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    phone.get_by_role("link", name="Sua conta").click()
    expect(phone.get_by_text("81 3030-1234")).to_be_visible()


def test_nothing_is_overwritten_unseen(phone: Page, another_visitor: Page) -> None:
    other = another_visitor
    open_form(phone)
    open_form(other)
    phone.get_by_test_id("contact-phone").fill("81 3030-5678")
    phone.get_by_test_id("contact-save").click()
    expect(phone.get_by_test_id("contact-saved")).to_have_text("Dados salvos.")

    other.get_by_test_id("contact-phone").fill("(81) 99100-2003")
    other.get_by_test_id("contact-save").click()

    expect(other.get_by_test_id("contact-error")).to_contain_text("CONTACT_CHANGED_MEANWHILE")
    expect(other.get_by_text("agora é “81 3030-5678”")).to_be_visible()
    expect(other.get_by_test_id("contact-phone")).to_have_value("(81) 99100-2003")
    other.get_by_test_id("contact-save").click()
    expect(other.get_by_test_id("contact-saved")).to_have_text("Dados salvos.")


def test_whoever_acts_for_no_customer_is_not_offered_the_form(phone: Page) -> None:
    sign_in(phone, "gestor@nordeste.example")
    phone.goto(PAGE)

    expect(phone.get_by_test_id("not-enabled")).to_be_visible()
