"""Commands that run: the web server and the worker."""

import importlib
import multiprocessing
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import yaml
from granian import Granian
from granian.constants import Interfaces, SSLProtocols
from granian.log import LogLevels
from granian.server.common import AbstractServer

from idp.cli.memory import give_memory_back, settle
from idp.cli.seed import seed_house
from idp.cli.shared import house_or_exit, settings_or_exit
from idp.cli.stopping import hear_stops, hold_stops_in_forks, set_when_told
from idp.config.settings import ServerSettings, Settings
from idp.core.clock import Clock
from idp.core.errors import ConfigError
from idp.core.logs import configure_logs
from idp.house.build import build_house
from idp.house.deliveries import build_worker
from idp.house.ground import create_keys, open_database
from idp.house.metrics_folder import prepare_metrics_folder
from idp.house.upkeep import build_upkeep, create_partitions
from idp.web.message_texts import render_message

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


# Longer than any request may take; shorter than what supervisors wait before they kill.
_STOP_SECONDS = 12


@click.command()
@click.option("--with-worker/--without-worker", default=None, help="Default: with it outside production.")
@click.option("--profile", type=click.Choice(["conformance"]), help="For third-party suites; see docs/conformance.md.")
@click.option("--issuer", help="Conformance: origin under which the suite reaches the provider.")
@click.option("--listen", help="Conformance: HOST:PORT to listen on.")
@click.option("--tls-cert", type=_FILE, help="Conformance: certificate chain (PEM).")
@click.option("--tls-key", type=_FILE, help="Conformance: its private key (PEM).")
@click.option("--trust-ca", type=_FILE, help="Conformance: authorities of addresses that clients register (PEM).")
@click.option("--clients", type=_FILE, help="Conformance: clients to begin with, in the form of idp seed.")
@click.option("--seed", "seed_file", type=_FILE, help="First what `idp seed FILE` does; not in production.")
def run(with_worker: bool | None, profile: str | None, seed_file: Path | None, **options: Any) -> None:
    """Serve the provider; outside production it first brings database and keys up, and the worker runs beside it."""
    if profile is None:
        if given := [name for name, value in options.items() if value is not None]:
            raise click.UsageError(f"--{given[0].replace('_', '-')} goes with --profile conformance only.")
        with _clear_end():
            _serve(settings_or_exit(), with_worker, seed_file)
        return
    if seed_file is not None:
        raise click.UsageError("--seed does not go with --profile conformance; use --clients.")
    if options["issuer"] is None or options["listen"] is None:
        raise click.UsageError("--profile conformance needs --issuer and --listen.")
    from idp.cli.conformance import ConformanceOptions, conformance_set_up

    with _clear_end(), conformance_set_up(ConformanceOptions(**options)) as settings:
        configure_logs(settings.log_level)
        _serve(settings, with_worker)


@contextmanager
def _clear_end() -> Iterator[None]:
    try:
        yield
    except ConfigError as error:
        click.echo(f"idp: {error}", err=True)
        sys.exit(2)


def _serve(settings: Settings, with_worker: bool | None, seed_file: Path | None = None) -> None:
    embedded = settings.profile != "production"
    if embedded:
        _bring_up(settings)
    elif seed_file is not None:
        raise ConfigError("--seed: production data is not seeded by the server. Use idp seed once.")
    # Fail here with one clear line, not in every worker.
    house = build_house(settings)
    try:
        if seed_file is not None:
            seed_house(house, yaml.safe_load(seed_file.read_text(encoding="utf-8")) or {})
    finally:
        house.close()
    _check_port(settings.server)
    prepare_metrics_folder(settings)
    server = _server(settings.server)
    beside = multiprocessing.get_context("spawn").Process(target=_work, name="idp worker", daemon=False)
    hold_stops_in_forks()
    settle()  # so that the workers share what was imported here for as long as they live
    try:
        if embedded if with_worker is None else with_worker:
            beside.start()
        server.serve(target_loader=_load)
    except SystemExit:
        # A service manager tells the workers as well, and they may be gone before they are looked for.
        if not server.interrupt_signal:
            raise
    finally:
        if beside.pid is not None:
            beside.terminate()
            beside.join(timeout=10)
            beside.kill()  # only where it does not end; the interpreter would wait for it for ever


def _load(target: str) -> Any:
    """Return the application of a worker process, which may be told to stop while this takes its time."""
    hear_stops()
    application = importlib.import_module(target).create()
    settle()
    return application


def _bring_up(settings: Settings) -> None:
    """Make or upgrade the database and create what keys are missing: a try-out starts in one command."""
    # Here, because the workers are forked of this process: in production they need no Alembic, which is large.
    from migrations import run as migrations

    database = open_database(settings)
    migrations.upgrade(database)
    create_partitions(database, Clock())
    database.close()
    create_keys(settings, Clock())


def _check_port(settings: ServerSettings) -> None:
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        # A port that is only waiting out its last connections is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise ConfigError(
                f"server.port: cannot listen on {settings.host} port {settings.port} ({error.strerror})."
            ) from None


def _server(settings: ServerSettings) -> AbstractServer[Any]:
    try:
        return Granian(
            "idp.wsgi",
            address=settings.host,
            port=settings.port,
            interface=Interfaces.WSGI,
            workers=settings.workers,
            blocking_threads=settings.threads,
            ssl_cert=settings.tls_cert_file,
            ssl_key=settings.tls_key_file,
            ssl_protocol_min=SSLProtocols.tls12,  # RFC 9325 §3.1.1: 1.2 must be there, nothing older
            respawn_failed_workers=True,
            # What nobody foresaw: a worker that does not end is ended.
            workers_kill_timeout=_STOP_SECONDS,
            log_access=False,
            log_level=LogLevels.warning,
        )
    except OSError as error:  # ssl.SSLError is one
        raise ConfigError(
            "server.tls_cert_file: the certificate and its key cannot be used"
            f" ({type(error).__name__}). Give both in PEM, and the key that belongs to the certificate."
        ) from None


@click.command()
def worker() -> None:
    """Deliver messages and logouts, seal the audit log and tidy up until stopped; any number may run."""
    house = house_or_exit()
    build_upkeep(house)  # fail here with one clear line
    house.close()
    _work()


serving = click.Group("idp", commands={"run": run, "worker": worker})


def _work() -> None:
    give_memory_back()
    stop = threading.Event()
    set_when_told(stop)
    house = house_or_exit()
    build_worker(house, render=render_message, tasks=build_upkeep(house)).run(stop)
    house.close()
