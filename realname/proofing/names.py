"""What a proofing says of what somebody is called, and what it leaves of what was said before."""

from datetime import datetime

from sqlalchemy.orm import Session

from idp.persons.attributes import Attributes
from idp.persons.registration import SELF_DECLARED
from idp.persons.vocabulary import SOURCE_SELF, AttributeName
from realname.documents.names import name_match_key


def keep_name(
    attributes: Attributes, session: Session, person_id: str, name: str, *, source: str, level: int, at: datetime
) -> None:
    """Write the name as it was proved, unless the present one was proved better."""
    known = attributes.of(session, person_id).get(AttributeName.FULL_NAME)
    if known is not None and known.level > level:
        return
    if known is not None and known.level == level and name_match_key(known.value) == name_match_key(name):
        return
    attributes.set(session, person_id, AttributeName.FULL_NAME, name, source=source, level=level, at=at)


def forget_proofs(attributes: Attributes, session: Session, person_id: str, *, but: str, at: datetime) -> None:
    """Let every fact that another source than `but` proved be as the person's own word from now on.

    For who is known by an application id alone: a name that others know with the number must not be told at the
    level of a network identity, which may be somebody else's.
    """
    for fact in attributes.of(session, person_id).values():
        if fact.level > SELF_DECLARED and fact.source != but:
            attributes.set(session, person_id, fact.name, fact.value, source=SOURCE_SELF, level=SELF_DECLARED, at=at)
