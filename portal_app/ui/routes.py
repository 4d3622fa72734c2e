"""Every path once, as constants and functions."""

from typing import Final
from urllib.parse import urlencode

from portal_app.settings import settings

OPEN: Final = "/"
SIGN_IN: Final = "/sign-in"
LINK: Final = "/link"
HISTORY: Final = "/history"
ANALYSIS: Final = "/analysis"
ACCOUNT: Final = "/account"
ACCOUNTS: Final = "/accounts"
VERIFICATION: Final = "/account/verification"
NEW_PASSWORD: Final = "/new-password"  # noqa: S105  a path
SIGN_IN_CODE: Final = "/sign-in-code"
SECOND_FACTOR: Final = "/second-factor"
CONTACT_DATA: Final = "/account/data"
PRIVACY: Final = "/account/privacy"
MY_DATA: Final = "/files/my-data.zip"
STAFF: Final = "/staff"
STAFF_CUSTOMERS: Final = "/staff/customers"
STAFF_CUSTOMER_PATTERN: Final = "/staff/customers/[customer]"
STAFF_AUDIT: Final = "/staff/audit"
STAFF_PRIVACY: Final = "/staff/privacy"
MANAGER_GRANTS: Final = "/manager/grants"
MANAGER_USERS: Final = "/manager/users"
MANAGER_ROLES: Final = "/manager/roles"
MANAGER_SECURITY: Final = "/manager/security"
NOT_FOUND: Final = "404"  # what Reflex calls the page for any address it does not know
PAY_PATTERN: Final = "/pay/[payment]"
DEMO_PATTERN: Final = "/demo/[payment]"

POST_SIGN_IN: Final = "/auth/sign-in"
POST_SIGN_OUT: Final = "/auth/sign-out"
POST_LANGUAGE: Final = "/auth/language"
POST_PASSWORD: Final = "/auth/password"  # noqa: S105  a path
POST_RESET: Final = "/auth/reset"
POST_NEW_PASSWORD: Final = "/auth/new-password"  # noqa: S105  a path
POST_CODE: Final = "/auth/code"
POST_CODE_SIGN_IN: Final = "/auth/code-sign-in"
POST_SECOND_FACTOR: Final = "/auth/second-factor"
POST_FACTOR_BEGIN: Final = "/auth/factor/begin"
POST_FACTOR_CONFIRM: Final = "/auth/factor/confirm"
POST_FACTOR_REMOVE: Final = "/auth/factor/remove"
POST_CODES: Final = "/auth/factor/codes"
POST_CODES_KEPT: Final = "/auth/factor/codes-kept"
POST_PASSKEY_CHALLENGE: Final = "/auth/passkeys/challenge"
POST_PASSKEY_SIGN_IN: Final = "/auth/passkeys/sign-in"
POST_PASSKEY_BEGIN: Final = "/auth/passkeys/begin"
POST_PASSKEY_ADD: Final = "/auth/passkeys/add"
POST_PASSKEY_REMOVE: Final = "/auth/passkeys/remove"
AUTHENTICATOR_QR: Final = "/files/authenticator.svg"
POST_ACCOUNT: Final = "/auth/account"
POST_LINK: Final = "/auth/link"
POST_NEW_LINK: Final = "/auth/new-link"
POST_VIEW: Final = "/auth/view"
POST_VIEW_END: Final = "/auth/view/end"


def pay(payment: str) -> str:
    return f"/pay/{payment}"


def staff_customer(customer: str) -> str:
    return f"{STAFF_CUSTOMERS}/{customer}"


def here(address: str) -> str:
    """The path of an address of our own; anybody else's whole."""
    own = settings().public_url
    return address.removeprefix(own) if address.startswith(f"{own}/") else address


def boleto_pdf(payment: str) -> str:
    return f"/files/boletos/{payment}.pdf"


def boleto_pix(payment: str) -> str:
    return f"/files/boletos/{payment}/pix.svg"


def payment_pix(payment: str) -> str:
    return f"/files/payments/{payment}/pix.svg"


def title_pdf(document: str) -> str:
    return f"/files/titles/{document}.pdf"


def document_pdf(document: str) -> str:
    return f"/files/documents/{document}.pdf"


def receipt_pdf(receipt: str) -> str:
    return f"/files/receipts/{receipt}.pdf"


def audit_csv(asked: dict[str, list[str]]) -> str:
    """`asked` are the route's own parameters: ids and days, nobody's name."""
    query = urlencode(asked, doseq=True)
    return f"/files/audit.csv?{query}" if query else "/files/audit.csv"
