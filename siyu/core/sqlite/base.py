"""Django's SQLite backend, with the writers of a process taking turns.

A writer that finds the file locked sleeps inside SQLite, longer each time, up to 100 ms, while
the lock may long be free. Threads of one process queue at a lock of our own instead, and the
next goes on at once. Writers of other processes still meet in SQLite, which decides.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.db.backends.sqlite3 import base

PATIENCE_SECONDS = 30.0
_WRITES = frozenset({"INSERT", "UPDATE", "DELETE", "REPLAC"})
_turn = threading.Lock()


@lru_cache(maxsize=512)
def _with_question_marks(query: str) -> str:
    return base.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%")


class DatabaseWrapper(base.DatabaseWrapper):
    """Holds the turn from BEGIN to COMMIT or ROLLBACK, or for one statement outside of both.

    Who waited 30 s for the turn goes on without it and leaves the verdict to SQLite.
    """

    _has_turn = False

    def create_cursor(self, name: str | None = None) -> Any:  # noqa: ARG002 - Django's words
        cursor = self.connection.cursor(factory=_Cursor)
        cursor.wrapper = self
        return cursor

    def take_turn(self) -> None:
        """Wait for the turn; nothing happens when it is ours already."""
        if not self._has_turn:
            self._has_turn = _turn.acquire(timeout=PATIENCE_SECONDS)

    def give_turn(self) -> None:
        """Let the next writer go."""
        if self._has_turn:
            self._has_turn = False
            _turn.release()

    def _start_transaction_under_autocommit(self) -> None:
        self.take_turn()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc] # not in the stubs
        except BaseException:
            self.give_turn()
            raise

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc] # not in the stubs
        self.give_turn()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc] # not in the stubs
        finally:
            self.give_turn()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc] # not in the stubs
        finally:
            self.give_turn()


class _Cursor(base.SQLiteCursorWrapper):
    wrapper: DatabaseWrapper

    def execute(self, query: str, params: Any = None) -> Any:
        if self.wrapper.in_atomic_block or query[:6].upper() not in _WRITES:
            return super().execute(query, params)
        self.wrapper.take_turn()
        try:
            return super().execute(query, params)
        finally:
            self.wrapper.give_turn()

    def convert_query(self, query: str, *, param_names: Iterable[str] | None = None) -> Any:
        if param_names is None:
            return _with_question_marks(query)
        return super().convert_query(query, param_names=param_names)
