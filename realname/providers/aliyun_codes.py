"""What the codes of Alibaba Cloud's cloudauth (2019-03-07) mean.

Its documents charge for each face that was compared, whatever came of it, and do not say what a pair or a triple
costs: those are counted as charged whenever the source spoke, so that a budget is never underestimated. What
no table holds says nothing.
"""

from collections.abc import Mapping
from types import MappingProxyType

from realname.providers.answer import Outcome
from realname.providers.meaning import Meaning, Meanings

_MATCH = Meaning(Outcome.MATCH, is_charged=True)
_MISMATCH = Meaning(Outcome.MISMATCH, is_charged=True)
_NO_RECORD = Meaning(Outcome.NO_RECORD, is_charged=True)
_BAD_INPUT = Meaning(Outcome.BAD_INPUT)
_LIMITED = Meaning(Outcome.LIMITED)
_UNAVAILABLE = Meaning(Outcome.UNAVAILABLE)
_RISK = Meaning(Outcome.RISK)

#: `ResultObject.BizCode` of Id2MetaVerify.
NAME_RESULTS: Meanings = MappingProxyType({"1": _MATCH, "2": _MISMATCH, "3": _NO_RECORD})

#: `ResultObject.SubCode` of Mobile3MetaDetailVerify.
MOBILE_RESULTS: Meanings = MappingProxyType(
    {
        "101": _MATCH,
        "201": _MISMATCH,  # neither name nor number is the mobile's
        "202": _MISMATCH,  # the name is, the number is not
        "203": _MISMATCH,  # the number is, the name is not
        "204": _MISMATCH,
        "301": _NO_RECORD,
    }
)

#: The BizCode that goes with an outcome: an answer that says both is not taken at its more pleasant word.
BIZ_CODES: Mapping[Outcome, str] = MappingProxyType({Outcome.MATCH: "1", Outcome.MISMATCH: "2", Outcome.NO_RECORD: "3"})

#: `Code` of Id2MetaVerify and Mobile3MetaDetailVerify, but 200.
PAIR_CODES: Meanings = MappingProxyType(
    {
        "400": _BAD_INPUT,  # something is empty
        "401": _BAD_INPUT,  # number, name or mobile breaks a rule
        "402": _UNAVAILABLE,  # the source fails
        "403": _LIMITED,  # the same again too often
        "404": _UNAVAILABLE,
        "405": _UNAVAILABLE,
        "406": _UNAVAILABLE,
        "410": _UNAVAILABLE,  # not subscribed
        "411": _UNAVAILABLE,  # no permission
        "412": _UNAVAILABLE,  # in arrears
        "424": _UNAVAILABLE,
        "500": _UNAVAILABLE,
    }
)

#: `Code` of InitFaceVerify and DescribeFaceVerify, but 200 and those of `FACE_UNFINISHED`.
FACE_CODES: Meanings = MappingProxyType(
    {
        "400": _BAD_INPUT,
        "401": _BAD_INPUT,
        "402": _UNAVAILABLE,  # no such application
        "404": _UNAVAILABLE,  # no such scene
        "405": _BAD_INPUT,  # under fourteen
        "406": _UNAVAILABLE,  # no such CertifyId
        "410": _UNAVAILABLE,
        "411": _UNAVAILABLE,
        "412": _UNAVAILABLE,
        "414": _UNAVAILABLE,  # device
        "415": _UNAVAILABLE,  # its version of the vendor's kit
        "416": _UNAVAILABLE,  # its system
        # Nothing to compare with: said after 201, 202 and 203 alike, so it is none of them.
        "417": _UNAVAILABLE,
        "418": _LIMITED,  # failed too often today
        "419": _UNAVAILABLE,  # 419-423 are about pictures, which are not sent
        "420": _UNAVAILABLE,
        "421": _UNAVAILABLE,
        "422": _UNAVAILABLE,
        "423": _UNAVAILABLE,
        "427": _RISK,  # the service's own policy
        "500": _UNAVAILABLE,
    }
)

#: `Code` of DescribeFaceVerify before the person has been compared, or where they gave up.
FACE_UNFINISHED = frozenset(("403", "424"))


def _all(outcome: Outcome, codes: str) -> Mapping[str, Meaning]:
    return dict.fromkeys(codes.split(), Meaning(outcome, is_charged=True))


#: `ResultObject.SubCode` of DescribeFaceVerify; 200 counts together with `Passed` only.
FACE_RESULTS: Meanings = MappingProxyType(
    {
        **_all(Outcome.MATCH, "200"),
        **_all(Outcome.MISMATCH, "201 204 207"),  # another's name; another's face; another's than the card shows
        **_all(Outcome.NO_RECORD, "202 203"),  # no such number; no photograph
        **_all(Outcome.RISK, "205 206"),  # not alive; the service's own policy
        # 209 the source fails; 210 let through by a policy and not by the comparison; 220-222 are of other products.
        **_all(Outcome.UNAVAILABLE, "209 210 220 221 222"),
    }
)

#: Words of the gateway, which refuses before the service is reached.
GATEWAY: Meanings = MappingProxyType(
    dict.fromkeys(("Throttling", "Throttling.Api", "Throttling.User", "Throttling.System"), _LIMITED)
)
