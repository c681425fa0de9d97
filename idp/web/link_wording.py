"""The words of accounts in older systems: why one does not become yours, by what it did, what happened to it."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

_COUNTER = _l("Come to a service hall with your ID card: two clerks look at it and make the account yours.")
_CASE = _l(
    "Two members of staff look at it now; you are told what they decide. A service hall can settle it at once, with "
    "your ID card."
)

#: Why an account does not become the person's, and what to do about it.
_PROBLEMS = {
    "person": _l("Your account here is not active, so nothing can be added to it."),
    "identity": _l("First your own identity must be verified to level 3, and your ID number be yours."),
    "level": _l("Confirm first that it is you, with two factors."),
    "old_login": _l("Your login is older than ten minutes. Confirm once more that it is you."),
    "holder": _l("This is an organisation's account. It is not taken over by a person."),
    "deceased": _l("By the system the holder of this account has died. It cannot be taken over."),
    "gone": _l("The system does not have this account any more."),
    "refused_before": _l("It was found before that this account is not yours. A service hall can look at it again."),
    "case_open": _l("Whose account this is, is being decided. You are told what comes of it."),
    "no_number": _l("The system has no usable ID number for this account."),
    "other_number": _l("The system has another ID number for this account than yours."),
    "other_name": _l("The system has another name for this account than yours."),
    "contradictory": _l("What the system has of this account contradicts itself."),
    "proof_missing": _l("It was not shown that the account is in your hands."),
    "proof_old": _l("That was more than ten minutes ago. Show it once more."),
    "password_default": _l(
        "The password is right, but others could know it too: it is a first password, or follows from your data. Use "
        "another way."
    ),
    "password_shared": _l("The password is right, but many accounts of the system have the same. Use another way."),
    "phone_shared": _l("Many people gave this mobile number there, so it does not tell whose the account is."),
    "not_vouched": _l("The system does not speak for this account."),
    "other_owner": _l("Somebody else has this account. It is suspended for them now."),
    "not_there": _l("There is no such account any more."),
    "state": _l("This was done meanwhile."),
    "exists": _l("This account is yours already."),
}
_WITH_COUNTER = frozenset({"no_number", "other_number", "other_name", "contradictory", "phone_shared"})

_EVENTS = {
    "link.activated": _l("became yours"),
    "link.suspended": _l("suspended"),
    "link.resumed": _l("usable again"),
    "link.rejected": _l("not yours"),
    "link.revoked": _l("unlinked"),
    "link.undone": _l("taken back, because it was a mistake"),
    "link.main_chosen": _l("chosen as the main one"),
    "link.moved": _l("moved with your other account here"),
}
_PROOFS = {
    "password": _l("by its password"),
    "phone": _l("by a code to your phone"),
    "counter": _l("at a service hall"),
    "vouched": _l("on the word of the system"),
}


def link_problem_text(problem: str, *, has_case: bool = False) -> str:
    """Return why an account does not become the person's, and what happens or is to be done next."""
    text = str(_PROBLEMS.get(problem, gettext("This cannot be done just now. Try again in a few minutes.")))
    if has_case:
        return f"{text} {_CASE}"
    return f"{text} {_COUNTER}" if problem in _WITH_COUNTER else text


def link_event_text(kind: str) -> str:
    """Return what happened to an account, in a few words."""
    return str(_EVENTS.get(kind, gettext("changed")))


def link_proof_text(proof: str) -> str:
    """Return by what an account became the person's."""
    return str(_PROOFS.get(proof, ""))
