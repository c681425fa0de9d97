"""Every verification service with its stand-in: add one here, and it has to keep all promises."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from demo.simulators.aliyun_cloudauth import AliyunCloudauth
from demo.simulators.tencent_faceid import TencentFaceid
from demo.simulators.verification_service import VerificationService
from idp.core.clock import Clock
from idp.outbound.fetcher import Fetcher, OutboundPolicy
from realname.documents.document_number import DocumentType
from realname.providers.aliyun import AliyunVerifier
from realname.providers.aliyun_face import AliyunFaceVerifier
from realname.providers.question import Question
from realname.providers.tencent import TencentVerifier
from realname.providers.tencent_face import TencentFaceVerifier
from realname.providers.verifier import FaceVerifier, Verifier
from tests.contract.realname.people import PEOPLE, QUIET, UNKNOWN_MOBILE, mobile_question

SECRET = "s3cret-of-the-contract-tests"
TENCENT_RULE, ALIYUN_SCENE = "7", "1000000006"


class Promise(StrEnum):
    """What cannot be promised by every kind of source; whatever is not listed here, all of them promise."""

    CARRIED = "carried"  # an answer that was lost, changed or given before on its way is none
    LATE = "late"  # whoever is slow is not waited for
    SIGNED = "signed"  # a question with a wrong signature or time is not answered
    CODED = "coded"  # limits and failures keep the service's own words
    PARTICULAR = "particular"  # names and mobiles of another form than the service takes are told apart
    DECEASED = "deceased"  # number and name of somebody who died are a risk
    CARD_DATES = "card_dates"  # the dates on a card can be asked too


@dataclass(frozen=True, kw_only=True)
class SourceKind:
    """What is known of a source beforehand; `without` says of each promise that has no meaning here why not."""

    documents: frozenset[DocumentType]
    is_charged: bool
    is_no_record_charged: bool
    #: Whom it knows, with a mobile of which it can say nothing.
    unrecorded_mobile: Question
    without: Mapping[Promise, str]


@dataclass(frozen=True, kw_only=True)
class VerifierKind(SourceKind):
    """How to make the stand-in and the verifier, and the service's codes for what cannot be provoked otherwise."""

    service: Callable[[], VerificationService]
    verifier: Callable[..., Verifier]
    limited: str
    failing: str


@dataclass(frozen=True, kw_only=True)
class RegisterKind(SourceKind):
    """The register of our own, on one set-up."""

    setup: str


@dataclass(frozen=True)
class FaceKind:
    """The same for a comparison of faces."""

    service: Callable[[], VerificationService]
    verifier: Callable[..., FaceVerifier]
    limited: str
    documents: frozenset[DocumentType]
    result_seconds: int


def make_fetcher(*, total_timeout_seconds: float = 5) -> Fetcher:
    policy = OutboundPolicy(allow_loopback=True, allow_http=True, total_timeout_seconds=total_timeout_seconds)
    return Fetcher(policy=policy)


def tencent_service() -> TencentFaceid:
    return TencentFaceid(secret_id="AKIDcontract", secret_key=SECRET, rule_id=TENCENT_RULE, people=PEOPLE)


def tencent_verifier(url: str, *, secret: str, clock: Clock, fetcher: Fetcher) -> TencentVerifier:
    return TencentVerifier(secret_id="AKIDcontract", secret_key=secret, clock=clock, fetcher=fetcher, endpoint=url)


def tencent_face(url: str, *, secret: str, clock: Clock, fetcher: Fetcher) -> TencentFaceVerifier:
    return TencentFaceVerifier(
        secret_id="AKIDcontract",
        secret_key=secret,
        rule_id=TENCENT_RULE,
        clock=clock,
        fetcher=fetcher,
        endpoint=url,
    )


def aliyun_service() -> AliyunCloudauth:
    return AliyunCloudauth(access_key_id="LTAIcontract", access_key_secret=SECRET, scene_id=ALIYUN_SCENE, people=PEOPLE)


def aliyun_verifier(url: str, *, secret: str, clock: Clock, fetcher: Fetcher) -> AliyunVerifier:
    return AliyunVerifier(
        access_key_id="LTAIcontract", access_key_secret=secret, clock=clock, fetcher=fetcher, endpoint=url
    )


def aliyun_face(url: str, *, secret: str, clock: Clock, fetcher: Fetcher) -> AliyunFaceVerifier:
    return AliyunFaceVerifier(
        access_key_id="LTAIcontract",
        access_key_secret=secret,
        scene_id=ALIYUN_SCENE,
        clock=clock,
        fetcher=fetcher,
        endpoint=url,
    )


RESIDENTS = frozenset((DocumentType.RESIDENT_ID,))
RESIDENTS_AND_PERMITS = RESIDENTS | {DocumentType.HMT_RESIDENCE_PERMIT}

_NOTHING_OF_DEATHS = "its codes have no word for it: the dead are people whom it does not know"

KINDS = {
    "tencent": VerifierKind(
        service=tencent_service,
        verifier=tencent_verifier,
        limited="RequestLimitExceeded",
        failing="InternalError",
        documents=RESIDENTS,
        is_charged=True,
        is_no_record_charged=False,
        unrecorded_mobile=mobile_question(mobile=UNKNOWN_MOBILE),
        without={Promise.DECEASED: _NOTHING_OF_DEATHS},
    ),
    "aliyun": VerifierKind(
        service=aliyun_service,
        verifier=aliyun_verifier,
        limited="403",
        failing="402",
        documents=RESIDENTS_AND_PERMITS,
        is_charged=True,
        is_no_record_charged=True,
        unrecorded_mobile=mobile_question(mobile=UNKNOWN_MOBILE),
        without={
            Promise.DECEASED: _NOTHING_OF_DEATHS,
            Promise.CARD_DATES: "the product that is asked here takes no dates",
        },
    ),
}

_OF_A_REGISTER = {
    Promise.CARRIED: "one look-up in our own database: no answer is on its way that somebody could change or repeat",
    Promise.SIGNED: "nobody else is asked, so nothing is signed",
    Promise.CODED: "it has neither limits nor words of somebody else; how often it is asked is the guard's",
    Promise.PARTICULAR: "it compares digests, and there is one of every text: what is no name is another name",
}


def _register(setup: str, **without: str) -> RegisterKind:
    return RegisterKind(
        setup=setup,
        documents=frozenset(DocumentType),
        is_charged=False,
        is_no_record_charged=False,
        unrecorded_mobile=mobile_question(QUIET, mobile=UNKNOWN_MOBILE),
        without={**_OF_A_REGISTER, **{Promise(name): reason for name, reason in without.items()}},
    )


#: All that answers questions about number, name and mobile.
SOURCES: dict[str, SourceKind] = {
    **KINDS,
    "register-embedded": _register("embedded", late="a file of this process: its readers wait for nobody"),
    "register-production": _register("production"),
}


def promising(promise: Promise) -> list[str]:
    """Return the sources that have to keep a promise."""
    return [name for name, kind in SOURCES.items() if promise not in kind.without]


FACES = {
    "tencent": FaceKind(
        tencent_service,
        tencent_face,
        limited="FailedOperation.IdentityAuthLimitExceeded",
        documents=RESIDENTS_AND_PERMITS,
        result_seconds=3 * 24 * 3600,
    ),
    "aliyun": FaceKind(aliyun_service, aliyun_face, limited="418", documents=RESIDENTS, result_seconds=24 * 3600),
}
