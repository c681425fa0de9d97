"""The sector of a client: which clients see the same `sub` of a person (OpenID Connect Core §8.1)."""

from collections.abc import Callable, Collection, Sequence

from clients.json_documents import MalformedJson, read_json
from clients.uris import Uri
from idp.core.oauth_errors import InvalidClientMetadata
from idp.outbound.fetcher import Fetcher, OutboundRefused

#: The one sector of all clients that asked for `subject_type` public; no host name holds a colon first.
PUBLIC_SECTOR = "public:"

#: Gives the redirect URIs that a sector_identifier_uri lists; raises InvalidClientMetadata.
SectorResolver = Callable[[str], Sequence[str]]


class SectorDocuments:
    """Fetches sector documents; `fetch` is a SectorResolver."""

    def __init__(self, *, fetcher: Fetcher) -> None:
        self._fetcher = fetcher

    def fetch(self, uri: str) -> tuple[str, ...]:
        """Return the redirect URIs listed at `uri`; raises InvalidClientMetadata."""
        try:
            response = self._fetcher.get(uri)
        except OutboundRefused as error:
            raise InvalidClientMetadata("The sector_identifier_uri cannot be fetched.", detail=str(error)) from None
        try:
            listed = read_json(response.body) if response.status == 200 else None
        except MalformedJson:
            listed = None
        # OpenID Connect Registration §5: a JSON array of redirect_uri values.
        if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
            raise InvalidClientMetadata("The sector_identifier_uri must give a JSON array of URIs.")
        return tuple(listed)


def no_sector_documents(_uri: str) -> tuple[str, ...]:
    """Refuse every sector_identifier_uri: the resolver of who may not fetch."""
    raise InvalidClientMetadata("sector_identifier_uri cannot be used here.")


def find_sector(
    *,
    subject_type: str,
    redirect_uris: Collection[Uri],
    sector_identifier_uri: Uri | None,
    resolve: SectorResolver,
) -> str:
    """Return the sector, or an empty text where only the client itself can be one.

    Raises InvalidClientMetadata.
    """
    if sector_identifier_uri is not None:
        listed = frozenset(resolve(sector_identifier_uri.text))
        # OpenID Connect Registration §5: every registered redirect URI is in the list.
        if not all(uri.text in listed for uri in redirect_uris):
            raise InvalidClientMetadata("The sector_identifier_uri must list every redirect URI.")
    if subject_type == "public":
        return PUBLIC_SECTOR
    if sector_identifier_uri is not None:
        return sector_identifier_uri.host
    # Everybody can use a loopback address or claim a custom scheme, so neither names a sector that
    # two clients could share.
    hosts = {uri.host for uri in redirect_uris if uri.is_https and not uri.is_loopback}
    if len(hosts) > 1:
        # OpenID Connect Core §8.1
        raise InvalidClientMetadata("Several hosts need a sector_identifier_uri.")
    return hosts.pop() if hosts else ""


def own_sector(client_id: str) -> str:
    """Return the sector of a client that shares its subjects with no other."""
    return f"client:{client_id}"
