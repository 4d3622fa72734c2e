"""The frame of every page: skip link, company, tabs, language, the reader's menu, notice, content.

shell(OPEN, rx.el.h1(…), …)
"""

from typing import Final

import reflex as rx
from reflex_components_core.el.elements.base import BaseHTML

from portal_app import locales
from portal_app.ui import routes
from portal_app.ui.components.form import post_form, sign_out_form
from portal_app.ui.components.notice import notice
from portal_app.ui.shell import CountState, ShellState
from portal_app.ui.texts import LanguageState, t

OPEN: Final = "open"
HISTORY: Final = "history"
ANALYSIS: Final = "analysis"
NO_TAB: Final = ""
PRODUCT: Final = "Em Dia"

_MENU: Final = "reader-menu"


class SkipLink(BaseHTML):
    """The browser's own link, which moves the focus; the router's only changes the address."""

    tag = "a"

    href: rx.Var[str]


def shell(active_tab: str, *content: rx.Component, narrow: bool = False) -> rx.Component:
    """A whole page. `active_tab` is one of this module's constants; `narrow` for one column of text."""
    return rx.el.div(
        rx.el.header(
            SkipLink.create(t("shell.skip"), href="#content", class_name="skip"),
            _brand(),
            _tabs(active_tab),
            rx.el.div(class_name="sp"),
            _customer(),
            rx.el.div(languages(), _reader(), class_name="tools"),
            class_name="top",
        ),
        rx.cond(ShellState.reader.viewing, _viewing()),
        notice(),
        rx.el.main(
            *content,
            id="content",
            tab_index=-1,
            class_name="wrap narrow" if narrow else "wrap",
        ),
        lang=t("language.tag"),
        style={"--company": rx.cond(ShellState.reader.accent, ShellState.reader.accent, "#1d3b31")},
    )


def _viewing() -> rx.Component:
    """One of the company's own people sees as the customer sees: on every page, with the way out."""
    return rx.el.div(
        rx.icon("eye", aria_hidden="true"),
        rx.el.p(t("view.as"), " ", rx.el.b(ShellState.reader.customer), ". ", t("view.read_only")),
        post_form(
            routes.POST_VIEW_END,
            rx.el.button(t("view.end"), type="submit", class_name="btn s sm"),
            class_name="",
        ),
        class_name="viewing",
        role="status",
        data_testid="viewing",
    )


def _brand() -> rx.Component:
    return rx.el.a(
        rx.el.span(ShellState.reader.initial, class_name="logo", aria_hidden="true"),
        rx.el.span(
            # Until the reader is known the link is the product's own, never one without a name.
            rx.cond(ShellState.reader.company, ShellState.reader.company, PRODUCT),
            class_name="brand-name",
        ),
        href=routes.OPEN,
        class_name="brand",
    )


def _customer() -> rx.Component:
    """Whose documents these are, to a reader who could see another's."""
    reader = ShellState.reader
    return rx.cond(
        reader.has_several & (reader.customer != ""),
        rx.el.a(
            rx.icon("users", aria_hidden="true"),
            rx.el.span(t("shell.customer"), " ", class_name="hide"),
            rx.el.span(reader.customer, class_name="brand-name"),
            href=routes.ACCOUNTS,
            class_name="acts-for",
            data_testid="acts-for",
        ),
    )


def _tabs(active: str) -> rx.Component:
    reader = ShellState.reader
    return rx.el.nav(
        _tab(reader.sees_documents, OPEN, active, routes.OPEN, "file-text", _count()),
        _tab(reader.sees_history, HISTORY, active, routes.HISTORY, "history"),
        _tab(reader.sees_analysis, ANALYSIS, active, routes.ANALYSIS, "chart-column"),
        class_name="tabs",
        aria_label=t("shell.tabs"),
    )


def _tab(
    granted: bool, tab: str, active: str, path: str, icon: str, *more: rx.Component
) -> rx.Component:
    here = tab == active
    # A page's own tab stands there before the server has said who reads.
    unknown = ShellState.reader.company == ""
    return rx.cond(
        granted | unknown if here else granted,
        rx.el.a(
            rx.icon(icon, aria_hidden="true"),
            rx.el.span(t(f"tab.{tab}")),
            *more,
            href=path,
            class_name="tab on" if here else "tab",
            custom_attrs={"aria-current": "page"} if here else {},
        ),
    )


def _count() -> rx.Component:
    return rx.cond(CountState.open, rx.el.span(CountState.open, class_name="count"))


def languages() -> rx.Component:
    return post_form(
        routes.POST_LANGUAGE,
        rx.el.input(type="hidden", name="back", value=ShellState.back),
        *(_language(language) for language in locales.COMPLETE),
        class_name="langs",
    )


def _language(language: str) -> rx.Component:
    return rx.el.button(
        rx.el.span(language[:2].upper(), aria_hidden="true"),
        rx.el.span(locales.text("language.name", language), class_name="hide"),
        type="submit",
        name="language",
        value=language,
        lang=locales.text("language.tag", language),
        aria_pressed=rx.cond(_reads(language), "true", "false"),
        class_name="lang",
    )


def _reads(language: str) -> rx.Var[bool]:
    """Who has a language that is not complete yet reads the default one."""
    if language != locales.DEFAULT:
        return rx.Var.create(LanguageState.language) == language
    others = [other for other in locales.COMPLETE if other != language]
    return ~rx.Var.create(others).contains(LanguageState.language)


def _reader() -> rx.Component:
    """The reader's menu opens and closes without a line of script: a native popover."""
    return rx.el.div(
        rx.el.button(
            rx.el.span(ShellState.reader.initials, class_name="ava", aria_hidden="true"),
            rx.el.span(t("shell.menu"), class_name="hide"),
            type="button",
            class_name="ava-link",
            custom_attrs={"popoverTarget": _MENU},
        ),
        rx.el.div(
            rx.el.div(
                rx.el.div(ShellState.reader.name, class_name="strong"),
                rx.cond(
                    ShellState.reader.has_several,
                    rx.el.div(ShellState.reader.customer, class_name="small muted"),
                ),
                class_name="menu-name",
            ),
            rx.cond(
                ShellState.reader.has_several,
                rx.el.a(
                    t("shell.switch"),
                    href=routes.ACCOUNTS,
                    class_name="menu-item",
                    data_testid="switch-account",
                ),
            ),
            rx.cond(
                ShellState.reader.has_account,
                rx.el.a(t("shell.account"), href=routes.ACCOUNT, class_name="menu-item"),
            ),
            sign_out_form("menu-item"),
            id=_MENU,
            class_name="menu",
            custom_attrs={"popover": "auto"},
        ),
    )
