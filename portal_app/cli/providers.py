"""What companies take at the payment provider, and money sent back."""

from typing import Annotated

import typer

from portal_app.cli.terminal import CompanySlug

provider = typer.Typer(no_args_is_help=True, help="Accounts at the payment provider.")


@provider.command("show")
def show_account(company: CompanySlug) -> None:
    """Show by which methods the company's customers can pay at the provider."""
    from portal_app import serve
    from portal_app.services import payment_accounts

    serve.prepare_database()
    shown = payment_accounts.operator_show(company)
    typer.echo(f"provider: {shown.provider}")
    typer.echo(f"account: {shown.account or '(the installation)'}")
    typer.echo(f"{shown.currency}: {', '.join(shown.methods) or 'nothing'}")


@provider.command("set")
def set_account(
    company: CompanySlug,
    method: Annotated[
        list[str], typer.Option("--method", help="card, pix, boleto, mb_way, multibanco.")
    ],
    currency: Annotated[str | None, typer.Option(help="If not the company's own.")] = None,
    account: Annotated[
        str | None, typer.Option(metavar="acct_…", help="A connected account; '' for our own.")
    ] = None,
) -> None:
    """Take these methods and no others."""
    from portal_app import serve
    from portal_app.services import payment_accounts

    serve.prepare_database()
    payment_accounts.operator_set(company, currency, method, account)
    typer.echo(f"{company} takes {', '.join(method)}.")


@provider.command("refund")
def refund_payment(
    payment: Annotated[str, typer.Argument(help="As in the address of its page.")],
    company: CompanySlug,
    amount: Annotated[str | None, typer.Option(help="A part, such as 12.50; else all.")] = None,
) -> None:
    """Send money back by the way it came. What it had paid is owed again."""
    from portal_app import serve
    from portal_app.services import refunds

    serve.prepare_database()
    refund = refunds.operator_refund(company, payment, amount)
    typer.echo(f"{refund.amount.decimal()} {refund.amount.currency}: {refund.status}")
