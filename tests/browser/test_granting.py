"""The manager opens and closes what customers may use, and looks at it as they do."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_journeys import sign_in

MANAGER = "gestor@nordeste.example"


def open_matrix(page: Page) -> None:
    page.goto("/manager/grants")
    expect(row(page, "Ana Lima")).to_be_visible()


def row(page: Page, name: str) -> Locator:
    return page.locator(f'[data-testid="grant-row"][data-row="{name}"]')


def cell(page: Page, name: str, feature: str) -> Locator:
    return row(page, name).get_by_role("button", name=re.compile(f"^{feature}:"))


def decide(page: Page, name: str, feature: str, choice: str) -> None:
    cell(page, name, feature).click()
    page.get_by_test_id(f"grant-{choice}").click()


@pytest.fixture(params=["desktop", "phone"])
def page(request: pytest.FixtureRequest) -> Page:
    return request.getfixturevalue(request.param)


def test_what_is_taken_is_gone_at_the_next_click_and_comes_back(
    desktop: Page, another_visitor: Page
) -> None:
    ana, manager = another_visitor, desktop
    sign_in(ana)
    ana.goto("/analysis")
    expect(ana.get_by_test_id("analysis-purchased").first).to_be_visible()
    sign_in(manager, MANAGER)
    open_matrix(manager)

    decide(manager, "Ana Lima", "Ver a análise", "take")
    expect(cell(manager, "Ana Lima", "Ver a análise")).to_have_accessible_name(
        "Ver a análise: não permitido, para este cliente"
    )
    ana.get_by_role("button", name="Ano", exact=True).click()

    expect(ana.get_by_test_id("not-enabled")).to_contain_text("financeiro@nordeste.example")
    expect(ana.get_by_test_id("analysis-purchased")).to_have_count(0)
    tabs = ana.get_by_role("navigation", name="Páginas")
    expect(tabs.get_by_text("Análise financeira")).to_have_count(0)
    tabs.get_by_text("Histórico").click()
    expect(ana.get_by_role("heading", name="Histórico")).to_be_visible()
    expect(tabs.get_by_text("Análise financeira")).to_have_count(0)

    decide(manager, "Ana Lima", "Ver a análise", "inherit")
    expect(cell(manager, "Ana Lima", "Ver a análise")).to_have_accessible_name(
        "Ver a análise: permitido, padrão do portal"
    )
    ana.goto("/analysis")
    expect(ana.get_by_test_id("analysis-purchased").first).to_be_visible()


def test_two_managers_do_not_undo_each_other_unseen(desktop: Page, another_visitor: Page) -> None:
    for manager in (desktop, another_visitor):
        sign_in(manager, MANAGER)
        open_matrix(manager)
    decide(desktop, "Davi Rocha", "Convidar pessoas", "take")
    expect(cell(desktop, "Davi Rocha", "Convidar pessoas")).to_have_class(re.compile("own"))

    decide(another_visitor, "Davi Rocha", "Convidar pessoas", "give")

    notice = another_visitor.get_by_test_id("notice")
    expect(notice).to_have_attribute("data-code", "GRANT_CHANGED_MEANWHILE")
    expect(cell(another_visitor, "Davi Rocha", "Convidar pessoas")).to_have_accessible_name(
        "Convidar pessoas: não permitido, para este cliente"
    )
    decide(another_visitor, "Davi Rocha", "Convidar pessoas", "inherit")
    expect(cell(another_visitor, "Davi Rocha", "Convidar pessoas")).not_to_have_class(
        re.compile("own")
    )


def test_ticked_customers_change_together(page: Page) -> None:
    sign_in(page, MANAGER)
    open_matrix(page)
    page.get_by_test_id("grants-search").fill("20.408.016-183")
    page.get_by_test_id("grants-search").press("Enter")
    expect(row(page, "Ana Lima")).to_have_count(0)
    page.get_by_test_id("grants-select-all").click()
    expect(row(page, "Bruno Sales").get_by_test_id("grant-select")).to_be_checked()
    page.get_by_test_id("bulk-feature").select_option("statement.see")

    for choice, own in (("take", True), ("inherit", False)):
        if not own:
            row(page, "Bruno Sales").get_by_test_id("grant-select").click()
        page.get_by_test_id(f"bulk-{choice}").click()
        page.get_by_test_id("bulk-confirm").click()
        expect(page.get_by_text("1 cliente mudou.")).to_be_visible()
        statement = row(page, "Bruno Sales").locator(".cell", has_text="Ver o extrato")
        pattern = re.compile(r"\bown\b")
        if own:
            expect(statement).to_have_class(pattern)
        else:
            expect(statement).not_to_have_class(pattern)


def test_a_manager_sees_as_the_customer_sees_and_changes_nothing(page: Page) -> None:
    sign_in(page, MANAGER)
    open_matrix(page)

    row(page, "Ana Lima").get_by_test_id("view-as").click()

    banner = page.get_by_test_id("viewing")
    expect(banner).to_contain_text("Você está vendo como Ana Lima. Somente leitura.")
    expect(page.get_by_test_id("pay-button")).to_have_count(0)
    page.get_by_test_id("document-select").locator("visible=true").first.click()
    expect(page.get_by_test_id("selected-count").locator("visible=true")).to_contain_text("1")
    expect(page.get_by_text("Você só está vendo. Quem paga é o cliente.")).to_be_visible()
    for path in ("/history", "/analysis", "/account"):
        page.goto(path)
        expect(banner).to_contain_text("Ana Lima")
    banner.get_by_role("button", name="Sair").click()
    expect(row(page, "Ana Lima")).to_be_visible()


def test_a_customer_finds_no_managers_page(desktop: Page) -> None:
    sign_in(desktop)

    desktop.goto("/manager/grants")

    desktop.wait_for_url(re.compile(r":\d+/$"))
    expect(desktop.get_by_test_id("document-row").first).to_be_visible()
    expect(desktop.get_by_text("Acessos por cliente")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_matrix(
    page: Page, axe: Callable[[Page], list[str]], scheme: str
) -> None:
    page.emulate_media(color_scheme=scheme)  # pyright: ignore[reportArgumentType]
    sign_in(page, MANAGER)
    open_matrix(page)
    row(page, "Mercado São João Ltda.").get_by_test_id("grant-people").click()
    expect(page.get_by_text("carla@nordeste.example")).to_be_visible()
    row(page, "Ana Lima").get_by_test_id("grant-select").click()
    expect(page.get_by_test_id("bulk")).to_be_visible()
    assert axe(page) == []

    row(page, "Toda a empresa").locator(".unfold").check(force=True)
    row(page, "Toda a empresa").get_by_test_id("grant-cell").first.click()
    expect(page.get_by_test_id("grant-give")).to_be_visible()
    assert axe(page) == []
    page.keyboard.press("Escape")

    row(page, "Ana Lima").get_by_test_id("view-as").click()
    expect(page.get_by_test_id("document-row").locator("visible=true").first).to_be_visible()
    assert axe(page) == []
