"""What customers do: sign in, tick, see the total, choose a bank, get the boleto; read, and leave."""

import re
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from io import BytesIO

import pypdfium2
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from portal_app.domain.pix import decode
from tests.browser.conftest import PHONE
from tests.post_office import attachment, read
from tests.served import Server

PASSWORD = "demo-portal-2026"
ANA = "ana@nordeste.example"
OWN = ("/", "/history", "/analysis", "/account", "/account/verification", "/account/data")
MONEY = re.compile(r"R\$\s?[\d.]+,\d{2}")


def sign_in(page: Page, login: str = ANA, lands: str = r"/(staff/?)?$") -> None:
    page.goto("/sign-in")
    page.get_by_test_id("sign-in-login").fill(login)
    page.get_by_test_id("sign-in-password").fill(PASSWORD)
    page.get_by_test_id("sign-in-submit").click()
    page.wait_for_url(re.compile(lands))


def row(page: Page, number: str) -> Locator:
    return page.locator(f'[data-testid="document-row"][data-document$="/{number}"]').locator(
        "visible=true"
    )


def tick(page: Page, number: str) -> None:
    row(page, number).get_by_test_id("document-select").click()


@pytest.fixture(params=["desktop", "phone"])
def page(request: pytest.FixtureRequest) -> Page:
    return request.getfixturevalue(request.param)


def total(page: Page) -> Locator:
    return page.get_by_test_id("total-to-pay").locator("visible=true")


def test_ticking_shows_the_total_with_its_charges(page: Page) -> None:
    sign_in(page)
    for number in ("1841", "1990", "77"):
        tick(page, number)

    expect(total(page)).to_have_text(re.compile(r"R\$\s?347,38"))
    expect(page.get_by_test_id("selected-count").locator("visible=true")).to_contain_text("3")

    tick(page, "77")
    expect(total(page)).to_have_text(re.compile(r"R\$\s?267,38"))
    page.reload()
    expect(total(page)).to_have_text(re.compile(r"R\$\s?267,38"))
    expect(row(page, "1841").get_by_test_id("document-select")).to_be_checked()
    page.get_by_test_id("clear-selection").locator("visible=true").click()
    expect(total(page)).to_have_text(re.compile(r"R\$\s?0,00"))
    page.reload()
    expect(row(page, "1841").get_by_test_id("document-select")).not_to_be_checked()


def test_a_credit_note_cannot_be_ticked_and_says_why(desktop: Page) -> None:
    sign_in(desktop)
    credit = row(desktop, "12")

    expect(credit.get_by_test_id("document-select")).to_be_disabled()
    expect(credit.get_by_test_id("document-blocked-reason")).to_be_attached()


def test_a_boleto_waits_for_its_bank_and_then_can_be_printed(page: Page, server: Server) -> None:
    sign_in(page)
    number = {1280: "2114", 390: "310"}[page.viewport_size["width"]]  # pyright: ignore[reportOptionalSubscript]
    tick(page, number)
    expect(total(page)).to_have_text(MONEY)
    page.get_by_test_id("pay-button").locator("visible=true").click()
    page.get_by_test_id("pay-method-boleto").click()
    page.locator('[data-testid="bank-option"][data-bank="001"]').click()
    page.get_by_test_id("bank-confirm").click()

    page.wait_for_url(re.compile(r"/pay/[\w-]+"))
    notice = page.get_by_test_id("registration-notice")
    expect(notice).to_have_attribute("data-state", "waiting")
    expect(page.get_by_test_id("boleto-line")).to_have_count(0)
    address = page.url
    expect(notice).to_have_attribute("data-state", "registered", timeout=15_000)
    line = page.get_by_test_id("boleto-line").inner_text()
    assert len(re.sub(r"\D", "", line)) == 47
    the_banks_pix(page)

    href = page.get_by_test_id("boleto-pdf").get_attribute("href")
    assert href
    answer = page.request.get(href)
    assert answer.headers["content-type"] == "application/pdf"
    assert "no-store" in answer.headers["cache-control"]
    text = pypdfium2.PdfDocument(answer.body())[0].get_textpage().get_text_bounded()
    assert re.sub(r"\D", "", line) in re.sub(r"\D", "", text)

    page.goto("/")
    expect(row(page, number).get_by_test_id("document-select")).to_be_disabled()
    page.goto(address)
    expect(page.get_by_test_id("registration-notice")).to_have_attribute("data-state", "registered")


