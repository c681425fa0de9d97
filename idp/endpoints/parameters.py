"""Strict parsing of query strings and form bodies: what is odd is refused before anything reads it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, overload
from urllib.parse import parse_qsl

from idp.core.oauth_errors import InvalidRequest

T = TypeVar("T")

MAX_PARAMETERS = 64
MAX_NAME_LENGTH = 128
MAX_VALUE_LENGTH = 16_384
#: RFC 8707 §2 lets `resource` be repeated; everything else only once (RFC 6749 §3.1, §3.2).
REPEATABLE = frozenset({"resource"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
FORM_TYPE = "application/x-www-form-urlencoded"


class Parameters(Mapping[str, str]):
    """Parameters by name; an empty value counts as omitted (RFC 6749 §3.1)."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, tuple[str, ...]]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> str:
        return self._values[name][0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    # Mapping's own costs an exception for each parameter that is not there.
    @overload
    def get(self, name: str, default: None = None, /) -> str | None: ...
    @overload
    def get(self, name: str, default: str, /) -> str: ...
    @overload
    def get(self, name: str, default: T, /) -> str | T: ...
    def get(self, name: str, default: Any = None, /) -> Any:
        """Return the parameter, or `default`."""
        values = self._values.get(name)
        return default if values is None else values[0]

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of a repeatable parameter."""
        return self._values.get(name, ())


@dataclass(frozen=True, slots=True)
class Collected:
    """Everything that arrived, before it is judged; the authorization endpoint judges in two phases."""

    parameters: Parameters
    repeated: frozenset[str]
    malformed: frozenset[str]


def collect_urlencoded(raw: bytes) -> Collected:
    """Return what a query string or form body holds; raises InvalidRequest where it cannot be read at all."""
    try:
        pairs = parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=MAX_PARAMETERS,
        )
    except (ValueError, UnicodeError):
        raise InvalidRequest("The parameters are not well-formed.") from None
    values: dict[str, tuple[str, ...]] = {}
    seen: set[str] = set()
    repeated: set[str] = set()
    malformed: set[str] = set()
    for name, value in pairs:
        if name in seen and name not in REPEATABLE:
            repeated.add(name)
            continue
        seen.add(name)
        if len(name) > MAX_NAME_LENGTH or len(value) > MAX_VALUE_LENGTH or has_control(name + value):
            malformed.add(name)
        elif value:
            values[name] = (*values.get(name, ()), value)
    return Collected(Parameters(values), frozenset(repeated), frozenset(malformed))


def parse_urlencoded(raw: bytes) -> Parameters:
    """Return the parameters of a query string or a form body.

    Raises InvalidRequest for a duplicate, a control character, text that is not UTF-8, or too much of it.
    """
    collected = collect_urlencoded(raw)
    if collected.repeated:
        raise InvalidRequest("A parameter is repeated.")
    if collected.malformed:
        raise InvalidRequest("A parameter is too long or holds control characters.")
    return collected.parameters


def parse_form(body: bytes, content_type: str | None, query: bytes) -> Parameters:
    """Return the parameters of a back-channel POST.

    Raises InvalidRequest for another content type, or for parameters in the query: those end in logs
    (RFC 6749 §2.3.1).
    """
    if query:
        raise InvalidRequest("Parameters belong in the body, not in the query.")
    require_form(content_type)
    return parse_urlencoded(body)


def require_form(content_type: str | None) -> None:
    """Raise InvalidRequest for a body of any other type than that of forms."""
    if (content_type or "").split(";")[0].strip().lower() != FORM_TYPE:
        raise InvalidRequest("The content type must be application/x-www-form-urlencoded.")


def parse_scope(value: str | None) -> tuple[str, ...]:
    """Return the scope tokens, each once, in order; raises InvalidRequest on a malformed one (RFC 6749 §3.3)."""
    tokens = tuple(dict.fromkeys((value or "").split(" ")))
    tokens = tuple(token for token in tokens if token)
    for token in tokens:
        if any(not 0x21 <= ord(letter) <= 0x7E or letter in '"\\' for letter in token):
            raise InvalidRequest("The scope is malformed.")
    return tokens


def has_control(text: str) -> bool:
    """Tell whether `text` holds a control character, NUL included."""
    return _CONTROL.search(text) is not None
