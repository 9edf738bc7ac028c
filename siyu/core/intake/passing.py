"""Tells a sick database from a bad fact: the first passes, the second must be set aside."""

from __future__ import annotations

import sqlite3

from django.db import Error as DatabaseError
from django.db import InterfaceError, OperationalError

from siyu.kernel.errors import RetryLater

_SQLITE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_INTERRUPT,
    }
)
_POSTGRES_CLASSES = ("08", "40", "53", "55", "57", "58")


def is_passing(error: BaseException) -> bool:
    """Whether the same work may succeed later: lost connection, lock, deadlock, full disk."""
    if isinstance(error, InterfaceError | RetryLater | MemoryError):
        return True
    if not isinstance(error, DatabaseError):
        return isinstance(error, OSError)
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", None)
        return code is not None and (code & 0xFF) in _SQLITE
    state: str | None = getattr(cause, "sqlstate", None)
    if state is None:
        return isinstance(error, OperationalError)
    return state.startswith(_POSTGRES_CLASSES)
