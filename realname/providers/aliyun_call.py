"""One call to Alibaba Cloud's cloudauth (2019-03-07), signed, made once, and read with distrust."""

from collections.abc import Mapping

from idp.core.clock import Clock
from idp.core.ids import new_id
from idp.outbound.aliyun_signature import canonical_query, sign_aliyun
from idp.outbound.answer import as_object, plain, read_object
from idp.outbound.fetcher import Fetcher, OutboundRefused, OutboundResponse
from idp.outbound.target import parse_target
from realname.providers.aliyun_codes import GATEWAY
from realname.providers.answer import Answer
from realname.providers.meaning import judge, not_asked, unavailable
from realname.providers.reply import Reply, RequestIds, request_id_of

NAME = "aliyun"
REGION = "cn-shanghai"
_VERSION = "2019-03-07"
_CONTENT_TYPE = "application/x-www-form-urlencoded"
_NOTHING: Mapping[str, str] = {}


def endpoint_of(region: str) -> str:
    """Return the address of a region that has one of its own (cn-shanghai, cn-beijing)."""
    return f"https://cloudauth.{region}.aliyuncs.com"


class AliyunCall:
    """Makes the calls of one account."""

    def __init__(
        self, *, access_key_id: str, access_key_secret: str, fetcher: Fetcher, clock: Clock, region: str, endpoint: str
    ) -> None:
        self._access_key_id = access_key_id
        self._access_key_secret = access_key_secret
        self._fetcher = fetcher
        self._clock = clock
        self._request_ids = RequestIds()
        target = parse_target(endpoint or endpoint_of(region))
        self.scheme = target.scheme
        # Signed as the fetcher will send it; the signature also fixes the path to "/".
        self._host = target.host_header
        self._url = f"{target.scheme}://{target.host_header}/"

    def call(
        self, action: str, *, query: Mapping[str, str] = _NOTHING, form: Mapping[str, str] = _NOTHING
    ) -> Reply | Answer:
        """Ask once; return what the service replied, or an answer of ours where that cannot be read.

        The API's own description says of each parameter whether it goes into the query or the form. A query
        here is read by nobody but the service: TLS covers it, and the fetcher never names one in an error.
        """
        try:
            address, body = canonical_query(query), canonical_query(form).encode()
        except UnicodeEncodeError:
            return not_asked(NAME, "characters")
        headers = sign_aliyun(
            access_key_id=self._access_key_id,
            access_key_secret=self._access_key_secret,
            host=self._host,
            action=action,
            version=_VERSION,
            query=address,
            body=body,
            content_type=_CONTENT_TYPE,
            nonce=new_id(),
            now=self._clock.now(),
        )
        try:
            response = self._fetcher.post(
                f"{self._url}?{address}" if address else self._url,
                body=body,
                content_type=_CONTENT_TYPE,
                headers={**headers, "Accept": "application/json"},
            )
        except OutboundRefused as refused:
            return unavailable(NAME, str(refused.reason), was_asked=refused.request_sent)
        return self._read(response)

    def _read(self, response: OutboundResponse) -> Reply | Answer:
        """The gateway refuses with a status of 400 and more and a word, the service with 200 and a figure."""
        answer = read_object(response.body)
        request_id, code = request_id_of(answer.get("RequestId")), plain(answer.get("Code"))
        if response.status != 200:
            if 400 <= response.status < 500 and code not in ("", "200"):
                return judge(NAME, GATEWAY, code, request_id=request_id)
            return unavailable(NAME, f"http.{response.status}", request_id=request_id)
        if not request_id or not code:
            return unavailable(NAME, "answer", request_id=request_id)
        if not self._request_ids.is_new(request_id):
            return unavailable(NAME, "replayed", request_id=request_id)
        if code != "200":
            return Reply(request_id, error=code)
        return Reply(request_id, fields=as_object(answer.get("ResultObject")))
