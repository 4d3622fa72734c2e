"""A word on a coloured ground; the colour repeats what the word says, never more."""

from typing import Final

import reflex as rx

RED: Final = "b-red"
AMBER: Final = "b-amber"
GRAY: Final = "b-gray"
BLUE: Final = "b-blue"
JADE: Final = "b-jade"


def status_badge(text: str | rx.Var[str], tone: str | rx.Var[str]) -> rx.Component:
    """`tone` is one of this module's constants."""
    return rx.el.span(text, class_name=f"badge {tone}")
