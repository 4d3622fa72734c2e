"""All commands together, and how they end."""

import signal
import sys
from types import FrameType

import typer

from portal_app.cli import bank_files, boletos, carteiras, customers, providers, running
from portal_app.cli.terminal import words
from portal_app.domain.errors import PortalError
from portal_app.settings import SettingsRefused

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
for commands in (running.commands, bank_files.commands, customers.commands):
    app.add_typer(commands)
app.add_typer(boletos.boleto, name="boleto")
app.add_typer(boletos.pix, name="pix")
app.add_typer(carteiras.carteira, name="carteira")
app.add_typer(providers.provider, name="provider")
app.add_typer(customers.ledger, name="ledger")
app.add_typer(customers.audit, name="audit")


def main() -> None:
    """Run the command; a refusal is one sentence on the error stream and exit code 1."""
    signal.signal(signal.SIGTERM, _leave)
    try:
        app(prog_name="./portal")
    except PortalError as refusal:
        sys.exit(words(refusal))
    except SettingsRefused as refusal:
        sys.exit(str(refusal))


def _leave(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(128 + signal.SIGTERM)
