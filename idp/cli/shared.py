"""What the commands share: settings and a house, or a clear end."""

import sys
from typing import Any

import click

from idp.config.load import load_settings
from idp.config.settings import Settings
from idp.core.errors import ConfigError
from idp.core.logs import configure_logs
from idp.house.build import House, build_house

#: For commands that take an opaque id: one in 64 begins with a hyphen and is no option.
TAKES_ID: dict[str, Any] = {"ignore_unknown_options": True}


def settings_or_exit() -> Settings:
    """Return the settings, or end with the key and the remedy on standard error."""
    try:
        settings = load_settings()
    except ConfigError as error:
        click.echo(f"idp: {error}", err=True)
        sys.exit(2)
    configure_logs(settings.log_level)
    return settings


def house_or_exit() -> House:
    """Return the house, or end with what is missing on standard error."""
    settings = settings_or_exit()
    try:
        return build_house(settings)
    except ConfigError as error:
        click.echo(f"idp: {error}", err=True)
        sys.exit(2)
