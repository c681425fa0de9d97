"""Whether a document is what a schema of ours says: the keywords of JSON Schema 2020-12 that our OpenAPI uses.

A keyword that is not known here is a failure, so that no promise of the schema goes unlooked at.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}
_SAYS_NOTHING = {"title", "description", "examples", "default"}


def faults(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any], at: str = "$") -> list[str]:
    """Return where `value` is not what `schema` says; references are looked up in `root`."""
    found: list[str] = []
    for keyword, wanted in schema.items():
        if keyword in _SAYS_NOTHING:
            continue
        if keyword == "$ref":
            found += faults(value, resolve(wanted, root), root, at)
        elif keyword == "anyOf":
            if all(faults(value, each, root, at) for each in wanted):
                found.append(f"{at}: none of anyOf")
        elif keyword == "properties":
            held = value if isinstance(value, dict) else {}
            for name in wanted.keys() & held.keys():
                found += faults(held[name], wanted[name], root, f"{at}.{name}")
        elif keyword == "items":
            for place, each in enumerate(value if isinstance(value, list) else ()):
                found += faults(each, wanted, root, f"{at}[{place}]")
        elif not _holds(keyword, wanted, value, schema):
            found.append(f"{at}: {keyword}")
    return found


def resolve(reference: str, root: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a local reference points to."""
    found: Any = root
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)


def _holds(keyword: str, wanted: Any, value: Any, schema: Mapping[str, Any]) -> bool:
    match keyword:
        case "type":
            return _TYPES[wanted](value)
        case "enum":
            return value in wanted
        case "required":
            return isinstance(value, dict) and set(wanted) <= value.keys()
        case "additionalProperties":
            assert wanted is False
            return isinstance(value, dict) and value.keys() <= schema.get("properties", {}).keys()
        case "minItems":
            return isinstance(value, list) and len(value) >= wanted
        case "maxItems":
            return isinstance(value, list) and len(value) <= wanted
        case "minLength":
            return isinstance(value, str) and len(value) >= wanted
        case "maxLength":
            return isinstance(value, str) and len(value) <= wanted
        case "minimum":
            return isinstance(value, int) and value >= wanted
        case "maximum":
            return isinstance(value, int) and value <= wanted
        case "pattern":
            return isinstance(value, str) and re.search(wanted, value) is not None
    raise AssertionError(f"the schema uses {keyword}, which is not looked at")
