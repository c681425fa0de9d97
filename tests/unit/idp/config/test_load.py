"""How settings are read, and what stops a start: each refusal names the key and the remedy."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from idp.config.load import load_settings
from idp.core.errors import ConfigError

PRODUCTION: dict[str, Any] = {
    "profile": "production",
    "issuer": "https://id.example.gov.cn",
    "demo_people": False,
    "database": {"url": "postgresql://idp:s3cret-of-ours@db/idp"},
    "short_lived": {"backend": "redis", "url": "redis://cache:6379/0"},
    "keys": {"key_file": "/run/secrets/kek"},
    "messaging": {"sms": "webhook", "endpoint": "https://sms.example.gov.cn", "key_secret": "x" * 32},
    "outbound": {"allow_loopback": False},
}


def _merge(base: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for name, value in change.items():
        both = isinstance(value, dict) and isinstance(base.get(name), dict)
        merged[name] = _merge(base[name], value) if both else value
    return merged


def _load(tmp_path: Path, tree: Any, environment: dict[str, str] | None = None) -> Any:
    file = tmp_path / "config.yaml"
    file.write_text(tree if isinstance(tree, str) else yaml.safe_dump(tree))
    return load_settings(file, environment or {})


def _refusal(tmp_path: Path, tree: Any, environment: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as refused:
        _load(tmp_path, tree, environment)
    return str(refused.value)


def test_a_safe_production_profile_starts(tmp_path: Path) -> None:
    """The settings that the refusals below are variations of."""
    assert _load(tmp_path, PRODUCTION).profile == "production"


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("issuer", {"issuer": "http://id.example.gov.cn"}),
        ("database.url", {"database": {"url": ""}}),
        ("short_lived.backend", {"short_lived": {"backend": "sqlite"}}),
        ("demo_people", {"demo_people": True}),
        ("keys.key_file", {"keys": {"key_file": None}}),
        ("messaging.sms", {"messaging": {"sms": "development"}}),
        ("messaging.key_secret", {"messaging": {"key_secret": ""}}),
        ("messaging.key_secret", {"messaging": {"key_secret": "ChangeMe"}}),
        ("database.url (password)", {"database": {"url": "postgresql://idp:postgres@db/idp"}}),
        ("short_lived.url (password)", {"short_lived": {"url": "redis://:redis@cache/0"}}),
        ("short_lived.url (password)", {"short_lived": {"url": "redis+sentinel://:redis@a,[::1]:26379/main"}}),
        ("login.recovery_wait_seconds", {"login": {"recovery_wait_seconds": 0}}),
        ("login.recovery_wait_seconds", {"login": {"recovery_wait_seconds": 3_599}}),
        ("login.mobile_release_wait_seconds", {"login": {"mobile_release_wait_seconds": 0}}),
        ("login.mobile_release_wait_seconds", {"login": {"mobile_release_wait_seconds": 259_199}}),
        ("registration.dynamic", {"registration": {"dynamic": "open"}}),
        ("outbound.allow_loopback", {"outbound": {"allow_loopback": True}}),
    ],
)
def test_an_unsafe_production_profile_stops_the_start(tmp_path: Path, key: str, change: dict[str, Any]) -> None:
    """Each unsafe setting is named, with what it must be."""
    text = _refusal(tmp_path, _merge(PRODUCTION, change))
    assert text.startswith(f"{key}: must "), text


def test_the_least_waiting_times_of_production_start(tmp_path: Path) -> None:
    """An hour for a password, three days for a mobile; a try-out may do without."""
    least = {"recovery_wait_seconds": 3_600, "mobile_release_wait_seconds": 259_200}
    assert _load(tmp_path, _merge(PRODUCTION, {"login": least})).login.recovery_wait_seconds == 3_600
    none = dict.fromkeys(least, 0)
    assert _load(tmp_path, {"login": none}).login.mobile_release_wait_seconds == 0


def test_the_embedded_store_serves_one_worker(tmp_path: Path) -> None:
    """Several workers on SQLite would block each other."""
    text = _refusal(tmp_path, {"server": {"workers": 2}})
    assert text.startswith("server.workers:") and "database.url" in text


def test_several_workers_share_no_embedded_short_lived_store(tmp_path: Path) -> None:
    """Several workers on PostgreSQL need Redis as well: what one parks, another must find."""
    text = _refusal(tmp_path, {"server": {"workers": 2}, "database": {"url": "postgresql://idp:x@db/idp"}})
    assert text.startswith("short_lived.backend:") and "redis" in text


def test_the_conformance_profile_has_no_real_database(tmp_path: Path) -> None:
    """Known passwords and open rules do not meet people's data."""
    text = _refusal(tmp_path, {"profile": "conformance", "database": {"url": "postgresql://idp:x@db/idp"}})
    assert text.startswith("profile: ") and "production" in text


