"""The words for what the national network identity, or the way to it, refuses."""

from flask_babel import lazy_gettext as _l

#: By the reason of the rooms below, or by what `verify_network_identity` makes of it.
NETWORK_IDENTITY_REFUSALS = {
    "proofing_abandoned": _l("You stopped, or the time was over. Nothing was changed. You can begin again."),
    "network_identity_mismatch": _l(
        "The network identity service did not recognise you: the password was not right, or the face was not found to "
        "agree. Try again, or bring your ID card to a service hall."
    ),
    "network_identity_no_record": _l(
        "You have no valid network identity, and need none: choose another way, or bring your ID card to a service "
        "hall."
    ),
    "network_identity_risk": _l(
        "What the network identity service said was not accepted. Bring your ID card to a service hall."
    ),
    "network_identity_limited": _l(
        "The network identity service was asked too often. Try again later, or choose another way."
    ),
    "network_identity_unavailable": _l(
        "The result is not there yet, or the service cannot be reached. Nothing was changed. Ask again in a minute, or "
        "choose another way."
    ),
    "network_identity_disputed": _l(
        "Another account here was proved by the same network identity or the same ID number. If it is yours, log in to "
        "that one and keep to it. A service hall decides which of the two has it: bring your ID card. Until then "
        "neither account is raised by it."
    ),
    "network_identity_differs": _l(
        "This account is known by another network identity, which was verified. Log in to your own account, or bring "
        "your ID card to a service hall."
    ),
    "network_identity_number": _l(
        "This account has a verified ID number, and the service did not say whether it is yours. Begin again and agree "
        "there that it tells us, or bring your ID card to a service hall."
    ),
    "network_identity_mobile": _l(
        "Your mobile number is not registered in your name, so your network identity cannot be joined to your ID "
        "number here. Bring your ID card to a service hall."
    ),
}
