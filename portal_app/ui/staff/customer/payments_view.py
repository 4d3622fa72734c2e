"""A customer's payments as staff see them, with the dialog to send one back."""

import reflex as rx

from portal_app.domain.refunds import LONGEST_REASON
from portal_app.ui.components.dialog import close_button, dialog
from portal_app.ui.components.empty import could_not_load, loading_rows
from portal_app.ui.components.form import field, refused
from portal_app.ui.components.status_badge import status_badge
from portal_app.ui.components.table import pager
from portal_app.ui.staff.customer.payments_state import TABLE, PaidLine, PaidState, RefundState
from portal_app.ui.texts import t


def payments_card() -> rx.Component:
    """Nothing for whoever may not see a customer: the page says so itself."""
    return rx.cond(
        PaidState.status != "not_granted",
        rx.el.section(
            rx.el.div(
                rx.el.div(
                    rx.el.h2(t("refunds.title")),
                    rx.el.p(t("refunds.sub"), class_name="small muted"),
                ),
                class_name="head part-head",
            ),
            rx.el.p(
                PaidState.said,
                class_name="small muted said",
                role="status",
                data_testid="refund-said",
            ),
            rx.match(
                PaidState.status,
                ("loading", loading_rows(3)),
                ("ready", _list()),
                could_not_load(PaidState.load),
            ),
            _dialog(),
            class_name="card mt2",
            data_testid="payments",
        ),
    )


def _list() -> rx.Component:
    return rx.cond(
        PaidState.rows,
        rx.fragment(
            rx.el.table(
                rx.el.caption(t("refunds.title"), class_name="hide"),
                rx.el.thead(
                    rx.el.tr(
                        rx.el.th(t("refunds.day"), scope="col"),
                        rx.el.th(t("refunds.documents"), scope="col"),
                        rx.el.th(t("people.state"), scope="col"),
                        rx.el.th(t("refunds.amount"), scope="col", class_name="r"),
                        rx.el.th(rx.el.span(t("staff.actions"), class_name="hide"), scope="col"),
                    )
                ),
                rx.el.tbody(rx.foreach(PaidState.rows, _row)),
                class_name="table lines",
                id=TABLE,
                tab_index=-1,
            ),
            pager(
                PaidState.where,
                PaidState.has_previous,
                PaidState.has_next,
                PaidState.newer,
                PaidState.older,
            ),
        ),
        rx.el.p(t("refunds.none"), class_name="muted part-empty"),
    )


def _row(paid: PaidLine) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            paid.day,
            rx.el.span(" · ", paid.method, class_name="muted small"),
            class_name="num l-what",
        ),
        rx.el.td(paid.documents, class_name="l-more"),
        rx.el.td(
            status_badge(paid.state, paid.tone),
            rx.cond(paid.news, rx.el.span(paid.news, class_name="small muted block-line")),
            class_name="l-wide",
        ),
        rx.el.td(paid.amount, class_name="num r strong l-amount"),
        rx.el.td(
            rx.cond(
                paid.can,
                rx.el.button(
                    t("refunds.open"),
                    rx.el.span(": ", paid.day, ", ", paid.amount, class_name="hide"),
                    type="button",
                    on_click=RefundState.choose(paid.id),
                    class_name="btn s sm nowrap",
                    data_testid="refund-open",
                ),
            ),
            class_name="l-do",
        ),
        key=paid.id,
        data_testid="payment-row",
    )


def _dialog() -> rx.Component:
    asked, wrong = RefundState.asked, RefundState.wrong
    return dialog(
        "refund",
        t("refunds.dialog"),
        rx.el.p(asked.by, class_name="muted"),
        rx.el.dl(
            _fact("refunds.came", asked.came),
            rx.cond(asked.gone, _fact("refunds.back", asked.gone)),
            _fact("refunds.left", asked.left),
            class_name="facts mt",
        ),
        rx.el.form(
            field(t("refunds.part"), _part(), _hint("refund-part", asked.hint), _say_part()),
            field(
                t("refunds.reason"),
                _reason(),
                _hint("refund-reason", t("refunds.reason.hint")),
                _say_reason(),
            ),
            rx.el.p(t("refunds.owed"), class_name="note"),
            refused(wrong.text, wrong.code, role="alert", data_testid="refund-wrong"),
            rx.el.div(
                close_button(t("refunds.back_out")),
                rx.el.button(
                    rx.cond(RefundState.give, RefundState.give, t("refunds.open")),
                    type="submit",
                    class_name="btn p w lg nowrap",
                    data_testid="refund-send",
                ),
                class_name="pair",
            ),
            on_submit=RefundState.send,
            # Another payment, or another sum left of it, is another form.
            key=f"refund-{RefundState.version}",
            class_name="form mt2",
            custom_attrs={"noValidate": True},
        ),
        shown=RefundState.shown,
        on_close=RefundState.close,
    )


def _fact(key: str, value: str) -> rx.Component:
    return rx.el.div(rx.el.dt(t(key)), rx.el.dd(value, class_name="num"))


def _part() -> rx.Component:
    return rx.el.input(
        id="refund-part",
        name="part",
        default_value=RefundState.asked.part,
        on_change=RefundState.weigh,
        input_mode="decimal",
        auto_complete="off",
        max_length=20,
        class_name="input num",
        aria_describedby="refund-part-hint refund-part-wrong",
        aria_invalid=rx.cond(RefundState.wrong.part, "true", "false"),
        data_testid="refund-part",
    )


def _reason() -> rx.Component:
    return rx.el.input(
        id="refund-reason",
        name="reason",
        auto_complete="off",
        max_length=LONGEST_REASON,
        class_name="input",
        aria_describedby="refund-reason-hint refund-reason-wrong",
        aria_invalid=rx.cond(RefundState.wrong.reason, "true", "false"),
        data_testid="refund-reason",
    )


def _hint(of: str, text: str | rx.Var[str]) -> rx.Component:
    return rx.el.p(text, id=f"{of}-hint", class_name="hint")


def _say_part() -> rx.Component:
    wrong = RefundState.wrong
    return refused(
        wrong.part,
        wrong.code,
        id="refund-part-wrong",
        role="alert",
        data_testid="refund-part-wrong",
    )


def _say_reason() -> rx.Component:
    wrong = RefundState.wrong
    return refused(
        wrong.reason,
        wrong.code,
        id="refund-reason-wrong",
        role="alert",
        data_testid="refund-reason-wrong",
    )
