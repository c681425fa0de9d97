"""The words of the console for the codes of the rooms below: states, situations, actions, kinds of cases."""

from flask import Flask
from flask_babel import format_decimal, format_percent, gettext
from flask_babel import lazy_gettext as _l

from admin.problem_wording import problem_text
from idp.linking.cutover import CutoverReport

_SITUATIONS = {
    "found": (_l("Found"), _l("Number and name are one person's, who has one account here.")),
    "found_multiple": (_l("Found, several accounts"), _l("The same, with several accounts of the person here.")),
    "found_former": (_l("Former number"), _l("Number and name are one person's, but the number is a former one.")),
    "contradicted": (_l("Contradicted"), _l("Number and name agree, but mobile or birth date speak against it.")),
    "disputed": (_l("Disputed"), _l("The number is somebody's whose name is another one.")),
    "deceased": (_l("Deceased"), _l("Number and name agree; the person or the row is marked as dead.")),
    "enterprise": (_l("Organisation"), _l("The account is an organisation's.")),
    "test": (_l("Test account"), _l("The account is marked as a test.")),
    "absent": (_l("Nobody here yet"), _l("A valid number that nobody has proved here so far.")),
    "unqualified": (_l("No usable number"), _l("The row has no number that anybody could be found by.")),
    "ambiguous": (_l("Ambiguous"), _l("More than one person fits.")),
    "linked": (_l("Linked already"), _l("The account is linked, and nothing that matters changed.")),
    "changed": (_l("Changed at the source"), _l("The account is linked, and its number or name changed.")),
    "gone": (_l("Gone at the source"), _l("The account is linked, and the latest whole file lacks it.")),
    "refused": (_l("Refused before"), _l("Fits somebody of whom it was said that the account is not theirs.")),
}
_ACTIONS = {
    "propose": _l("Propose to the person"),
    "open_case": _l("Open a case"),
    "wait": _l("Wait until somebody enrols"),
    "suspend": _l("Suspend the link"),
    "keep": _l("Keep as it is"),
    "nothing": _l("Do nothing"),
}
_LINK_STATES = {
    "proposed": (_l("Proposed"), ""),
    "active": (_l("Active"), "good"),
    "suspended": (_l("Suspended"), "care"),
    "rejected": (_l("Not mine"), "bad"),
    "expired": (_l("Expired"), ""),
    "revoked": (_l("Unlinked"), ""),
    "undone": (_l("Undone"), "bad"),
}
_BATCH_STATES = {
    "uploaded": (_l("Columns to be agreed"), "care"),
    "staging": (_l("Being read"), ""),
    "matching": (_l("Dry run"), ""),
    "review": (_l("Waits for approval"), "care"),
    "approved": (_l("Approved, waits for a worker"), ""),
    "applying": (_l("Being applied"), ""),
    "done": (_l("Applied"), "good"),
    "stopped": (_l("Stopped"), "bad"),
    "cancelled": (_l("Cancelled"), ""),
    "undoing": (_l("Being undone"), ""),
    "undone": (_l("Undone"), ""),
}
_BATCH_KINDS = {"full": _l("All accounts"), "delta": _l("Changes only"), "single": _l("One account")}
_CUTOVERS = {
    "legacy_only": _l("The older system answers logins"),
    "both": _l("Both answer, and the answers are compared"),
    "platform_only": _l("The platform answers logins"),
}
_VOUCHING = {
    "off": _l("Off: every person proves control themself"),
    "asked": _l("Asked for, waits for a second administrator"),
    "on": _l("On: the person confirms, the system's word is enough"),
}
_CASE_KINDS = {
    "disputed_number": _l("One number, two names"),
    "deceased": _l("Deceased"),
    "ambiguous": _l("More than one person fits"),
    "former_number": _l("Former number"),
    "enterprise": _l("An organisation's account with a personal operator"),
    "candidate": _l("No number, but something else fits"),
    "contested": _l("Claimed while it is somebody's"),
    "two_persons": _l("Two persons who are one"),
    "contradicted": _l("Something speaks against the number"),
}
_CASE_STATES = {
    "open": (_l("Open"), ""),
    "second_opinion": (_l("Waits for a second decision"), "care"),
    "split": (_l("Two decisions that differ"), "bad"),
    "closed": (_l("Decided"), "good"),
}
_VERDICTS = {
    "link": _l("It is this person's account"),
    "no_link": _l("It is none of theirs"),
    "merge": _l("They are one person"),
    "keep_apart": _l("They are two persons"),
}
_COMPARISONS = {
    "both_right": _l("Right in both"),
    "both_wrong": _l("Wrong in both"),
    "only_legacy": _l("Right in the older system only"),
    "only_platform": _l("Right here only"),
    "not_copied": _l("Nothing here to compare with"),
    "no_answer": _l("The older system did not answer"),
}
_UNMASK_REASONS = {
    "compare_number": _l("To compare the numbers"),
    "compare_name": _l("To compare the names"),
    "ask_source": _l("To ask those who keep the older system"),
    "call_person": _l("To call the person"),
}
_NUMBER_STATES = {
    "valid": _l("valid"),
    "missing": _l("missing"),
    "placeholder": _l("a placeholder"),
    "masked": _l("masked"),
    "damaged": _l("damaged by a spreadsheet"),
    "invalid": _l("not valid"),
    "other_document": _l("another document"),
}
_FIELDS = {
    "reference": _l("The account's own reference"),
    "login": _l("Login name"),
    "document_type": _l("Kind of document"),
    "number": _l("ID number"),
    "name": _l("Name"),
    "former_name": _l("Former name"),
    "former_number": _l("Former number"),
    "other_fields": _l("Other fields"),
    "mobile": _l("Mobile number"),
    "email": _l("Email"),
    "birth_date": _l("Date of birth"),
    "gender": _l("Sex"),
    "address": _l("Address"),
    "organisation": _l("Organisation"),
    "organisation_code": _l("Organisation code"),
    "verified": _l("Verified"),
    "deceased": _l("Deceased"),
    "updated_at": _l("Updated at"),
    "status": _l("State of the account"),
    "registered_at": _l("Registered at"),
    "last_login_at": _l("Last login"),
    "password": _l("Stored password"),
    "salt": _l("Salt of the password"),
}
_PROOFS = {
    "password": _l("the old password"),
    "phone": _l("a code to a phone that both sides hold"),
    "counter": _l("two clerks at a counter"),
    "vouched": _l("the word of the older system"),
}
_EVENTS = {
    "link.proposed": _l("Proposed"),
    "link.activated": _l("Made active"),
    "link.suspended": _l("Suspended"),
    "link.resumed": _l("Active again"),
    "link.rejected": _l("Said not to be theirs"),
    "link.expired": _l("Expired"),
    "link.revoked": _l("Unlinked"),
    "link.undone": _l("Undone"),
    "link.restored": _l("Brought back"),
    "link.moved": _l("Moved to the person who stayed"),
    "link.main_chosen": _l("Chosen as the main one"),
    "account.changed": _l("Changed at the source"),
    "account.gone": _l("Gone at the source"),
    "case.opened": _l("Case opened"),
    "case.decided": _l("Case decided by one"),
    "case.closed": _l("Case closed"),
    "case.reopened": _l("Case opened again"),
    "persons.merged": _l("Two persons were one"),
    "persons.separated": _l("Two persons again"),
    "batch.applied": _l("Batch applied"),
    "batch.undone": _l("Batch undone"),
}


