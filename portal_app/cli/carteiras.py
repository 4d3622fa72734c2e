"""The registry of carteiras de cobrança."""

from dataclasses import asdict
from typing import Annotated

import typer

from portal_app.cli.terminal import CompanySlug, print_lines
from portal_app.domain.companies import Channel, Homologation, Overdue

carteira = typer.Typer(no_args_is_help=True, help="Register carteiras de cobrança.")


@carteira.command("list")
def list_carteiras(company: CompanySlug) -> None:
    """Show the company's carteiras: accounts, terms, next numbers; and what its faturas offer."""
    from portal_app import serve
    from portal_app.services import carteiras

    serve.prepare_database()
    registry = carteiras.operator_registry(company)
    for stored in registry.at_banks:
        typer.echo(stored.facts.name)
        facts = asdict(stored.facts) | {
            "next_number": stored.next_number,
            "next_file": stored.next_file,
        }
        print_lines(
            f"  {name}: {value}" for name, value in facts.items() if value not in ("", None, {})
        )
    print_lines(f"{fatura.name}: offers {', '.join(fatura.offers)}" for fatura in registry.faturas)


@carteira.command("set")
def set_carteira(  # noqa: PLR0913  each is an option of the command
    name: Annotated[str, typer.Argument(help="Its name; one that is there is changed.")],
    company: CompanySlug,
    bank: Annotated[str | None, typer.Option(help="The bank's number, such as 237.")] = None,
    agencia: Annotated[str | None, typer.Option()] = None,
    agencia_dv: Annotated[str | None, typer.Option()] = None,
    conta: Annotated[str | None, typer.Option()] = None,
    conta_dv: Annotated[str | None, typer.Option()] = None,
    convenio: Annotated[str | None, typer.Option()] = None,
    code: Annotated[str | None, typer.Option("--carteira", help="Its code at the bank.")] = None,
    modalidade: Annotated[str | None, typer.Option()] = None,
    contract: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="What only some banks ask: posto=05, produto=2 …"),
    ] = None,
    channel: Annotated[
        Channel | None, typer.Option(help="How the bank is reached.", case_sensitive=False)
    ] = None,
    credentials: Annotated[str | None, typer.Option(help="Name of its file of secrets.")] = None,
    confirms: Annotated[
        bool | None, typer.Option("--confirms/--silent", help="Whether it answers a registration.")
    ] = None,
    wait_minutes: Annotated[int | None, typer.Option(help="Until a boleto may be paid.")] = None,
    days_to_pay: Annotated[int | None, typer.Option(help="Where all is overdue already.")] = None,
    fine: Annotated[str | None, typer.Option(metavar="PERCENT", help="Once, when late.")] = None,
    interest: Annotated[str | None, typer.Option(metavar="PERCENT", help="A month.")] = None,
    discount: Annotated[str | None, typer.Option(metavar="PERCENT", help="If paid early.")] = None,
    discount_days: Annotated[int | None, typer.Option(help="How early.")] = None,
    write_off_days: Annotated[
        int | None, typer.Option(help="Past due, until the bank gives a title up.")
    ] = None,
    overdue: Annotated[
        Overdue | None, typer.Option(help="What becomes of an overdue boleto.")
    ] = None,
    homologation: Annotated[
        Homologation | None, typer.Option(help="'approved' once its bank said so.")
    ] = None,
    wants_pix: Annotated[bool | None, typer.Option("--pix/--no-pix")] = None,
    active: Annotated[bool | None, typer.Option("--active/--inactive")] = None,
    next_number: Annotated[int | None, typer.Option(help="Where to go on numbering.")] = None,
) -> None:
    """Register a carteira at a bank, or change what is given of one."""
    from portal_app import serve
    from portal_app.domain.carteiras import basis_points
    from portal_app.services import carteiras

    given: dict[str, object] = {
        "bank": bank,
        "agencia": agencia,
        "agencia_dv": agencia_dv,
        "conta": conta,
        "conta_dv": conta_dv,
        "convenio": convenio,
        "carteira": code,
        "modalidade": modalidade,
        "contract": _pairs(contract) if contract else None,
        "channel": channel,
        "credentials": credentials,
        "confirms": confirms,
        "wait_minutes": wait_minutes,
        "days_to_pay": days_to_pay,
        "fine_bp": None if fine is None else basis_points(fine, "fine"),
        "interest_bp": None if interest is None else basis_points(interest, "interest"),
        "discount_bp": None if discount is None else basis_points(discount, "discount"),
        "discount_days": discount_days,
        "write_off_days": write_off_days,
        "overdue": overdue,
        "homologation": homologation,
        "wants_pix": wants_pix,
        "active": active,
    }
    serve.prepare_database()
    told = {key: value for key, value in given.items() if value is not None}
    carteiras.operator_save(company, name, told, next_number)
    typer.echo(f"{name} is registered.")


@carteira.command("offer")
def offer_carteiras(
    name: Annotated[str, typer.Argument(help="The carteira that lets the customer choose.")],
    company: CompanySlug,
    bank: Annotated[list[str], typer.Option("--bank", metavar="NAME", help="In this order.")],
    default: Annotated[
        bool, typer.Option("--default", help="Also for contracts without a carteira.")
    ] = False,
) -> None:
    """Let customers choose among carteiras at banks: the type Fatura."""
    from portal_app import serve
    from portal_app.services import carteiras

    serve.prepare_database()
    carteiras.operator_save_fatura(company, name, bank, default=default)
    typer.echo(f"{name} offers {', '.join(bank)}.")


@carteira.command("tie")
def tie_contract(
    contract: Annotated[str, typer.Argument(help="The contract's number.")],
    company: CompanySlug,
    name: Annotated[str, typer.Option("--carteira", metavar="NAME")],
) -> None:
    """Collect a contract by a carteira."""
    from portal_app import serve
    from portal_app.services import carteiras

    serve.prepare_database()
    carteiras.operator_tie(company, contract, name)
    typer.echo(f"Contract {contract} is collected by {name}.")


@carteira.command("webhook")
def carteira_webhook(
    name: Annotated[str, typer.Argument(help="A carteira of the account.")], company: CompanySlug
) -> None:
    """Print the address the account's bank shall call; the one before it stops working."""
    from portal_app import serve
    from portal_app.services import carteiras

    serve.prepare_database()
    typer.echo(carteiras.operator_webhook(company, name))


def _pairs(told: list[str]) -> dict[str, str]:
    """'posto=05' …; a word without '=' says nothing."""
    pairs = [word.partition("=") for word in told]
    if not all(sign for _, sign, _ in pairs):
        raise typer.BadParameter("--contract takes NAME=VALUE, such as posto=05.")
    return {name: value for name, _, value in pairs}
