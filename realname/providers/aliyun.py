"""Number, name and mobile asked of Alibaba Cloud (cloudauth, 2019-03-07)."""

from collections.abc import Mapping

from idp.core.clock import Clock
from idp.outbound.answer import plain
from idp.outbound.fetcher import Fetcher
from realname.documents.document_number import DocumentType
from realname.providers.aliyun_call import NAME, REGION, AliyunCall
from realname.providers.aliyun_codes import BIZ_CODES, MOBILE_RESULTS, NAME_RESULTS, PAIR_CODES
from realname.providers.answer import Answer
from realname.providers.meaning import judge, not_asked, unavailable
from realname.providers.mobile import mainland_mobile
from realname.providers.question import Check, Question
from realname.providers.reply import Reply
from realname.providers.spelling import as_registered


class AliyunVerifier:
    """Asks Id2MetaVerify and Mobile3MetaDetailVerify, which know residents and holders of residence permits."""

    name = NAME
    checks = frozenset((Check.NAME, Check.MOBILE))
    documents = frozenset((DocumentType.RESIDENT_ID, DocumentType.HMT_RESIDENCE_PERMIT))

    def __init__(
        self,
        *,
        access_key_id: str,
        access_key_secret: str,
        fetcher: Fetcher,
        clock: Clock,
        region: str = REGION,
        endpoint: str = "",
    ) -> None:
        self._aliyun = AliyunCall(
            access_key_id=access_key_id,
            access_key_secret=access_key_secret,
            fetcher=fetcher,
            clock=clock,
            region=region,
            endpoint=endpoint,
        )

    def verify(self, question: Question) -> Answer:
        """Ask once whether number, name and, where given, mobile belong together; never raises."""
        if question.number.type not in self.documents:
            return not_asked(NAME, "document")
        pair = {
            # "normal" is the plain text: a digest of a number can be turned back by trying all numbers, and the
            # form with digests is not taken by every source.
            "ParamType": "normal",
            "IdentifyNum": question.number.canonical,
            "UserName": as_registered(question.name),
        }
        if question.mobile is None:
            return self._ask_pair(pair)
        phone = mainland_mobile(question.mobile)
        if phone is None:
            return not_asked(NAME, "mobile")
        return self._ask_triple({**pair, "Mobile": phone})

    def _ask_pair(self, pair: Mapping[str, str]) -> Answer:
        reply = self._reply("Id2MetaVerify", pair)
        if isinstance(reply, Answer):
            return reply
        if "SubCode" in reply.fields:  # an answer to something else
            return unavailable(NAME, "answer", request_id=reply.request_id)
        return judge(NAME, NAME_RESULTS, plain(reply.fields.get("BizCode")), request_id=reply.request_id)

    def _ask_triple(self, triple: Mapping[str, str]) -> Answer:
        reply = self._reply("Mobile3MetaDetailVerify", triple)
        if isinstance(reply, Answer):
            return reply
        answer = judge(NAME, MOBILE_RESULTS, plain(reply.fields.get("SubCode")), request_id=reply.request_id)
        if answer.is_settled and reply.fields.get("BizCode") != BIZ_CODES[answer.outcome]:
            return unavailable(NAME, "answer", request_id=reply.request_id, is_charged=answer.is_charged)
        return answer

    def _reply(self, action: str, form: Mapping[str, str]) -> Reply | Answer:
        reply = self._aliyun.call(action, form=form)
        if isinstance(reply, Reply) and reply.error:
            return judge(NAME, PAIR_CODES, reply.error, request_id=reply.request_id)
        return reply
