"""The verification service that the settings name, behind its guard."""

from idp.config.settings import RealNameSettings
from idp.house.ground import Ground
from realname.proofing.method import WORTH, Method
from realname.providers.answer import Answer, Outcome
from realname.providers.breaker import Breaker
from realname.providers.guarded import GuardedVerifier, QuestionLimits
from realname.providers.question import Check, Question
from realname.providers.register.verifier import RegisterVerifier
from realname.providers.verifier import Verifier


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
    """Return the guarded service that the login asks."""
    settings = ground.settings.realname
    return GuardedVerifier(
        verifier=_verifier(settings, ground),
        limits=QuestionLimits(
            per_number_per_day=settings.per_number_per_day,
            per_minute=settings.per_minute,
            per_day=settings.per_day,
        ),
        breaker=Breaker(failures=settings.breaker_failures, pause_seconds=settings.breaker_seconds, clock=ground.clock),
        store=ground.store,
        keyring=ground.keyring,
        clock=ground.clock,
    )


def offered_ial(settings: RealNameSettings) -> int:
    """Return the highest identity level that a person can be proved to online, 0 where none is."""
    return 0 if settings.provider == "none" else WORTH[Method.NAME].ial


def _verifier(settings: RealNameSettings, ground: Ground) -> Verifier:
    if settings.provider == "register":
        return RegisterVerifier(keyring=ground.keyring, statements=ground.statements)
    return NoVerifier()
