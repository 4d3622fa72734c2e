"""Verification in two steps and passkeys, by the browser's own virtual authenticator."""

import re

from playwright.sync_api import Page, expect
from pyotp.totp import TOTP

PASSWORD = "demo-portal-2026"
MANAGER = "gestor@lusitana.example"
VERIFICATION = "/account/verification"
_DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def sign_in(page: Page) -> None:
    page.goto("/sign-in")
    page.get_by_test_id("sign-in-login").fill(MANAGER)
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


def test_an_app_guards_the_sign_in_and_a_recovery_code_stands_in(desktop: Page) -> None:
    sign_in(desktop)
    expect(desktop).to_have_url(re.compile("/staff/?$"))
    desktop.goto(VERIFICATION)
    desktop.locator("#proof-begin").fill(PASSWORD)
    desktop.get_by_test_id("factor-begin").click()
    key = desktop.get_by_test_id("factor-key").inner_text().replace(" ", "")
    desktop.get_by_test_id("factor-confirm-code").fill(TOTP(key).now())
    desktop.get_by_test_id("factor-confirm").click()
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