def the_banks_pix(page: Page) -> None:
    """The code to copy on any screen; its picture where another device can read it."""
    pix = page.get_by_test_id("boleto-pix")
    code = pix.locator("#boleto-pix-code").text_content() or ""
    assert decode(code).name == "Banco de demonstracao"
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_test_id("boleto-pix-copy").click()
    assert page.evaluate("navigator.clipboard.readText()") == code
    picture = pix.get_by_role("img")
    if page.viewport_size == PHONE["viewport"]:
        expect(picture).to_be_hidden()
        return
    expect(picture).to_be_visible()
    read = zxingcpp.read_barcodes(Image.open(BytesIO(picture.screenshot())))
    assert [found.text for found in read] == [code]


def test_a_rejected_boleto_offers_another_bank(desktop: Page) -> None:
    sign_in(desktop)
    tick(desktop, "2208")
    desktop.get_by_test_id("pay-button").locator("visible=true").click()
    desktop.get_by_test_id("pay-method-boleto").click()
    desktop.locator('[data-testid="bank-option"][data-bank="341"]').click()
    desktop.get_by_test_id("bank-confirm").click()
    desktop.wait_for_url(re.compile(r"/pay/[\w-]+"))
    first = desktop.url
    expect(desktop.get_by_test_id("registration-notice")).to_have_attribute(
        "data-state", "rejected", timeout=15_000
    )
    expect(desktop.get_by_test_id("payment-status")).to_have_attribute("data-status", "failed")

    desktop.locator('[data-testid="bank-option"][data-bank="756"]').click()
    desktop.get_by_test_id("bank-confirm").click()
    desktop.wait_for_url(lambda url: "/pay/" in url and url != first)

    expect(desktop.get_by_test_id("registration-notice")).to_have_attribute("data-state", "waiting")
    expect(desktop.get_by_test_id("registration-countdown")).to_contain_text(
        re.compile(r"(29|30):\d\d")
    )


def test_a_document_is_sent_by_email_once_every_address_is_right(
    page: Page, server: Server
) -> None:
    outbox = server.data_dir / "outbox"
    before = set(outbox.glob("*.eml"))
    fields = [page.get_by_test_id(f"email-recipient-{number}") for number in (1, 2, 3)]
    wrong = page.get_by_test_id("email-error")
    sign_in(page)
    row(page, "1990").get_by_test_id("document-email").click()
    expect(fields[0]).to_be_focused()

    for number, typed in (
        (1, "ana.example.com"),
        (2, "ANA@casa.example"),
        (3, "a@b.example, c@d.example"),
    ):
        fields[number - 1].fill(typed)
        page.get_by_test_id("email-send").click()
        expect(fields[number - 1]).to_be_focused()
        expect(fields[number - 1]).to_have_attribute("aria-invalid", "true")
        expect(fields[number - 1]).to_have_attribute("aria-describedby", "email-error")
        expect(wrong).to_have_count(1)
        expect(fields[number - 1]).to_have_value(typed)
        fields[number - 1].fill("ana@casa.example" if number == 1 else "")

    fields[1].fill("contador@escritorio.example")
    fields[1].press("Enter")

    expect(page.get_by_test_id("email-sent")).to_contain_text("contador@escritorio.example")
    expect(wrong).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("email-sent")).to_be_hidden()
    until = time.monotonic() + 15
    messages: list[EmailMessage] = []
    while len(messages) < 2 and time.monotonic() < until:
        page.wait_for_timeout(100)
        new = (read(file.read_bytes()) for file in set(outbox.glob("*.eml")) - before)
        # To herself goes what is about her sign-in, perhaps meanwhile.
        messages = [message for message in new if str(message["To"]) != ANA]
    assert sorted(str(message["To"]) for message in messages) == [
        "ana@casa.example",
        "contador@escritorio.example",
    ]
    assert all("1990" in attachment(message)[0] for message in messages)


def test_a_boleto_is_sent_by_email_and_its_page_says_what_became_of_it(desktop: Page) -> None:
    sign_in(desktop, "carla@nordeste.example")
    desktop.get_by_test_id("document-select").first.click()
    desktop.get_by_test_id("pay-button").locator("visible=true").click()
    desktop.locator('[data-testid="bank-option"][data-bank="001"]').click()
    desktop.get_by_test_id("bank-confirm").click()
    desktop.get_by_test_id("boleto-email").click(timeout=15_000)
    desktop.get_by_test_id("email-recipient-1").fill("ana@casa.example")

    desktop.get_by_test_id("email-send").dblclick()

    expect(desktop.get_by_test_id("email-sent")).to_contain_text("ana@casa.example")
    desktop.get_by_test_id("email-done").click()
    # The one she asked for, above that of the bank's registration.
    sent = desktop.get_by_test_id("email-sent-list").get_by_role("listitem")
    expect(sent).to_have_count(2)
    expect(sent.first).to_have_text(re.compile("a•••@casa.example.*enviado"), timeout=15_000)
    expect(sent.last).to_have_text(re.compile("c•••@nordeste.example.*enviado"), timeout=15_000)
    desktop.reload()
    expect(sent).to_have_count(2)


