"""A key-encryption key in a device opens the house, and is exchanged with files and other devices' both ways."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from click.testing import CliRunner, Result

from idp.cli.main import cli
from idp.config.settings import KeySettings, Pkcs11Settings, Settings
from idp.core.errors import ConfigError
from idp.crypto.keyring import Purpose
from idp.crypto.providers.file import create_key_file
from idp.crypto.providers.pkcs11_token import create_key
from idp.house.build import House, build_house
from idp.house.ground import create_keys
from idp.house.kek import next_key, present_key
from idp.house.rotation import rotate_key_encryption_key
from idp.keys.models import KeyCheck, WrappedKey
from tests.support.softhsm import PIN, SoftHsm

Command = Callable[..., Result]


def _device(softhsm: SoftHsm, **keys: Any) -> Pkcs11Settings:
    return Pkcs11Settings(**{"module": softhsm.module, "token": "house", "key_label": "kek", "pin": PIN} | keys)


def _with(house: House, profile: str = "embedded", **keys: Any) -> Settings:
    return house.settings.model_copy(update={"keys": KeySettings(**keys), "profile": profile})


def _rotate(house: House, settings: Settings) -> int:
    new = next_key(settings)
    assert new is not None
    done = rotate_key_encryption_key(
        house.ground.database, old=present_key(settings), new=new, clock=house.ground.clock
    )
    return done.data_keys


def _assert_opens(house: House, settings: Settings) -> None:
    """The settings open the house, and what it derives is what it was."""
    opened = build_house(settings, clock=house.ground.clock)
    for purpose in (Purpose.SESSION_COOKIE, Purpose.SUBJECT):
        assert opened.ground.keyring.derive(purpose, "x") == house.ground.keyring.derive(purpose, "x")
    opened.close()


def test_the_key_moves_into_a_device_through_it_and_out_again(house: House, softhsm: SoftHsm, tmp_path: Path) -> None:
    """File to device, device to another token, and back to a file; in between both open everything."""
    softhsm.make_token("second")
    create_key(softhsm.place())
    create_key(softhsm.place(token="second", label="kek-2"))
    create_key_file(tmp_path / "last.key")
    first, second = _device(softhsm), _device(softhsm, token="second", key_label="kek-2")
    file: dict[str, Any] = {"key_file": house.settings.key_file}
    last: dict[str, Any] = {"key_file": tmp_path / "last.key"}
    for old, following, new in (
        (file, {"next_pkcs11": first}, {"pkcs11": first}),
        ({"pkcs11": first}, {"next_pkcs11": second}, {"pkcs11": second}),
        ({"pkcs11": second}, {"next_key_file": tmp_path / "last.key"}, last),
    ):
        both = _with(house, **old, **following)
        _assert_opens(house, both)
        assert _rotate(house, both) == len(Purpose)
        _assert_opens(house, both)
        _assert_opens(house, _with(house, **new))
        with pytest.raises(ConfigError, match="not the one that this database was set up with"):
            build_house(_with(house, **old), clock=house.ground.clock)
        with house.ground.database.read() as session:
            assert set(session.scalars(sa.select(WrappedKey.kek_id))) == set(
                session.scalars(sa.select(KeyCheck.kek_id))
            )


def test_a_start_with_another_key_of_the_device_refuses(house: House, softhsm: SoftHsm) -> None:
    """So does one whose key could be read out of the device, in production."""
    create_key(softhsm.place())
    create_key(softhsm.place(label="other"))
    _rotate(house, _with(house, key_file=house.settings.key_file, next_pkcs11=_device(softhsm)))
    _assert_opens(house, _with(house, "production", pkcs11=_device(softhsm)))
    with pytest.raises(ConfigError, match="not the one that this database was set up with"):
        build_house(_with(house, pkcs11=_device(softhsm, key_label="other")), clock=house.ground.clock)


def test_init_makes_the_key_in_the_device_once(tmp_path: Path, softhsm: SoftHsm, house: House) -> None:
    """A new installation's key is made in the token that the settings name; repeats change nothing."""
    settings = _with(house, pkcs11=_device(softhsm))
    # The database belongs to a file, so the new key is refused for it; it is made all the same, as a file would be.
    with pytest.raises(ConfigError, match="not the one that this database was set up with"):
        create_keys(settings, house.ground.clock)
    value = present_key(settings).check_value()
    with pytest.raises(ConfigError):
        create_keys(settings, house.ground.clock)
    assert present_key(settings).check_value() == value


def test_without_the_library_the_remedy_is_named(
    house: House, softhsm: SoftHsm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plain installation has no python-pkcs11 and says how to get it."""
    for name in [name for name in sys.modules if name.startswith("idp.crypto.providers.pkcs11")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pkcs11", None)
    with pytest.raises(ConfigError, match=r"^keys\.pkcs11\.module: .*make pkcs11"):
        present_key(_with(house, pkcs11=_device(softhsm)))


@pytest.fixture
def command(tmp_path: Path, softhsm: SoftHsm, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run an idp command with `keys` as given, its PINs in the environment."""

    def run(*arguments: str, **keys: Any) -> Result:
        config = tmp_path / "config.yaml"
        config.write_text(yaml.safe_dump({"data_dir": str(tmp_path / "fresh"), "keys": keys}))
        monkeypatch.setenv("IDP_CONFIG", str(config))
        for name in ("PKCS11", "NEXT_PKCS11"):
            monkeypatch.delenv(f"IDP_KEYS__{name}__PIN", raising=False)
            if name.lower() in keys:
                monkeypatch.setenv(f"IDP_KEYS__{name}__PIN", PIN)
        return CliRunner().invoke(cli, list(arguments))

    return run


def test_the_commands_make_and_exchange_keys_in_a_device(command: Command, softhsm: SoftHsm) -> None:
    """migrate, init, new-kek --in-device, rotate-kek: a whole installation whose key never was in a file."""
    place = {"module": str(softhsm.module), "token": "house"}
    present, following = {**place, "key_label": "kek"}, {**place, "key_label": "kek-2"}
    assert command("migrate", pkcs11=present).exit_code == 0
    made = command("keys", "init", pkcs11=present)
    assert made.output.startswith("created: kek, ")
    assert command("keys", "init", pkcs11=present).output == "all keys are there\n"
    both = {"pkcs11": present, "next_pkcs11": following}
    assert command("keys", "new-kek", "--in-device", **both).output == "made in the device: kek-2\n"
    done = command("keys", "rotate-kek", **both)
    assert (
        done.output == f"wrapped anew: {len(Purpose)} data keys and 2 signing keys; now use the device's kek-2 alone\n"
    )
    assert command("keys", "status", pkcs11=following).exit_code == 0
    refused = command("keys", "status", pkcs11=present)
    assert refused.exit_code == 2
    assert "not the one that this database was set up with" in refused.output
    for output in (made.output, done.output, refused.output):
        assert PIN not in output


def test_new_kek_wants_one_place(command: Command, tmp_path: Path) -> None:
    """Neither a file nor the device, and both, are refused."""
    for arguments in ((), (str(tmp_path / "x.key"), "--in-device")):
        refused = command("keys", "new-kek", *arguments)
        assert refused.exit_code == 2
        assert "name a FILE, or say --in-device" in refused.output
