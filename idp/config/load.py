"""Reading the settings: config.yaml, then environment and mounted files, then the checks of the whole."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, SecretStr, ValidationError

from idp.config.settings import KeySettings, RealNameSettings, Settings
from idp.core.addresses import split_address
from idp.core.errors import ConfigError

ENVIRONMENT_PREFIX = "IDP_"
#: Environment names with our prefix that are not settings: the file to read, and the tests' own.
_NOT_SETTINGS = ("IDP_CONFIG", "IDP_TEST_", "IDP_CHROMIUM")

# An hour to read a notice about the password; three days, a weekend within, for one about the mobile itself.
_LEAST_RECOVERY_WAIT, _LEAST_RELEASE_WAIT = 3_600, 259_200
# Whoever guesses the secret of a gateway is whoever they like to be.
_LEAST_SHARED_SECRET = 32
# Subresource Integrity §3.5: a digest as a browser compares it.
_INTEGRITY = re.compile(r"sha(?:256|384|512)-[A-Za-z0-9+/]+={0,2}")

#: What stands in examples, and is tried first by others.
_WELL_KNOWN = frozenset(
    {"", "password", "secret", "changeme", "change-me", "admin", "postgres", "idp", "yihao", "redis"}
)


def load_settings(file: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Read config.yaml and the environment, check them, and return the tree.

    Raises ConfigError that names the key and the remedy.
    """
    tree = read_tree(file, environment)
    try:
        settings = Settings.model_validate(tree)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{key}: {first['msg']}. Compare with config.yaml and correct or remove it.") from None
    _refuse_unsafe(settings)
    return settings


def read_tree(
    file: Path | None = None, environment: Mapping[str, str] | None = None, *, may_be_missing: bool = False
) -> dict[str, Any]:
    """Return what config.yaml and the environment say, unchecked; raises ConfigError where they cannot be read."""
    environment = os.environ if environment is None else environment
    file = file or Path(environment.get("IDP_CONFIG", "config.yaml"))
    tree = {} if may_be_missing and not file.exists() else _read_file(file)
    _overlay_environment(tree, environment)
    return tree


def use_only(file: Path) -> tuple[str, ...]:
    """Make `file` the one source of settings of this process and those it starts.

    Returns the names of the environment's settings that no longer count.
    """
    dropped = tuple(sorted(name for name in os.environ if _names_a_setting(name)))
    for name in dropped:
        del os.environ[name]
    os.environ["IDP_CONFIG"] = str(file)
    return dropped


def _read_file(file: Path) -> dict[str, Any]:
    try:
        tree = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except FileNotFoundError:
        raise ConfigError(f"{file}: no such file. Set IDP_CONFIG to the path of your config.yaml.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: not readable as YAML in UTF-8 ({type(error).__name__}).") from None
    if not isinstance(tree, dict):
        raise ConfigError(f"{file}: must be a mapping of sections.")
    _refuse_pins(tree, file)
    return tree


def _refuse_pins(tree: dict[str, Any], file: Path) -> None:
    """Keep a device's PIN out of the file, which is copied, compared and checked in."""
    keys = tree.get("keys")
    for name in ("pkcs11", "next_pkcs11"):
        section = keys.get(name) if isinstance(keys, dict) else None
        if isinstance(section, dict) and section.get("pin"):
            variable = f"{ENVIRONMENT_PREFIX}KEYS__{name.upper()}__PIN"
            raise ConfigError(
                f"keys.{name}.pin: must not stand in {file}. Set {variable}, or {variable}_FILE to a mounted file."
            )


def _overlay_environment(tree: dict[str, Any], environment: Mapping[str, str]) -> None:
    """Lay IDP_A__B=value over tree[a][b]; IDP_A__B_FILE=path reads the value from a mounted file."""
    for name, value in sorted(environment.items()):
        if not _names_a_setting(name):
            continue
        path = name.removeprefix(ENVIRONMENT_PREFIX).lower().split("__")
        if name.endswith("_FILE") and not _is_setting(path):
            path[-1] = path[-1].removesuffix("_file")
            try:
                value = Path(value).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise ConfigError(f"{name}: cannot read the file it names ({error.strerror}).") from None
        if not _is_setting(path):
            raise ConfigError(f"{name}: no such setting. Remove it or compare with config.yaml.")
        section = tree
        for part in path[:-1]:
            section = section.setdefault(part, {})
            if not isinstance(section, dict):
                raise ConfigError(f"{name}: {part} is not a section in the file.")
        section[path[-1]] = yaml.safe_load(value) if value[:1] in "[{" and not _is_secret(path) else value


def _names_a_setting(name: str) -> bool:
    return name.startswith(ENVIRONMENT_PREFIX) and not name.startswith(_NOT_SETTINGS)


def _is_setting(path: list[str]) -> bool:
    model = _type_of(path)
    return model is not None and not (isinstance(model, type) and issubclass(model, BaseModel))


def _is_secret(path: list[str]) -> bool:
    """Tell whether a setting is a secret, which is taken as it is written whatever it begins with."""
    return _type_of(path) is SecretStr


def _type_of(path: list[str]) -> Any:
    model: Any = Settings
    for part in path:
        if not (isinstance(model, type) and issubclass(model, BaseModel)) or part not in model.model_fields:
            return None
        model = model.model_fields[part].annotation
    return model


