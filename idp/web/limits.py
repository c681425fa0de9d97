"""How often one address may ask, counted in the short-lived store so that all workers count together."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, make_response, render_template, request

from idp.core.clock import seconds
from idp.storage.short_lived.store import Kind
from idp.web.context import house, request_id
from idp.web.error_wording import error_page


def limit(setting: str, window_seconds: int) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """Let one address POST to a view as often as `limits.<setting>` allows within the window."""

    def decorate(view: Callable[..., Response]) -> Callable[..., Response]:
        @wraps(view)
        def limited(*args: Any, **kwargs: Any) -> Response:
            most = getattr(house().settings.limits, setting)
            if request.method != "POST" or most == 0:
                return view(*args, **kwargs)
            handle = f"{setting} {request.remote_addr}"
            if house().ground.store.increment(Kind.LIMIT, handle, seconds=window_seconds) > most:
                return _too_many(window_seconds)
            return view(*args, **kwargs)

        return limited

    return decorate


def _too_many(window_seconds: int) -> Response:
    shown = error_page("too_many", retry_at=house().ground.clock.now() + seconds(window_seconds))
    page = render_template("errors/page.html", page=shown, request_id=request_id())
    response = make_response(page, 429)
    response.headers["Retry-After"] = str(window_seconds)
    response.headers["Cache-Control"] = "no-store"
    return response
