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
    "code": _l(
        "A code has 1 to 40 small letters, digits, dots, underscores or dashes; it begins with none of these three."
    ),
    "name": _l("Enter a name of at most 100 characters."),
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
_IMPORTS = {
    "same_file": _l("This very file was brought before. Look at the earlier import, or bring another file."),
    "file_changed": _l("The file is not the one that was uploaded. Upload it anew."),
    "file_missing": _l("The file lies here no more. Upload it anew."),
    "file_unreadable": _l(
        "The file cannot be read as it was agreed. Agree on its columns anew, or upload another one."
    ),
    "columns_changed": _l("The columns were agreed anew since the dry run. Make it again."),
    "rules_changed": _l("The rules were changed since the dry run. Make it again."),
    "overtaken": _l("A later import of this system was applied since. Make the dry run again."),
    "own_batch": _l("You brought this file, so somebody else approves it."),
    "not_allowed": _l("You have no role for this in the department of the system."),
    "system_ended": _l("Accounts of this system are taken no more."),
    "columns_missing": _l("It was not agreed yet which column is which."),
    "column_missing": _l("The file lacks a column that was agreed on."),
    "bad_rows": _l("Too many rows cannot be taken. Look at their reasons before anything else is done."),
    "lost_characters": _l("Too many characters cannot be read: the file is probably written in another encoding."),
    "many_changes": _l("Too many accounts of the system would change. Is it the right file?"),
    "many_suspensions": _l("Too many active links would be suspended. Is it the right file?"),
    "disk_full": _l("There is no more room on the disk. Ask your operators, then begin again."),
    "no_rows": _l("The file has no rows."),
    "plan_changed": _l("Too much changed since the dry run was approved. Make it again."),
    "key_exchanged": _l("A key of the installation was exchanged meanwhile. Make the dry run again."),
    "asked_source": _l("Those who keep the older system confirmed it"),
    "expected": _l("So many changes were announced"),
    "first_file": _l("It is the first file of its kind"),
    "not_asked": _l("Nobody asked for it."),
    "same_person": _l("You asked for it, so somebody else has to agree."),
    "too_large": _l("The file is larger than a browser may send. Have it put into the folder of uploads."),
    "not_in_folder": _l("No file of this name lies in the folder of uploads."),
    "empty": _l("The file is empty."),
    "unknown_kind": _l("This kind of file is not read here."),
    "old_spreadsheet": _l("This is an old spreadsheet. Save it as .xlsx or CSV first."),
    "no_reference": _l("Say which column is the account's own reference."),
    "nothing_telling": _l("Say which column is the ID number, the name or the mobile number."),
    "unknown_column": _l("The file has no such column."),
    "column_twice": _l("A field can be one column only."),
    "no_date": _l("A format of dates stands with a field that is no date."),
}
_FAULTS = {
    "too_few_cells": _l("Too few cells"),
    "too_many_cells": _l("Too many cells"),
    "too_long": _l("A cell is too long"),
    "unclosed_quote": _l("A quotation mark is not closed"),
    "nul": _l("A character that cannot be stored"),
    "malformed": _l("Not built as its format asks"),
    "cut_off": _l("The file ends inside it"),
    "deleted": _l("Marked as deleted"),
    "bad": _l("Cannot be taken"),
}
#: Where two rooms have one word for different things.
_OF_CLASS = {"SystemProblem.taken": _l("Another system has this code.")}
_TEXTS = {**_FAULTS, **_IMPORTS, **_CASES, **_REASONS, **_SYSTEMS, **_LINKS}


def problem_text(reason: object) -> str:
    """Return the words for a reason; one without words says only that it did not work, with its code."""
    code = str(reason)
    if f"{type(reason).__name__}.{code}" in _OF_CLASS:
        return str(_OF_CLASS[f"{type(reason).__name__}.{code}"])
    if code in _TEXTS:
        return str(_TEXTS[code])
    return str(gettext("This is not possible (%(code)s).", code=code))
