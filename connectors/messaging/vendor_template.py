"""How our templates are called at a provider who keeps the wording (all Chinese SMS providers do)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from connectors.messaging.message import Channel, Message

# RFC 3966 §5.1.4, ITU-T E.164: a plus sign and at most fifteen digits.
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


@dataclass(frozen=True, slots=True)
class VendorTemplate:
    """An approved template at the provider and the parameters it takes, in its order and by our names."""

    template_id: str
    parameters: tuple[str, ...] = ()


def unfit_for_sms(message: Message, templates: Mapping[str, VendorTemplate]) -> str:
    """Return why `message` cannot be sent by SMS with these templates, or an empty text."""
    if message.channel is not Channel.SMS:
        return "channel"
    if _E164.fullmatch(message.to) is None:
        return "number"
    template = templates.get(message.template)
    if template is None:
        return "template"
    if any(name not in message.parameters for name in template.parameters):
        return "parameter"
    return ""
