"""What the administrators' console needs beyond the other rooms."""

from dataclasses import dataclass

from idp.house.ground import Ground
from idp.house.imports import build_uploads
from idp.linking.imports import Imports
from idp.linking.statistics import Statistics
from idp.linking.uploads import Uploads


@dataclass(frozen=True, slots=True)
class Console:
    """Legacy accounts as administrators lead them here."""

    imports: Imports
    uploads: Uploads
    statistics: Statistics


def build_console(ground: Ground) -> Console:
    """Return it."""
    uploads = build_uploads(ground)
    return Console(
        imports=Imports(database=ground.database, uploads=uploads, clock=ground.clock),
        uploads=uploads,
        statistics=Statistics(database=ground.database, clock=ground.clock),
    )
