"""Number, name, mobile and card dates asked of Tencent Cloud (faceid, 2018-03-01)."""

from collections.abc import Mapping
from datetime import date

from idp.core.clock import Clock
from idp.outbound.answer import plain
from idp.outbound.fetcher import Fetcher
from realname.documents.document_number import DocumentType
from realname.providers.answer import Answer
from realname.providers.meaning import Meanings, judge, not_asked, unavailable
from realname.providers.mobile import mainland_mobile
from realname.providers.question import Check, Question
from realname.providers.spelling import as_registered
from realname.providers.tencent_call import ENDPOINT, NAME, REGION, TencentCall
from realname.providers.tencent_codes import CARD_RESULTS, ERRORS, MOBILE_RESULTS, NAME_RESULTS

_FOR_EVER = "00000000"  # 长期


class TencentVerifier:
    """Asks IdCardVerification, PhoneVerification and CheckIdNameDate; resident numbers only, as documented."""

    name = NAME
    checks = frozenset((Check.NAME, Check.MOBILE))
    documents = frozenset((DocumentType.RESIDENT_ID,))

    def __init__(
        self,
        *,
        secret_id: str,
        secret_key: str,
        fetcher: Fetcher,
        clock: Clock,
        region: str = REGION,
        endpoint: str = ENDPOINT,
    ) -> None:
        self._tencent = TencentCall(
            secret_id=secret_id, secret_key=secret_key, fetcher=fetcher, clock=clock, region=region, endpoint=endpoint
        )

    def verify(self, question: Question) -> Answer:
        """Ask once whether number, name and, where given, mobile belong together; never raises."""
        if question.number.type not in self.documents:
            return not_asked(NAME, "document")
        pair = _pair(question)
        if question.mobile is None:
            return self._ask("IdCardVerification", pair, NAME_RESULTS)
        phone = mainland_mobile(question.mobile)
        if phone is None:
            return not_asked(NAME, "mobile")
        # The plain form: the other one also says which of the three differs, to us who need not know.
        return self._ask("PhoneVerification", {**pair, "Phone": phone, "VerifyMode": "0"}, MOBILE_RESULTS)

    def verify_card(self, question: Question, *, valid_from: date, valid_until: date | None) -> Answer:
        """Ask once whether number, name and the dates on the card belong together; no end means 长期. Never raises."""
        if question.number.type not in self.documents:
            return not_asked(NAME, "document")
        dates = {
            "ValidityBegin": _eight_digits(valid_from),
            "ValidityEnd": _FOR_EVER if valid_until is None else _eight_digits(valid_until),
        }
        return self._ask("CheckIdNameDate", {**_pair(question), **dates}, CARD_RESULTS)

    def _ask(self, action: str, parameters: Mapping[str, str], results: Meanings) -> Answer:
        reply = self._tencent.call(action, parameters)
        if isinstance(reply, Answer):
            return reply
        if reply.error:
            return judge(NAME, ERRORS, reply.error, request_id=reply.request_id)
        # Only PhoneVerification names the network: a result without it, or elsewhere with it, answers something else.
        if ("Isp" in reply.fields) != (action == "PhoneVerification"):
            return unavailable(NAME, "answer", request_id=reply.request_id)
        return judge(NAME, results, plain(reply.fields.get("Result")), request_id=reply.request_id)


def _pair(question: Question) -> dict[str, str]:
    return {"IdCard": question.number.canonical, "Name": as_registered(question.name)}


def _eight_digits(day: date) -> str:
    return f"{day.year:04}{day.month:02}{day.day:02}"
