"""The WSGI entry: one application per worker process, built from config.yaml and the environment."""

import gc
from multiprocessing.util import Finalize

from flask import Flask

from idp.app import create_app
from idp.audit.count_writer import CountWriter
from idp.config.load import load_settings
from idp.core.logs import configure_logs
from idp.house.build import build_house

# A request makes some hundred objects and drops nearly all of them by itself, without the collector.
_ALLOCATIONS = 10_000


def create() -> Flask:
    """Return the application; raises ConfigError before the first request is taken."""
    settings = load_settings()
    configure_logs(settings.log_level)
    house = build_house(settings)
    counts = CountWriter(house.ground.counting.flush, house.ground.reads.flush)
    counts.start()
    # A worker is a child of multiprocessing, which ends without what is registered with atexit.
    Finalize(None, counts.stop, exitpriority=0)
    app = create_app(house)
    # What was built stays as long as the process: looking through it again and again finds nothing.
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS)
    return app
