"""The key-encryption keys that the settings name: in a file, or in a hardware security module."""

from typing import TYPE_CHECKING

from idp.config.settings import Pkcs11Settings, Settings
from idp.core.errors import ConfigError
from idp.crypto.envelope import KeyEncryptionKey
from idp.crypto.providers.file import create_key_file, load_key_file
from idp.crypto.suites import suite_by_name

if TYPE_CHECKING:
    from idp.crypto.providers.pkcs11_token import KeyPlace


def present_key(settings: Settings) -> KeyEncryptionKey:
    """Return the key in use; raises ConfigError where it is missing, exposed, damaged or cannot be reached."""
    if settings.keys.pkcs11.module is not None:
        return _device_key(settings, settings.keys.pkcs11, "keys.pkcs11")
    return load_key_file(settings.key_file, suite=suite_by_name(settings.keys.suite))


def next_key(settings: Settings) -> KeyEncryptionKey | None:
    """Return the key that takes over, None where none does; raises ConfigError as `present_key` does."""
    if settings.keys.next_pkcs11.module is not None:
        return _device_key(settings, settings.keys.next_pkcs11, "keys.next_pkcs11")
    if settings.keys.next_key_file is not None:
        return load_key_file(settings.keys.next_key_file, suite=suite_by_name(settings.keys.suite))
    return None


def create_present_key(settings: Settings) -> str | None:
    """Make the key in use where there is none and return its name, None where there is one."""
    if settings.keys.pkcs11.module is not None:
        return _create_in_device(settings.keys.pkcs11, "keys.pkcs11", may_exist=True)
    if settings.key_file.exists():
        return None
    settings.key_file.parent.mkdir(parents=True, exist_ok=True)
    create_key_file(settings.key_file)
    return settings.key_file.name


def create_next_device_key(settings: Settings) -> str:
    """Make the key that `keys.next_pkcs11` names and return its label; raises ConfigError where the label is taken."""
    if settings.keys.next_pkcs11.module is None:
        raise ConfigError("keys.next_pkcs11.module: missing. Name the device's PKCS#11 library.")
    return _create_in_device(settings.keys.next_pkcs11, "keys.next_pkcs11", may_exist=False) or ""


def _device_key(settings: Settings, section: Pkcs11Settings, name: str) -> KeyEncryptionKey:
    place = _place(section, name)
    from idp.crypto.providers.pkcs11_key import Pkcs11Key

    return Pkcs11Key(place, may_leave=settings.profile != "production")


def _create_in_device(section: Pkcs11Settings, name: str, *, may_exist: bool) -> str | None:
    place = _place(section, name)
    from idp.crypto.providers.pkcs11_token import create_key, has_key

    if may_exist and has_key(place):
        return None
    create_key(place)
    return section.key_label


def _place(section: Pkcs11Settings, name: str) -> "KeyPlace":
    """Return where the section says the key lies; raises ConfigError in an installation without PKCS#11."""
    try:
        # Here, because whoever keeps the key in a file need not install it.
        from idp.crypto.providers.pkcs11_token import KeyPlace
    except ImportError:
        raise ConfigError(f"{name}.module: python-pkcs11 is not installed. Run: make pkcs11") from None
    assert section.module is not None  # noqa: S101 - asked by every caller
    return KeyPlace(
        module=section.module,
        token=section.token,
        serial=section.serial,
        label=section.key_label,
        pin=section.pin.get_secret_value(),
        setting=name,
    )
