"""The routes of what a portal offers once a person is logged in: services, or appointments."""

import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime

from flask import Flask, abort, g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from demo.portals import offers
from demo.portals.claims import CIVIL_ZONE, level_of
from demo.portals.sessions import current
from demo.portals.settings import PortalKind, PortalSettings


def add_offer_routes(app: Flask, settings: PortalSettings, *, now: Callable[[], float]) -> None:
    """Add the pages that this kind of portal offers."""

    def today() -> date:
        return datetime.fromtimestamp(now(), UTC).astimezone(CIVIL_ZONE).date()

    if settings.kind is PortalKind.SERVICE:
        _add_services(app)
    else:
        _add_appointments(app, today)


def _add_services(app: Flask) -> None:
    app.jinja_env.globals["services"] = offers.SERVICES

    @app.get("/services/<slug>")
    def service(slug: str) -> Response:
        chosen = offers.service(slug)
        if chosen is None:
            abort(404)
        if current.login is None or level_of(current.login) < chosen.level:
            # The provider leads the person up to it. Asked once: whoever comes back lower chose not to go.
            if current.pop("asked_level", None) == chosen.level and current.login is not None:
                page = render_template("level_needed.html", service=chosen, level=level_of(current.login))
                return make_response(page, 403)
            current["asked_level"] = chosen.level
            return redirect(f"/login?next=/services/{chosen.slug}&level={chosen.level}")
        current.pop("asked_level", None)
        return make_response(render_template("service.html", service=chosen))


def _add_appointments(app: Flask, today: Callable[[], date]) -> None:
    @app.context_processor
    def _choices() -> dict[str, object]:
        english = g.texts.language == "en"
        days = [(day.isoformat(), offers.day_name(day, english=english)) for day in offers.bookable_days(today())]
        return {"halls": offers.HALLS, "days": days, "times": offers.TIMES}

    @app.post("/book")
    def book() -> Response:
        # A form of another site comes without the Lax cookie, hence without a login.
        if current.login is None:
            return redirect("/login", 303)
        hall, day, hours = (request.form.get(field, "") for field in ("hall", "day", "time"))
        days = {one.isoformat(): one for one in offers.bookable_days(today())}
        if hall not in offers.HALLS or day not in days or hours not in offers.TIMES:
            return make_response(render_template("appointments_home.html", notice="form_wrong"), 400)
        when = f"{offers.day_name(days[day], english=g.texts.language == 'en')} {hours}"
        number = f"{secrets.randbelow(10**8):08d}"
        page = render_template("booked.html", hall=offers.HALLS[hall], when=when, number=number)
        return make_response(page)
