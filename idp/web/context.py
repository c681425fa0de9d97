"""What a view needs of its request: the house, the browser's cookies, the origin for the audit."""

from dataclasses import dataclass

from flask import Response, current_app, g, request

from idp.audit.log import Origin
from idp.core.ids import new_id, new_secret
from idp.house.build import House
from idp.login.loop import Browser
from idp.persons.device_label import label_of

_EXTENSION = "yihao"


@dataclass(frozen=True, slots=True)
class CookieNames:
    """Names of our cookies; under https they are bound to this host alone (RFC 6265bis §4.1.3.2)."""

    session: str
    device: str
    browser: str
    forms: str
    staff: str

    @classmethod
    def for_scheme(cls, *, https: bool) -> "CookieNames":
        """Return the names for a deployment."""
        prefix = "__Host-" if https else ""
        return cls(*(f"{prefix}yihao_{name}" for name in ("session", "device", "browser", "forms", "staff")))

    def session_of(self, *, for_staff: bool) -> str:
        """Return the name of the cookie that holds a citizen's session, or that of staff."""
        return self.staff if for_staff else self.session


def house() -> House:
    """Return the house that this application serves."""
    found: House = current_app.extensions[_EXTENSION]
    return found


def cookies() -> CookieNames:
    """Return the names of our cookies here."""
    return CookieNames.for_scheme(https=house().settings.https)


def request_id() -> str:
    """Return the id of this request, shown on error pages and kept in logs and audit."""
    if "request_id" not in g:
        g.request_id = new_id()
    return str(g.request_id)


def origin() -> Origin:
    """Return where this request came from, for the audit."""
    return Origin(request_id=request_id(), channel="portal")


def browser(*, for_staff: bool = False) -> Browser:
    """Return what the browser brought; missing secrets are drawn now and set with the answer."""
    return Browser(
        session_handle=session_handle(for_staff=for_staff),
        device_secret=_secret(cookies().device, "new_device_secret"),
        device_label=label_of(request.headers.get("User-Agent")),
    )


def session_handle(*, for_staff: bool = False) -> str | None:
    """Return the handle of the browser's session as it is now, a citizen's or that of staff."""
    name = cookies().session_of(for_staff=for_staff)
    kept = _kept_sessions()
    return kept[name] if name in kept else request.cookies.get(name)


def browser_secret() -> str:
    """Return the secret that parked logins of this browser are bound to."""
    return _secret(cookies().browser, "new_browser_secret")


def keep_session(handle: str | None, *, for_staff: bool = False) -> None:
    """Set the session cookie with this answer, or remove it where `handle` is None."""
    _kept_sessions()[cookies().session_of(for_staff=for_staff)] = handle


def is_session_started() -> bool:
    """Tell whether this answer sets a session cookie."""
    return any(handle is not None for handle in _kept_sessions().values())


def write_cookies(response: Response) -> Response:
    """Set what this request drew; called after every request."""
    names, settings = cookies(), house().settings
    for name, handle in _kept_sessions().items():
        if handle is None:
            response.delete_cookie(name, path="/", secure=settings.https, httponly=True, samesite="Lax")
        else:
            _set(response, name, handle, None)
    if "new_browser_secret" in g:
        _set(response, names.browser, g.new_browser_secret, None)
    if "new_device_secret" in g:
        _set(response, names.device, g.new_device_secret, settings.sessions.known_device_seconds)
    return response


def _kept_sessions() -> dict[str, str | None]:
    """Return the session cookies that this answer sets or removes, by name."""
    if "kept_sessions" not in g:
        g.kept_sessions = {}
    kept: dict[str, str | None] = g.kept_sessions
    return kept


def _secret(cookie: str, slot: str) -> str:
    """Return a cookie's secret, or draw one; anything that is not of our making is replaced."""
    if slot in g:
        return str(g.get(slot))
    present = request.cookies.get(cookie, "")
    if len(present) == len(new_secret()) and present.isascii():
        return present
    setattr(g, slot, new_secret())
    return str(g.get(slot))


def _set(response: Response, name: str, value: str, max_age: int | None) -> None:
    response.set_cookie(
        name, value, max_age=max_age, path="/", secure=house().settings.https, httponly=True, samesite="Lax"
    )