def test_the_payment_page_survives_a_restart_of_the_server(desktop: Page, server: Server) -> None:
    sign_in(desktop)
    tick(desktop, "77")
    desktop.get_by_test_id("pay-button").locator("visible=true").click()
    desktop.get_by_test_id("pay-method-boleto").click()
    desktop.locator('[data-testid="bank-option"][data-bank="001"]').click()
    desktop.get_by_test_id("bank-confirm").click()
    desktop.wait_for_url(re.compile(r"/pay/[\w-]+"))

    server.restart()

    expect(desktop.get_by_test_id("registration-notice")).to_have_attribute(
        "data-state", "registered", timeout=30_000
    )


def test_the_analysis_opens_on_this_month_and_explains_its_figures(page: Page) -> None:
    sign_in(page)
    page.goto("/analysis")

    expect(page.get_by_test_id("analysis-purchased")).to_have_text(MONEY)
    expect(page.get_by_test_id("analysis-last-amount")).to_have_text(MONEY)
    for name in ("paid", "coming-due", "overdue", "last-date", "period"):
        expect(page.get_by_test_id(f"analysis-{name}")).not_to_be_empty()


def test_the_empty_account_says_so(page: Page) -> None:
    sign_in(page, "vazio@nordeste.example")

    expect(page.get_by_test_id("empty-open-documents")).to_be_visible()
    expect(page.get_by_test_id("document-row")).to_have_count(0)


def test_a_wrong_password_and_an_unknown_login_get_the_same_answer(desktop: Page) -> None:
    said: list[str] = []
    for login in (ANA, "ninguem@nordeste.example"):
        desktop.goto("/sign-in")
        desktop.get_by_test_id("sign-in-login").fill(login)
        desktop.get_by_test_id("sign-in-password").fill("not the password")
        desktop.get_by_test_id("sign-in-submit").click()
        said.append(desktop.get_by_test_id("sign-in-error").inner_text())

    assert said[0] == said[1] != ""


def test_a_portal_link_opens_without_a_password_and_leaves_the_address(
    desktop: Page, server: Server
) -> None:
    answer = server.command("link", "--company", "nordeste", "--customer", "10482")
    link = re.search(r"https?://\S+/l/\S+", answer.stdout)
    assert link, answer.stdout + answer.stderr

    desktop.goto(link.group())

    expect(desktop).to_have_url(server.base_url + "/")
    expect(desktop.get_by_test_id("document-row").first).to_be_visible()


def test_a_link_to_one_document_shows_nothing_else_and_can_be_revoked(
    desktop: Page, server: Server
) -> None:
    desktop.goto("/")
    year = datetime.now(UTC).year
    made = server.command(
        *("link", "--company", "nordeste", "--customer", "10482"),
        *("--document", f"FT {year}/1841"),
    )
    link = made.stdout.strip()
    desktop.goto(link)
    expect(desktop.get_by_test_id("document-row")).to_have_count(1)

    revoked = server.command("link", "--company", "nordeste", "--revoke", link)

    assert revoked.returncode == 0, revoked.stderr
    desktop.reload()
    expect(desktop).to_have_url(re.compile(r"/sign-in/?$"))
    desktop.goto(link)
    expect(desktop).to_have_url(re.compile(r"/link/?$"))


def test_a_bad_link_shows_one_calm_page(desktop: Page, server: Server) -> None:
    desktop.goto("/l/not-a-link")

    expect(desktop).to_have_url(re.compile(r"/link/?$"))
    expect(desktop.get_by_role("heading", level=1)).to_be_visible()


def test_a_eur_customer_is_offered_the_ways_of_portugal(page: Page) -> None:
    sign_in(page, "rui@lusitana.example")
    page.get_by_test_id("document-select").locator("visible=true").first.check()
    page.get_by_test_id("pay-button").locator("visible=true").click()

    for method in ("mb_way", "multibanco", "card"):
        expect(page.get_by_test_id(f"pay-method-{method}")).to_be_visible()
    for method in ("pix", "boleto"):
        expect(page.get_by_test_id(f"pay-method-{method}")).to_have_count(0)
    expect(page.get_by_test_id("bank-option")).to_have_count(0)


