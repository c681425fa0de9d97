"""The settings: one frozen tree of typed values, each with its embedded default.

Only the composition root reads it; every collaborator gets its own section. `config.yaml` in the
repository root is the sample, and a test holds it equal to the defaults below.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr

from idp.config.levels import LevelSettings
from idp.config.section import Section
from idp.core.networks import parse_network


def _check_issuer(value: str) -> str:
    """Accept an origin without path, query or trailing slash: it is compared exactly (RFC 8414 §2)."""
    parts = urlsplit(value)
    if parts.scheme not in ("https", "http") or not parts.hostname or value != f"{parts.scheme}://{parts.netloc}":
        raise ValueError("must be an origin such as https://id.example.gov.cn, without path or trailing slash")
    if parts.username or parts.password:
        raise ValueError("must not hold a user name")
    return value


def _check_network(value: str) -> str:
    try:
        parse_network(value)
    except ValueError:
        raise ValueError("must be an address such as 10.0.0.5 or a network such as 10.0.0.0/8") from None
    return value


Issuer = Annotated[str, AfterValidator(_check_issuer)]
Seconds = Annotated[int, Field(gt=0)]
NetworkText = Annotated[str, AfterValidator(_check_network)]


class ServerSettings(Section):
    """The web server."""

    host: str = "127.0.0.1"
    port: int = Field(default=5000, ge=1, le=65535)
    workers: int = Field(default=1, ge=1, le=64)
    threads: int = Field(default=2, ge=1, le=16)
    trusted_proxies: tuple[NetworkText, ...] = ()
    metrics_from: tuple[NetworkText, ...] = ("127.0.0.1",)
    tls_cert_file: Path | None = None
    tls_key_file: Path | None = None
    max_body_bytes: int = Field(default=65_536, ge=4_096, le=10_485_760)


class DatabaseSettings(Section):
    """The database of record."""

    url: SecretStr = SecretStr("")


class ShortLivedSettings(Section):
    """The short-lived store."""

    backend: Literal["sqlite", "redis"] = "sqlite"
    url: SecretStr = SecretStr("")
    prefix: str = "yihao:"


class Pkcs11Settings(Section):
    """A key-encryption key in a hardware security module; in use where `module` is set."""

    module: Path | None = None
    token: str = ""
    serial: str = ""
    key_label: str = Field(default="yihao-kek", min_length=1)
    pin: SecretStr = SecretStr("")


class KeySettings(Section):
    """The key-encryption key, and how long signing keys live."""

    key_file: Path | None = None
    next_key_file: Path | None = None
    pkcs11: Pkcs11Settings = Pkcs11Settings()
    next_pkcs11: Pkcs11Settings = Pkcs11Settings()
    suite: Literal["international", "national"] = "international"
    announce_seconds: Seconds = 1_209_600
    rotate_seconds: Seconds = 7_776_000
    retain_seconds: Seconds = 1_209_600
    reload_seconds: int = Field(default=30, ge=1, le=300)


class AuditSettings(Section):
    """Sealing and keeping of the audit log; only the worker's host holds the key file."""

    seal_key_file: Path | None = None
    heads_file: Path | None = None
    seal_every_seconds: int = Field(default=60, ge=1, le=3_600)
    batch_rows: int = Field(default=1_000, ge=10, le=10_000)
    late_seconds: int = Field(default=300, ge=60, le=86_400)
    keep_months: int = Field(default=36, ge=6)


class RetentionSettings(Section):
    """How long rows are kept after their end, in days (PIPL art. 19, GB/T 35273-2020 6.1)."""

    sessions_days: int = Field(default=184, ge=1)
    recoveries_days: int = Field(default=184, ge=1)
    devices_days: int = Field(default=30, ge=1)
    credentials_days: int = Field(default=184, ge=1)
    contacts_days: int = Field(default=1_095, ge=1)
    tries_days: int = Field(default=30, ge=2)
    delivered_days: int = Field(default=7, ge=1)
    undelivered_days: int = Field(default=30, ge=1)
    prepared_days: int = Field(default=30, ge=1)


class SessionSettings(Section):
    """Limits of SSO sessions."""

    idle_seconds: Seconds = 1_800
    absolute_seconds: Seconds = 43_200
    staff_idle_seconds: Seconds = 900
    staff_absolute_seconds: Seconds = 28_800
    known_device_seconds: Seconds = 15_552_000