def test_redis_needs_an_address(tmp_path: Path) -> None:
    """A backend without its address is half a setting."""
    assert _refusal(tmp_path, {"short_lived": {"backend": "redis"}}).startswith("short_lived.url:")


GATEWAY = {
    "network_identity": "gateway",
    "network_identity_endpoint": "https://gateway.inside.example",
    "network_identity_secret": "k" * 32,
}


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("network_identity_endpoint", {"network_identity_endpoint": ""}),
        ("network_identity_endpoint", {"network_identity_endpoint": "http://gateway.inside.example"}),
        ("network_identity_secret", {"network_identity_secret": ""}),
        ("network_identity_secret", {"network_identity_secret": "k" * 31}),
    ],
)
def test_a_gateway_needs_its_address_and_a_secret(tmp_path: Path, key: str, change: dict[str, Any]) -> None:
    """Whoever could guess the secret would be whoever they like; the line to it is protected in production."""
    assert _load(tmp_path, _merge(PRODUCTION, {"realname": GATEWAY})).realname.network_identity == "gateway"
    text = _refusal(tmp_path, _merge(PRODUCTION, {"realname": {**GATEWAY, **change}}))
    assert text.startswith(f"realname.{key}: "), text
    # Without a gateway nobody asks for either.
    idle = {"realname": {**GATEWAY, **change, "network_identity": "none"}}
    assert _load(tmp_path, _merge(PRODUCTION, idle)).realname.network_identity == "none"


SCRIPT = "https://static.example.gov.cn/faces/jsvm_all.js"
FACES = {"provider": "aliyun", "face": "aliyun", "key_secret": "k" * 30, "face_script": SCRIPT}


@pytest.mark.parametrize(
    "script",
    [
        "http://static.example.gov.cn/jsvm_all.js",
        "http://127.0.0.1:5003/jsvm_all.js",
        "//static.example.gov.cn/jsvm_all.js",
        "https://static.example.gov.cn",
        "https://a@static.example.gov.cn/jsvm_all.js",
        "https://*.example.gov.cn/jsvm_all.js",
        "https://static.example.gov.cn/a b",
        "https://static.example.gov.cn/jsvm_all.js\n",
        "data:text/javascript,1",
    ],
)
def test_a_script_of_a_service_comes_by_a_protected_address(tmp_path: Path, script: str) -> None:
    """It runs in a page of ours, so nobody on the way may change it; without one faces are not compared."""
    assert _load(tmp_path, _merge(PRODUCTION, {"realname": FACES})).realname.compares_faces
    text = _refusal(tmp_path, _merge(PRODUCTION, {"realname": {**FACES, "face_script": script}}))
    assert text.startswith("realname.face_script: must "), text
    none = _load(tmp_path, _merge(PRODUCTION, {"realname": {**FACES, "face_script": ""}}))
    assert not none.realname.compares_faces


