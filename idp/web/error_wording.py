"""The words of the error pages: what happened, whom it concerns, what to do next."""

from datetime import datetime

from flask_babel import lazy_gettext as _l

from idp.web.page_models import ErrorPage

_YOU_ARE_SAFE = _l("Your account is not affected, and none of your data was sent.")

# kind: (status, title, what happened, whom it concerns, what to do next)
_PAGES = {
    "unknown_client": (
        400,
        _l("We do not know this service"),
        _l("The website or app that sent you here is not registered with us, or has been switched off."),
        _YOU_ARE_SAFE,
        _l(
            "Close this page and do not enter your password on that website. Go to the service by its official address."
        ),
    ),
    "bad_redirect_uri": (
        400,
        _l("We cannot take you back safely"),
        _l("The service asked us to send you to an address that it has not registered with us, so we stopped."),
        _YOU_ARE_SAFE,
        _l("Go back to the service and start again. If this happens again, tell the service: only they can repair it."),
    ),
    "bad_request": (
        400,
        _l("This request is incomplete"),
        _l("The address you followed is not complete, or has been changed on the way."),
        _YOU_ARE_SAFE,
        _l("Go back to the service and start again."),
    ),
    "expired_interaction": (
        400,
        _l("This login has expired"),
        _l("For your safety a login that was begun must be finished within a short time."),
        _l("Nothing is lost. Only this login has ended."),
        _l("Go back to the service and log in again."),
    ),
    "foreign_interaction": (
        400,
        _l("This login was begun elsewhere"),
        _l("The login was started in another browser or on another device, and can only be finished there."),
        _l("If someone sent you this address, do not go on: they may be trying to log in as you."),
        _l("Go on in the browser in which you began, or start again from the service here."),
    ),
    "csrf_expired": (
        400,
        _l("This page was open too long"),
        _l("The form could not be accepted, because the page was too old or cookies are switched off."),
        _l("Nothing was changed."),
        _l("Go back, reload the page and send it again. If it still fails, allow cookies for this website."),
    ),
    "forbidden": (
        403,
        _l("You may not open this page"),
        _l("Your account does not have the right to see this page."),
        _l("This has been noted. Your account is not affected."),
        _l("Go back to the previous page. If you need this right, ask the office in charge."),
    ),
    "not_found": (
        404,
        _l("This page does not exist"),
        _l("The address may be mistyped, or the page may have moved."),
        _l("Your account is not affected."),
        _l("Check the address, or start from the front page."),
    ),
    "method_not_allowed": (
        405,
        _l("This page cannot be used in this way"),
        _l("The address was opened in a way that it does not support, for example by reloading a step."),
        _l("Nothing was changed."),
        _l("Go back and use the buttons on the page."),
    ),
    "too_large": (
        413,
        _l("What you sent is too large"),
        _l("The form contains more than this page accepts."),
        _l("Nothing was changed."),
        _l("Go back, shorten what you entered and send it again."),
    ),
    "too_many": (
        429,
        _l("Too many tries"),
        _l("There were too many requests in a short time, so we paused for a while."),
        _l("This protects your account against guessing. It does not mean that your account is locked."),
        _l("Wait until the time shown, then try again. If it was not you who tried, change your password."),
    ),
    "server_error": (
        500,
        _l("Something went wrong on our side"),
        _l("The request could not be completed because of a fault in our system. It has been recorded."),
        _l("This is not your fault. What was completed before is kept."),
        _l("Try again in a few minutes. If you ask for help, give the number shown below."),
    ),
    "unavailable": (
        503,
        _l("The service is busy or being maintained"),
        _l("We cannot answer just now."),
        _l("Your account and your data are safe."),
        _l("Try again in a few minutes."),
    ),
}


def error_page(kind: str, *, retry_at: datetime | None = None) -> ErrorPage:
    """Return the words for a kind of error; an unknown kind reads as a fault of ours."""
    status, title, happened, concerns, next_step = _PAGES.get(kind, _PAGES["server_error"])
    return ErrorPage(
        status=status,
        title=str(title),
        happened=str(happened),
        concerns=str(concerns),
        next_step=str(next_step),
        retry_at=retry_at,
        home_link=kind not in {"unknown_client", "foreign_interaction"},
    )
