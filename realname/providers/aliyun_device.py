"""What Alibaba's script says of a browser (MetaInfo), as far as it is let through to the service."""

from idp.outbound.answer import read_object

#: What the script gives takes some hundred characters; it travels on in the address of our question.
_MOST_CHARACTERS = 4_096
#: An app, which the vendor's SDK calls `ios` or `android`, has no browser that could be sent to the vendor's page.
_BROWSERS = ("h5", "web")


def is_browser(meta_info: str) -> bool:
    """Tell whether this may be what `getMetaInfo()` gives: a JSON object of some length that names a browser.

    The browser says it of itself, so it proves nothing; what it names beyond that is the service's to judge.
    """
    if len(meta_info) > _MOST_CHARACTERS:
        return False
    told = read_object(meta_info.encode("utf-8", "replace")).get("deviceType")
    return isinstance(told, str) and told.lower() in _BROWSERS
