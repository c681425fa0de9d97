"""A portal's side of the OpenID Connect conversation, on Authlib's Flask client."""

import json
import threading
import time
from collections.abc import Mapping
from typing import Any

import requests
from authlib.integrations.flask_client import OAuth, OAuthError
from flask import Flask, request, session
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from werkzeug.wrappers import Response

from demo.portals.claims import LEVELS
from demo.portals.sessions import Login
from demo.portals.settings import PortalSettings

#: From which level on this site asks who the person is, as it was proved (OpenID Connect for Identity Assurance 1.0).
PROVED_FROM = 3
_PROVED = {
    "verification": {"trust_framework": None, "assurance_level": None, "time": None},
    "claims": {"real_name": None, "id_number_masked": None},
}
TIMEOUT_SECONDS = 10
REFETCH_SECONDS = 10

#: OpenID Connect Core §3.1.2.6: what prompt=none answers instead of showing a page.
SILENT_REFUSALS = frozenset(
    {"login_required", "consent_required", "interaction_required", "account_selection_required"}
)


class LoginFailed(Exception):
    """A login did not come to an end; `error` is an OAuth code or one of the portal's own."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


class Provider:
    """Sends browsers to the provider and makes sense of what they bring back."""

    def __init__(self, app: Flask, settings: PortalSettings, metadata: Mapping[str, Any] | None) -> None:
        """Learn the endpoints from discovery, or from `metadata` when that is given."""
        self._settings = settings
        self._refetch_lock = threading.Lock()
        self._refetched_at = float("-inf")
        discovery = f"{settings.issuer}/.well-known/openid-configuration"
        self._client = OAuth(app).register(
            "provider",
            client_id=settings.client_id,
            client_secret=settings.client_secret,
            server_metadata_url=None if metadata is not None else discovery,
            client_kwargs={
                "scope": settings.scope,
                "code_challenge_method": "S256",
                "token_endpoint_auth_method": "client_secret_basic",
                "default_timeout": TIMEOUT_SECONDS,
                # A proxy of the environment would not reach a provider on loopback.
                "trust_env": False,
            },
            **(metadata or {}),
        )

    def authorize(self, *, locale: str, silent: bool = False, level: int = 1) -> Response:
        """Return the redirect that starts a login of at least `level`; raises LoginFailed if the provider is away."""
        self._metadata()
        parameters = {"ui_locales": locale}
        if silent:
            parameters["prompt"] = "none"
        if level > 1:
            parameters["acr_values"] = f"{LEVELS}:{level}"
        if level >= PROVED_FROM:
            parameters["claims"] = json.dumps({"userinfo": {"verified_claims": _PROVED}})
        redirect_uri = f"{self._settings.base_url}/callback"
        answer: Response = self._client.authorize_redirect(redirect_uri, **parameters)
        return answer

    def finish(self) -> Login:
        """Return the login that the request to the redirect URI completes.

        Raises LoginFailed, with one of SILENT_REFUSALS as its error when a silent login could not be.
        """
        self._check_response()
        metadata = self._metadata()
        try:
            token = self._client.authorize_access_token(
                claims_options={
                    "iss": {"essential": True, "value": metadata["issuer"]},
                    # Authlib does not compare aud by itself (OpenID Connect Core §3.1.3.7 item 3).
                    "aud": {"essential": True, "value": self._settings.client_id},
                }
            )
            self._check_algorithm(token)
            userinfo = self._client.userinfo(token=token)
        except OAuthError as error:
            raise LoginFailed(error.error) from error
        except (JoseError, KeyError, ValueError) as error:
            raise LoginFailed("invalid_id_token") from error
        except requests.RequestException as error:
            raise LoginFailed("provider_unreachable") from error
        id_claims = dict(token["userinfo"])
        if userinfo.get("sub") != id_claims["sub"]:  # OpenID Connect Core §5.3.2
            raise LoginFailed("userinfo_mismatch")
        return Login(id_token=token["id_token"], id_claims=id_claims, userinfo=dict(userinfo))

    def log_out(self, id_token: str, *, locale: str) -> Response:
        """Return the redirect that also ends the provider's session (RP-Initiated Logout 1.0 §2).

        Raises LoginFailed if the provider is away or offers no such endpoint.
        """
        if "end_session_endpoint" not in self._metadata():
            raise LoginFailed("logout_not_offered")
        answer: Response = self._client.logout_redirect(
            post_logout_redirect_uri=f"{self._settings.base_url}/logged-out",
            id_token_hint=id_token,
            client_id=self._settings.client_id,
            ui_locales=locale,
        )
        return answer

    def is_logout_answer(self) -> bool:
        """Return whether this request answers a logout that this browser asked for, once."""
        try:
            self._client.validate_logout_response()
        except OAuthError:
            return False
        return True

    def keys(self, refetch: bool) -> KeySet:
        """Return the provider's keys, fetched anew on demand but not at every stranger's wish."""
        try:
            self._metadata()
            with self._refetch_lock:
                force = refetch and time.monotonic() - self._refetched_at >= REFETCH_SECONDS
                if force:
                    self._refetched_at = time.monotonic()
            return KeySet.import_key_set(self._client.fetch_jwk_set(force=force))
        except (requests.RequestException, LoginFailed, RuntimeError) as error:
            raise ValueError("the provider's keys could not be fetched") from error

    def _metadata(self) -> dict[str, Any]:
        try:
            metadata: dict[str, Any] = self._client.load_server_metadata()
        except (requests.RequestException, ValueError) as error:
            raise LoginFailed("provider_unreachable") from error
        if metadata.get("issuer") != self._settings.issuer:  # OpenID Connect Discovery §4.3
            raise LoginFailed("issuer_mismatch")
        return metadata

    def _check_response(self) -> None:
        """Check state and issuer before the code or the error is believed."""
        state = request.args.get("state", "")
        framework = self._client.framework
        # Before Authlib looks at `error`: an unasked-for answer must end on a page. A browser
        # without cookies would otherwise go round and round through the silent login.
        if not framework.get_state_data(session, state):
            raise LoginFailed("mismatching_state")
        issuer = request.args.get("iss")
        announced = self._metadata().get("authorization_response_iss_parameter_supported")
        if issuer != self._settings.issuer and (announced or issuer is not None):  # RFC 9207 §2.4
            framework.clear_state_data(session, state)
            raise LoginFailed("issuer_mismatch")
        error = request.args.get("error")
        if error or not request.args.get("code"):
            framework.clear_state_data(session, state)
            raise LoginFailed(error or "invalid_response")

    def _check_algorithm(self, token: Mapping[str, Any]) -> None:
        if "userinfo" not in token:
            raise LoginFailed("invalid_id_token")  # OpenID Connect Core §3.1.3.3: an ID token is a must
        header = jws.extract_compact(token["id_token"].encode("ascii")).headers()
        # Authlib allows every algorithm of discovery; the client registered exactly one.
        if header.get("alg") != self._settings.signing_algorithm:
            raise LoginFailed("invalid_id_token")
