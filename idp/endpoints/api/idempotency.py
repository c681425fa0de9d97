"""Requests that may be sent twice and are carried out once (draft-ietf-httpapi-idempotency-key-header).

Both the key and the body are kept as keyed digests under a unique constraint, in the transaction that carries the
request out: so two at the same moment are one, and a store that rolls back forgets nothing.
"""

import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from clients.client import Client
from idp.crypto.blind_index import keyed_digest, keyed_digests
from idp.crypto.keyring import Keyring
from idp.endpoints.api.problems import ApiProblem, ProblemKind
from idp.persons.used_proofs import use_once, was_used

_KEEP = timedelta(days=1)
_KEY = re.compile(r"[\x21-\x7e]{1,128}")
_REQUEST, _BODY = "api request", "api body"
_ID_LENGTH = 22


@dataclass(frozen=True, slots=True)
class Keyed:
    """A request under its key: the digests by which it is known, under each live key version."""

    digests: tuple[str, ...]
    body: str = field(repr=False)


class Idempotency:
    """Tells a first request from a repeated one."""

    def __init__(self, *, keyring: Keyring) -> None:
        self._keyring = keyring

    def read(self, client: Client, key: str | None, document: dict[str, Any]) -> Keyed:
        """Return the request under its key; raises ApiProblem where the key is missing or malformed."""
        if key is None or not _KEY.fullmatch(key):
            detail = "An Idempotency-Key of 1 to 128 visible ASCII characters is needed."
            raise ApiProblem(ProblemKind.BAD_REQUEST, detail=detail)
        name = f"{client.client_id} {key}"
        present = keyed_digest(self._keyring, _REQUEST, name)
        digests = dict.fromkeys((present, *keyed_digests(self._keyring, _REQUEST, name)))
        return Keyed(tuple(digests), json.dumps(document, sort_keys=True))

    def find(self, session: Session, keyed: Keyed) -> str | None:
        """Return the id of the request where it was carried out before, None where it is the first.

        Raises ApiProblem where the key was used with another body.
        """
        for digest in keyed.digests:
            if was_used(session, _REQUEST, digest):
                bodies = keyed_digests(self._keyring, _BODY, f"{digest} {keyed.body}")
                if not any(was_used(session, _BODY, each) for each in bodies):
                    raise ApiProblem(ProblemKind.KEY_REUSED)
                return digest[:_ID_LENGTH]
        return None

    def begin(self, session: Session, keyed: Keyed, *, at: datetime) -> str | None:
        """Return the id of a request that is carried out now, None where another one was faster."""
        digest, until = keyed.digests[0], at + _KEEP
        if not use_once(session, _REQUEST, digest, at=at, keep_until=until):
            return None
        body = keyed_digest(self._keyring, _BODY, f"{digest} {keyed.body}")
        use_once(session, _BODY, body, at=at, keep_until=until)
        return digest[:_ID_LENGTH]
