"""Customers: their links, a large company of them, their books, what was done to whom."""

import sys
from typing import Annotated

import typer

from portal_app.cli.terminal import CompanySlug

commands = typer.Typer()
audit = typer.Typer(no_args_is_help=True, help="Prove the audit.")
ledger = typer.Typer(no_args_is_help=True, help="Prove balances and journal.")


@commands.command()
def link(
    company: Annotated[str, typer.Option(metavar="SLUG")],
    customer: Annotated[
        str | None, typer.Option(metavar="CODE", help="The customer's code or a contract's number.")
    ] = None,
    document: Annotated[
        list[str] | None, typer.Option(metavar="NUMBER", help="Only these, such as 'FT 2026/1841'.")
    ] = None,
    revoke: Annotated[
        str | None, typer.Option(metavar="LINK", help="Close this link instead of making one.")
    ] = None,
) -> None:
    """Print a signed portal link for a customer, or revoke one."""
    from portal_app import serve
    from portal_app.services import links

    serve.prepare_database()
    if revoke is not None:
        links.revoke(company, revoke.rpartition("/")[2])
        typer.echo("The link is closed, and so are the sessions it opened.")
    elif customer is not None:
        typer.echo(links.create(company, customer, document or ()))
    else:
        raise typer.BadParameter("--customer says whose link to make, --revoke which to close.")


@commands.command()
def seed(
    customers: Annotated[int, typer.Option(min=1)],
    documents: Annotated[int, typer.Option(min=1)],
    seed: Annotated[int, typer.Option(help="The same seed makes the same company.")] = 1,
) -> None:
    """Load a large, realistic, reproducible company for load work."""
    from portal_app import serve
    from portal_app.services import seed as large

    serve.migrate_database()
    typer.echo(large.load(customers, documents, seed))


@ledger.command("verify")
def verify_ledger() -> None:
    """Prove that balances are their entries' sums, that entries sum to zero, that no receipt is missing."""
    from portal_app import serve
    from portal_app.services import ledger as books

    serve.prepare_database()
    report = books.verify()
    typer.echo(f"{report.documents} documents, {report.entries} entries")
    if not report.ok:
        sys.exit(f"First wrong row: {report.first_wrong}")
    typer.echo(
        "Every balance is the sum of its entries; every entry sums to zero; no receipt is missing."
    )


@audit.command("verify")
def verify_audit() -> None:
    """Prove that no audit entry was changed, left out, put in or taken off the end."""
    from portal_app import serve
    from portal_app.services import audit as chain

    serve.prepare_database()
    verdict = chain.verify()
    typer.echo(f"{verdict.entries} entries")
    if verdict.first_wrong is not None:
        sys.exit(f"First wrong entry: {verdict.first_wrong}")
    for slug, number, beginning in verdict.heads:
        typer.echo(f"{slug}: {number} entries, the last is {beginning}…")
    typer.echo("Every entry is what was written, in its place, and the last one is sealed.")


@commands.command()
def security(
    company: CompanySlug,
    second_factor: Annotated[
        str | None,
        typer.Option(help="Of managers: required, optional, or by_mode (required in production)."),
    ] = None,
    remove_factor: Annotated[
        str | None,
        typer.Option(metavar="LOGIN", help="Who lost his: only his password signs in again."),
    ] = None,
) -> None:
    """Show whether a company's managers must have a second factor, or change it; or take one away."""
    from portal_app import serve
    from portal_app.services import security as rules

    if second_factor is not None and remove_factor is not None:
        raise typer.BadParameter(
            "--second-factor and --remove-factor are two things: one at a time."
        )
    serve.prepare_database()
    if remove_factor is not None:
        had_one = rules.remove_factor(company, remove_factor)
        typer.echo(
            "The second factor is removed and all sessions have ended; the password signs in alone."
            if had_one
            else "There was no second factor."
        )
        return
    rule = (
        rules.second_factor(company)
        if second_factor is None
        else rules.set_second_factor(company, second_factor)
    )
    typer.echo(f"second factor of managers: {rule}")
