"""What is said to whom no page and no form is open: a status and a sentence, in every language."""

from __future__ import annotations

from typing import Final

from starlette.responses import PlainTextResponse

from portal_app import locales

CLOSING: Final = {"Connection": "close"}


def refused(status: int, key: str, headers: dict[str, str], **values: object) -> PlainTextResponse:
    said = "\n".join(locales.text(key, each, **values) for each in locales.COMPLETE)
    return PlainTextResponse(f"{said}\n", status, {"Cache-Control": "no-store", **headers})