def situation_text(situation: str) -> str:
    """Return what a situation is called; one that is not known here by its own name, as everywhere below."""
    return str(_SITUATIONS.get(situation, (situation, ""))[0])


def situation_meaning(situation: str) -> str:
    """Return what a situation means."""
    return str(_SITUATIONS.get(situation, ("", ""))[1])


def action_text(action: str) -> str:
    """Return what is done."""
    return str(_ACTIONS.get(action, action))


def link_state_text(state: str) -> str:
    """Return what the state of a link is called."""
    return str(_LINK_STATES.get(state, (state, ""))[0])


def batch_state_text(state: str) -> str:
    """Return what the state of a batch is called."""
    return str(_BATCH_STATES.get(state, (state, ""))[0])


def batch_kind_text(kind: str) -> str:
    """Return what a batch brings."""
    return str(_BATCH_KINDS.get(kind, kind))


def cutover_text(cutover: str) -> str:
    """Return who answers logins."""
    return str(_CUTOVERS.get(cutover, cutover))


def vouching_text(vouching: str) -> str:
    """Return whether the word of a system may activate."""
    return str(_VOUCHING.get(vouching, vouching))


def case_kind_text(kind: str) -> str:
    """Return what a case is about."""
    return str(_CASE_KINDS.get(kind, kind))


