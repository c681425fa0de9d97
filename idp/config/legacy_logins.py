"""The settings of beginning a login with an account of an older system."""

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
