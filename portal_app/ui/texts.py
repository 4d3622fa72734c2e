"""Every sentence people read, from the catalogs.

`t` says a fixed sentence on a page: all languages are compiled into the page and the
reader's picks one, so a sentence never travels again. An unknown key fails the build.
`say` says one with values, in a handler, for the present reader.
"""

from typing import Final

import reflex as rx

from portal_app import locales
from portal_app.domain.errors import PortalError
from portal_app.services.rules import ANYBODY
from portal_app.ui import session

UNEXPECTED: Final = "UNEXPECTED"


@session.opens_to(ANYBODY)
class LanguageState(rx.State):
    """The reader's language; each page's loading sets it."""

    language: str = locales.DEFAULT

    @rx.event
    async def load(self) -> None:
        self.language = session.locale()


def t(key: str) -> rx.Var[str]:
    """The sentence of a key in the reader's language, as a variable of the page."""
    default = locales.text(key, locales.DEFAULT)
    others = [
        (language, locales.text(key, language))
        for language in locales.COMPLETE
        if language != locales.DEFAULT
    ]
    if all(sentence == default for _, sentence in others):
        return rx.Var.create(default)
    return rx.match(LanguageState.language, *others, default)  # pyright: ignore[reportReturnType]


def say(key: str, **values: object) -> str:
    """The sentence of a key for the present reader, with its values."""
    return locales.text(key, session.locale(), **values)


def say_many(key: str, count: int, **values: object) -> str:
    """The sentence of a key for a number of things."""
    return locales.plural(key, count, session.locale(), **values)


def refusal(error: PortalError) -> str:
    """Why something was refused, for the present reader."""
    return locales.refusal(error, session.locale())


def why(error: PortalError | None) -> tuple[str, str]:
    """Why something did not happen, with its code; None is a defect the log knows more about."""
    return (refusal(error), error.code) if error else (say(UNEXPECTED), UNEXPECTED)
