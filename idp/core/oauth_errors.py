"""The OAuth and OpenID Connect error codes, one class each.

`description` may reach the client and is always a literal of ours: request data is illegal there
(RFC 6749 §5.2 forbids quotes and non-ASCII) and would reflect input. `detail` goes to the log only.
"""

from typing import ClassVar

from idp.core.errors import IdpError


class OAuthError(IdpError):
    """An error that a client is told by its code; `client_id` names a registered client that it was about."""

    keeps_records = True
    error: ClassVar[str]
    status: ClassVar[int] = 400
    default_description: ClassVar[str] = ""

    def __init__(self, description: str = "", *, detail: str = "", client_id: str | None = None) -> None:
        self.description = description or self.default_description
        self.detail = detail
        self.client_id = client_id
        super().__init__(f"{self.error}: {self.description}")


# RFC 6749 §5.2 and §4.1.2.1
class InvalidRequest(OAuthError):  # noqa: D101
    error = "invalid_request"
    default_description = "The request is malformed."


class InvalidClient(OAuthError):  # noqa: D101
    error = "invalid_client"
    status = 401
    default_description = "Client authentication failed."


class InvalidGrant(OAuthError):  # noqa: D101
    error = "invalid_grant"
    default_description = "The grant is invalid, expired, revoked or was issued to another client."


class UnauthorizedClient(OAuthError):  # noqa: D101
    error = "unauthorized_client"
    default_description = "The client may not use this grant."


class UnsupportedGrantType(OAuthError):  # noqa: D101
    error = "unsupported_grant_type"
    default_description = "The grant type is not supported."


class UnsupportedResponseType(OAuthError):  # noqa: D101
    error = "unsupported_response_type"
    default_description = "The response type is not supported."


class InvalidScope(OAuthError):  # noqa: D101
    error = "invalid_scope"
    default_description = "A scope is unknown or not allowed for this client."


class AccessDenied(OAuthError):  # noqa: D101
    error = "access_denied"
    default_description = "The person or the policy refused the request."


class ServerError(OAuthError):  # noqa: D101
    error = "server_error"
    status = 500
    default_description = "An unexpected condition was met."


class TemporarilyUnavailable(OAuthError):  # noqa: D101
    error = "temporarily_unavailable"
    status = 503
    default_description = "The service is busy. Try again shortly."
    #: RFC 9110 §10.2.3
    retry_after_seconds = 2


class RateLimited(TemporarilyUnavailable):
    """One client asks too often (RFC 6585 §4): no OAuth code says so, this one tells it to wait and go on."""

    status = 429
    default_description = "This client asks too often. Try again after the time in Retry-After."

    def __init__(self, *, retry_after_seconds: int) -> None:
        super().__init__(detail="client limit")
        self.retry_after_seconds = retry_after_seconds


# OpenID Connect Core §3.1.2.6
class LoginRequired(OAuthError):  # noqa: D101
    error = "login_required"
    default_description = "The person must log in."


class ConsentRequired(OAuthError):  # noqa: D101
    error = "consent_required"
    default_description = "The person must consent."


class InteractionRequired(OAuthError):  # noqa: D101
    error = "interaction_required"
    default_description = "The person must be shown a page."


class RequestNotSupported(OAuthError):  # noqa: D101
    error = "request_not_supported"
    default_description = "Request objects are not supported."


class RequestUriNotSupported(OAuthError):  # noqa: D101
    error = "request_uri_not_supported"
    default_description = "request_uri is not supported."


class RegistrationNotSupported(OAuthError):  # noqa: D101
    error = "registration_not_supported"
    default_description = "The registration parameter is not supported."


class UnmetAuthenticationRequirements(OAuthError):
    """OpenID Connect Core Unmet Authentication Requirements 1.0."""

    error = "unmet_authentication_requirements"
    default_description = "The requested authentication level could not be reached."


class InvalidTarget(OAuthError):
    """RFC 8707 §2."""

    error = "invalid_target"
    default_description = "A resource is unknown or not allowed for this client."


# RFC 7009 §2.2.1
class UnsupportedTokenType(OAuthError):  # noqa: D101
    error = "unsupported_token_type"
    default_description = "Tokens of this type cannot be revoked here."


# RFC 7591 §3.2.2
class InvalidRedirectUri(OAuthError):  # noqa: D101
    error = "invalid_redirect_uri"
    default_description = "A redirect URI is not allowed."


class InvalidClientMetadata(OAuthError):  # noqa: D101
    error = "invalid_client_metadata"
    default_description = "A client metadata field is not allowed."


# RFC 6750 §3.1
class InvalidToken(OAuthError):  # noqa: D101
    error = "invalid_token"
    status = 401
    default_description = "The access token is missing, expired, revoked or malformed."


class MissingToken(InvalidToken):
    """No token was sent at all, which is told without an error code (RFC 6750 §3.1)."""


class InsufficientScope(OAuthError):  # noqa: D101
    error = "insufficient_scope"
    status = 403
    default_description = "The access token does not carry the needed scope."
