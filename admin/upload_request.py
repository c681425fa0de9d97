"""Requests that may bring a large file: streamed to the folder of uploads, where nobody else reads it.

A request is an ordinary one until a view, which by then knows who asks, says that it takes a file. Only after that is
its body read, so that nobody without a role fills the disk.
"""

import tempfile
import time
from pathlib import Path
from typing import IO, Any

from flask import Request

_PREFIX = "incoming-"
#: What a process that was killed left behind is nobody's after so long.
_LEFT_SECONDS = 86_400


class UploadRequest(Request):
    """A request whose files go to a folder once a view has said so."""

    upload_folder: Path | None = None

    def take_file(self, folder: Path, *, most_bytes: int) -> None:
        """Let the body be read, up to so much, with its file in `folder` (mode 0600, gone when it is closed)."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _sweep(folder)
        self.upload_folder = folder
        self.max_content_length = most_bytes

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        if self.upload_folder is None:
            return super()._get_file_stream(total_content_length, content_type, filename, content_length)
        stream: Any = tempfile.NamedTemporaryFile("w+b", dir=self.upload_folder, prefix=_PREFIX)  # noqa: SIM115
        return stream  # type: ignore[no-any-return]


def _sweep(folder: Path) -> None:
    before = time.time() - _LEFT_SECONDS
    for left in folder.glob(f"{_PREFIX}*"):
        try:
            if left.stat().st_mtime < before:
                left.unlink()
        except FileNotFoundError:  # somebody else was quicker
            continue
