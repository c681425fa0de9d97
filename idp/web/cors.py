"""Cross-origin calls from browser applications (Fetch standard): some endpoints for everyone, authorize never."""

from flask import Flask, Response, make_response, request

# Safe for every origin: none of them reads a cookie.
_OPEN = {
    "/.well-known/openid-configuration": "GET",
    "/.well-known/oauth-authorization-server": "GET",
    "/oauth/jwks": "GET",
    "/oauth/token": "POST",
    "/oauth/userinfo": "GET, POST",
    "/oauth/revoke": "POST",
}
_MAX_AGE_SECONDS = 3600


def init_cors(app: Flask) -> None:
    """Answer preflights and mark the answers of open endpoints."""

    @app.before_request
    def preflight() -> Response | None:
        if request.method != "OPTIONS" or request.path not in _OPEN or "Origin" not in request.headers:
            return None
        response = make_response("", 204)
        response.headers["Access-Control-Allow-Methods"] = _OPEN[request.path]
        response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type, DPoP"
        response.headers["Access-Control-Max-Age"] = str(_MAX_AGE_SECONDS)
        return response

    @app.after_request
    def mark(response: Response) -> Response:
        if request.path in _OPEN:
            # No credentials are allowed, so a wildcard gives nothing that curl would not get.
            response.headers["Access-Control-Allow-Origin"] = "*"
            response.headers["Access-Control-Expose-Headers"] = "WWW-Authenticate"
            response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response