def _check_key_places(keys: KeySettings) -> None:
    """Each key-encryption key lies in one place, and one in a device can be found there."""
    for name, device, file in (
        ("pkcs11", keys.pkcs11, keys.key_file),
        ("next_pkcs11", keys.next_pkcs11, keys.next_key_file),
    ):
        if device.module is None:
            continue
        if file is not None:
            file_name = name.replace("pkcs11", "key_file")
            raise ConfigError(f"keys.{name}.module: keys.{file_name} names a key as well. Set one of them to null.")
        if not device.token and not device.serial:
            raise ConfigError(f"keys.{name}.token: missing. Give the label or the serial number of the device's token.")
        if not device.pin.get_secret_value():
            variable = f"{ENVIRONMENT_PREFIX}KEYS__{name.upper()}__PIN"
            raise ConfigError(f"keys.{name}.pin: missing. Set {variable}, or {variable}_FILE to a mounted file.")
        if keys.suite != "international":
            raise ConfigError(
                f"keys.{name}.module: PKCS#11 has no SM4-GCM. Keep the key-encryption key in a file, "
                "or set keys.suite to international."
            )


def _check_gateway(realname: RealNameSettings, *, is_production: bool) -> None:
    """Refuse a gateway to the national network identity that could not be asked, or not safely."""
    if realname.network_identity == "none":
        return
    if not realname.network_identity_endpoint.startswith(("https://",) if is_production else ("https://", "http://")):
        kind = "an https address" if is_production else "an http or https address"
        raise ConfigError(f"realname.network_identity_endpoint: must be {kind}, that of the gateway.")
    secret = realname.network_identity_secret.get_secret_value()
    if secret.lower() in _WELL_KNOWN or (is_production and len(secret) < _LEAST_SHARED_SECRET):
        raise ConfigError(
            "realname.network_identity_secret: missing or too short. Set the secret that the gateway knows too, "
            f"of {_LEAST_SHARED_SECRET} characters at least."
        )


def _check_face_script(realname: RealNameSettings, *, is_production: bool) -> None:
    """Refuse a script that would not be loaded, or that somebody on the way could replace."""
    script, integrity = realname.face_script, realname.face_script_integrity
    local = "" if is_production else r"|http://(?:127\.0\.0\.1|localhost)"
    if script and re.fullmatch(rf"(?:https://[A-Za-z0-9.-]+{local})(?::[0-9]{{1,5}})?/[!-~]*", script) is None:
        raise ConfigError("realname.face_script: must be the https address of the script, as https://host/path.")
    if integrity and _INTEGRITY.fullmatch(integrity) is None:
        raise ConfigError("realname.face_script_integrity: must be sha256-, sha384- or sha512- and a base64 digest.")


def _password(url: str) -> str:
    """Return the password within an address in lower case; none is empty, as where a certificate stands for it."""
    return split_address(url).password.lower()


def _refuse_unsafe(settings: Settings) -> None:
    """Stop a start that would be unsafe; each rule names its key and the remedy."""
    sqlite = settings.database_url.startswith("sqlite")
    if sqlite and settings.server.workers > 1:
        raise ConfigError(
            "server.workers: the embedded database serves one worker. Set 1, or database.url to PostgreSQL."
        )
    if settings.short_lived.backend != "redis" and settings.server.workers > 1:
        raise ConfigError(
            "short_lived.backend: the embedded store serves one worker. Set redis, or server.workers to 1."
        )
    if settings.profile == "conformance" and not sqlite:
        raise ConfigError(
            "profile: conformance has a known password and open rules, for throw-away data alone. Set production."
        )
    if settings.short_lived.backend == "redis" and not settings.short_lived.url.get_secret_value():
        raise ConfigError("short_lived.url: missing. Give the address of Redis, or set short_lived.backend to sqlite.")
    _check_key_places(settings.keys)
    _check_gateway(settings.realname, is_production=settings.profile == "production")
    _check_face_script(settings.realname, is_production=settings.profile == "production")
    if settings.profile != "production":
        return
    checks = {
        "issuer": (not settings.https, "must be https in production"),
        "database.url": (sqlite, "must name PostgreSQL in production"),
        "database.url (password)": (
            _password(settings.database_url) in _WELL_KNOWN - {""},
            "must be a secret of your own in production",
        ),
        "short_lived.backend": (settings.short_lived.backend != "redis", "must be redis in production"),
        "short_lived.url (password)": (
            _password(settings.short_lived.url.get_secret_value()) in _WELL_KNOWN - {""},
            "must be a secret of your own in production",
        ),
        "demo_people": (settings.demo_people, "must be false in production"),
        "keys.key_file": (
            settings.keys.key_file is None and settings.keys.pkcs11.module is None,
            "must name the mounted key-encryption key in production",
        ),
        "messaging.key_secret": (
            settings.messaging.key_secret.get_secret_value().lower() in _WELL_KNOWN,
            "must be the sender's own secret in production",
        ),
        "messaging.sms": (settings.messaging.sms == "development", "must name a real sender in production"),
        "login.recovery_wait_seconds": (
            settings.login.recovery_wait_seconds < _LEAST_RECOVERY_WAIT,
            f"must be at least {_LEAST_RECOVERY_WAIT} in production, so that the owner can object",
        ),
        "login.mobile_release_wait_seconds": (
            settings.login.mobile_release_wait_seconds < _LEAST_RELEASE_WAIT,
            f"must be at least {_LEAST_RELEASE_WAIT} in production, so that the owner can object",
        ),
        "realname.key_secret": (
            {settings.realname.provider, settings.realname.face} & {"tencent", "aliyun"} != set()
            and settings.realname.key_secret.get_secret_value().lower() in _WELL_KNOWN,
            "must be the service's own secret in production",
        ),
        "registration.dynamic": (settings.registration.dynamic == "open", "must be closed in production"),
        "outbound.allow_loopback": (settings.outbound.allow_loopback, "must be false in production"),
    }
    for key, (unsafe, remedy) in checks.items():
        if unsafe:
            raise ConfigError(f"{key}: {remedy}.")
