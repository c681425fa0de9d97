"""What came back from a service, when something readable came back, and only once."""

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

from idp.outbound.answer import plain

_REMEMBERED = 4096
_FIGURES = re.compile(r"[0-9]+[Xx]?")


@dataclass(frozen=True, slots=True)
class Reply:
    """The service's id of our request, and either the code of its refusal or the fields of its result."""

    request_id: str
    error: str = ""
    fields: Mapping[str, object] = field(default_factory=dict, repr=False)


def request_id_of(value: object) -> str:
    """Return the service's id of our request, empty for what is none, or could be the number of a card or mobile."""
    text = plain(value)
    return "" if _FIGURES.fullmatch(text) else text


class RequestIds:
    """The ids of the latest replies of one service.

    The services make a new id for each request, and nothing else in a reply names the question. A cache on the
    way, or whoever holds the line, that gives an earlier reply again would otherwise decide about another person.
    """

    def __init__(self) -> None:
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._lock = Lock()

    def is_new(self, request_id: str) -> bool:
        """Tell whether the id comes for the first time, and remember it."""
        with self._lock:
            if request_id in self._seen:
                return False
            self._seen[request_id] = None
            if len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)
            return True
