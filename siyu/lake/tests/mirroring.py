"""Tables of other rooms shown by the lake, as `site` registers them; for tests of some of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from siyu.lake import changes, mirror
from siyu.lake.mirror import MirrorTable


@contextmanager
def mirrored(*tables: MirrorTable | Mapping[str, Any], alone: bool = False) -> Iterator[None]:
    """These tables are watched, too, or alone; afterwards everything is as before."""
    before = mirror.list_tables()
    if alone:
        _forget(before)
    for table in tables:
        mirror.register(table)
    changes.watch()
    yield
    _forget(mirror.list_tables())
    changes.watch()
    for table in before:
        mirror.register(table)


def _forget(tables: Iterable[MirrorTable]) -> None:
    for table in tables:
        mirror.unregister(table.name)
