"""``energy-grid serve``: runs the backend until it is stopped."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from contextlib import AbstractContextManager, ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.groups import GROUPS
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.errors import ChainError, DeploymentError, InputError

if TYPE_CHECKING:
    from energy_grid.backend.neighbourhood.chain import LivingChain
    from energy_grid.backend.store.database import Database
    from energy_grid.chain.deployments import Deployment
    from energy_grid.chain.rpc.anvil import Anvil
    from energy_grid.serve.lines import Lines
    from energy_grid.serve.settings import Settings

__all__ = ["require_version", "serve"]

serve = CommandGroup.at_the_top()

# 1970 began with one.
_THURSDAY = 3
_OLDEST_POSTGRESQL = 15


@serve.app.command("serve", short_help=GROUPS["serve"].summary)
def run(
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A TOML file; see --print-config.")
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="sqlite:///FILE (absolute: four slashes), or postgresql://USER@HOST/NAME.",
        ),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="What outlives the process; energy-grid-data."),
    ] = None,
    rpc: Annotated[
        str | None,
        typer.Option(metavar="URL", help="The node; by default a local chain of its own."),
    ] = None,
    deployment: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The file of the market's deployment.")
    ] = None,
    speed: Annotated[
        str | None,
        typer.Option(
            metavar="NUMBER", help="Of the local chain: seconds a second, at first 60; or max."
        ),
    ] = None,
    days: Annotated[
        int | None,
        typer.Option(metavar="NUMBER", help="Of the local chain: then its time stands still."),
    ] = None,
    role: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="What this process does; by default everything."),
    ] = None,
    host: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Where it listens.")] = None,
    port: Annotated[int | None, typer.Option(metavar="NUMBER", help="0: any free one.")] = None,
    finality: Annotated[
        int | None,
        typer.Option(metavar="BLOCKS", help="So many blocks on top of one make it final."),
    ] = None,
    reindex: Annotated[
        bool,
        typer.Option("--reindex", help="First empty the store of all that came from the chain."),
    ] = False,
    log_json: Annotated[
        bool, typer.Option("--log-json", help="Print each line as a JSON object.")
    ] = False,
    print_config: Annotated[
        bool,
        typer.Option(
            "--print-config",
            help="Print a configuration with every setting, as --config and options set it.",
        ),
    ] = False,
) -> None:
    """Run the backend of a market: everything that a deployment needs to live by itself.

    Without a node it starts a local chain, deploys the market there, and has the 92 households of
    the demo live on it: an hour a minute, from meters to bills.

    It can be ended at any moment and in any way, and goes on where it was when it is started again.
    Several processes share a database: one does the work of a role, the others stand by.
    """
    from energy_grid.serve.settings import load_settings, written

    given = {
        "folder": folder,
        "database": database,
        "rpc": rpc,
        "deployment": deployment,
        "speed": speed,
        "days": days,
        "roles": role or None,
        "host": host,
        "port": port,
        "finality": finality,
    }
    options = {name: value for name, value in given.items() if value is not None}
    if print_config:
        print(written(config, options), end="")
        return
    _run(load_settings(config, options), reindex=reindex, as_json=log_json)


def _run(settings: Settings, *, reindex: bool, as_json: bool) -> None:
    from energy_grid.backend.api.application import make_application
    from energy_grid.backend.api.keeping import ApiKeeping
    from energy_grid.backend.indexer.indexer import forget
    from energy_grid.backend.neighbourhood.service import Neighbourhood
    from energy_grid.backend.pace import Pace
    from energy_grid.backend.store.database import Database
    from energy_grid.client import EnergyGrid
    from energy_grid.frontend.application import add_pages
    from energy_grid.market.feeders import load_feeder
    from energy_grid.serve.doors import SHARED_SECONDS, Doors, origins_of
    from energy_grid.serve.http import monitoring, require_free, serving
    from energy_grid.serve.lines import Lines, Logged, secrets_of
    from energy_grid.serve.roles import Context, makers_of
    from energy_grid.serve.runner import Runner

    try:
        settings.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make the folder {settings.folder}: {error.strerror}") from None

    def unheard() -> None:
        print("nobody reads what serve prints: it stops", file=sys.stderr)
        os.kill(os.getpid(), signal.SIGTERM)

    hidden = secrets_of(*settings.addresses)
    lines = Lines(as_json=as_json, hidden=hidden, on_closed=unheard)
    logged, root = Logged(lines), logging.getLogger()
    root.addHandler(logged)
    with ExitStack() as ends:
        ends.callback(root.removeHandler, logged)
        database = ends.enter_context(closing(Database(settings.store)))
        # What a person does when the local chain is lost: its events are in the database as well.
        stored = f" and all that is in the database {database.url.database}"
        remedy = f"remove {settings.folder}{stored if settings.database else ''}, and start again"

        def prepare() -> None:
            require_version(database)
            database.migrate()
            if reindex:
                forget(database)
                lines("Emptied the store: it is filled from the chain again")

        def connect() -> EnergyGrid:
            return EnergyGrid.connect(node, deployment)

        context = Context(settings=settings, database=database, connect=connect, log=lines)
        if settings.rpc and settings.rpc == os.environ.get("ENERGY_GRID_RPC"):
            lines("The node is that of ENERGY_GRID_RPC: unset it for a chain of serve's own")
        # Whatever is wrong with the settings is said before a chain is begun.
        makers = makers_of(context)
        operator = context.own("operator_account", settings.operator_account)
        context.feeders = {
            region: load_feeder(folder) for region, folder in settings.feeders.items()
        }
        require_free(settings.host, settings.port)
        chain = None if settings.rpc else ends.enter_context(_living(settings, lines, remedy))
        node, deployment = _market(settings, chain)
        if chain:
            context.feeders = {**chain.village.feeders, **context.feeders}
            others = makers.keys() - {Neighbourhood.name}
            context.chain, context.pace = chain, Pace(database, chain.node, others)
        runner = Runner(makers, database, lines, prepare=prepare, pace=context.pace)

        def stop(*_: Any) -> None:
            runner.stop()

        def watch(anvil: Anvil) -> None:
            try:
                anvil.wait()
            except ChainError as error:
                runner.fail(ChainError(f"{error}: {remedy}"))

        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, stop)
        if chain and chain.anvil:
            threading.Thread(target=watch, args=(chain.anvil,), name="anvil", daemon=True).start()
        is_open = any(each.name == ApiKeeping.name for each in runner.running)
        app = make_application(
            Doors(settings, database, connect, runner.is_prepared, operator, context.feeders),
            monitoring(runner.running),
            origins=origins_of(settings),
            per_minute=settings.requests_per_minute,
            streams=settings.streams,
            shared_seconds=SHARED_SECONDS,
            is_open=is_open,
        )
        if is_open:
            add_pages(
                app,
                lambda: {each.name: str(each.state) for each in runner.running},
                settings.explorer,
            )
        with serving(app, settings.host, settings.port, settings.proxies) as address:
            if chain:
                lines(f"Other commands reach the chain with --rpc {node} --deployment {chain.file}")
            if is_open:
                lines(f"The market's pages are at {address}")
            lines(f"Serving {address}/ready and {address}/metrics; Ctrl-C stops it")
            runner.run()
        lines("Stopped")


def _market(settings: Settings, chain: LivingChain | None) -> tuple[str, Deployment]:
    """The address of the node, and the deployment there."""
    from energy_grid.chain.deployments import located
    from energy_grid.chain.networks import is_url

    if chain:
        return located(chain.node.url, chain.file, None)
    if is_url(settings.rpc) and settings.deployment is None:
        raise InputError("name --deployment beside --rpc: the file of the market's deployment")
    try:
        return located(settings.rpc, settings.deployment, None)
    except DeploymentError as error:
        raise InputError(str(error)) from None


def require_version(database: Database) -> None:
    """Pass if the server is new enough, or there is none.

    Raises:
        InputError: it is too old.
        DatabaseGoneError: it does not answer.
    """
    if database.is_sqlite:
        return
    with database.reading() as connection:
        version = connection.dialect.server_version_info or ()
    if version < (_OLDEST_POSTGRESQL,):
        found = ".".join(map(str, version))
        raise InputError(f"PostgreSQL {found} is too old: {_OLDEST_POSTGRESQL} or newer is needed")


def _living(settings: Settings, log: Lines, remedy: str) -> AbstractContextManager[LivingChain]:
    """The local chain, whose first day is the last Monday."""
    from energy_grid.backend.neighbourhood.chain import living_chain

    today = int(time.time()) // DAY_SECONDS
    monday = today - (today + _THURSDAY) % 7
    return living_chain(settings.folder / "chain", monday, log, remedy=remedy)
