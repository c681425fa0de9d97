"""The settings of accounts in older systems: logins that begin with one, and the cases that people decide."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field

from idp.config.section import Section


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
    breaker_seconds: int = Field(default=60, gt=0)
    live: Mapping[str, LiveSourceSettings] = Field(default_factory=dict)


class MergeCaseSettings(Section):
    """How people decide whose an account of an older system is."""

    lease_seconds: int = Field(default=1_800, ge=60, le=86_400)
    audit_percent: float = Field(default=2.0, ge=0, le=100)
    file_days: int = Field(default=7, ge=1, le=30)


class ImportSettings(Section):
    """Files of older systems: where they lie, and the shares in percent above which a batch stops."""

    folder: Path | None = None
    offered_folder: Path | None = None
    upload_max_mib: int = Field(default=2_048, ge=1)
    stop_bad_rows_percent: float = Field(default=5, ge=0, le=100)
    stop_lost_characters_percent: float = Field(default=2, ge=0, le=100)
    stop_changes_percent: float = Field(default=5, ge=0, le=100)
    stop_suspensions_percent: float = Field(default=0.1, ge=0, le=100)