def test_foreign_pages_send_a_stranger_to_sign_in(desktop: Page) -> None:
    for path in (*OWN, "/pay/abc", "/demo/abc", "/manager/grants"):
        desktop.goto(path)
        expect(desktop).to_have_url(re.compile(r"/sign-in/?$"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(
    page: Page, axe: Callable[[Page], list[str]], scheme: str
) -> None:
    page.emulate_media(color_scheme=scheme)  # pyright: ignore[reportArgumentType]
    found: dict[str, list[str]] = {}
    page.goto("/sign-in")
    page.get_by_test_id("sign-in-submit").wait_for()
    found["/sign-in"] = axe(page)
    for path in ("/link", "/new-password", "/sign-in-code"):
        page.goto(path)
        page.get_by_role("heading", level=1).wait_for()
        found[path] = axe(page)
    sign_in(page)
    for path in OWN:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(500)
        found[path] = axe(page)
    page.goto("/history")
    page.get_by_role("link").locator("visible=true").and_(
        page.locator('[href^="/pay/"]')
    ).first.click()
    page.get_by_test_id("payment-status").wait_for()
    found["/pay"] = axe(page)
    page.goto("/nowhere")
    page.get_by_role("heading", level=1).wait_for()
    found["/nowhere"] = axe(page)

    assert not {path: faults for path, faults in found.items() if faults}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_any_dialog(
    page: Page, axe: Callable[[Page], list[str]], scheme: str
) -> None:
    page.emulate_media(color_scheme=scheme)  # pyright: ignore[reportArgumentType]
    found: dict[str, list[str]] = {}
    sign_in(page)
    tick(page, "1841")
    page.get_by_test_id("pay-button").locator("visible=true").click()
    page.get_by_test_id("bank-confirm").wait_for()
    found["choosing a bank"] = axe(page)
    page.keyboard.press("Escape")
    page.get_by_test_id("clear-selection").locator("visible=true").click()
    row(page, "1841").get_by_test_id("document-email").click()
    page.get_by_test_id("email-recipient-1").fill("nonsense")
    page.get_by_test_id("email-send").click()
    page.get_by_test_id("email-error").wait_for()
    found["sending by e-mail"] = axe(page)

    assert not {dialog: faults for dialog, faults in found.items() if faults}


def test_no_page_scrolls_sideways_on_the_smallest_phone(phone: Page) -> None:
    phone.set_viewport_size({"width": 360, "height": 740})
    sign_in(phone)
    for path in OWN:
        phone.goto(path)
        phone.wait_for_load_state("networkidle")
        width = phone.evaluate("document.documentElement.scrollWidth")

        assert width <= 360, f"{path} is {width} px wide"


def test_what_the_company_did_not_open_says_so_and_names_the_contact(
    desktop: Page, server: Server
) -> None:
    sign_in(desktop, "bruno@nordeste.example")
    with sqlite3.connect(server.data_dir / "portal.db") as database:
        database.execute(
            "INSERT INTO feature_grant (company_id, customer_id, feature, allowed) "
            "SELECT company_id, id, 'analysis.see', 0 FROM customer "
            "WHERE email = 'bruno@nordeste.example'"
        )

    desktop.goto("/analysis")

    expect(desktop.get_by_role("main")).to_contain_text("financeiro@nordeste.example")
    expect(desktop.get_by_test_id("analysis-purchased")).to_have_count(0)
    desktop.goto("/")
    expect(desktop.get_by_test_id("document-row").first).to_be_visible()
    expect(desktop.get_by_role("link", name="Análise financeira")).to_have_count(0)


def test_english_is_chosen_once_and_said_everywhere(page: Page) -> None:
    sign_in(page, "carla@nordeste.example")
    page.context.add_cookies(
        [{"name": "portal_language", "value": "en", "url": page.url}],
    )
    for path, title in (
        ("/", "Open"),
        ("/history", "History"),
        ("/analysis", "Financial analysis"),
    ):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_contain_text(title)


def test_select_all_takes_every_page_and_clear_gives_it_back(desktop: Page) -> None:
    sign_in(desktop, "carla@nordeste.example")
    expect(desktop.get_by_test_id("document-row")).to_have_count(50)

    desktop.get_by_test_id("select-all").locator("visible=true").click()
    expect(desktop.get_by_test_id("selected-count").locator("visible=true")).to_contain_text(
        re.compile(r"6\d")
    )

    desktop.get_by_test_id("clear-selection").locator("visible=true").click()
    expect(total(desktop)).to_have_text(re.compile(r"R\$\s?0,00"))


def test_a_period_the_wrong_way_round_is_refused_with_its_values_kept(desktop: Page) -> None:
    sign_in(desktop)
    desktop.goto("/history")
    first, last = (desktop.locator("input[type=date]").nth(n) for n in (0, 1))
    first.fill("2026-11-20")
    last.fill("2026-11-01")
    desktop.get_by_role("button", name="Ver período").click()

    expect(desktop.get_by_text("PERIOD_REVERSED")).to_be_visible()
    expect(first).to_have_value("2026-11-20")
    expect(last).to_have_value("2026-11-01")
