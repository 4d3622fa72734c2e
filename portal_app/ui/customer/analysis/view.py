"""The analysis: four figures, the last purchase, the age of what is open, twelve months."""

import reflex as rx

from portal_app.domain.analysis import Span
from portal_app.ui.components.charts import pair_of_bars
from portal_app.ui.components.contact import contact_line
from portal_app.ui.components.date_range import date_range
from portal_app.ui.components.dialog import close_button, dialog
from portal_app.ui.components.empty import could_not_load, not_enabled
from portal_app.ui.components.shell import ANALYSIS, shell
from portal_app.ui.customer.analysis.state import (
    BAR_WIDTH,
    AnalysisState,
    Band,
    BehindLine,
    BehindState,
    FigureShown,
    PanelShown,
)
from portal_app.ui.shell import ShellState
from portal_app.ui.texts import LanguageState, t

_SPANS = (Span.MONTH, Span.LAST_MONTH, Span.QUARTER, Span.YEAR)


def add_to(app: rx.App, route: str) -> None:
    app.add_page(
        page,
        route=route,
        title=t("analysis.title.page"),
        on_load=[LanguageState.load, ShellState.load, AnalysisState.load],
    )


def page() -> rx.Component:
    return shell(
        ANALYSIS,
        rx.el.div(
            rx.el.div(
                rx.el.h1(t("analysis.title")),
                rx.el.p(
                    AnalysisState.period,
                    class_name="sub period-line",
                    role="status",
                    data_testid="analysis-period",
                ),
            ),
            _spans(),
            class_name="head",
        ),
        rx.cond(
            AnalysisState.is_typing,
            date_range(AnalysisState.typed, AnalysisState.choose_period, "analysis"),
        ),
        rx.fragment(
            rx.match(
                AnalysisState.status,
                ("loading", _loading()),
                ("ready", rx.foreach(AnalysisState.panels, _panel)),
                ("not_granted", rx.el.div(not_enabled(contact_line()), class_name="card mt2")),
                rx.el.div(could_not_load(AnalysisState.load), class_name="card mt2"),
            )
        ),
        _behind(),
    )


def _spans() -> rx.Component:
    return rx.el.div(
        *(
            rx.el.button(
                t(f"analysis.span.{span}"),
                type="button",
                on_click=AnalysisState.choose_span(span.value),
                aria_pressed=rx.cond(AnalysisState.chip == span.value, "true", "false"),
                class_name="chip",
                data_span=span.value,
            )
            for span in _SPANS
        ),
        rx.el.button(
            t("analysis.span.custom"),
            type="button",
            on_click=AnalysisState.type_period,
            aria_pressed=rx.cond(AnalysisState.chip == Span.CUSTOM.value, "true", "false"),
            aria_expanded=rx.cond(AnalysisState.is_typing, "true", "false"),
            class_name="chip",
            data_span=Span.CUSTOM.value,
        ),
        class_name="chips",
        role="group",
        aria_label=t("analysis.spans"),
    )


def _panel(panel: PanelShown) -> rx.Component:
    return rx.el.section(
        rx.cond(
            AnalysisState.has_currencies,
            rx.el.h2(t("analysis.currency"), " ", panel.currency, class_name="mt3"),
        ),
        rx.el.div(
            _figure("purchased", panel.purchased, panel.currency),
            _figure("paid", panel.paid, panel.currency),
            _figure("coming_due", panel.coming_due, panel.currency),
            _figure("overdue", panel.overdue, panel.currency),
            class_name="kpis",
        ),
        rx.el.div(_months(panel), _side(panel), class_name="grid"),
        key=panel.currency,
        data_currency=panel.currency,
    )


def _figure(name: str, figure: FigureShown, currency: str) -> rx.Component:
    """A figure; it opens the rows behind it, if there are any."""
    return rx.el.button(
        rx.el.span(t(f"analysis.{name}"), class_name="muted"),
        rx.el.b(
            figure.amount,
            class_name=f"num fig-{name}",
            data_testid=f"analysis-{name.replace('_', '-')}",
        ),
        rx.el.span(figure.note, class_name="small muted"),
        type="button",
        on_click=BehindState.open(name, currency),
        disabled=figure.is_empty,
        class_name="card kpi",
    )


