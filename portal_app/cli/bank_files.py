"""Files of banks and ERPs, in and out."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from portal_app.cli.terminal import CompanySlug, refusal_of, words

if TYPE_CHECKING:
    from portal_app.services.integration import ImportReport
    from portal_app.services.retornos import RetornoReport

commands = typer.Typer()


@commands.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="The ERP's or the bank's file.")],
    company: CompanySlug,
    file_format: Annotated[
        str | None,
        typer.Option(
            "--format", help="csv, cnab240 or cnab400; told from the content if left out."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report, change nothing.")] = False,
) -> None:
    """Take documents, or a bank's retorno, from a file; exit code 1 if any line was refused."""
    from portal_app import serve
    from portal_app.services import integration

    serve.prepare_database()
    report = integration.import_file(company, file, file_format, dry_run)
    typer.echo(", ".join(_counts(report)))
    for warning in report.warnings:
        said = words(refusal_of(warning.code, warning.details))
        typer.echo(f"line {warning.line}: warning: {said}")
    for refused in report.refused:
        typer.echo(f"line {refused.line}: {words(refusal_of(refused.code, refused.details))}")
    typer.echo(f"{len(report.refused)} refused")
    raise typer.Exit(1 if report.refused else 0)


@commands.command()
def remessa(
    company: CompanySlug,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Else remessas/SLUG in the data folder.")
    ] = None,
    again: Annotated[
        int | None, typer.Option(metavar="N", help="Write the file of this number once more.")
    ] = None,
    carteira: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only the account of this carteira.")
    ] = None,
) -> None:
    """Write what waits to be said to banks by file, one file an account."""
    from portal_app import serve
    from portal_app.services import remessas

    serve.prepare_database()
    if again is not None:
        if carteira is None:
            raise typer.BadParameter("--again needs --carteira: each account counts its own files.")
        written = [remessas.write_again(company, carteira, again, out)]
    else:
        written = list(remessas.write_waiting(company, out, carteira))
    for each in written:
        typer.echo(f"{each.path}  file {each.sequence}, {each.instructions} instructions")
        if not each.same:
            typer.echo("  The account or the company has changed since: it is not the first file.")
        for left in each.left_out:
            typer.echo(f"  left out: {left.nosso_numero} ({left.reason})")
    if not written:
        typer.echo("Nothing waits to be sent.")


def _counts(report: "ImportReport | RetornoReport") -> Iterable[str]:
    from portal_app.services.retornos import RetornoReport

    if isinstance(report, RetornoReport):
        yield f"{report.new} new"
        yield from (f"{n} {outcome.replace('_', ' ')}" for outcome, n in report.outcomes.items())
        yield f"{report.known} known"
        if report.untaken:
            yield f"{report.untaken} read and not taken"
    else:
        yield f"{report.created} new"
        yield f"{report.updated} changed"
        yield f"{report.unchanged} unchanged"
