"""Why something was refused, stopped or decided so, in the words of the console; keyed by the reasons of the rooms."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

_CASES = {
    "not_there": _l("There is no such thing in your departments."),
    "over": _l("This was decided meanwhile."),
    "changed": _l("This changed since the page was shown. Look at it again, then decide."),
    "taken": _l("Somebody else has this case for now. Take another one, or wait until they give it back."),
    "not_taken": _l("Take the case first: who sees it in clear is who works on it."),
    "decided_before": _l("You decided in this case already; the next look is another person's."),
    "verdict": _l("This decision says nothing about a case of this kind. Choose another one."),
    "candidate": _l("Choose one of the persons who stand beside the account."),
    "reason": _l("Choose a reason, and keep the note below a thousand characters."),
    "not_due": _l("Nobody has to look at this again."),
    "reopened": _l("There is another open case about this account. Decide that one."),
    "one_person": _l("Two different people have to sign. You signed first, so somebody else goes on."),
    "own_matter": _l("This concerns you, or a child whose guardian you are. Leave it to somebody else."),
    "not_active": _l("Your own account is not active, so you cannot sign."),
    "household": _l("By the register you live in one household with somebody whom this concerns."),
    "took_part": _l("You took part in this before. Leave it to somebody else."),
}
_REASONS = {
    "same_person": _l("Everything says that they are one person"),
    "name_variant": _l("Another spelling of the same name"),
    "former_name": _l("A former name"),
    "former_number": _l("A former number"),
    "number_mistyped": _l("The number was mistyped"),
    "relative": _l("A relative's number was given"),
    "other_person": _l("It is somebody else"),
    "organisation": _l("The account is an organisation's"),
    "deceased": _l("The holder has died"),
    "not_enough": _l("There is not enough to tell"),
}
_SYSTEMS = {
    "pays_out": _l("Money is paid out by this system, so its word never makes a link active."),
    "not_real_name": _l("This system does not verify who its users are, so its word says nothing."),
    "no_evidence": _l("Write what it rests on: the second administrator decides by it."),
    "state": _l("This is not possible in the present state. Look at the page again."),
    "code": _l("A code has 1 to 40 letters, digits, dots, underscores or dashes, and begins with a letter or digit."),
    "name": _l("Enter a name of at most 100 characters."),
    "code_taken": _l("Another system has this code."),
    "unknown_department": _l("There is no such department."),
    "not_a_map": _l("These are no rules."),
    "unknown_situation": _l("There is no such situation."),
    "unknown_action": _l("There is no such action."),
    "not_allowed": _l("This situation bears no such action: nothing less than number and name together is proposed."),
}
_LINKS = {
    "owned": _l("The account is somebody's already."),
    "refused_before": _l("It was said before that this account is not this person's."),
    "exists": _l("It is proposed to this person, or theirs, already."),
    "mistake": _l("A mistake of the import or of the rules"),
    "wrong_person": _l("It is another person's account"),
    "source_asked": _l("The older system asked for it"),
    "person_asked": _l("The person asked for it at a counter"),
    "case": _l("by the decision of a case"),
}
_TEXTS = {**_CASES, **_REASONS, **_SYSTEMS, **_LINKS}


def problem_text(reason: object) -> str:
    """Return the words for a reason; one without words says only that it did not work, with its code."""
    code = str(reason)
    if code in _TEXTS:
        return str(_TEXTS[code])
    return gettext("This is not possible (%(code)s).", code=code)
