"""How an identity was proved, in the words of OpenID Identity Assurance Schema Definition 1.0 §5.4.

Never told: the service that was asked, its request id, and any number of the document.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from realname.documents.document_number import DocumentType
from realname.release.countries import CHINA

#: The rules that the proof was made by: the levels of this platform, as docs/integration.md tells them.
TRUST_FRAMEWORK = "cn_yihao_realname"
DOCUMENT = "document"
#: Words of our own: the predefined ones know no Chinese documents.
DOCUMENT_TYPES: Mapping[DocumentType, str] = {
    DocumentType.RESIDENT_ID: "cn_resident_id",
    DocumentType.HMT_RESIDENCE_PERMIT: "cn_hmt_residence_permit",
    DocumentType.FOREIGNER_PERMANENT_RESIDENCE: "cn_foreigner_permanent_residence_card",
    DocumentType.HK_MACAO_TRAVEL_PERMIT: "cn_hk_macao_travel_permit",
    DocumentType.TAIWAN_TRAVEL_PERMIT: "cn_taiwan_travel_permit",
}
#: What each method of a proofing did, as the predefined check methods say it. A method that is not listed is told
#: without them.
CHECK_METHODS: Mapping[str, tuple[str, ...]] = {
    "name": ("data",),  # number and name compared with the register
    "mobile": ("data",),  # and the holder of the mobile with them
    "face": ("data", "bvr"),  # and a living face with the police photograph, remotely
    "network_identity": ("auth",),  # 网证, 网号: an electronic identity of the state
    "certificate": ("token",),  # a digital certificate in the person's name
    "counter": ("vcrypt", "pvp"),  # the card's chip read, the holder looked at by a clerk
}
ASSURANCE_LEVELS = {level: f"ial{level}" for level in (2, 3, 4)}


@dataclass(frozen=True, slots=True)
class ProofingTold:
    """A proofing that is valid now, as far as clients may learn of it."""

    level: int
    method: str
    proved_at: datetime


def verification_of(proofing: ProofingTold, document: DocumentType | None) -> dict[str, Any]:
    """Return everything that `verification` may hold; what a client gets of it, it asks for (IDA §5.4)."""
    verification: dict[str, Any] = {
        "trust_framework": TRUST_FRAMEWORK,
        "assurance_level": ASSURANCE_LEVELS[proofing.level],
        "time": proofing.proved_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    if document is not None:
        evidence: dict[str, Any] = {
            "type": DOCUMENT,
            "document_details": {"type": DOCUMENT_TYPES[document], "issuer": {"country_code": CHINA}},
        }
        if proofing.method in CHECK_METHODS:
            evidence["check_details"] = [{"check_method": each} for each in CHECK_METHODS[proofing.method]]
        verification["evidence"] = [evidence]
    return verification
