"""Run it, test it, measure it, try to break it."""

import os
import subprocess
import sys
from importlib import import_module
from typing import Annotated, Final, Literal

import typer

from portal_app.cli.terminal import print_lines
from portal_app.settings import ROOT, settings

commands = typer.Typer()

_PASS_ON: Final = {"allow_extra_args": True, "ignore_unknown_options": True}
_MARKERS: Final = {
    "all": "browser or not browser",
    "unit": "not browser",
    "browser": "browser",
    "postgres": "postgres",
}
# A process for each core, in the order of tests/conftest.py; `-n 0` for one after another.
_SIDE_BY_SIDE: Final = (
    *("-n", "auto", "--maxprocesses", "4"),
    *("--dist", "loadscope", "--no-loadscope-reorder"),
)


@commands.command()
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


@commands.command("test", context_settings=_PASS_ON)
def run_tests(
    context: typer.Context,
    what: Annotated[Literal["all", "unit", "browser", "postgres"], typer.Argument()] = "all",
) -> None:
    """Run the tests, by default all of them after `check`. The rest of the line goes to pytest."""
    if what == "all" and _python("-m", "tests.check") != 0:
        sys.exit("./portal check failed: the tests were not run.")
    raise typer.Exit(_python("-m", "pytest", "-m", _MARKERS[what], *_SIDE_BY_SIDE, *context.args))


@commands.command()
def check() -> None:
    """Format, lint, types, import contracts, catalogs; migrations agree with models."""
    raise typer.Exit(_python("-m", "tests.check"))


@commands.command(context_settings=_PASS_ON)
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


@commands.command(context_settings=_PASS_ON)
def prove(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="All of them if none is named.")] = None,
) -> None:
    """Try to break what is promised of payments; exit code 1 if that succeeds."""
    proofs = import_module("tests.proofs.__main__")
    raise typer.Exit(proofs.main([*([name] if name else []), *context.args]))


@commands.command()
def migrate() -> None:
    """Bring the database up to date."""
    from portal_app import serve

    serve.migrate_database()


@commands.command()
def worker() -> None:
    """Run only the background worker."""
    from portal_app import logs, serve
    from portal_app.jobs import runner

    logs.install()
    serve.prepare_database()
    runner.run_forever()


def _announce() -> None:
    from portal_app.services import demo

    typer.echo(f"\nEm Dia answers at {settings().public_url}")
    if settings().mode == "demo":
        print_lines(f"  {sign_in}" for sign_in in demo.SIGN_INS)
    elif settings().mail_server is None:
        typer.echo("PORTAL_SMTP_URL is not set: e-mails become files in the data folder's outbox.")
    typer.echo("Ctrl-C stops it.")
    sys.stdout.flush()


def _python(*arguments: str) -> int:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, check=False).returncode
