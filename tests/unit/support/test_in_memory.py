"""Temporary files lie in memory where there is plenty of it, and only there."""

import os
import tempfile
from types import SimpleNamespace

import pytest

from tests.support import in_memory


@pytest.fixture(autouse=True)
def _untouched(monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", tempfile.gettempdir())
    monkeypatch.setenv("TMPDIR", "as it was")  # first, so that it is put back also where it was not there
    monkeypatch.delenv("TMPDIR")


@pytest.mark.parametrize("plenty", [True, False])
def test_memory_is_taken_where_there_is_plenty(monkeypatch, tmp_path, plenty):
    """This process and those that it starts write there, or where they always did."""
    before = tempfile.gettempdir()
    monkeypatch.setattr(in_memory, "MEMORY", tmp_path)
    monkeypatch.setattr(in_memory, "is_plenty", lambda _folder: plenty)
    in_memory.work_in_memory()
    assert os.environ.get("TMPDIR") == (str(tmp_path) if plenty else None)
    assert tempfile.gettempdir() == (str(tmp_path) if plenty else before)


def test_a_given_place_is_respected(monkeypatch, tmp_path):
    """Who names a place gets it."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(in_memory, "is_plenty", lambda _folder: True)
    in_memory.work_in_memory()
    assert os.environ["TMPDIR"] == str(tmp_path)


def test_too_little_or_none_is_not_taken(monkeypatch, tmp_path):
    """A machine of few gigabytes, a folder that is not there, and a file system that runs no programs."""
    monkeypatch.setattr(in_memory, "available_bytes", lambda: in_memory.LEAST_FREE_BYTES)
    place = SimpleNamespace(f_flag=0, f_bavail=in_memory.LEAST_FREE_BYTES, f_frsize=1)
    monkeypatch.setattr(os, "statvfs", lambda _path: place)
    assert in_memory.is_plenty(tmp_path)
    assert not in_memory.is_plenty(tmp_path / "none")
    place.f_flag = os.ST_NOEXEC
    assert not in_memory.is_plenty(tmp_path)
    place.f_flag, place.f_bavail = 0, place.f_bavail - 1
    assert not in_memory.is_plenty(tmp_path)
    place.f_bavail += 1
    monkeypatch.setattr(in_memory, "available_bytes", lambda: in_memory.LEAST_FREE_BYTES - 1)
    assert not in_memory.is_plenty(tmp_path)
