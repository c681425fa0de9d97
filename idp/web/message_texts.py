"""The texts of SMS and mail: short, signed, and never asking anyone for a code."""

from collections.abc import Mapping
from functools import cache

from babel import Locale
from babel.support import NullTranslations, Translations

from idp.web.locale import TRANSLATIONS


def N_(text: str) -> str:
    """Mark a text for translation; it is translated when it is sent."""
    return text


_SIGNATURE = N_("[Yihao] %(text)s")

#: Every template with the parameters it needs (as `%(name)s`).
TEMPLATES = {
    "registration_code": N_(
        "%(code)s is your code to open an account, valid for %(minutes)s minutes. "
        "Tell nobody: our staff never ask for it."
    ),
    "registration_known_mobile": N_(
        "%(code)s is your code to open an account, valid for %(minutes)s minutes. An account has this mobile number: "
        "if it is not yours, its release can be asked for. Tell nobody: our staff never ask for it."
    ),
    "preparation_made": N_(
        "%(system)s prepared an account for you. To activate it, open an account with us, with this mobile number "
        "and your own ID number. If you do not want it, you need do nothing."
    ),
    "preparation_known": N_(
        "%(system)s asked for an account for this mobile number, which has one. Nothing was changed: log in as usual. "
        "If you have nothing to do with %(system)s, you need do nothing."
    ),
    "login_code": N_(
        "%(code)s is your code to log in, valid for %(minutes)s minutes. Tell nobody: our staff never ask for it."
    ),
    "login_unknown_mobile": N_(
        "Someone tried to log in with this mobile number, which has no account. "
        "If it was you, open an account first. If not, you need do nothing."
    ),
    "contact_code": N_(
        "%(code)s is your code to change your mobile number, valid for %(minutes)s minutes. "
        "Tell nobody: our staff never ask for it."
    ),
    "contact_known_mobile": N_(
        "%(code)s is your code for this mobile number, valid for %(minutes)s minutes. Another account has it: "
        "if that is not yours, its release can be asked for. Tell nobody: our staff never ask for it."
    ),
    "recovery_unknown": N_(
        "Someone tried to reset a password with this mobile number, which has no account. "
        "If it was you, open an account first. If not, you need do nothing."
    ),
    "recovery_code": N_(
        "%(code)s is your code to reset your password, valid for %(minutes)s minutes. "
        "Tell nobody: our staff never ask for it."
    ),
    "staff_code": N_(
        "%(code)s is your code to set up the authenticator app of your staff login, valid for %(minutes)s minutes. "
        "If you are not doing this now, somebody knows your password: change it at once. Tell nobody this code."
    ),
    "password_changed": N_(
        "Your password was changed at %(time)s. If it was not you, reset it at once and end all other logins."
    ),
    "new_device_login": N_(
        "Your account was logged in to at %(time)s on a new device (%(device)s). "
        "If it was not you, change your password at once."
    ),
    "contact_changed": N_(
        "At %(time)s the mobile number of your account was changed to %(mobile)s. "
        "If it was not you, go to a service hall with your ID card."
    ),
    "recovery_started": N_(
        "A password reset was started for your account. A new password can be set from %(time)s. "
        "If it was not you, log in before then and cancel it."
    ),
    "totp_recovery_started": N_(
        "Someone who knows your password asked to remove the authenticator app of your account. "
        "It can be removed from %(time)s. If it was not you, log in before then and change your password."
    ),
    "recovery_codes_made": N_(
        "New recovery codes were created for your account at %(time)s. If it was not you, change your password at once."
    ),
    "recovery_done": N_(
        "Your password was reset at %(time)s and all logins were ended. "
        "If it was not you, go to a service hall with your ID card."
    ),
    "sessions_ended": N_("Logins to your account were ended at %(time)s. If it was not you, change your password."),
    "totp_enabled": N_(
        "An authenticator app was added to your account at %(time)s. If it was not you, change your password at once."
    ),
    "totp_removed": N_(
        "The authenticator app was removed from your account at %(time)s. "
        "If it was not you, change your password at once."
    ),
    "recovery_code_used": N_(
        "A recovery code of your account was used at %(time)s. If it was not you, change your password at once."
    ),
    "mobile_release_started": N_(
        "Somebody proved to hold your mobile number %(mobile)s. It is taken off your account from %(time)s. "
        "If it is still yours, keep it: %(link)s"
    ),
    "mobile_release_notice": N_(
        "Somebody proved to hold your mobile number %(mobile)s. It is taken off your account from %(time)s. "
        "If it is still yours, log in before then and keep it."
    ),
    "mobile_release_asked": N_(
        "The release of this mobile number from another account was asked for. Unless its holder objects, it is free "
        "from %(time)s. If the account is yours, log in before then and keep the number."
    ),
    "mobile_release_refused": N_(
        "This mobile number is not released: the holder of the account with it objected. "
        "If it is yours all the same, go to a service hall with your ID card."
    ),
    "mobile_kept": N_(
        "At %(time)s your mobile number %(mobile)s was kept for your account. If it was not you, log in and change it."
    ),
    "mobile_released": N_(
        "At %(time)s the mobile number %(mobile)s was taken off your account, because somebody else verified it. "
        "Log in and give the number that you have now."
    ),
    "mobile_free": N_("No account has this mobile number any more. You can use it for yours, with a new code."),
    "proofing_code": N_(
        "%(code)s is your code to verify who you are, valid for %(minutes)s minutes. "
        "Tell nobody: our staff never ask for it."
    ),
    "proofed": N_(
        "Your identity was verified at %(time)s, and all other logins to your account were ended. "
        "If it was not you, go to a service hall with your ID card."
    ),
    "counter_newcomer": N_(
        "You were verified at %(office)s. Open your account until %(time)s, with this mobile number, your ID number "
        "and your name as on the card: it is verified at once. If it was not you, you need do nothing."
    ),
    "number_contested": N_(
        "At %(time)s somebody else proved the ID number or the network identity of your account, so it cannot be used "
        "until it is decided whose it is. Bring your ID card to a service hall."
    ),
    "case_reviewed": N_(
        "At %(time)s it was reviewed what your account obtained by an ID number or network identity that belongs to "
        "somebody else. What rested on it has ended. If the number is yours, bring your ID card to a service hall."
    ),
    "case_reviewed_for_holder": N_(
        "At %(time)s it was reviewed what somebody else obtained by your ID number or network identity before you "
        "proved that it is yours. What rested on it has ended. You need do nothing; at a service hall you can ask."
    ),
    "proofing_withdrawn": N_(
        "At %(time)s the verification of your identity was withdrawn, and all logins to your account were ended. "
        "Bring your ID card to a service hall."
    ),
    "guardianship_granted": N_(
        "At %(time)s you were recorded as the guardian of %(name)s. If it was not you, go to a service hall with your "
        "ID card."
    ),
    "guardianship_of_other": N_(
        "At %(time)s another guardian of %(name)s was recorded. If you know nothing of it, ask at a service hall."
    ),
    "guardianship_of_you": N_(
        "At %(time)s a guardian of yours was recorded. They have no way into your account. If you know nothing of it, "
        "ask at a service hall."
    ),
    "guardianship_ended": N_(
        "At %(time)s a guardianship of %(name)s was ended. If you know nothing of it, ask at a service hall."
    ),
    "death_reported": N_(
        "At %(time)s your account was suspended after an official report about its holder, and all logins were ended. "
        "If the report is wrong, bring your ID card to a service hall: it is taken back there."
    ),
    "death_reported_of_child": N_(
        "At %(time)s the account of a child for whom you act was suspended after an official report about the child. "
        "If the report is wrong, go to a service hall with the child's papers: it is taken back there."
    ),
    "death_closed": N_(
        "At %(time)s your account was closed after an official report about its holder. "
        "If the report is wrong, bring your ID card to a service hall: the account is opened again there."
    ),
    "death_reversed": N_(
        "At %(time)s your account was opened again, with all that it had. Log in as before. "
        "If you did not ask for it, go to a service hall with your ID card."
    ),
    "legacy_code": N_(
        "%(code)s is your code to take over an account of an older system, valid for %(minutes)s minutes. "
        "Tell nobody: our staff never ask for it."
    ),
    "link_activated": N_(
        "At %(time)s an account of %(system)s became yours here. If it was not you, unlink it in your account and "
        "change your password."
    ),
    "link_activated_contact": N_(
        "At %(time)s an account of %(system)s that has this mobile number was taken over by its holder. If the account "
        "is yours and it was not you, go to a service hall with your ID card."
    ),
    "link_vouched_contact": N_(
        "At %(time)s an account of %(system)s that has this mobile number was taken over. If it is yours and it was "
        "not you, object until %(until)s: %(link)s"
    ),
    "link_contested": N_(
        "At %(time)s your account of %(system)s was suspended here, because somebody else says that it is theirs. Two "
        "members of staff decide. If you want to be heard, go to a service hall with your ID card."
    ),
    "link_not_mine": N_(
        "At %(time)s a person said that account %(reference)s of %(system)s is not theirs, though it has their number. "
        "Please look at it."
    ),
    "link_ended": N_(
        "At %(time)s an account of %(system)s was unlinked from you here. If it was not you, claim it again and change "
        "your password."
    ),
    "link_proposed": N_(
        "At %(time)s an account of %(system)s was found to be yours. Log in and make it yours under your accounts of "
        "older systems."
    ),
    "persons_merged": N_(
        "At %(time)s your two accounts with us became one. If you did not ask for it, go to a service hall with your "
        "ID card."
    ),
    "persons_separated": N_(
        "At %(time)s your accounts with us, which had become one, were separated again. Log in to each as before."
    ),
    "subject_replaced": N_(
        "At %(time)s a person whom service %(client)s knew twice became one: their older subject now belongs to the "
        "one that stays. The mapping interface names both."
    ),
    "account_locked": N_(
        "There were many wrong tries to log in to your account, so it is paused until %(time)s. "
        "If it was not you, choose a new password."
    ),
}


def render_message(template: str, parameters: Mapping[str, str], locale: str) -> str:
    """Return the signed text of a message in `locale` (English where it is not translated).

    Raises KeyError if the template is unknown or a parameter is missing. Needs no request.
    """
    translations = _translations(locale)
    text = translations.gettext(TEMPLATES[template]) % dict(parameters)
    return translations.gettext(_SIGNATURE) % {"text": text}


@cache
def _translations(locale: str) -> NullTranslations:
    return Translations.load(str(TRANSLATIONS), [str(Locale.parse(locale))])