class TokenSettings(Section):
    """Lives of codes and tokens."""

    code_seconds: int = Field(default=60, ge=10, le=600)
    access_token_seconds: int = Field(default=300, ge=30, le=300)
    id_token_seconds: int = Field(default=300, ge=30, le=3_600)
    refresh_grace_seconds: int = Field(default=10, ge=0, le=60)
    refresh_idle_seconds: Seconds = 2_592_000
    refresh_absolute_seconds: Seconds = 7_776_000


class LoginSettings(Section):
    """The interaction loop and its limits."""

    interaction_seconds: Seconds = 1_800
    citizen_password_length: int = Field(default=10, ge=8, le=64)
    staff_password_length: int = Field(default=15, ge=12, le=64)
    code_digits: int = Field(default=6, ge=6, le=10)
    code_seconds: int = Field(default=300, ge=60, le=600)
    code_tries: int = Field(default=5, ge=1, le=10)
    tries_before_lock: int = Field(default=5, ge=3, le=100)
    lock_seconds: Seconds = 900
    recovery_wait_seconds: int = Field(default=86_400, ge=0)
    mobile_release_wait_seconds: int = Field(default=604_800, ge=0)


class LimitSettings(Section):
    """How often one address may ask; 0 switches a limit off."""

    login_per_minute: int = Field(default=60, ge=0)
    register_per_hour: int = Field(default=60, ge=0)
    codes_per_mobile_per_hour: int = Field(default=5, ge=0)
    token_per_minute: int = Field(default=6_000, ge=0)
    console_per_minute: int = Field(default=240, ge=0)


class ApiSettings(Section):
    """How much approved systems and devices may ask."""

    registrations_per_hour: int = Field(default=1_000, ge=0)
    registrations_per_number_per_day: int = Field(default=3, ge=1)
    messages_per_mobile_per_day: int = Field(default=2, ge=1)
    verifications_per_day: int = Field(default=10_000, ge=0)
    levels_per_minute: int = Field(default=600, ge=0)
    mapping_requests_per_minute: int = Field(default=600, ge=0)
    device_enrolments_per_hour: int = Field(default=60, ge=0)
    device_requests_per_minute: int = Field(default=180, ge=0)


class RealNameSettings(Section):
    """Who is asked whether a number, a name and a mobile belong together, how often, and how long it counts."""

    provider: Literal["register", "tencent", "aliyun", "none"] = "register"
    face: Literal["tencent", "aliyun", "none"] = "none"
    endpoint: str = ""
    key_id: str = ""
    key_secret: SecretStr = SecretStr("")
    face_rule: str = ""
    face_script: str = ""
    face_script_integrity: str = ""
    network_identity: Literal["none", "gateway"] = "none"
    network_identity_endpoint: str = ""
    network_identity_secret: SecretStr = SecretStr("")
    network_identity_mode: Literal["password", "face", "password_and_face"] = "password_and_face"
    tries_per_person: int = Field(default=3, ge=1, le=10)
    lock_seconds: Seconds = 3_600
    per_number_per_day: int = Field(default=10, ge=1)
    per_minute: int = Field(default=600, ge=1)
    per_day: int = Field(default=100_000, ge=1)
    breaker_failures: int = Field(default=5, ge=1, le=1_000)
    breaker_seconds: Seconds = 30
    name_valid_days: int = Field(default=1_095, ge=1)
    face_valid_days: int = Field(default=1_095, ge=1)
    network_identity_valid_days: int = Field(default=1_095, ge=1)
    counter: bool = True
    counter_valid_days: int = Field(default=3_650, ge=1)
    presence_seconds: int = Field(default=900, ge=60, le=3_600)
    death_close_days: int = Field(default=30, ge=1)

    @property
    def compares_faces(self) -> bool:
        """True where a service compares faces; that of Alibaba cannot begin without its script."""
        return self.face != "none" and (self.face != "aliyun" or self.face_script != "")


class LiveSourceSettings(Section):
    """One older system that can be asked while somebody logs in; secrets lie in a file of their own."""

    kind: Literal["ldap", "sql", "http"]
    url: str = Field(min_length=1)
    secret_file: Path | None = None
    columns: Mapping[str, str] = Field(default_factory=dict)
    ca_file: Path | None = None
    query: str = ""
    base: str = ""
    login_attribute: str = "uid"
    bind_dn: str = ""
    start_tls: bool = False


