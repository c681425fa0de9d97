"""Every verification service with its stand-in: add one here, and it has to keep all promises."""

from collections.abc import Callable
from dataclasses import dataclass

from demo.simulators.aliyun_cloudauth import AliyunCloudauth
from demo.simulators.tencent_faceid import TencentFaceid
from demo.simulators.verification_service import VerificationService
from idp.core.clock import Clock
from idp.outbound.fetcher import Fetcher, OutboundPolicy
from realname.documents.document_number import DocumentType
from realname.providers.aliyun import AliyunVerifier
from realname.providers.aliyun_face import AliyunFaceVerifier
from realname.providers.tencent import TencentVerifier
from realname.providers.tencent_face import TencentFaceVerifier
from realname.providers.verifier import FaceVerifier, Verifier
from tests.contract.realname.people import PEOPLE

SECRET = "s3cret-of-the-contract-tests"
TENCENT_RULE, ALIYUN_SCENE = "7", "1000000006"


@dataclass(frozen=True)
class VerifierKind:
    """How to make the stand-in and the verifier, and the service's codes for what cannot be provoked otherwise."""

    service: Callable[[], VerificationService]
    verifier: Callable[..., Verifier]
    limited: str
    failing: str
    documents: frozenset[DocumentType]
    is_no_record_charged: bool


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

KINDS = {
    "tencent": VerifierKind(
        tencent_service,
        tencent_verifier,
        limited="RequestLimitExceeded",
        failing="InternalError",
        documents=RESIDENTS,
        is_no_record_charged=False,
    ),
    "aliyun": VerifierKind(
        aliyun_service,
        aliyun_verifier,
        limited="403",
        failing="402",
        documents=RESIDENTS_AND_PERMITS,
        is_no_record_charged=True,
    ),
}

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
