"""The pages of proving who one is, in their states."""

from typing import Any

from idp.login.away import Begun
from idp.login.steps.face import FaceScript
from idp.web.forms import identity, login
from idp.web.verify_network_identity import Offer
from tests.support.page_sample import Sample, code, door, refused

FACE_SCRIPT = FaceScript("https://static.example.gov.cn/jsvm_all.js")


def _form(form: Any = None, *, level: int = 1, wanted: int = 2, way: str = "number", **more: Any) -> dict[str, Any]:
    values = {"level": level, "wanted": wanted, "way": way, "is_essential": False, "network": None}
    values |= {"has_counter": True, **more}
    return door(form or identity.IdentityForm(), **values)


def _refused() -> dict[str, Any]:
    form = refused(identity.IdentityForm(), ("proofing_mismatch", None), ("number_invalid", "number"))
    return _form(form)


def _face(*, came: bool) -> dict[str, Any]:
    return door(None, begun=Begun("https://faces.example/s/1", came), service="rs.example.gov.cn")


def _face_start(*, is_refused: bool = False) -> dict[str, Any]:
    form = identity.DeviceForm()
    shown: Any = refused(form, ("face_device", None)) if is_refused else form
    return door(shown, script=FACE_SCRIPT, has_counter=True, has_network=True)


def _network(*, came: bool) -> dict[str, Any]:
    return door(None, begun=Begun("https://gateway.example/p/1", came), service="gateway.example.gov.cn")


def _offer(*, needs_number: bool = False) -> Offer:
    return Offer(identity.NetworkIdentityForm(), needs_number)


def _network_code(*, needs_number: bool) -> dict[str, Any]:
    return code(login.CodeForm()) | {"needs_number": needs_number}


PROOFING_SAMPLES = [
    Sample("verify-form-network", "verify/form.html", lambda: _form(wanted=3, network=_offer())),
    Sample(
        "verify-network-alone",
        "verify/form.html",
        lambda: _form(level=2, wanted=3, way="network", network=_offer(needs_number=True)),
    ),
    Sample("verify-network", "verify/network_identity.html", lambda: _network(came=False)),
    Sample("verify-network-again", "verify/network_identity.html", lambda: _network(came=True)),
    Sample("verify-network-code", "verify/network_code.html", lambda: _network_code(needs_number=False)),
    Sample("verify-network-code-only", "verify/network_code.html", lambda: _network_code(needs_number=True)),
    Sample("verify-form", "verify/form.html", _form),
    Sample("verify-form-refused", "verify/form.html", _refused),
    Sample("verify-form-essential", "verify/form.html", lambda: _form(wanted=3, is_essential=True)),
    Sample("verify-face-next", "verify/form.html", lambda: _form(level=2, wanted=3, way="face")),
    Sample("verify-counter", "verify/form.html", lambda: _form(level=2, wanted=4, way="counter", is_essential=True)),
    Sample("verify-code", "verify/code.html", lambda: code(login.CodeForm())),
    Sample("verify-face-start", "verify/face_start.html", _face_start),
    Sample("verify-face-start-refused", "verify/face_start.html", lambda: _face_start(is_refused=True)),
    Sample("verify-face", "verify/face.html", lambda: _face(came=False)),
    Sample("verify-face-again", "verify/face.html", lambda: _face(came=True)),
    Sample("factor-mobile", "factor/mobile.html", lambda: door(None, masked_destination="138****5678")),
    Sample("factor-mobile-none", "factor/mobile.html", lambda: door(None, masked_destination=None)),
    Sample("factor-code", "factor/code.html", lambda: code(login.CodeForm())),
]
