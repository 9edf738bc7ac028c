"""A pytest plugin, loaded before Django's: a home and a database for the tests.

Loaded by `addopts = -p siyu.site.testing`, because Django's plugin reads the settings before any
conftest is imported. Every process (also of xdist) gets a home of its own.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile

import pytest

from siyu.site.testing.postgres import Cluster

_IS_WORKER = "PYTEST_XDIST_WORKER" in os.environ
_home = tempfile.mkdtemp(prefix="siyu-test-")
_cluster: Cluster | None = None

os.environ["SIYU_HOME"] = _home
if "--postgres" in sys.argv and not _IS_WORKER:
    _cluster = Cluster.start()
    os.environ["SIYU_DATABASE_URL"] = _cluster.url


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--postgres", action="store_true", help="run on PostgreSQL, not SQLite")


def pytest_unconfigure() -> None:
    """Stop what was started."""
    if _cluster is not None:
        _cluster.stop()
    shutil.rmtree(_home, ignore_errors=True)
