"""The picture that an authenticator app scans, and its secret to type where it cannot be scanned."""

from typing import Any

import segno

from idp.login.enrolment import Enrolment


def totp_picture(enrolment: Enrolment) -> dict[str, Any]:
    """Return what the templates of an enrolment show."""
    secret = enrolment.secret
    return {
        "qr_data_uri": segno.make(enrolment.uri, error="m").svg_data_uri(scale=4, border=1),
        "secret_groups": [secret[place : place + 4] for place in range(0, len(secret), 4)],
    }
