"""The frame of the company's own people: a side bar on a desk, a bar with a menu on a phone.

staff_shell(TASKS, rx.el.h1(…), …). A page is one line in ITEMS; it shows to whoever has its
permission.
"""

from dataclasses import dataclass
from typing import Final

import reflex as rx

from portal_app.domain.grants import StaffFeature
from portal_app.ui import routes
from portal_app.ui.components.form import sign_out_form
from portal_app.ui.components.notice import notice
from portal_app.ui.components.shell import PRODUCT, SkipLink, languages, shell
from portal_app.ui.shell import CountState, ShellState
from portal_app.ui.texts import t


@dataclass(frozen=True)
class Item:
    """A page in the side bar; its words are `staff.nav.NAME` in the catalogs."""

    name: str
    path: str
    icon: str
    permission: StaffFeature


CUSTOMERS: Final = "customers"
TASKS: Final = "tasks"
AUDIT: Final = "audit"
PRIVACY: Final = "privacy"
GRANTS: Final = "grants"
USERS: Final = "users"
ROLES: Final = "roles"
SECURITY: Final = "security"
NO_ITEM: Final = ""

ITEMS: Final = (
    Item(CUSTOMERS, routes.STAFF_CUSTOMERS, "contact", StaffFeature.FIND_CUSTOMERS),
    Item(TASKS, routes.STAFF, "inbox", StaffFeature.WORK_TASKS),
)
MANAGER_ITEMS: Final = (
    Item(GRANTS, routes.MANAGER_GRANTS, "sliders-horizontal", StaffFeature.MANAGE_GRANTS),
    Item(USERS, routes.MANAGER_USERS, "users", StaffFeature.MANAGE_USERS),
    Item(ROLES, routes.MANAGER_ROLES, "key-round", StaffFeature.MANAGE_USERS),
    Item(SECURITY, routes.MANAGER_SECURITY, "lock-keyhole", StaffFeature.CONFIGURE_SECURITY),
    Item(AUDIT, routes.STAFF_AUDIT, "scroll-text", StaffFeature.SEE_AUDIT),
    Item(PRIVACY, routes.STAFF_PRIVACY, "shield", StaffFeature.WORK_PRIVACY),
)

_NAV: Final = "staff-nav"


def staff_shell(active: str, *content: rx.Component) -> rx.Component:
    """A whole page of the company's own people. `active` is one of this module's constants."""
    return rx.el.div(
        SkipLink.create(t("shell.skip"), href="#content", class_name="skip"),
        rx.el.header(_brand(), _menu_button(), class_name="staff-top"),
        rx.el.aside(
            _brand(),
            _nav(active),
            rx.el.div(class_name="sp"),
            _reader(),
            id=_NAV,
            class_name="staff-side",
            aria_label=t("staff.nav.open"),
            custom_attrs={"popover": "auto"},
        ),
        rx.el.div(
            notice(),
            rx.el.main(*content, id="content", tab_index=-1, class_name="staff-main"),
            class_name="staff-body",
        ),
        lang=t("language.tag"),
        class_name="staff",
        style={"--company": rx.cond(ShellState.reader.accent, ShellState.reader.accent, "#1d3b31")},
    )


def shared_shell(*content: rx.Component) -> rx.Component:
    """A page that customers and staff have alike, in the frame of whoever reads it."""
    return rx.cond(
        ShellState.reader.is_staff,
        staff_shell(NO_ITEM, *content),
        shell(NO_ITEM, *content, narrow=True),
    )


def _brand() -> rx.Component:
    name = rx.cond(ShellState.reader.company, ShellState.reader.company, PRODUCT)
    return rx.el.a(
        rx.el.span(ShellState.reader.initial, class_name="logo", aria_hidden="true"),
        rx.el.span(name, class_name="brand-name"),
        href=routes.STAFF,
        class_name="brand",
    )


def _menu_button() -> rx.Component:
    """Opens the side bar over the page, without a line of script: a native popover."""
    return rx.el.button(
        rx.icon("menu", aria_hidden="true"),
        rx.el.span(t("staff.nav.open"), class_name="hide"),
        type="button",
        class_name="icon staff-open",
        custom_attrs={"popoverTarget": _NAV},
    )


def _nav(active: str) -> rx.Component:
    return rx.el.nav(
        *(_item(item, active) for item in ITEMS),
        *(
            [
                rx.cond(
                    _any_of(MANAGER_ITEMS),
                    rx.el.div(t("staff.nav.manager"), class_name="small muted staff-part"),
                )
            ]
            if MANAGER_ITEMS
            else []
        ),
        *(_item(item, active) for item in MANAGER_ITEMS),
        class_name="staff-nav",
        aria_label=t("shell.tabs"),
    )


def _item(item: Item, active: str) -> rx.Component:
    here = item.name == active
    # A page's own item stands there before the server has said who reads.
    return rx.cond(
        _may(item) | here,
        rx.el.a(
            rx.icon(item.icon, aria_hidden="true"),
            rx.el.span(t(f"staff.nav.{item.name}")),
            *([_count()] if item.name == TASKS else []),
            href=item.path,
            class_name="staff-item on" if here else "staff-item",
            custom_attrs={"aria-current": "page"} if here else {},
        ),
    )


def _may(item: Item) -> rx.Var[bool]:
    return ShellState.reader.permissions.contains(item.permission.value)  # pyright: ignore[reportAttributeAccessIssue]


def _any_of(items: tuple[Item, ...]) -> rx.Var[bool]:
    first, *others = map(_may, items)
    for other in others:
        first = first | other
    return first


def _count() -> rx.Component:
    return rx.cond(CountState.open, rx.el.span(CountState.open, class_name="count"))


def _reader() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.span(ShellState.reader.initials, class_name="ava", aria_hidden="true"),
            rx.el.span(ShellState.reader.name, class_name="staff-name"),
            class_name="row",
        ),
        rx.cond(
            ShellState.reader.has_account,
            rx.el.a(t("shell.account"), href=routes.ACCOUNT, class_name="staff-item"),
        ),
        languages(),
        sign_out_form("staff-item"),
        class_name="staff-reader",
    )
