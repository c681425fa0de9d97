"""Commands that run: the web server and the worker."""

import multiprocessing
import signal
import threading
from types import FrameType

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from idp.cli.shared import house_or_exit, settings_or_exit
from idp.core.clock import Clock
from idp.house.build import build_house
from idp.house.deliveries import build_worker
from idp.house.ground import create_keys
from idp.web.message_texts import render_message


@click.command()
@click.option("--with-worker/--without-worker", default=None, help="Default: with it in the embedded profile.")
def run(with_worker: bool | None) -> None:
    """Serve the provider; in the embedded profile keys are created and the worker runs beside it."""
    settings = settings_or_exit()
    embedded = settings.profile != "production"
    if embedded:
        create_keys(settings, Clock())
    build_house(settings).close()  # fail here with one clear line, not in every worker
    beside = None
    if embedded if with_worker is None else with_worker:
        beside = multiprocessing.get_context("spawn").Process(target=_work, name="idp worker", daemon=False)
        beside.start()
    server = Granian(
        "idp.wsgi:create",
        factory=True,
        address=settings.server.host,
        port=settings.server.port,
        interface=Interfaces.WSGI,
        workers=settings.server.workers,
        blocking_threads=settings.server.threads,
        ssl_cert=settings.server.tls_cert_file,
        ssl_key=settings.server.tls_key_file,
        respawn_failed_workers=True,
        log_access=False,
        log_level=LogLevels.warning,
    )
    try:
        server.serve()
    finally:
        if beside is not None and beside.is_alive():
            beside.terminate()
            beside.join(timeout=10)


@click.command()
def worker() -> None:
    """Deliver messages and logouts until stopped; any number may run."""
    house_or_exit().close()
    _work()


def _work() -> None:
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    house = house_or_exit()
    build_worker(house, render=render_message).run(stop)
    house.close()
