"""The verification service that the settings name, behind its guard."""

from dataclasses import replace
from typing import Any

from idp.config.settings import RealNameSettings
from idp.house.ground import Ground, outbound_policy
from idp.login.steps.face import FaceScript
from idp.outbound.fetcher import Fetcher
from realname.proofing.method import WORTH, Method
from realname.providers.aliyun import AliyunVerifier
from realname.providers.aliyun_face import AliyunFaceVerifier
from realname.providers.answer import Answer, Outcome
from realname.providers.breaker import Breaker
from realname.providers.guarded import (
    GuardedCardVerifier,
    GuardedFaceVerifier,
    GuardedNetworkIdentity,
    GuardedVerifier,
)
from realname.providers.network_identity import NetworkIdentityGateway
from realname.providers.question import Check, Question
from realname.providers.quota import QuestionLimits, Quota
from realname.providers.register.verifier import RegisterVerifier
from realname.providers.tencent import TencentVerifier
from realname.providers.tencent_face import TencentFaceVerifier
from realname.providers.verifier import FaceVerifier, Mode, Verifier


class NoVerifier:
    """Stands where no service is configured: people are proved at the counter alone."""

    name = "none"
    checks: frozenset[Check] = frozenset()
    documents = RegisterVerifier.documents

    def verify(self, question: Question) -> Answer:
        """Say that nobody was asked."""
        del question
        return Answer(Outcome.UNAVAILABLE, self.name, "local.none", was_asked=False)


def build_verifier(ground: Ground) -> GuardedVerifier:
    """Return the guarded service that is asked about number, name and mobile."""
    return GuardedVerifier(verifier=_verifier(ground), quota=_quota(ground), breaker=_breaker(ground))


def build_face_verifier(ground: Ground) -> GuardedFaceVerifier | None:
    """Return the guarded service that compares faces, None where none is configured."""
    verifier = _face_verifier(ground)
    if verifier is None:
        return None
    return GuardedFaceVerifier(verifier=verifier, quota=_quota(ground), breaker=_breaker(ground))


def face_script(settings: RealNameSettings) -> FaceScript | None:
    """Return the script that has to see the browser before the service can begin, None where it needs none."""
    if settings.face != "aliyun" or not settings.compares_faces:
        return None
    return FaceScript(settings.face_script, settings.face_script_integrity)


def build_card_verifier(ground: Ground) -> GuardedCardVerifier | None:
    """Return the guarded service that is asked about the dates on a card, None where the one configured is not."""
    verifier = _card_verifier(ground)
    if verifier is None:
        return None
    return GuardedCardVerifier(verifier=verifier, quota=_quota(ground), breaker=_breaker(ground))


def build_network_identity(ground: Ground) -> GuardedNetworkIdentity | None:
    """Return the guarded way to the national network identity service, None where none is configured."""
    settings = ground.settings.realname
    if settings.network_identity == "none":
        return None
    gateway = NetworkIdentityGateway(
        endpoint=settings.network_identity_endpoint,
        secret=settings.network_identity_secret.get_secret_value(),
        mode=Mode(settings.network_identity_mode),
        # The operator names the gateway and has it in their own network, where strangers' addresses must not lead.
        fetcher=Fetcher(policy=replace(outbound_policy(ground.settings), allow_private=True)),
        clock=ground.clock,
    )
    return GuardedNetworkIdentity(verifier=gateway, quota=_quota(ground), breaker=_breaker(ground))


def number_ial(settings: RealNameSettings) -> int:
    """Return the highest identity level to which name and number lead online, 0 where nobody is asked about them."""
    if settings.provider == "none":
        return 0
    return WORTH[Method.FACE if settings.compares_faces else Method.NAME].ial


def offered_ial(settings: RealNameSettings) -> int:
    """Return the highest identity level that a person can be proved to online, 0 where none is."""
    network_ial = WORTH[Method.NETWORK_IDENTITY].ial if settings.network_identity != "none" else 0
    return max(number_ial(settings), network_ial)


def reachable_ial(settings: RealNameSettings) -> int:
    """Return the same with the counter."""
    return WORTH[Method.COUNTER].ial if settings.counter else offered_ial(settings)


def _verifier(ground: Ground) -> Verifier:
    settings = ground.settings.realname
    if settings.provider == "aliyun":
        secret, more = settings.key_secret.get_secret_value(), _shared(ground)
        return AliyunVerifier(access_key_id=settings.key_id, access_key_secret=secret, **more)
    return _card_verifier(ground) or NoVerifier()


def _card_verifier(ground: Ground) -> RegisterVerifier | TencentVerifier | None:
    """Return the service, where it can be asked about number, name, mobile and a card's dates as well."""
    settings = ground.settings.realname
    if settings.provider == "register":
        return RegisterVerifier(keyring=ground.keyring, statements=ground.statements)
    if settings.provider == "tencent":
        secret, more = settings.key_secret.get_secret_value(), _shared(ground)
        return TencentVerifier(secret_id=settings.key_id, secret_key=secret, **more)
    return None


def _face_verifier(ground: Ground) -> FaceVerifier | None:
    settings = ground.settings.realname
    secret, more = settings.key_secret.get_secret_value(), _shared(ground)
    if not settings.compares_faces:
        return None
    if settings.face == "tencent":
        return TencentFaceVerifier(secret_id=settings.key_id, secret_key=secret, rule_id=settings.face_rule, **more)
    return AliyunFaceVerifier(
        access_key_id=settings.key_id, access_key_secret=secret, scene_id=settings.face_rule, **more
    )


def _shared(ground: Ground) -> dict[str, Any]:
    endpoint = ground.settings.realname.endpoint
    return {"fetcher": ground.fetcher, "clock": ground.clock, **({"endpoint": endpoint} if endpoint else {})}


def _quota(ground: Ground) -> Quota:
    settings = ground.settings.realname
    limits = QuestionLimits(
        per_number_per_day=settings.per_number_per_day,
        per_minute=settings.per_minute,
        per_day=settings.per_day,
    )
    return Quota(limits=limits, store=ground.store, keyring=ground.keyring, clock=ground.clock)


def _breaker(ground: Ground) -> Breaker:
    settings = ground.settings.realname
    return Breaker(failures=settings.breaker_failures, pause_seconds=settings.breaker_seconds, clock=ground.clock)
