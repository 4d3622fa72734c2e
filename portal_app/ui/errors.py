"""Refusal → notice. `show_refusal` is installed once as Reflex's backend exception handler."""

import logging
from collections.abc import Mapping
from typing import Final, cast

import reflex as rx
from reflex.event import EventSpec

from portal_app.domain.errors import NotFound, NotGranted, PortalError
from portal_app.domain.money import Money
from portal_app.services.rules import ANYBODY
from portal_app.ui import formats, session
from portal_app.ui.texts import UNEXPECTED, why

_LONGEST_FACT: Final = 200
_log = logging.getLogger(__name__)


@session.opens_to(ANYBODY)
class NoticeState(rx.State):
    """The one notice a page shows, until it is closed or another comes."""

    text: str = ""
    code: str = ""

    @rx.event
    async def close(self) -> None:
        self._clear()

    @rx.event
    async def refuse(self, code: str, facts: dict[str, str]) -> None:
        """Say a refusal by its code; what the portal did not refuse is 'unexpected'.

        Called with what the visitor likes, it only ever says one of our own sentences to him.
        """
        self._show(refusal_of(code, facts))

    def _clear(self) -> None:
        if self.text:
            self.text = self.code = ""

    def _show(self, error: PortalError | None) -> None:
        """Say a refusal; None is a defect that the log knows more about."""
        self.text, self.code = why(error)


def show_refusal(exception: Exception) -> EventSpec:
    """Turn what a handler raised into a notice. Anything but a refusal is a defect, for the log."""
    if isinstance(exception, NotGranted):
        # What is not granted looks as if it did not exist.
        exception = NotFound()
    if isinstance(exception, PortalError):
        return cast("EventSpec", NoticeState.refuse(exception.code, _plain(exception.details)))
    _log.error("an event failed", exc_info=exception)
    return cast("EventSpec", NoticeState.refuse(UNEXPECTED, {}))


def refusal_of(code: str, facts: Mapping[str, str]) -> PortalError | None:
    """The refusal of a code that travelled without its object; None if there is no such code."""
    found = next((each for each in _classes(PortalError) if each.code == code), None)
    return found(**_plain(facts)) if found else None


def _classes(root: type[PortalError]) -> list[type[PortalError]]:
    return [root, *(each for child in root.__subclasses__() for each in _classes(child))]


def _plain(facts: Mapping[str, object]) -> dict[str, str]:
    return {str(name): _words(value) for name, value in facts.items() if value is not None}


def _words(fact: object) -> str:
    if isinstance(fact, Money):
        return formats.money(fact)
    if isinstance(fact, list | tuple):
        return ", ".join(map(_words, fact))[:_LONGEST_FACT]
    return str(fact)[:_LONGEST_FACT]
