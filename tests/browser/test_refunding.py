"""Staff send a part of a payment back: the row says so, and what it had paid is owed again."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.test_journeys import ANA, row, sign_in
from tests.browser.test_paying import Bills, has_state, pay_by
from tests.browser.test_paying import bills as bills
from tests.browser.test_people import MANAGER, open_customer

REASON = "Cobrado duas vezes"


def test_staff_send_a_part_back_and_its_document_is_owed_again(
    phone: Page, another_visitor: Page, bills: Bills
) -> None:
    numbers, staff = bills(ANA, 2), another_visitor
    _pay(phone, numbers)
    sign_in(staff, MANAGER)
    open_customer(staff, "Ana Lima")
    paid = staff.get_by_test_id("payment-row").first
    expect(paid).to_contain_text(re.compile(r"Pix.*2 documentos.*confirmado.*R\$\s20,00"))

    dialog = _open(staff, "20,00")
    expect(dialog).to_contain_text("Ana Lima, por Pix")
    _refused(dialog, "20,01", "refund-part-wrong")
    _refused(dialog, "10,00", "refund-reason-wrong")
    expect(dialog.get_by_test_id("refund-send")).to_have_text(re.compile(r"Devolver R\$\s10,00"))
    dialog.get_by_label("Motivo").fill(REASON)
    dialog.get_by_test_id("refund-send").dblclick()

    expect(dialog).to_be_hidden()
    expect(paid).to_contain_text(re.compile(r"voltou R\$\s10,00"), timeout=15_000)
    _open(staff, "10,00")
    staff.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    phone.goto("/")
    # One of the two; a page that was here before shows at first what it knew then.
    expect(row(phone, numbers[0]).or_(row(phone, numbers[1]))).to_have_count(1)
    staff.goto("/staff/audit")
    expect(staff.get_by_text(REASON)).to_have_count(1)


def _pay(phone: Page, numbers: list[str]) -> None:
    sign_in(phone)
    pay_by(phone, "pix", numbers)
    phone.get_by_test_id("demo-approve").click()
    phone.wait_for_url(re.compile(r"/pay/[\w-]+"))
    has_state(phone, "confirmed")


def _open(staff: Page, left: str) -> Locator:
    """The dialog of the latest payment, of which so much is left."""
    staff.get_by_test_id("payment-row").first.get_by_test_id("refund-open").click()
    dialog = staff.get_by_role("dialog", name="Devolver pagamento")
    expect(dialog.get_by_test_id("refund-send")).to_have_text(re.compile(rf"Devolver R\$\s{left}"))
    return dialog


def _refused(dialog: Locator, part: str, where: str) -> None:
    dialog.get_by_label("Quanto devolver").fill(part)
    dialog.get_by_test_id("refund-send").click()
    expect(dialog.get_by_test_id(where)).to_be_visible()