class LegacyLoginSettings(Section):
    """Beginning a login with an account of an older system."""

    offered: bool = False
    breaker_failures: int = Field(default=3, ge=1, le=1_000)
    breaker_seconds: Seconds = 60
    live: Mapping[str, LiveSourceSettings] = Field(default_factory=dict)


class MergeCaseSettings(Section):
    """How people decide whose an account of an older system is."""

    lease_seconds: int = Field(default=1_800, ge=60, le=86_400)
    audit_percent: float = Field(default=2.0, ge=0, le=100)
    file_days: int = Field(default=7, ge=1, le=30)


class MessagingSettings(Section):
    """How messages leave."""

    sms: Literal["development", "tencent", "aliyun", "webhook"] = "development"
    endpoint: str = ""
    key_id: str = ""
    key_secret: SecretStr = SecretStr("")
    sign_name: str = ""
    app_id: str = ""
    templates: Mapping[str, str] = Field(default_factory=dict)


class LocaleSettings(Section):
    """Languages of the pages."""

    default: str = "zh_CN"
    supported: tuple[str, ...] = ("zh_CN", "en")


class RegistrationSettings(Section):
    """Dynamic client registration (RFC 7591)."""

    dynamic: Literal["closed", "open"] = "closed"
    default_scope: tuple[str, ...] = ("openid",)
    resources: tuple[str, ...] = ()


class ImportSettings(Section):
    """Files of older systems: where they lie, and the shares in percent above which a batch stops."""

    folder: Path | None = None
    offered_folder: Path | None = None
    upload_max_mib: int = Field(default=2_048, ge=1)
    stop_bad_rows_percent: float = Field(default=5, ge=0, le=100)
    stop_lost_characters_percent: float = Field(default=2, ge=0, le=100)
    stop_changes_percent: float = Field(default=5, ge=0, le=100)
    stop_suspensions_percent: float = Field(default=0.1, ge=0, le=100)


class OutboundSettings(Section):
    """Fetches from addresses that clients gave us."""

    allow_loopback: bool = True
    ca_file: Path | None = None
    timeout_seconds: float = Field(default=5, gt=0, le=30)


class Settings(Section):
    """The whole tree."""

    profile: Literal["embedded", "production", "conformance"] = "embedded"
    issuer: Issuer = "http://127.0.0.1:5000"
    data_dir: Path = Path("var/data")
    demo_people: bool = True
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    server: ServerSettings = ServerSettings()
    database: DatabaseSettings = DatabaseSettings()
    short_lived: ShortLivedSettings = ShortLivedSettings()
    keys: KeySettings = KeySettings()
    audit: AuditSettings = AuditSettings()
    retention: RetentionSettings = RetentionSettings()
    sessions: SessionSettings = SessionSettings()
    tokens: TokenSettings = TokenSettings()
    login: LoginSettings = LoginSettings()
    limits: LimitSettings = LimitSettings()
    api: ApiSettings = ApiSettings()
    levels: LevelSettings = LevelSettings()
    realname: RealNameSettings = RealNameSettings()
    legacy_logins: LegacyLoginSettings = LegacyLoginSettings()
    merge_cases: MergeCaseSettings = MergeCaseSettings()
    messaging: MessagingSettings = MessagingSettings()
    locales: LocaleSettings = LocaleSettings()
    registration: RegistrationSettings = RegistrationSettings()
    imports: ImportSettings = ImportSettings()
    outbound: OutboundSettings = OutboundSettings()

    @property
    def https(self) -> bool:
        """True where browsers reach the provider over TLS."""
        return self.issuer.startswith("https://")

    @property
    def database_url(self) -> str:
        """The database's address: the one set, or the embedded file."""
        return self.database.url.get_secret_value() or f"sqlite:///{self.data_dir / 'yihao.db'}"

    @property
    def key_file(self) -> Path:
        """Where the key-encryption key lies."""
        return self.keys.key_file or self.data_dir / "kek.key"

    @property
    def seal_key_file(self) -> Path:
        """Where the key lies that seals the audit log."""
        return self.audit.seal_key_file or self.data_dir / "audit-seal.key"

    @property
    def upload_folder(self) -> Path:
        """Where files of older systems lie until they are applied."""
        return self.imports.folder or self.data_dir / "uploads"

    @property
    def heads_file(self) -> Path:
        """Where the seals are published outside the database."""
        return self.audit.heads_file or self.data_dir / "audit-heads.log"
