"""The ways of proving who one is, and what each is worth (mission, Levels; GB/T 36632, GB/T 40651-2021)."""

from dataclasses import dataclass
from enum import StrEnum


class Method(StrEnum):
    """How a person was proved; the values are stored with each proofing."""

    NAME = "name"  # number and name agree with an authoritative source
    GUARDIAN = "guardian"  # number and name of a child agree, and a guardian who is known as such brought them
    MOBILE = "mobile"  # so does the mobile, which the person showed to hold
    FACE = "face"  # a living face was compared with the police photograph
    NETWORK_IDENTITY = "network_identity"  # the national network identity (order 173 of 2025)
    COUNTER = "counter"  # in person, with the card's chip read


@dataclass(frozen=True, slots=True)
class Worth:
    """The identity level that a method gives, and whether the number becomes the person's own by it."""

    ial: int
    binds_number: bool


WORTH = {
    # Number and name are known to many: agreeing with the source, they still reserve nothing.
    Method.NAME: Worth(2, binds_number=False),
    # The guardian stands for the child: it makes the number the child's, and counts until they speak for themself.
    Method.GUARDIAN: Worth(2, binds_number=True),
    Method.MOBILE: Worth(2, binds_number=True),
    Method.FACE: Worth(3, binds_number=True),
    Method.NETWORK_IDENTITY: Worth(3, binds_number=True),
    Method.COUNTER: Worth(4, binds_number=True),
}
