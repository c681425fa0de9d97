"""One call to Tencent Cloud's faceid (2018-03-01), signed, made once, and read with distrust."""

import json
from collections.abc import Mapping

from idp.core.clock import Clock
from idp.outbound.answer import as_object, plain, read_object
from idp.outbound.fetcher import Fetcher, OutboundRefused, OutboundResponse
from idp.outbound.target import parse_target
from idp.outbound.tencent_signature import CONTENT_TYPE, sign_tencent
from realname.providers.answer import Answer
from realname.providers.meaning import unavailable
from realname.providers.reply import Reply, RequestIds, request_id_of

NAME = "tencent"
ENDPOINT = "https://faceid.tencentcloudapi.com"
REGION = "ap-guangzhou"
_VERSION = "2018-03-01"


class TencentCall:
    """Makes the calls of one account."""

    def __init__(
        self, *, secret_id: str, secret_key: str, fetcher: Fetcher, clock: Clock, region: str, endpoint: str
    ) -> None:
        self._secret_id = secret_id
        self._secret_key = secret_key
        self._fetcher = fetcher
        self._clock = clock
        self._region = region
        self._request_ids = RequestIds()
        target = parse_target(endpoint)
        self.scheme = target.scheme
        # Signed as the fetcher will send it; the signature also fixes the path to "/".
        self._host = target.host_header
        self._url = f"{target.scheme}://{target.host_header}/"

    def call(self, action: str, parameters: Mapping[str, str]) -> Reply | Answer:
        """Ask once; return what the service replied, or an `unavailable` answer where that cannot be read."""
        body = json.dumps(dict(parameters)).encode()
        signed = sign_tencent(
            secret_id=self._secret_id,
            secret_key=self._secret_key,
            service="faceid",
            host=self._host,
            action=action,
            body=body,
            now=self._clock.now(),
        )
        headers = {**signed, "X-TC-Version": _VERSION, "X-TC-Region": self._region}
        try:
            response = self._fetcher.post(self._url, body=body, content_type=CONTENT_TYPE, headers=headers)
        except OutboundRefused as refused:
            return unavailable(NAME, str(refused.reason), was_asked=refused.request_sent)
        return self._read(response)

    def _read(self, response: OutboundResponse) -> Reply | Answer:
        """Refusals come with status 200 too, in Response.Error."""
        answer = as_object(read_object(response.body).get("Response"))
        request_id = request_id_of(answer.get("RequestId"))
        if response.status != 200:
            return unavailable(NAME, f"http.{response.status}", request_id=request_id)
        if not request_id:
            return unavailable(NAME, "answer")
        if not self._request_ids.is_new(request_id):
            return unavailable(NAME, "replayed", request_id=request_id)
        if "Error" not in answer:
            return Reply(request_id, fields=answer)
        code = plain(as_object(answer["Error"]).get("Code"))
        return Reply(request_id, error=code) if code else unavailable(NAME, "answer", request_id=request_id)
