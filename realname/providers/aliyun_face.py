"""Faces compared by Alibaba Cloud (cloudauth, 2019-03-07): InitFaceVerify and DescribeFaceVerify."""

import hashlib
import re
from collections.abc import Mapping

from idp.core.clock import Clock
from idp.outbound.answer import plain, read_object
from idp.outbound.fetcher import Fetcher
from realname.documents.document_number import DocumentType
from realname.providers.aliyun_call import NAME, REGION, AliyunCall
from realname.providers.aliyun_codes import FACE_CODES, FACE_RESULTS, FACE_UNFINISHED
from realname.providers.aliyun_device import is_browser
from realname.providers.answer import Answer, Outcome
from realname.providers.face_address import is_fit
from realname.providers.meaning import judge, not_asked, unavailable
from realname.providers.question import Question
from realname.providers.spelling import as_registered, has_rare_characters
from realname.providers.verifier import FaceResult, Start

_LIFE_SECONDS = 1800
_TOKEN = re.compile(r"([ny])\.([A-Za-z0-9]{1,64})")


class AliyunFaceVerifier:
    """Compares a face with the police photograph, on Alibaba's pages; fetches words and never an image.

    A result names nobody: it belongs to the number and name of its beginning, which the token stands for. Only in
    the mode for rare characters does the person type name and number again on the vendor's page, and could type
    another's; then a pass that does not say for whom is not taken, and the mode is asked for only where the name
    has such characters. The token begins with `y` in that mode and with `n` otherwise.

    Only resident cards: the API takes no other CertType.
    """

    name = NAME
    documents = frozenset((DocumentType.RESIDENT_ID,))

    def __init__(
        self,
        *,
        access_key_id: str,
        access_key_secret: str,
        scene_id: str,
        fetcher: Fetcher,
        clock: Clock,
        region: str = REGION,
        endpoint: str = "",
    ) -> None:
        self._scene_id = scene_id
        self._aliyun = AliyunCall(
            access_key_id=access_key_id,
            access_key_secret=access_key_secret,
            fetcher=fetcher,
            clock=clock,
            region=region,
            endpoint=endpoint,
        )

    def begin(self, question: Question, *, order: str, return_url: str, device: str = "") -> Start | Answer:
        """Begin a comparison for number and name; never raises.

        `device` is what the vendor's script says of the browser (MetaInfo), which the service wants to know anew each
        time: to a made-up one it may give no address.
        """
        if question.number.type not in self.documents:
            return not_asked(NAME, "document")
        if not self.takes_device(device):
            return not_asked(NAME, "device")
        name = as_registered(question.name)
        mode = "y" if has_rare_characters(name) else "n"
        reply = self._aliyun.call(
            "InitFaceVerify",
            query={
                "SceneId": self._scene_id,
                "OuterOrderNo": _order_number(order),
                "ProductCode": "ID_PRO",
                "CertType": "IDENTITY_CARD",
                "CertName": name,
                "CertNo": question.number.canonical,
                "MetaInfo": device,
                "ReturnUrl": return_url,
                "RarelyCharacters": mode.upper(),
            },
            form={"Model": "MOVE_ACTION"},
        )
        if isinstance(reply, Answer):
            return reply
        if reply.error:
            return judge(NAME, FACE_CODES, reply.error, request_id=reply.request_id)
        token, url = f"{mode}.{plain(reply.fields.get('CertifyId'))}", reply.fields.get("CertifyUrl")
        is_usable = isinstance(url, str) and is_fit(url, scheme=self._aliyun.scheme)
        if _TOKEN.fullmatch(token) is None or not isinstance(url, str) or not is_usable:
            return unavailable(NAME, "answer", request_id=reply.request_id)
        return Start(token=token, url=url, life_seconds=_LIFE_SECONDS)

    def takes_device(self, device: str) -> bool:
        """See FaceVerifier.takes_device."""
        return is_browser(device)

    def fetch(self, token: str) -> FaceResult:
        """Ask for the result of the beginning that the token names; never raises."""
        match = _TOKEN.fullmatch(token)
        if match is None:
            return FaceResult(unavailable(NAME, "token"))
        # PictureReturnType is left out: pictures are addresses then, and nobody follows them.
        query = {"SceneId": self._scene_id, "CertifyId": match[2]}
        reply = self._aliyun.call("DescribeFaceVerify", query=query)
        if isinstance(reply, Answer):
            return FaceResult(reply)
        if reply.error in FACE_UNFINISHED:
            return FaceResult(unavailable(NAME, "unfinished", request_id=reply.request_id))
        if reply.error:
            return FaceResult(judge(NAME, FACE_CODES, reply.error, request_id=reply.request_id))
        answer = _judge(reply.fields, reply.request_id)
        number, name = _for_whom(reply.fields)
        if answer.outcome is Outcome.MATCH and match[1] == "y" and (number is None or name is None):
            answer = unavailable(NAME, "nobody", request_id=reply.request_id, is_charged=answer.is_charged)
        return FaceResult(answer, number=number, name=name)


def _judge(fields: Mapping[str, object], request_id: str) -> Answer:
    """Return what a finished comparison says; `Passed` and `SubCode` must say the same."""
    answer = judge(NAME, FACE_RESULTS, plain(fields.get("SubCode")), request_id=request_id)
    due = "T" if answer.outcome is Outcome.MATCH else "F"
    if answer.outcome is not Outcome.UNAVAILABLE and fields.get("Passed") != due:
        return unavailable(NAME, "answer", request_id=request_id, is_charged=answer.is_charged)
    return answer


def _for_whom(fields: Mapping[str, object]) -> tuple[str | None, str | None]:
    """Return number and name as they were typed on the vendor's page (UserInfo), None where none was."""
    typed = fields.get("UserInfo")
    if not isinstance(typed, str) or not typed:
        return None, None
    person = read_object(typed.encode("utf-8", "replace"))
    number, name = person.get("number"), person.get("name")
    return (number if isinstance(number, str) and number else None), (name if isinstance(name, str) and name else None)


def _order_number(order: str) -> str:
    """Return our order as the 32 letters and digits that the API wants; the same order gives the same."""
    return hashlib.sha256(order.encode("utf-8", "replace")).hexdigest()[:32]
