"""For whom an authorization is: the person who is logged in, or a child for whom they act. A pure function."""

from collections.abc import Collection

from idp.login.progress import Progress
from idp.login.request import Demands


def party_of(demands: Demands, progress: Progress, holder_id: str, wards: Collection[str]) -> str | None:
    """Return whom the answer is about, None where the session's holder must say so first.

    `wards` are those for whom the holder may act towards this client now.
    """
    if not wards:
        return holder_id
    if demands.hint_person is not None:
        # OpenID Connect Core §3.1.2.1, §5.5.1: the client names the subject that it knows; so nobody is asked.
        return demands.hint_person if demands.hint_person in wards else holder_id
    if "none" in demands.prompt:
        return holder_id  # where nobody can be asked, nobody acts for another
    if progress.chooser == holder_id and progress.party in (holder_id, *wards):
        return progress.party
    return None
