"""Faces compared by Tencent Cloud (faceid, 2018-03-01): DetectAuth and GetDetectInfoEnhanced."""

import re
from collections.abc import Mapping

from idp.core.clock import Clock
from idp.outbound.answer import as_object, plain
from idp.outbound.fetcher import Fetcher
from realname.documents.document_number import DocumentType
from realname.providers.answer import Answer, Outcome
from realname.providers.face_address import is_fit
from realname.providers.meaning import judge, not_asked, unavailable
from realname.providers.question import Question
from realname.providers.spelling import as_registered
from realname.providers.tencent_call import ENDPOINT, NAME, REGION, TencentCall
from realname.providers.tencent_codes import (
    ERRORS,
    FACE_OTHER_LIBRARIES,
    FACE_RESULTS,
    FACE_TAGS,
    FACE_UNFINISHED,
)
from realname.providers.verifier import FaceResult, Start

_LIFE_SECONDS = 7200
_LONGEST_NAME = 32  # characters, as DetectAuth says
_ORDER = re.compile(r"[A-Za-z0-9_-]{1,32}")
_SIMILARITY = re.compile(r"(?:100|[0-9]{1,2})(?:\.[0-9]{1,6})?")
_LEAST_SIMILARITY = 70
# UseIDType: a resident's number, a residence permit; anything else is no lawful number. Null where it is not said.
_LAWFUL_NUMBERS = ("0", "1", "None")


class TencentFaceVerifier:
    """Compares a face with the police photograph, on Tencent's pages; fetches words and never an image.

    The token joins our order to theirs: a result carries the order of the beginning that it belongs to (`Extra`),
    and one that carries another's is not taken.
    """

    name = NAME
    documents = frozenset((DocumentType.RESIDENT_ID, DocumentType.HMT_RESIDENCE_PERMIT))

    def __init__(
        self,
        *,
        secret_id: str,
        secret_key: str,
        rule_id: str,
        fetcher: Fetcher,
        clock: Clock,
        region: str = REGION,
        endpoint: str = ENDPOINT,
    ) -> None:
        self._rule_id = rule_id
        self._tencent = TencentCall(
            secret_id=secret_id, secret_key=secret_key, fetcher=fetcher, clock=clock, region=region, endpoint=endpoint
        )

    def begin(self, question: Question, *, order: str, return_url: str, device: str = "") -> Start | Answer:
        """Begin a comparison for number and name; the page needs to know nothing of the device. Never raises."""
        if question.number.type not in self.documents:
            return not_asked(NAME, "document")
        name = as_registered(question.name)
        if len(name) > _LONGEST_NAME:
            return not_asked(NAME, "name")
        if _ORDER.fullmatch(order) is None:
            return unavailable(NAME, "order")
        reply = self._tencent.call(
            "DetectAuth",
            {
                "RuleId": self._rule_id,
                "IdCard": question.number.canonical,
                "Name": name,
                "RedirectUrl": return_url,
                "Extra": order,
            },
        )
        if isinstance(reply, Answer):
            return reply
        if reply.error:
            return judge(NAME, ERRORS, reply.error, request_id=reply.request_id)
        token, url = plain(reply.fields.get("BizToken")), reply.fields.get("Url")
        if not token or not isinstance(url, str) or not is_fit(url, scheme=self._tencent.scheme):
            return unavailable(NAME, "answer", request_id=reply.request_id)
        return Start(token=f"{order}.{token}", url=url, life_seconds=_LIFE_SECONDS)

    def takes_device(self, device: str) -> bool:
        """Say yes: nothing is asked of it."""
        del device
        return True

    def fetch(self, token: str) -> FaceResult:
        """Ask for the result of the beginning that the token names; never raises."""
        order, _, biz_token = token.partition(".")
        if _ORDER.fullmatch(order) is None or not plain(biz_token):
            return FaceResult(unavailable(NAME, "token"))
        parameters = {"BizToken": biz_token, "RuleId": self._rule_id, "InfoType": "1"}
        reply = self._tencent.call("GetDetectInfoEnhanced", parameters)
        if isinstance(reply, Answer):
            return FaceResult(reply)
        if reply.error:
            return FaceResult(judge(NAME, ERRORS, reply.error, request_id=reply.request_id))
        if "Text" not in reply.fields:
            return FaceResult(unavailable(NAME, "answer", request_id=reply.request_id))
        text = as_object(reply.fields["Text"])
        if text.get("ErrCode") is None:
            return FaceResult(unavailable(NAME, "unfinished", request_id=reply.request_id))
        if text.get("Extra") != order:
            return FaceResult(unavailable(NAME, "other", request_id=reply.request_id))
        return FaceResult(
            answer=_judge(text, reply.request_id), number=_words(text.get("IdCard")), name=_words(text.get("Name"))
        )


def _judge(text: Mapping[str, object], request_id: str) -> Answer:
    """Return what a finished comparison says; a pass needs every one of Tencent's own signs of it."""
    verdict = text.get("ErrCode")
    if type(verdict) is not int:
        return unavailable(NAME, "answer", request_id=request_id)
    code = str(verdict)
    is_charged = _is_charged(text)
    if _is_attack(text):
        return Answer(Outcome.RISK, NAME, code, request_id, is_charged)
    if code == FACE_UNFINISHED:
        return unavailable(NAME, "unfinished", request_id=request_id, is_charged=is_charged)
    if code != "0":
        outcome = judge(NAME, FACE_RESULTS, code, request_id=request_id).outcome
        return Answer(outcome, NAME, code, request_id, is_charged)
    if not _is_passed(text):
        return unavailable(NAME, "answer", request_id=request_id, is_charged=is_charged)
    if str(text.get("CompareLibType")).startswith(FACE_OTHER_LIBRARIES):
        return unavailable(NAME, "library", request_id=request_id, is_charged=is_charged)
    if str(text.get("UseIDType")) not in _LAWFUL_NUMBERS:
        return unavailable(NAME, "document", request_id=request_id, is_charged=is_charged)
    return Answer(Outcome.MATCH, NAME, code, request_id, is_charged)


def _is_passed(text: Mapping[str, object]) -> bool:
    """Tell whether alive, alike, and alike enough are all said."""
    signs = (text.get("LiveStatus"), text.get("Comparestatus"))
    similarity = text.get("Sim")
    if any(type(sign) is not int or sign != 0 for sign in signs) or not isinstance(similarity, str):
        return False
    return _SIMILARITY.fullmatch(similarity) is not None and _LEAST_SIMILARITY <= float(similarity) <= 100


def _is_charged(text: Mapping[str, object]) -> bool:
    """Tell whether a try was charged; Tencent says so of each. A pass whose tries are not listed was."""
    tries = text.get("LivenessDetail")
    if not isinstance(tries, list) or not tries:
        return text.get("ErrCode") == 0
    return any(as_object(each).get("IsNeedCharge") is True for each in tries)


def _is_attack(text: Mapping[str, object]) -> bool:
    tags = text.get("LivenessInfoTag")
    if not isinstance(tags, list):
        return False
    return any(judge(NAME, FACE_TAGS, plain(tag), request_id="").outcome is Outcome.RISK for tag in tags)


def _words(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
