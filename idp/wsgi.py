"""The WSGI entry: one application per worker process, built from config.yaml and the environment."""

import atexit

from flask import Flask

from idp.app import create_app
from idp.config.load import load_settings
from idp.core.logs import configure_logs
from idp.house.build import build_house


def create() -> Flask:
    """Return the application; raises ConfigError before the first request is taken."""
    settings = load_settings()
    configure_logs(settings.log_level)
    house = build_house(settings)
    atexit.register(house.ground.counting.flush)
    return create_app(house)