def _months(panel: PanelShown) -> rx.Component:
    return rx.el.section(
        rx.el.h2(t("analysis.chart"), class_name="h3"),
        rx.el.p(t("analysis.chart.months"), class_name="small muted"),
        rx.el.div(
            pair_of_bars(
                panel.months,
                "month",
                ("purchased", t("analysis.chart.purchased")),
                ("paid", t("analysis.chart.paid")),
            ),
            class_name="chart",
            role="img",
            aria_label=t("analysis.chart.label"),
        ),
        rx.el.div(
            rx.el.span(rx.el.span(class_name="swatch first"), t("analysis.chart.purchased")),
            rx.el.span(rx.el.span(class_name="swatch second"), t("analysis.chart.paid")),
            class_name="legend small muted",
            aria_hidden="true",
        ),
        rx.el.details(
            rx.el.summary(t("analysis.chart.table")),
            rx.el.table(
                rx.el.caption(t("analysis.chart"), class_name="hide"),
                rx.el.thead(
                    rx.el.tr(
                        rx.el.th(t("analysis.chart.month"), scope="col"),
                        rx.el.th(t("analysis.chart.purchased"), scope="col", class_name="r"),
                        rx.el.th(t("analysis.chart.paid"), scope="col", class_name="r"),
                    )
                ),
                rx.el.tbody(rx.foreach(panel.months, _month)),
                class_name="table tight",
            ),
            class_name="more",
        ),
        class_name="card pad",
    )


def _month(month: dict[str, str | int]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(month["long"], scope="row"),
        rx.el.td(month["purchased_text"], class_name="num r"),
        rx.el.td(month["paid_text"], class_name="num r"),
    )


def _side(panel: PanelShown) -> rx.Component:
    return rx.el.section(
        rx.el.h2(t("analysis.last"), class_name="h3"),
        rx.el.div(
            panel.last_amount, class_name="total num recent", data_testid="analysis-last-amount"
        ),
        rx.el.p(
            rx.el.span(panel.last_day, data_testid="analysis-last-date"),
            rx.cond(panel.last_number, f" · {panel.last_number}", ""),
            class_name="muted",
        ),
        rx.el.hr(class_name="sep"),
        rx.el.h2(t("analysis.ageing"), class_name="h3"),
        rx.el.dl(rx.foreach(panel.bands, _band)),
        rx.el.svg(
            rx.foreach(panel.bands, _band_bar),
            view_box=f"0 0 {BAR_WIDTH} 8",
            preserve_aspect_ratio="none",
            class_name="ages",
            aria_hidden="true",
        ),
        class_name="card pad",
    )


def _band(band: Band) -> rx.Component:
    return rx.el.div(
        rx.el.dt(rx.el.span(class_name=f"dot age-{band.name}"), band.label, class_name="muted"),
        rx.el.dd(band.amount, class_name="num strong"),
        class_name="line",
    )


def _band_bar(band: Band) -> rx.Component:
    return rx.el.svg.rect(x=band.x, y=0, width=band.width, height=8, class_name=f"age-{band.name}")


def _loading() -> rx.Component:
    """The shape of the figures to come."""
    figure = rx.el.div(
        rx.el.div(class_name="skeleton"),
        rx.el.div(class_name="skeleton tall"),
        class_name="card kpi",
    )
    return rx.el.div(
        rx.el.span(t("loading"), class_name="hide"),
        rx.el.div(figure, figure, figure, figure, class_name="kpis"),
        rx.el.div(
            rx.el.div(rx.el.div(class_name="skeleton chart"), class_name="card pad"),
            rx.el.div(rx.el.div(class_name="skeleton chart"), class_name="card pad"),
            class_name="grid",
        ),
        role="status",
    )


def _behind() -> rx.Component:
    return dialog(
        "behind",
        BehindState.title,
        rx.el.p(BehindState.period, class_name="muted"),
        rx.el.ul(rx.foreach(BehindState.rows, _behind_line), class_name="behind"),
        rx.el.div(
            rx.el.span(t("analysis.behind.sum"), class_name="strong"),
            rx.el.b(BehindState.sum, class_name="num", data_testid="analysis-behind-sum"),
            class_name="line sum-line",
        ),
        close_button(t("dialog.close")),
        shown=BehindState.is_open,  # pyright: ignore[reportArgumentType]
        on_close=BehindState.close,
    )


def _behind_line(line: BehindLine) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.cond(
                line.href,
                rx.el.a(line.label, href=line.href, class_name="strong"),
                rx.el.span(line.label, class_name="strong"),
            ),
            rx.el.div(line.day, class_name="small muted num"),
        ),
        rx.el.span(line.amount, class_name="num"),
        class_name="line",
        data_testid="analysis-behind-row",
    )
