"""Language tags on claims (OpenID Connect Core §5.2, BCP 47): in which script is a name wanted, in which is it?

A name is kept as the register or the card writes it, without a language. So a tagged claim is answered where that
name is written in the tag's script, and left out otherwise: nothing is transcribed.
"""

import re
import unicodedata

_TAG = re.compile(r"([A-Za-z]{2,3})(?:-([A-Za-z]{4}))?(?:-[A-Za-z0-9]{2,8}){0,3}")
# The script of a language where the tag names none; mn and kk as they are written in China.
_SCRIPTS = {
    "zh": "HAN", "yue": "HAN", "bo": "TIBETAN", "ug": "ARABIC", "kk": "ARABIC", "ky": "ARABIC", "mn": "MONGOLIAN",
    "ii": "YI", "za": "LATIN", "en": "LATIN",
}  # fmt: skip
# ISO 15924 codes, beside the first words of Unicode's names of their letters.
_CODES = {
    "hani": "HAN", "hans": "HAN", "hant": "HAN", "tibt": "TIBETAN", "arab": "ARABIC", "mong": "MONGOLIAN",
    "yiii": "YI", "latn": "LATIN", "cyrl": "CYRILLIC",
}  # fmt: skip


def script_of_tag(tag: str) -> str | None:
    """Return the script that a tag asks for, None for a malformed one or one that is not known here."""
    found = _TAG.fullmatch(tag)
    if found is None:
        return None
    language, script = found.groups()
    return _CODES.get(script.lower()) if script else _SCRIPTS.get(language.lower())


def script_of_name(name: str) -> str | None:
    """Return the script that all letters of a name are of, None where they are of several or of none."""
    scripts = {_script_of(char) for char in name if unicodedata.category(char) in ("Lo", "Ll", "Lu", "Lm", "Lt")}
    return scripts.pop() if len(scripts) == 1 else None


def _script_of(letter: str) -> str:
    first = unicodedata.name(letter, "UNKNOWN").split()[0]
    return "HAN" if first == "CJK" else first
