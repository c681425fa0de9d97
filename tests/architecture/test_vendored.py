"""What was taken from the npm registry lies here unchanged, with its licence and its digest."""

import hashlib
import re
from pathlib import Path

import pytest

_VENDORED = Path(__file__).resolve().parents[2] / "idp" / "web" / "static" / "vendor"
_FILE = re.compile(r"\| file \| `([^`]+)`, unchanged \|\n\| SHA-256 \| `([0-9a-f]{64})` \|")
_FOLDERS = sorted(path for path in _VENDORED.iterdir() if path.is_dir())


@pytest.mark.parametrize("folder", _FOLDERS, ids=lambda path: path.name)
def test_each_file_has_its_licence_and_its_digest(folder: Path) -> None:
    """A file that was changed, or that nobody wrote down, fails."""
    told = dict(_FILE.findall((folder / "VENDOR.md").read_text("utf-8")))
    told = {Path(name).name: digest for name, digest in told.items()}
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    assert found.pop("LICENSE.md") and found.pop("VENDOR.md")
    assert found == told


def test_there_is_something_to_look_at() -> None:
    """The style sheet and the charts."""
    assert {path.name for path in _FOLDERS} == {"pico", "uplot"}
