"""Reading what a client asks of `verified_claims` (OpenID Connect for Identity Assurance 1.0 §5.3-5.6).

What is read is kept with the grant as a template: JSON that holds names and words of ours, and nothing else of
what was sent. `null` asks for an element as it is, `{"values": […]}` and `{"max_age": …}` restrict one.
"""

from collections.abc import Mapping, Set
from typing import Any

from realname.release.evidence import ASSURANCE_LEVELS, CHECK_METHODS, DOCUMENT, DOCUMENT_TYPES, TRUST_FRAMEWORK
from realname.release.identity_claims import IDENTITY_CLAIMS
from realname.release.languages import script_of_tag

MAX_ELEMENTS = 10
MAX_DEPTH = 8
_INSTANT = "instant"
# What a request can restrict: a set of the words that there are, an instant, or elements below.
_SCHEMA: Mapping[str, Any] = {
    "trust_framework": frozenset({TRUST_FRAMEWORK}),
    "assurance_level": frozenset(ASSURANCE_LEVELS.values()),
    "time": _INSTANT,
    "evidence": [
        {
            "type": frozenset({DOCUMENT}),
            "check_details": [
                {"check_method": frozenset(each for listed in CHECK_METHODS.values() for each in listed)}
            ],
            "document_details": {
                "type": frozenset(DOCUMENT_TYPES.values()),
                "issuer": {"country_code": frozenset({"CHN"})},
            },
        }
    ],
}


class MalformedRequest(ValueError):
    """The request is not of the specified form; the text is a literal of ours."""


class _Unmeetable(Exception):
    """A restriction that nothing here ever meets; the element asked for is then left out (§5.7.4)."""


def read_verified_claims(asked: object, approved: Set[str]) -> list[dict[str, Any]] | dict[str, Any] | None:
    """Return the template of what can be met, None where nothing can; raises MalformedRequest.

    An array stays an array: its elements are answered one by one (§5.6).
    """
    if not _is_shallow(asked, MAX_DEPTH):
        raise MalformedRequest("verified_claims is nested too deeply.")
    if isinstance(asked, list):
        if not 0 < len(asked) <= MAX_ELEMENTS:
            raise MalformedRequest("verified_claims must hold between one and ten elements.")
        templates = [_element(each, approved) for each in asked]
        return [each for each in templates if each is not None] or None
    return _element(asked, approved)


def name_of_claim(asked: str) -> str | None:
    """Return the identity claim that a member names, with or without a language tag; None where it names none."""
    name, has_tag, tag = asked.partition("#")
    if name not in IDENTITY_CLAIMS or (has_tag and (name != "real_name" or script_of_tag(tag) is None)):
        return None
    return name


def refuse_value(member: object) -> None:
    """Raise MalformedRequest where an identity claim is asked for by value.

    Answering or not would tell whether the person has that number or name, without a word of consent to it.
    """
    if isinstance(member, Mapping) and not {"value", "values"}.isdisjoint(member):
        raise MalformedRequest("An identity claim cannot be asked for by value.")


def _element(asked: object, approved: Set[str]) -> dict[str, Any] | None:
    if not isinstance(asked, dict):
        raise MalformedRequest("verified_claims must be an object or an array of objects.")
    claims, verification = asked.get("claims"), asked.get("verification")
    if not isinstance(claims, dict) or not claims:
        raise MalformedRequest("verified_claims must name claims.")
    if not isinstance(verification, dict) or "trust_framework" not in verification:
        raise MalformedRequest("verified_claims must name verification and its trust_framework.")
    if not all(each is None or isinstance(each, dict) for each in claims.values()):
        raise MalformedRequest("A claim of verified_claims must be null or an object.")
    for name, member in claims.items():
        if name.partition("#")[0] in IDENTITY_CLAIMS:
            refuse_value(member)
    names = [name for name in claims if name_of_claim(name) in approved]
    try:
        template = _read(verification, _SCHEMA)
    except _Unmeetable:
        return None
    return {"verification": template, "claims": sorted(names)} if names else None


def _read(node: object, schema: Any) -> Any:
    if isinstance(schema, frozenset):
        return _words(node, schema)
    if schema == _INSTANT:
        return _instant(node)
    if isinstance(schema, list):
        return _alternatives(node, schema[0])
    if node is None:
        return None
    if not isinstance(node, dict):
        raise MalformedRequest("An element of verification must be null or an object.")
    # §5.5.1: no restriction may be passed over, so one on something that is not known here is not met.
    if any(restricts(value) for name, value in node.items() if name not in schema):
        raise _Unmeetable
    return {name: _read(node[name], below) for name, below in schema.items() if name in node}


def _words(node: object, known: frozenset[str]) -> dict[str, Any] | None:
    if node is None:
        return None
    if not isinstance(node, dict) or {"value", "values"} <= node.keys():
        raise MalformedRequest("An element of verification is malformed.")
    if {"value", "values"}.isdisjoint(node):
        return None
    values = [node["value"]] if "value" in node else node["values"]
    if not isinstance(values, list) or not values or not all(isinstance(each, str) for each in values):
        raise MalformedRequest("A value of verification must be a text.")
    if not (kept := sorted(known.intersection(values))):
        raise _Unmeetable
    return {"values": kept}


def _instant(node: object) -> dict[str, Any] | None:
    if node is None:
        return None
    if not isinstance(node, dict):
        raise MalformedRequest("An element of verification is malformed.")
    if not {"value", "values"}.isdisjoint(node):
        raise _Unmeetable  # a moment to the second is nothing that anybody can ask for
    if "max_age" not in node:
        return None
    age = node["max_age"]
    if isinstance(age, bool) or not isinstance(age, int) or not 0 <= age < 10**12:
        raise MalformedRequest("max_age must be a whole number of seconds.")
    return {"max_age": age}


def _alternatives(node: object, schema: Mapping[str, Any]) -> list[Any]:
    """Read entries of an array, which are linked by OR (§5.4)."""
    if not isinstance(node, list) or not 0 < len(node) <= MAX_ELEMENTS:
        raise MalformedRequest("An array of verification must hold between one and ten objects.")
    read = []
    for entry in node:
        if not isinstance(entry, dict):
            raise MalformedRequest("An array of verification must hold objects.")
        # §5.4: an entry of evidence names its type, by `value` alone.
        if "type" in schema and (not isinstance(entry.get("type"), dict) or "value" not in entry["type"]):
            raise MalformedRequest("An entry of evidence must name its type by value.")
        try:
            read.append(_read(entry, schema))
        except _Unmeetable:
            continue
    if not read:
        raise _Unmeetable
    return read


def restricts(node: object) -> bool:
    """Tell whether something is restricted, here or below, in a request or a template."""
    if isinstance(node, dict):
        return not {"value", "values", "max_age"}.isdisjoint(node) or any(map(restricts, node.values()))
    return isinstance(node, list) and any(map(restricts, node))


def _is_shallow(node: object, depth: int) -> bool:
    if not isinstance(node, dict | list):
        return True
    below = node.values() if isinstance(node, dict) else node
    return depth > 0 and all(_is_shallow(each, depth - 1) for each in below)
