"""What a verification service is asked: whether number, name and, where given, mobile belong to one person."""

from dataclasses import dataclass, field
from enum import StrEnum

from realname.documents.document_number import DocumentNumber


class Check(StrEnum):
    """What a service can be asked."""

    NAME = "name"  # number and name
    MOBILE = "mobile"  # number, name, and a mobile held in that name
    FACE = "face"  # number, name, and a face compared with the police photograph


@dataclass(frozen=True, slots=True)
class Question:
    """A parsed number and a cleaned name as typed; `mobile` is E.164, None where it is not asked about.

    Its repr shows nothing of the person but the masked number.
    """

    number: DocumentNumber
    name: str = field(repr=False)
    mobile: str | None = field(default=None, repr=False)

    @property
    def check(self) -> Check:
        """What is asked."""
        return Check.NAME if self.mobile is None else Check.MOBILE
