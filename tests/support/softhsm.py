"""A hardware security module in software: SoftHSM 2, with tokens in the test's own folder."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from idp.crypto.providers.pkcs11_token import KeyPlace
from tests.support.tools import find_softhsm, leave_out

OFFICER_PIN, PIN = "12345678", "q7-made-up-pin"


@dataclass(frozen=True, slots=True)
class SoftHsm:
    """One device: its library, and making tokens in it."""

    module: Path
    program: Path

    def make_token(self, label: str) -> None:
        """Initialise a further token."""
        subprocess.run(
            [self.program, "--init-token", "--free", "--label", label, "--so-pin", OFFICER_PIN, "--pin", PIN],
            check=True,
            capture_output=True,
        )

    def place(self, *, token: str = "house", label: str = "kek", pin: str = PIN, serial: str = "") -> KeyPlace:
        """Say where a key lies."""
        return KeyPlace(module=self.module, token=token, serial=serial, label=label, pin=pin)


@pytest.fixture
def softhsm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SoftHsm]:
    """A device with the token "house"."""
    found = find_softhsm()
    if found is None:
        leave_out("SoftHSM", "not installed")
    folder = tmp_path / "softhsm"
    (folder / "tokens").mkdir(parents=True)
    (folder / "softhsm2.conf").write_text(
        f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    monkeypatch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
    device = SoftHsm(*found)
    device.make_token("house")
    yield device
