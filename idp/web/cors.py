"""Cross-origin calls from browser applications (Fetch standard): some endpoints for everyone, authorize never."""

#: Safe for every origin, because none of them reads a cookie.
OPEN_PATHS = frozenset(
    {
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
        "/oauth/jwks",
        "/oauth/token",
        "/oauth/userinfo",
        "/oauth/revoke",
    }
)
#: No credentials are allowed, so a wildcard gives nothing that a program would not get.
OPEN_HEADERS = [
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "WWW-Authenticate"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
]
#: What a preflight is told.
ALLOWED_HEADERS = "Authorization, Content-Type"
MAX_AGE_SECONDS = 3600
