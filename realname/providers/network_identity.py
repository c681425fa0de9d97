"""The national network identity (国家网络身份认证公共服务), asked through a gateway in the operator's network.

How the national service speaks to its relying parties is not published, so a gateway of the operator does that and
speaks a small signed protocol of ours (docs/operations.md, the gateway): `begin` and `result`, JSON both ways.
"""

import json
from collections.abc import Mapping

from idp.core.clock import Clock, civil_date
from idp.core.ids import new_id
from idp.outbound.answer import plain, read_object
from idp.outbound.fetcher import Fetcher, OutboundRefused, OutboundResponse
from idp.outbound.target import parse_target
from realname.documents.application_id import read_application_id
from realname.providers.answer import Answer, Outcome
from realname.providers.face_address import is_fit
from realname.providers.gateway_codes import BEGIN_CODES, PASSED, RESULT_CODES, UNFINISHED
from realname.providers.gateway_signature import Direction, is_signed_answer, sign_gateway
from realname.providers.meaning import judge, unavailable
from realname.providers.reply import Reply
from realname.providers.verifier import Mode, NetworkIdentityResult, Start

NAME = "network_identity"
_LONGEST_NAME, _LONGEST_NUMBER = 100, 32
_LONGEST_LIFE_SECONDS = 3600
# What a result may say was shown, for what was asked for: more is as good.
_AS_GOOD = {mode: frozenset({mode, Mode.PASSWORD_AND_FACE}) for mode in Mode}


class NetworkIdentityGateway:
    """Begins at the gateway and fetches its results; what it says counts where its signature and our order fit."""

    name = NAME

    def __init__(self, *, endpoint: str, secret: str, mode: Mode, fetcher: Fetcher, clock: Clock) -> None:
        self._endpoint = endpoint.rstrip("/")
        self._scheme = parse_target(endpoint).scheme
        self._secret = secret
        self._mode = mode
        self._fetcher = fetcher
        self._clock = clock

    def begin(self, *, order: str, return_url: str, with_number: bool) -> Start | Answer:
        """Begin under our order; never raises."""
        asked = {"order": order, "mode": self._mode, "return_url": return_url, "with_number": with_number}
        reply = self._call("begin", asked)
        if isinstance(reply, Answer):
            return reply
        code = plain(reply.fields.get("code"))
        if code != "begun":
            return judge(NAME, BEGIN_CODES, code, request_id=reply.request_id)
        token, url, life = (reply.fields.get(name) for name in ("token", "url", "life_seconds"))
        is_life = type(life) is int and 0 < life <= _LONGEST_LIFE_SECONDS
        if not plain(token) or not isinstance(url, str) or not is_fit(url, scheme=self._scheme) or not is_life:
            return unavailable(NAME, "answer", request_id=reply.request_id)
        assert isinstance(life, int)  # noqa: S101 - looked at above
        return Start(token=plain(token), url=url, life_seconds=life)

    def fetch(self, token: str, *, order: str, with_number: bool) -> NetworkIdentityResult:
        """Ask for the result of our order; number and name are dropped where they were not asked for."""
        reply = self._call("result", {"order": order, "token": token})
        if isinstance(reply, Answer):
            return NetworkIdentityResult(reply)
        code = plain(reply.fields.get("code"))
        if code == UNFINISHED:
            return NetworkIdentityResult(unavailable(NAME, "unfinished", request_id=reply.request_id))
        answer = judge(NAME, RESULT_CODES, code, request_id=reply.request_id)
        return self._passed(reply, answer, with_number) if code == PASSED else NetworkIdentityResult(answer)

    def _passed(self, reply: Reply, answer: Answer, with_number: bool) -> NetworkIdentityResult:
        """Return what a pass says of the person; one that shows less than was asked for is none."""
        mode = plain(reply.fields.get("mode"))
        if mode not in _AS_GOOD[self._mode]:
            return NetworkIdentityResult(Answer(Outcome.RISK, NAME, "local.mode", reply.request_id))
        today = civil_date(self._clock.now())
        application_id = read_application_id(reply.fields.get("application_id"), today=today)
        if application_id is None:
            return NetworkIdentityResult(unavailable(NAME, "answer", request_id=reply.request_id))
        told = Answer(answer.outcome, NAME, f"{answer.code}.{mode}", answer.request_id, answer.is_charged)
        number, name = _text(reply.fields, "number", _LONGEST_NUMBER), _text(reply.fields, "name", _LONGEST_NAME)
        # One without the other joins nothing: a number is the person's together with the name alone.
        if not with_number or number is None or name is None:
            return NetworkIdentityResult(told, application_id)
        return NetworkIdentityResult(told, application_id, number, name)

    def _call(self, action: str, fields: Mapping[str, object]) -> Reply | Answer:
        """Ask once; return what the gateway replied, signed and about our order, or an answer where it is not."""
        body, request_id, timestamp = json.dumps(dict(fields)).encode(), new_id(), str(self._clock.epoch())
        signature = sign_gateway(
            secret=self._secret,
            direction=Direction.REQUEST,
            action=action,
            timestamp=timestamp,
            request_id=request_id,
            body=body,
        )
        headers = {"Yihao-Timestamp": timestamp, "Yihao-Request-Id": request_id, "Yihao-Signature": signature}
        url = f"{self._endpoint}/v1/{action}"
        try:
            response = self._fetcher.post(url, body=body, content_type="application/json", headers=headers)
        except OutboundRefused as refused:
            return unavailable(NAME, str(refused.reason), request_id=request_id, was_asked=refused.request_sent)
        return self._read(response, action, request_id, str(fields["order"]))

    def _read(self, response: OutboundResponse, action: str, request_id: str, order: str) -> Reply | Answer:
        if response.status != 200:
            return unavailable(NAME, f"http.{response.status}", request_id=request_id)
        is_signed = is_signed_answer(
            secret=self._secret,
            action=action,
            timestamp=response.headers.get("yihao-timestamp", ""),
            request_id=request_id,
            signature=response.headers.get("yihao-signature", ""),
            body=response.body,
            now=self._clock.now(),
        )
        if not is_signed:
            return unavailable(NAME, "signature", request_id=request_id)
        fields = read_object(response.body)
        if fields.get("order") != order:
            # Signed for this request and about another: the gateway mixes people up, or somebody makes it.
            return Answer(Outcome.RISK, NAME, "local.another_order", request_id)
        return Reply(request_id, fields=fields)


def _text(fields: Mapping[str, object], name: str, longest: int) -> str | None:
    value = fields.get(name)
    return value if isinstance(value, str) and 0 < len(value) <= longest else None
