"""Boletos and Pix codes, looked at without a company."""

from pathlib import Path
from typing import Annotated

import typer

from portal_app.cli.terminal import print_lines

boleto = typer.Typer(no_args_is_help=True, help="Check and draw published boleto examples.")
pix = typer.Typer(no_args_is_help=True, help="Look into Pix codes.")

ExamplesFile = Annotated[Path, typer.Argument(metavar="FILE.json", help="The examples.")]


@boleto.command("verify")
def verify_boletos(file: ExamplesFile) -> None:
    """Compute each example; exit code 1 if any differs from what was published."""
    from portal_app.services import boleto_examples

    report = boleto_examples.verify(file)
    for failure in report.failures:
        typer.echo(f"{failure.id} {failure.key}")
        typer.echo(f"  expected {failure.expected}")
        typer.echo(f"  found    {failure.found}")
    if report.without_code:
        typer.echo(f"Without barcode or line: {', '.join(report.without_code)}")
    typer.echo(f"{report.passed} passed, {report.failed} failed")
    raise typer.Exit(1 if report.failed else 0)


@boleto.command("pdf")
def draw_boletos(
    file: ExamplesFile,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the PDFs go.")],
    merged: Annotated[
        bool, typer.Option("--merged", help="All in DIR/boletos.pdf instead of a file each.")
    ] = False,
    carne: Annotated[
        bool, typer.Option("--carne", help="All in DIR/carne.pdf, three a page, instead.")
    ] = False,
) -> None:
    """Draw each complete example that has amount and due date; list the others."""
    from portal_app.services import boleto_examples

    report = boleto_examples.draw(file, out, merged=merged, carne=carne)
    print_lines(report.files)
    print_lines(f"not drawn: {left.id} ({left.reason})" for left in report.not_drawn)
    typer.echo(f"{report.drawn} drawn, {len(report.not_drawn)} not")


@pix.command("decode")
def decode_pix(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The code to copy, in quotes.")],
) -> None:
    """Print the fields of a BR Code; exit code 1 and the reason if it is none."""
    from portal_app.domain.pix import decode, described

    for depth, field, name in described(decode(text).fields):
        typer.echo(f"{'  ' * depth}{f'{field.id} {name}'.rstrip()}: {field.value}")