def test_a_try_out_may_load_the_script_from_its_own_machine(tmp_path: Path) -> None:
    """As the simulator serves it; from any other machine not without TLS."""
    own = {"realname": {"face": "aliyun", "face_script": "http://127.0.0.1:5003/jsvm_all.js"}}
    assert _load(tmp_path, own).realname.compares_faces
    other = {"realname": {"face": "aliyun", "face_script": "http://10.0.0.1/jsvm_all.js"}}
    assert _refusal(tmp_path, other).startswith("realname.face_script: must ")


def test_the_digest_of_a_script_is_one(tmp_path: Path) -> None:
    """A browser ignores what it does not know as a digest, and would run anything."""
    good = {"realname": {**FACES, "face_script_integrity": "sha384-" + "A" * 64}}
    assert _load(tmp_path, _merge(PRODUCTION, good)).realname.face_script_integrity
    for bad in ("md5-YQ==", "sha384", "sha384-" + "A" * 8 + '" onload="x', "A" * 64):
        text = _refusal(tmp_path, _merge(PRODUCTION, {"realname": {**FACES, "face_script_integrity": bad}}))
        assert text.startswith("realname.face_script_integrity: must "), text


def test_the_bare_credential_is_no_mode(tmp_path: Path) -> None:
    """A telephone in somebody's hand is less than the face it would stand beside at level 3."""
    assert _refusal(tmp_path, {"realname": {**GATEWAY, "network_identity_mode": "credential"}}).startswith("realname.")


