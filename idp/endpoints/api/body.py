"""Reading the JSON of a request as strictly as forms are read: what is odd is refused before anything reads it."""

import json
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import ValidationError

from idp.audit.log import Origin
from idp.endpoints.api.documents import RequestDocument
from idp.endpoints.api.problems import ApiProblem, MemberProblem, ProblemKind, Unfit
from idp.endpoints.parameters import has_control

D = TypeVar("D", bound=RequestDocument)
_JSON_TYPE = "application/json"
_REASONS = {"missing": Unfit.MISSING, "extra_forbidden": Unfit.UNKNOWN}


@dataclass(frozen=True, slots=True)
class ApiCall:
    """A request as it came: the raw body, so that nothing is lost before it is judged."""

    body: bytes = field(repr=False)
    content_type: str | None
    query: str = field(repr=False)
    authorization: str | None = field(repr=False)
    idempotency_key: str | None = field(repr=False)
    origin: Origin
    peer: str = field(default="", repr=False)  # the address that asks


def read_document(call: ApiCall, model: type[D]) -> D:
    """Return what the body holds; raises ApiProblem."""
    if call.query:  # numbers and names in a query would end in logs
        raise ApiProblem(ProblemKind.BAD_REQUEST, detail="Parameters belong in the body, not in the query.")
    if (call.content_type or "").split(";")[0].strip().lower() != _JSON_TYPE:
        raise ApiProblem(ProblemKind.MEDIA_TYPE)
    try:
        return model.model_validate(_read_object(call.body))
    except ValidationError as error:
        raise ApiProblem(ProblemKind.MEMBERS, *_members(error, model)) from None


def _read_object(raw: bytes) -> dict[str, Any]:
    """Return the one object; raises ApiProblem, whose text quotes nothing of it."""
    try:
        document = json.loads(raw.decode("utf-8"), parse_constant=_refuse, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        raise ApiProblem(ProblemKind.BAD_REQUEST, detail="The body is not one JSON object (RFC 8259).") from None
    if not isinstance(document, dict):
        raise ApiProblem(ProblemKind.BAD_REQUEST, detail="The body must be a JSON object.")
    for value in document.values():
        # Lone surrogates cannot be written anywhere, and PostgreSQL refuses NUL.
        each = value if isinstance(value, list) else [value]
        if any(isinstance(text, str) and (has_control(text) or not _is_writable(text)) for text in each):
            raise ApiProblem(ProblemKind.BAD_REQUEST, detail="A member holds characters that cannot be kept.")
    return document


def _refuse(_name: str) -> Any:
    raise ValueError("not a number of RFC 8259")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # RFC 8259 §4: of two members with one name, each reader takes another one.
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a member is repeated")
    return dict(pairs)


def _is_writable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _members(error: ValidationError, model: type[RequestDocument]) -> tuple[MemberProblem, ...]:
    """Return each member once; one that we do not know is not named, for its name may hold anything."""
    found = {}
    for each in error.errors(include_input=False, include_url=False, include_context=False):
        name = str(each["loc"][0]) if each["loc"] else ""
        member = name if name in model.model_fields else ""
        found[member] = MemberProblem(member, _REASONS.get(each["type"], Unfit.INVALID))
    return tuple(found.values())
