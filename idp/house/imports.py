"""Imports of older systems' accounts over this house."""

import os
import socket

from idp.core.ids import new_id
from idp.house.ground import Ground
from idp.linking.import_job import ImportJob
from idp.linking.import_work import Workshop
from idp.linking.imports import Imports
from idp.linking.safeguards import Safeguards
from idp.linking.uploads import Uploads


def build_uploads(ground: Ground) -> Uploads:
    """Return the folder of uploaded files."""
    return Uploads(folder=ground.settings.upload_folder, keyring=ground.keyring)


def build_imports(ground: Ground) -> Imports:
    """Return what staff do with files."""
    return Imports(database=ground.database, uploads=build_uploads(ground), clock=ground.clock)


def build_import_job(ground: Ground) -> ImportJob:
    """Return this process's share of the work."""
    limits = ground.settings.imports
    return ImportJob(
        Workshop(
            database=ground.database,
            keyring=ground.keyring,
            clock=ground.clock,
            uploads=build_uploads(ground),
            limits=Safeguards(
                bad_rows=limits.stop_bad_rows_percent,
                lost_characters=limits.stop_lost_characters_percent,
                changes=limits.stop_changes_percent,
                suspensions=limits.stop_suspensions_percent,
            ),
            # Of this process alone: one that was killed and started anew must not take its own lease for granted.
            worker=f"{socket.gethostname()}.{os.getpid()}.{new_id()}",
        )
    )
