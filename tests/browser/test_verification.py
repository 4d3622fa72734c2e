"""Verification in two steps and passkeys, by the browser's own virtual authenticator."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect
from pyotp.totp import TOTP

PASSWORD = "demo-portal-2026"
MANAGER = "gestor@lusitana.example"
DESK = "atendimento@nordeste.example"
DESKS_MANAGER = "gestor@nordeste.example"
VERIFICATION = "/account/verification"
_DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def sign_in(page: Page, login: str = MANAGER) -> None:
    page.goto("/sign-in")
    page.get_by_test_id("sign-in-login").fill(login)
    page.get_by_test_id("sign-in-password").fill(PASSWORD)
    page.get_by_test_id("sign-in-submit").click()
    page.wait_for_url(re.compile(r"/(staff|second-factor)/?$"))


def sign_out(page: Page) -> None:
    page.context.clear_cookies(name="portal_session")


def remove(page: Page, form: str) -> None:
    page.goto(VERIFICATION)
    found = page.locator(f"form[action='/auth/{form}']")
    page.locator("details", has=found).locator("summary").click()
    found.locator("input[name=proof]").fill(PASSWORD)
    found.locator("button").click()
    expect(page.get_by_role("status").first).to_be_visible()


def set_up_app(page: Page) -> None:
    page.goto(VERIFICATION)
    page.locator("#proof-begin").fill(PASSWORD)
    page.get_by_test_id("factor-begin").click()
    key = page.get_by_test_id("factor-key").inner_text().replace(" ", "")
    page.get_by_test_id("factor-confirm-code").fill(TOTP(key).now())
    page.get_by_test_id("factor-confirm").click()


def test_an_app_guards_the_sign_in_and_a_recovery_code_stands_in(desktop: Page) -> None:
    sign_in(desktop)
    expect(desktop).to_have_url(re.compile("/staff/?$"))
    set_up_app(desktop)
    code = desktop.get_by_test_id("recovery-codes").locator("li").first.inner_text()
    desktop.get_by_test_id("recovery-kept").click()
    expect(desktop.get_by_test_id("recovery-codes")).to_have_count(0)
    desktop.goto("/account")
    expect(desktop.get_by_test_id("verification")).to_contain_text("10")

    sign_out(desktop)
    sign_in(desktop)
    expect(desktop).to_have_url(re.compile("/second-factor/?$"))
    desktop.get_by_test_id("factor-code").fill("000000")
    desktop.get_by_test_id("factor-submit").click()
    expect(desktop.get_by_test_id("factor-error")).to_be_visible()
    desktop.goto("/staff")
    expect(desktop).to_have_url(re.compile("/sign-in/?$"))
    desktop.goto("/second-factor")
    desktop.get_by_test_id("factor-code").fill(code)
    desktop.get_by_test_id("factor-submit").click()
    expect(desktop).to_have_url(re.compile("/staff/?$"))

    remove(desktop, "factor/remove")


def test_a_passkey_signs_in_without_a_password(desktop: Page) -> None:
    device = desktop.context.new_cdp_session(desktop)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": _DEVICE})
    sign_in(desktop)
    expect(desktop).to_have_url(re.compile("/staff/?$"))
    desktop.goto(VERIFICATION)
    made = desktop.get_by_test_id("passkey-make")
    desktop.locator("details", has=made).locator("summary").click()
    desktop.locator("#proof-passkey").fill(PASSWORD)
    made.click()
    expect(desktop.get_by_test_id("recovery-codes")).to_be_visible()

    sign_out(desktop)
    desktop.goto("/sign-in")
    desktop.get_by_test_id("sign-in-passkey").click()
    expect(desktop).to_have_url(re.compile("/staff/?$"))

    remove(desktop, "passkeys/remove")


def test_who_lost_his_factor_is_let_in_by_his_password_once_a_manager_has_checked(
    phone: Page, another_visitor: Page, axe: Callable[[Page], list[str]]
) -> None:
    clerk, manager = another_visitor, phone
    sign_in(clerk, DESK)
    set_up_app(clerk)
    clerk.get_by_test_id("recovery-kept").click()
    clerk.goto("/staff/customers")
    expect(clerk.get_by_test_id("customer-row").first).to_be_visible()
    sign_in(manager, DESKS_MANAGER)
    manager.goto("/manager/security")
    guarded = manager.get_by_test_id("guarded-row").filter(has_text=DESK)
    expect(guarded).to_contain_text("Aplicativo")
    assert axe(manager) == []

    manager.goto("/manager/users")
    row = manager.get_by_test_id("staff-row").filter(has_text=DESK)
    row.get_by_test_id("staff-manage").click()
    manager.get_by_test_id("staff-remove-factor").click()
    manager.get_by_test_id("removal-do").click()
    expect(manager.get_by_test_id("staff-error")).to_contain_text("Escolha como")
    assert axe(manager) == []
    manager.get_by_test_id("removal-called_back").check()
    manager.get_by_test_id("removal-do").click()
    expect(manager.get_by_text("foi removido e as sessões foram encerradas")).to_be_visible()

    clerk.get_by_test_id("customer-search").fill("elisa")
    clerk.keyboard.press("Enter")
    clerk.wait_for_url(re.compile(r"/sign-in/?$"))
    sign_in(clerk, DESK)
    expect(clerk).to_have_url(re.compile("/staff/?$"))
    manager.goto("/manager/security")
    expect(guarded).to_contain_text("Nenhum")
