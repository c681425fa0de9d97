"""The claims of a login as rows that a person can read: label, value, where from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from demo.portals.sessions import Login
from demo.portals.texts import Texts

#: What the provider's `acr` values begin with.
LEVELS = "urn:yihao:level"
CIVIL_ZONE = ZoneInfo("Asia/Shanghai")

#: Claims about the token or the act of logging in, not about the person.
TECHNICAL = frozenset(
    {"iss", "aud", "azp", "exp", "iat", "nbf", "jti", "nonce", "at_hash", "c_hash"} | {"auth_time", "acr", "amr", "sid"}
)
INSTANTS = frozenset({"exp", "iat", "nbf", "auth_time", "updated_at"})
ORDER = ("name", "preferred_username", "phone_number", "phone_number_verified", "sub")
TECHNICAL_ORDER = ("acr", "amr", "auth_time", "sid", "iss", "aud")


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One line of the table; `raw` is the value as it came, for machines that read the page."""

    element_id: str
    name: str
    label: str
    value: str
    raw: str
    source: str


def rows(login: Login, texts: Texts, *, technical: bool) -> list[ClaimRow]:
    """Return the rows about the person, or the technical ones, in an order fit for reading."""
    names = {*login.id_claims, *login.userinfo}
    chosen = names & TECHNICAL if technical else names - TECHNICAL
    order = TECHNICAL_ORDER if technical else ORDER
    found: list[ClaimRow] = []
    for name in sorted(chosen, key=lambda name: (order.index(name) if name in order else len(order), name)):
        found.extend(_rows_of(name, login, texts))
    return found


def level_of(login: Login) -> int:
    """Return the level of a login by its `acr`, which a client checks itself (OpenID Connect Core §3.1.3.7)."""
    prefix, _, level = str(login.id_claims.get("acr", "")).rpartition(":")
    return int(level) if prefix == LEVELS and level in ("1", "2", "3", "4") else 0


def mobile(claims: Mapping[str, Any]) -> str:
    """Return the mobile number as people write it in China, or an empty text."""
    number = claims.get("phone_number")
    return number.removeprefix("+86") if isinstance(number, str) else ""


def masked(number: str) -> str:
    """Return a number with its middle hidden."""
    return f"{number[:-8]}****{number[-4:]}" if len(number) >= 8 else ""


def _rows_of(name: str, login: Login, texts: Texts) -> list[ClaimRow]:
    signed, asked = texts("source_id_token"), texts("source_userinfo")
    in_token, in_userinfo = name in login.id_claims, name in login.userinfo
    if in_token and in_userinfo and login.id_claims[name] == login.userinfo[name]:
        return [_row(name, login.id_claims[name], f"{signed}, {asked}", texts)]
    found = []
    if in_token:
        found.append(_row(name, login.id_claims[name], signed, texts))
    if in_userinfo:
        suffix = "-userinfo" if in_token else ""
        found.append(_row(name, login.userinfo[name], asked, texts, suffix=suffix))
    return found


def _row(name: str, value: object, source: str, texts: Texts, *, suffix: str = "") -> ClaimRow:
    return ClaimRow(
        element_id=f"claim-{name}{suffix}",
        name=name,
        label=texts.claim(name),
        value=_readable(name, value, texts),
        raw=value if isinstance(value, str) else json.dumps(value, ensure_ascii=False),
        source=source,
    )


def _readable(name: str, value: object, texts: Texts) -> str:
    if name == "amr" and isinstance(value, list):
        return ", ".join(texts.method(str(item)) for item in value)
    if isinstance(value, bool):
        return texts("yes") if value else texts("no")
    if name in INSTANTS and isinstance(value, int | float):
        try:
            return datetime.fromtimestamp(value, CIVIL_ZONE).strftime("%Y-%m-%d %H:%M:%S (UTC+8)")
        except (OverflowError, OSError, ValueError):
            return str(value)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, indent=2)
    return str(value)
