"""The chart of the analysis. Alone in its module: no other page shall load the charts' library."""

from typing import Final

import reflex as rx

from portal_app.ui.components.form import Text

HEIGHT: Final = 252

# Amounts are shown as the server wrote them, which stand beside the heights in the data.
_AMOUNT: Final = rx.Var("(_, name, bar) => [bar.payload[`${bar.dataKey}_text`], name]")


def pair_of_bars(
    data: list[dict[str, str | int]], x: str, first: tuple[str, Text], second: tuple[str, Text]
) -> rx.Component:
    """Two bars for each of `data`; each series is its key and its name.

    `data` is a state's var. A series `k` draws `k` and says `k_text`.
    """
    return rx.recharts.bar_chart(
        rx.recharts.cartesian_grid(vertical=False, stroke="var(--line-2)"),
        rx.recharts.x_axis(
            data_key=x,
            axis_line=False,
            tick_line=False,
            interval="preserveStartEnd",
            tick={"fill": "var(--muted)", "fontSize": 12},
        ),
        rx.recharts.y_axis(hide=True),
        rx.recharts.graphing_tooltip(
            custom_attrs={"formatter": _AMOUNT},
            cursor={"fill": "var(--surface-2)"},
            content_style={
                "background": "var(--surface)",
                "borderColor": "var(--border)",
                "borderRadius": "var(--r2)",
            },
            item_style={"color": "var(--text)", "padding": 0},
            label_style={"color": "var(--muted)"},
            is_animation_active=False,
        ),
        _bars("first", *first),
        _bars("second", *second),
        data=data,
        width="100%",
        height=HEIGHT,
        bar_gap=3,
        margin={"top": 16, "right": 0, "bottom": 0, "left": 0},
        # A table beside it says the same; the picture itself is no place to step through.
        accessibility_layer=False,
    )


def _bars(series: str, key: str, name: Text) -> rx.Component:
    return rx.recharts.bar(
        data_key=key,
        name=name,  # pyright: ignore[reportArgumentType]  a sentence is a var of text
        fill=f"var(--chart-{series})",
        radius=[4, 4, 0, 0],
        max_bar_size=18,
        is_animation_active=False,
    )
