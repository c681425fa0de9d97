"""How a name is spelled towards a register."""

from realname.documents.names import MIDDLE_DOT, MIDDLE_DOT_VARIANTS

_AS_REGISTERED = {ord(variant): MIDDLE_DOT for variant in MIDDLE_DOT_VARIANTS}


def as_registered(name: str) -> str:
    """Return the name with every dot between its parts as U+00B7, the one that registers keep (民委发〔2016〕33号)."""
    return name.translate(_AS_REGISTERED)


def has_rare_characters(name: str) -> bool:
    """Tell whether a character of the name lies outside GBK, which is what every older system can write."""
    try:
        name.encode("gbk")
    except UnicodeEncodeError:
        return True
    return False
