"""A ring, or a bar, and a clock that run in the browser: no word from the server while they do.

The end is reckoned from the moment the server's answer arrived, in the browser's own time:
a wrong clock does not matter, and a tab that slept is right as soon as it wakes. A page that is
loaded again is first sent what was true before; the clock waits for what is true now.
"""

import reflex as rx
from reflex_base.utils.imports import ImportDict
from reflex_base.vars import VarData
from reflex_components_core.el.elements.base import BaseHTML

_CIRCLE = {"cx": "98", "cy": "98", "r": "84", "pathLength": "100"}


class Countdown(BaseHTML):
    """The element, and the effect that writes the time that is left into its clock."""

    tag = "div"

    left: rx.Var[int]
    whole: rx.Var[int]

    def _exclude_props(self) -> list[str]:
        return [*super()._exclude_props(), "left", "whole"]

    def add_imports(self) -> ImportDict:
        return {"react": "useEffect"}

    def add_hooks(self) -> list[str | rx.Var]:
        effect = rx.Var(
            f"""useEffect(() => {{
              const ring = document.getElementById({self.id!r});
              if (!ring || {self.left!s} < 0) return;
              const end = Date.now() + {self.left!s} * 1000;
              const show = () => {{
                const left = Math.max(0, Math.round((end - Date.now()) / 1000));
                ring.style.setProperty("--left", Math.min(1, left / Math.max(1, {self.whole!s})));
                const [days, hours, minutes] =
                  [left / 86400, (left / 3600) % 24, (left / 60) % 60].map(Math.floor);
                const two = (number) => String(number).padStart(2, "0");
                ring.querySelector("[data-clock]").textContent =
                  days ? days + " d " + hours + " h"
                  : hours ? hours + ":" + two(minutes) + ":" + two(left % 60)
                  : minutes + ":" + two(left % 60);
              }};
              show();
              const timer = setInterval(show, 1000);
              document.addEventListener("visibilitychange", show);
              return () => {{
                clearInterval(timer);
                document.removeEventListener("visibilitychange", show);
              }};
            }}, [{self.left!s}, {self.whole!s}]);""",
            _var_data=VarData.merge(self.left._get_all_var_data(), self.whole._get_all_var_data()),
        )
        return [effect]


def countdown(
    id: str,  # noqa: A002  the element's id
    left: int,
    whole: int,
    caption: str | rx.Var[str],
    testid: str,
) -> rx.Component:
    """`left` of `whole` seconds remain."""
    return Countdown.create(
        rx.el.svg(
            rx.el.circle(custom_attrs=_CIRCLE),
            rx.el.circle(custom_attrs=_CIRCLE),
            custom_attrs={"viewBox": "0 0 196 196", "aria-hidden": "true"},
        ),
        rx.el.div(
            rx.el.div("", class_name="clock", data_testid=testid, custom_attrs={"data-clock": ""}),
            rx.el.div(caption, class_name="small muted"),
            # The clock is not live for screen readers: it would speak each second.
            role="timer",
            aria_live="off",
        ),
        id=id,
        left=_as_of_now(left),
        whole=whole,
        class_name="ring",
    )


def countdown_bar(
    id: str,  # noqa: A002  the element's id
    left: int,
    whole: int,
    caption: str | rx.Var[str],
    testid: str,
) -> rx.Component:
    """The same on a line: `caption`, the clock, and a bar beneath that grows shorter."""
    return Countdown.create(
        rx.el.p(
            caption,
            " ",
            rx.el.span(
                "", class_name="strong num", data_testid=testid, custom_attrs={"data-clock": ""}
            ),
            role="timer",
            aria_live="off",
            class_name="small muted",
        ),
        rx.el.div(rx.el.div(), class_name="lapse-bar", aria_hidden="true"),
        id=id,
        left=_as_of_now(left),
        whole=whole,
        class_name="lapse",
    )


def _as_of_now(left: int) -> rx.Var[int]:
    """Less than nothing while the page is being loaded."""
    return rx.cond(rx.State.is_hydrated, left, -1)  # pyright: ignore[reportReturnType]