def case_state_text(state: str) -> str:
    """Return where a case stands."""
    return str(_CASE_STATES.get(state, (state, ""))[0])


def verdict_text(verdict: str) -> str:
    """Return what somebody decided."""
    return str(_VERDICTS.get(verdict, verdict))


def unmask_reason_text(reason: str) -> str:
    """Return what somebody needs clear values for."""
    return str(_UNMASK_REASONS.get(reason, reason))


def comparison_rows(report: CutoverReport) -> tuple[tuple[str, int], ...]:
    """Return how answers compared, in words with their numbers."""
    return tuple((str(_COMPARISONS.get(kind, kind)), count) for kind, count in report.counts.items())


def number_state_text(state: str) -> str:
    """Return what a number is worth, as the end of a sentence."""
    return str(_NUMBER_STATES.get(state, state))


def field_text(name: str) -> str:
    """Return what a field of a legacy row is called."""
    return str(_FIELDS.get(name, name))


def proof_text(proof: str) -> str:
    """Return how control was shown, as the end of a sentence."""
    return str(_PROOFS.get(proof, proof))


def event_text(kind: str) -> str:
    """Return what an event of the journal says."""
    return str(_EVENTS.get(kind, kind))


def state_class(state: str) -> str:
    """Return the colour of a state's tag."""
    return next((words[state][1] for words in (_LINK_STATES, _BATCH_STATES, _CASE_STATES) if state in words), "")


def duration_text(seconds: int) -> str:
    """Return a rough length of time."""
    if seconds < 90:
        return gettext("about a minute")
    if seconds < 5400:
        return gettext("about %(minutes)d minutes", minutes=round(seconds / 60))
    return gettext("about %(hours)d hours", hours=round(seconds / 3600))


def init_console_wording(app: Flask) -> None:
    """Let the templates of `app` word codes by the functions above."""
    app.jinja_env.globals.update(
        situation_text=situation_text,
        situation_meaning=situation_meaning,
        action_text=action_text,
        link_state_text=link_state_text,
        batch_state_text=batch_state_text,
        batch_kind_text=batch_kind_text,
        cutover_text=cutover_text,
        vouching_text=vouching_text,
        case_kind_text=case_kind_text,
        case_state_text=case_state_text,
        verdict_text=verdict_text,
        comparison_rows=comparison_rows,
        number_state_text=number_state_text,
        field_text=field_text,
        proof_text=proof_text,
        event_text=event_text,
        state_class=state_class,
        duration_text=duration_text,
        problem_text=problem_text,
    )
    app.jinja_env.filters["count"] = format_decimal
    app.jinja_env.filters["share"] = _share


def _share(value: float | None) -> str:
    """Return a share as per cent, with two places below one: what matters there is small."""
    if value is None:
        return "–"
    return str(format_percent(value, "0.00%" if 0 < value < 0.01 else "0.#%"))