@pytest.mark.parametrize(
    ("tree", "key"),
    [
        ({"isuer": "https://x"}, "isuer"),
        ({"server": {"prot": 80}}, "server.prot"),
        ({"server": {"port": "eighty"}}, "server.port"),
        ({"server": {"port": 70000}}, "server.port"),
        ({"server": {"trusted_proxies": ["*"]}}, "server.trusted_proxies.0"),
        ({"server": {"trusted_proxies": ["10.0.0.5/8"]}}, "server.trusted_proxies.0"),
        ({"server": {"metrics_from": ["monitoring"]}}, "server.metrics_from.0"),
        ({"issuer": "https://id.example.gov.cn/"}, "issuer"),
        ({"issuer": "https://user:password@id.example.gov.cn"}, "issuer"),
        ({"tokens": {"access_token_seconds": 301}}, "tokens.access_token_seconds"),
        ({"profile": "test"}, "profile"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, tree: dict[str, Any], key: str) -> None:
    """Unknown keys and values out of bounds; the value, which may be a secret, is not shown."""
    text = _refusal(tmp_path, tree)
    assert text.startswith(f"{key}: ") and "config.yaml" in text
    assert "password" not in text


@pytest.mark.parametrize("content", ["- a\n- b\n", "a: [", "text"])
def test_a_file_of_another_form_is_refused(tmp_path: Path, content: str) -> None:
    """The file is named."""
    assert "config.yaml" in _refusal(tmp_path, content)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """With the variable that points to it."""
    with pytest.raises(ConfigError, match=r"none\.yaml.*IDP_CONFIG"):
        load_settings(tmp_path / "none.yaml", {})


def test_the_environment_beats_the_file(tmp_path: Path) -> None:
    """Nested by two underscores; lists are YAML."""
    settings = _load(
        tmp_path,
        {"server": {"port": 1, "host": "127.0.0.2"}},
        {"IDP_SERVER__PORT": "8080", "IDP_SERVER__TRUSTED_PROXIES": "[10.0.0.0/8]", "IDP_LOG_LEVEL": "WARNING"},
    )
    assert (settings.server.port, settings.server.host) == (8080, "127.0.0.2")
    assert settings.server.trusted_proxies == ("10.0.0.0/8",) and settings.log_level == "WARNING"


def test_a_mounted_file_holds_a_secret(tmp_path: Path) -> None:
    """`…_FILE` names a file whose content, without the line's end, is the value."""
    secret = tmp_path / "secret"
    secret.write_text("postgresql://idp:s3cret@db/idp\n")
    settings = _load(tmp_path, {}, {"IDP_DATABASE__URL_FILE": str(secret)})
    assert settings.database_url == "postgresql://idp:s3cret@db/idp"
    assert "s3cret" not in repr(settings)


def test_a_setting_whose_own_name_ends_with_file_is_a_path(tmp_path: Path) -> None:
    """`keys.key_file` is the path itself, not the content of what it names."""
    assert _load(tmp_path, {}, {"IDP_KEYS__KEY_FILE": "/run/secrets/kek"}).key_file == Path("/run/secrets/kek")


@pytest.mark.parametrize(
    "name", ["IDP_DATABSE__URL", "IDP_SERVER__PROT", "IDP_SERVER", "IDP_DATABASE__URL__X", "IDP_NO_SUCH_FILE"]
)
def test_an_unknown_name_in_the_environment_stops_the_start(tmp_path: Path, name: str) -> None:
    """A slip in a name would otherwise silently leave the default."""
    file = tmp_path / "value"
    file.write_text("x")
    text = _refusal(tmp_path, {}, {name: str(file)})
    assert text.startswith(f"{name}: ") and str(file) not in text


def test_a_mounted_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """By its variable."""
    assert _refusal(tmp_path, {}, {"IDP_DATABASE__URL_FILE": "/no/such"}).startswith("IDP_DATABASE__URL_FILE: ")


def test_names_that_are_no_settings_are_left_alone(tmp_path: Path) -> None:
    """Other programs' variables, the file's own name and those of the tests."""
    _load(tmp_path, {}, {"PATH": "x", "IDP_CONFIG": "x", "IDP_TEST_PG_URL": "x", "OIDP_SERVER": "x"})


DEVICE = {"key_file": None, "pkcs11": {"module": "/usr/lib/hsm.so", "token": "house"}}
PIN = {"IDP_KEYS__PKCS11__PIN": "[made-up"}


def test_a_key_in_a_device_stands_for_the_file(tmp_path: Path) -> None:
    """Production starts with the key-encryption key in a device; its PIN is taken as it is written."""
    settings = _load(tmp_path, _merge(PRODUCTION, {"keys": DEVICE}), PIN)
    assert settings.keys.pkcs11.pin.get_secret_value() == "[made-up"
    assert "made-up" not in repr(settings)


@pytest.mark.parametrize("name", ["pkcs11", "next_pkcs11"])
@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("module", {"key_file": "kek", "next_key_file": "kek"}),
        ("token", {"token": ""}),
        ("pin", {"pin": ""}),
        ("module", {"suite": "national"}),
    ],
)
def test_an_incomplete_device_stops_the_start(tmp_path: Path, name: str, key: str, change: dict[str, Any]) -> None:
    """Two places for one key, a token without a name, no PIN, or a suite that devices lack: each is named."""
    section = {"module": "/usr/lib/hsm.so", "token": "house"}
    keys: dict[str, Any] = {name: section | {part: value for part, value in change.items() if part in ("token", "pin")}}
    keys |= {part: value for part, value in change.items() if part not in ("token", "pin")}
    pin = {} if "pin" in change else {f"IDP_KEYS__{name.upper()}__PIN": "made-up"}
    assert _refusal(tmp_path, {"keys": keys}, pin).startswith(f"keys.{name}.{key}: ")


def test_a_pin_in_the_file_is_refused(tmp_path: Path) -> None:
    """config.yaml is copied and compared, so a PIN must not stand there; the refusal does not repeat it."""
    text = _refusal(tmp_path, {"keys": {"pkcs11": {"pin": "4711-made-up"}}})
    assert text.startswith("keys.pkcs11.pin: must not stand in")
    assert "IDP_KEYS__PKCS11__PIN_FILE" in text
    assert "4711" not in text
