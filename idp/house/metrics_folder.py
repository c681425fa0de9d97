"""The folder in which the web processes of one server keep their counts."""

import os
import shutil

from idp.config.settings import Settings
from idp.core.errors import ConfigError

#: prometheus_client reads it when it is imported, in every process.
FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def prepare_metrics_folder(settings: Settings) -> None:
    """Make an empty folder and name it to this process and those it starts; raises ConfigError.

    Counts begin anew with every start: what an earlier one left would be added to them for ever.
    """
    folder = settings.data_dir / f"metrics-{settings.server.port}"
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    except OSError as error:
        raise ConfigError(f"data_dir: {folder} cannot be made ({error.strerror}); make data_dir writable.") from None
    os.environ[FOLDER_VARIABLE] = str(folder.absolute())
