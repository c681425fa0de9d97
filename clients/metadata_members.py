"""The members of client metadata that we know, their JSON types and their bounds (RFC 7591 §2)."""

import json
import re
from collections.abc import Mapping
from typing import Any

from idp.core.oauth_errors import InvalidClientMetadata

MAX_DOCUMENT_BYTES = 65_536
MAX_ITEMS = 50
MAX_TEXT_LENGTH = 2_000
MAX_NAME_LENGTH = 200
MAX_AGE_SECONDS = 315_360_000  # ten years: larger numbers only overflow elsewhere

#: Shown to persons, so they may come once per language: `client_name#zh-CN` (RFC 7591 §2.2).
HUMAN_READABLE = frozenset({"client_name", "client_uri", "logo_uri", "policy_uri", "tos_uri"})
_TEXTS = HUMAN_READABLE | {
    "application_type",
    "backchannel_logout_uri",
    "frontchannel_logout_uri",
    "id_token_signed_response_alg",
    "initiate_login_uri",
    "jwks_uri",
    "scope",
    "sector_identifier_uri",
    "software_id",
    "software_version",
    "subject_type",
    "token_endpoint_auth_method",
    "token_endpoint_auth_signing_alg",
    "userinfo_signed_response_alg",
}
_LISTS = frozenset(
    {
        "contacts",
        "default_acr_values",
        "grant_types",
        "post_logout_redirect_uris",
        "redirect_uris",
        "request_uris",
        "response_types",
    }
)
_FLAGS = frozenset({"backchannel_logout_session_required", "frontchannel_logout_session_required", "require_auth_time"})
_KNOWN = _TEXTS | _LISTS | _FLAGS | {"default_max_age", "jwks"}

#: Asking for one of these and not getting it would leave a client less protected than it believes,
#: so they are refused instead of ignored.
_UNSUPPORTED = (
    "authorization_encrypted_response_alg",
    "authorization_encrypted_response_enc",
    "authorization_signed_response_alg",
    "dpop_bound_access_tokens",
    "id_token_encrypted_response_alg",
    "id_token_encrypted_response_enc",
    "introspection_encrypted_response_alg",
    "introspection_encrypted_response_enc",
    "require_pushed_authorization_requests",
    "require_signed_request_object",
    "tls_client_certificate_bound_access_tokens",
    "userinfo_encrypted_response_alg",
    "userinfo_encrypted_response_enc",
)

_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
# Controls, line separators, lone surrogates, and the marks that turn the direction of what is shown;
# joiners stay, since Mongolian and Uyghur need them.
_HOSTILE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def read_members(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members that we know, each of its type and size; raises InvalidClientMetadata.

    Unknown members are dropped (RFC 7591 §2), and so are nulls (RFC 7592 §2.2: as if omitted).
    """
    _check_object(document)
    for name in _UNSUPPORTED:
        if document.get(name):
            raise InvalidClientMetadata("An encrypted, pushed, signed or bound form is asked for: unsupported.")
    members = {}
    for name, value in document.items():
        plain, mark, tag = name.partition("#")
        if value is None or plain not in _KNOWN or (mark and plain not in HUMAN_READABLE):
            continue
        if mark and _LANGUAGE_TAG.fullmatch(tag) is None:
            raise InvalidClientMetadata("A language tag is malformed.")
        if not _is_fit(plain, value):
            raise malformed(plain)
        members[name] = list(dict.fromkeys(value)) if plain in _LISTS else value
    if len(members) > len(_KNOWN) + MAX_ITEMS:
        raise InvalidClientMetadata("There are too many languages.")
    return members


def malformed(name: str) -> InvalidClientMetadata:
    """Return the error that names a member; `name` is one of ours, never the sender's."""
    return InvalidClientMetadata(f"The member {name} is not acceptable.")


def _check_object(document: Mapping[str, Any]) -> None:
    # A parsed body may be a list, and a seed file in YAML may have numbers for names.
    if not isinstance(document, Mapping) or not all(isinstance(name, str) for name in document):
        raise InvalidClientMetadata("The metadata is not a JSON object.")
    try:
        size = len(json.dumps(dict(document), allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        raise InvalidClientMetadata("The metadata is not a JSON object.") from None
    if size > MAX_DOCUMENT_BYTES:
        raise InvalidClientMetadata("The metadata is too large.")


def _is_fit(name: str, value: Any) -> bool:
    if name in _TEXTS:
        return _is_text(value, MAX_NAME_LENGTH if name == "client_name" else MAX_TEXT_LENGTH)
    if name in _LISTS:
        return isinstance(value, list) and len(value) <= MAX_ITEMS and all(_is_text(item) for item in value)
    if name in _FLAGS:
        return isinstance(value, bool)
    if name == "default_max_age":
        return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_AGE_SECONDS
    return isinstance(value, dict)


def _is_text(value: Any, limit: int = MAX_TEXT_LENGTH) -> bool:
    return isinstance(value, str) and 0 < len(value) <= limit and _HOSTILE.search(value) is None
