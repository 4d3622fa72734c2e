"""What commands share: how they print, whose company they are about."""

import os
from collections.abc import Iterable, Mapping
from typing import Annotated

import typer

from portal_app.domain.errors import PortalError

CompanySlug = Annotated[str, typer.Option("--company", metavar="SLUG", help="Whose it is.")]


def print_lines(lines: Iterable[object]) -> None:
    for line in lines:
        typer.echo(line)


def words(refusal: PortalError) -> str:
    """The refusal in the terminal's language, Portuguese or else English, with its stable code."""
    from portal_app import locales

    language = next((v for v in map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG")) if v), "")
    locale = "pt_BR" if language.startswith("pt") else "en"
    sentence = locales.refusal(refusal, locale)
    return sentence if refusal.code in sentence else f"{sentence} [{refusal.code}]"


def refusal_of(code: str, details: Mapping[str, object]) -> PortalError:
    """The refusal a report keeps by its code."""
    kinds = [PortalError]
    for kind in kinds:  # grows while it is walked: the whole tree
        kinds.extend(kind.__subclasses__())
    return next((kind for kind in kinds if kind.code == code), PortalError)(**details)
