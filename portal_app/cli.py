"""The terminal's door: each command calls one function and prints what it answered.

Services are imported inside the commands, so that none waits for another's libraries.
Whatever reads the database brings it up to date first, so that any command may be the first one.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Annotated, Final, Literal

import typer

from portal_app.domain.companies import Channel, Homologation, Overdue
from portal_app.domain.errors import PortalError
from portal_app.settings import ROOT, SettingsRefused, settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
boleto = typer.Typer(no_args_is_help=True, help="Check and draw published boleto examples.")
ledger = typer.Typer(no_args_is_help=True, help="Prove balances and journal.")
pix = typer.Typer(no_args_is_help=True, help="Look into Pix codes.")
carteira = typer.Typer(no_args_is_help=True, help="Register carteiras de cobrança.")
app.add_typer(boleto, name="boleto")
app.add_typer(ledger, name="ledger")
app.add_typer(pix, name="pix")
app.add_typer(carteira, name="carteira")

CompanySlug = Annotated[str, typer.Option("--company", metavar="SLUG", help="Whose it is.")]
ExamplesFile = Annotated[Path, typer.Argument(metavar="FILE.json", help="The examples.")]

_PASS_ON: Final = {"allow_extra_args": True, "ignore_unknown_options": True}
_MARKERS: Final = {
    "all": "browser or not browser",
    "unit": "not browser",
    "browser": "browser",
    "postgres": "postgres",
}


def main() -> None:
    """Run the command; a refusal is one sentence on the error stream and exit code 1."""
    signal.signal(signal.SIGTERM, _leave)
    try:
        app(prog_name="./portal")
    except PortalError as refusal:
        sys.exit(_words(refusal))
    except SettingsRefused as refusal:
        sys.exit(str(refusal))


@app.command()
def run(
    port: Annotated[int | None, typer.Option(help="Instead of PORTAL_PORT, else 8000.")] = None,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    workers: Annotated[int, typer.Option(min=1, help="More than one needs Redis.")] = 1,
) -> None:
    """Migrate, load the demo into an empty database, build what changed, serve it all."""
    from portal_app import build, serve

    if port is not None:
        os.environ["PORTAL_PORT"] = str(port)
        settings.cache_clear()
    if workers > 1 and not settings().redis_url:
        sys.exit("More than one worker needs PORTAL_REDIS_URL: they share people's screens there.")
    try:
        serve.ensure_free(host, settings().port)
        serve.prepare_database()
        if build.ready() is None:
            typer.echo("Building the page; the next start will not have to …")
        code = serve.serve(build.build(), host, workers, ready=_announce)
    except (build.BuildFailed, serve.NotServed) as failure:
        sys.exit(str(failure))
    raise typer.Exit(code)


@app.command("test", context_settings=_PASS_ON)
def run_tests(
    context: typer.Context,
    what: Annotated[Literal["all", "unit", "browser", "postgres"], typer.Argument()] = "all",
) -> None:
    """Run the tests, by default all of them after `check`. The rest of the line goes to pytest."""
    if what == "all" and _python("-m", "tests.check") != 0:
        sys.exit("./portal check failed: the tests were not run.")
    raise typer.Exit(_python("-m", "pytest", "-m", _MARKERS[what], *context.args))


@app.command()
def check() -> None:
    """Format, lint, types, import contracts, catalogs; migrations agree with models."""
    raise typer.Exit(_python("-m", "tests.check"))


@app.command(context_settings=_PASS_ON)
def bench(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="All of them if none is named.")] = None,
) -> None:
    """Measure: one JSON object a line."""
    known = sorted(
        file.stem.replace("_", "-")
        for file in (ROOT / "tests" / "bench").glob("[!_]*.py")
        if file.stem != "conftest"
    )
    if name is not None and name not in known:
        sys.exit(f"There is no bench {name}. There are: {', '.join(known)}.")
    for one in known if name is None else [name]:
        import_module(f"tests.bench.{one.replace('-', '_')}").main(context.args)


@app.command()
def migrate() -> None:
    """Bring the database up to date."""
    from portal_app import serve

    serve.migrate_database()


@app.command()
def worker() -> None:
    """Run only the background worker."""
    from portal_app import serve
    from portal_app.jobs import runner

    serve.prepare_database()
    runner.run_forever()


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="The ERP's or the bank's file.")],
    company: Annotated[str, typer.Option(metavar="SLUG", help="Whose documents they are.")],
    format: Annotated[  # noqa: A002  the option's name
        str | None, typer.Option(help="csv or cnab240; told from the content if left out.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report, change nothing.")] = False,
) -> None:
    """Take documents from a file; exit code 1 if any line was refused."""
    from portal_app import serve
    from portal_app.services import integration

    serve.prepare_database()
    report = integration.import_file(company, file, format, dry_run)
    typer.echo(f"{report.created} new, {report.updated} changed, {report.unchanged} unchanged")
    for warning in report.warnings:
        words = _words(_refusal(warning.code, warning.details))
        typer.echo(f"line {warning.line}: warning: {words}")
    for refused in report.refused:
        typer.echo(f"line {refused.line}: {_words(_refusal(refused.code, refused.details))}")
    typer.echo(f"{len(report.refused)} refused")
    raise typer.Exit(1 if report.refused else 0)


@app.command()
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
    from portal_app.services import access

    serve.prepare_database()
    if revoke is not None:
        access.revoke_link(company, revoke.rpartition("/")[2])
        typer.echo("The link is closed, and so are the sessions it opened.")
    elif customer is not None:
        typer.echo(access.create_link(company, customer, document or ()))
    else:
        raise typer.BadParameter("--customer says whose link to make, --revoke which to close.")


@app.command()
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
    _print(report.files)
    _print(f"not drawn: {left.id} ({left.reason})" for left in report.not_drawn)
    typer.echo(f"{report.drawn} drawn, {len(report.not_drawn)} not")


@ledger.command("verify")
def verify_ledger() -> None:
    """Prove that each balance is the sum of its entries and each entry sums to zero."""
    from portal_app import serve
    from portal_app.services import ledger as books

    serve.prepare_database()
    report = books.verify()
    typer.echo(f"{report.documents} documents, {report.entries} entries")
    if not report.ok:
        sys.exit(f"First wrong row: {report.first_wrong}")
    typer.echo("Every balance is the sum of its entries; every entry sums to zero.")


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
        _print(f"  {name}: {value}" for name, value in facts.items() if value not in ("", None, {}))
    _print(f"{fatura.name}: offers {', '.join(fatura.offers)}" for fatura in registry.faturas)


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


@pix.command("decode")
def decode_pix(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The code to copy, in quotes.")],
) -> None:
    """Print the fields of a BR Code; exit code 1 and the reason if it is none."""
    from portal_app.domain.pix import decode, described

    for depth, field, name in described(decode(text).fields):
        typer.echo(f"{'  ' * depth}{f'{field.id} {name}'.rstrip()}: {field.value}")


def _announce() -> None:
    from portal_app.services import demo

    typer.echo(f"\nEm Dia answers at {settings().public_url}")
    if settings().mode == "demo":
        _print(f"  {sign_in}" for sign_in in demo.SIGN_INS)
    typer.echo("Ctrl-C stops it.")
    sys.stdout.flush()


def _print(lines: Iterable[object]) -> None:
    for line in lines:
        typer.echo(line)


def _python(*arguments: str) -> int:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, check=False).returncode


def _refusal(code: str, details: Mapping[str, object]) -> PortalError:
    kinds = [PortalError]
    for kind in kinds:  # grows while it is walked: the whole tree
        kinds.extend(kind.__subclasses__())
    return next((kind for kind in kinds if kind.code == code), PortalError)(**details)


def _words(refusal: PortalError) -> str:
    """The refusal in the terminal's language, Portuguese or else English, with its stable code."""
    from portal_app import locales

    language = next((v for v in map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG")) if v), "")
    locale = "pt_BR" if language.startswith("pt") else "en"
    sentence = locales.refusal(refusal, locale)
    return sentence if refusal.code in sentence else f"{sentence} [{refusal.code}]"


def _leave(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(128 + signal.SIGTERM)
