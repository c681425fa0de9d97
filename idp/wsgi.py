"""The WSGI entry: one application per worker process, built from config.yaml and the environment."""

from multiprocessing.util import Finalize

from flask import Flask

from idp.app import create_app
from idp.audit.count_writer import CountWriter
from idp.config.load import load_settings
from idp.core.logs import configure_logs
from idp.house.build import build_house


def create() -> Flask:
    """Return the application; raises ConfigError before the first request is taken."""
    settings = load_settings()
    configure_logs(settings.log_level)
    house = build_house(settings)
    ground = house.ground
    counts = CountWriter(ground.counting.flush, ground.reads.flush, ground.releases.flush)
    counts.start()
    # A worker is a child of multiprocessing, which ends without what is registered with atexit.
    Finalize(None, counts.stop, exitpriority=0)
    return create_app(house)
