"""Commands take every opaque id that there can be."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from idp.cli.main import cli

ODD = "-A_-yesAAAAAAAAAAAAAAA"


@pytest.mark.parametrize(
    "words",
    [["client", "disable"], ["client", "enable"], ["client", "rotate-secret"], ["person", "erase", "--yes"]],
)
def test_an_id_that_begins_with_a_hyphen_is_no_option(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It reaches the command, which ends here for want of a database; a missing id is still told."""
    file = tmp_path / "config.yaml"
    file.write_text(f"data_dir: {tmp_path / 'data'}\n")
    monkeypatch.setenv("IDP_CONFIG", str(file))
    taken = CliRunner().invoke(cli, [*words, ODD])
    assert "No such option" not in taken.output and "Usage" not in taken.output
    assert taken.exit_code != 0
    missing = CliRunner().invoke(cli, words)
    assert missing.exit_code == 2 and "Missing argument" in missing.output


def test_a_mistyped_option_is_still_refused() -> None:
    """It counts as a further argument, of which there may be none."""
    result = CliRunner().invoke(cli, ["person", "erase", ODD, "--dry-rnu"])
    assert result.exit_code == 2
