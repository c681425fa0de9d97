"""docs/operations.md names commands, settings and metrics that there are."""

import re
from pathlib import Path

import click
import pytest

from idp.cli.main import cli
from idp.config.settings import Settings
from idp.web import metrics

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
#: Names of log lines, which look like settings.
_LOGGED = {"keys.not_reloaded"}
COMMANDS = sorted(set(re.findall(r"(?:^|`)idp ((?:[a-z][a-z-]* ?)+)(?:`|--| [A-Z/#]|\s{2,}|$| )", PAGE, re.MULTILINE)))


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_exists(words: str) -> None:
    """Whoever copies a command from the page runs a command."""
    command: click.Command = cli
    for word in words.split():
        if not isinstance(command, click.Group):
            break  # an argument
        assert word in command.commands, words
        command = command.commands[word]


def test_commands_were_found() -> None:
    """The search above finds what it is for."""
    assert {"doctor", "keys rotate-kek", "migrate", "worker"} <= {words.strip() for words in COMMANDS}


@pytest.mark.parametrize("option", sorted(set(re.findall(r"(--[a-z][a-z-]+)", PAGE)) - {"--help"}))
def test_every_option_exists(option: str) -> None:
    """So is every option some command's."""

    def options(command: click.Command) -> set[str]:
        own = {name for each in command.params for name in (*each.opts, *each.secondary_opts)}
        if isinstance(command, click.Group):
            own |= {name for inner in command.commands.values() for name in options(inner)}
        return own

    assert option in options(cli)


@pytest.mark.parametrize(
    "name", sorted(set(re.findall(r"`((?:server|keys|audit|database|short_lived|login)\.[a-z_]+)[`:]", PAGE)))
)
def test_every_setting_exists(name: str) -> None:
    """And every setting that is named."""
    section, _, setting = name.partition(".")
    if name in _LOGGED:
        return
    assert setting in type(getattr(Settings(), section)).model_fields


def test_every_metric_is_described() -> None:
    """The table of metrics is whole, and names none that is not there."""
    source = Path(metrics.__file__).read_text(encoding="utf-8")
    counters = {f"{name}_total" for name in re.findall(r'Counter\(\s*"([a-z_]+)"', source)}
    others = set(re.findall(r'(?:Histogram|GaugeMetricFamily)\(\s*"([a-z_]+)"', source))
    assert set(re.findall(r"`(yihao_[a-z_]+)`", PAGE)) == counters | others
