"""Keeping the history readable fast: few files a month, sorted by identity, old ones removed.

Sorted by identity because identities, unlike customers, never change: a merge moves no file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable

from siyu.lake.delta import writable_events, writer_properties

SMALL_BYTES = 32 * 1024 * 1024
TARGET_BYTES = 256 * 1024 * 1024
MANY_FILES = 8
KEEP_HOURS = 1


def tidy() -> bool:
    """Rewrite the month with the most small files; False when every month is tidy."""
    table = writable_events()
    month, size = _worst_month(table)
    if not month:
        return False
    chosen: dict[str, Any] = {
        "partition_filters": [("month", "=", month)],
        "target_size": TARGET_BYTES,
        "writer_properties": writer_properties(),
    }
    if size < TARGET_BYTES:
        table.optimize.z_order(["identity_id"], **chosen)
    else:
        table.optimize.compact(**chosen)
    vacuum(table, KEEP_HOURS)
    return True


def vacuum(table: DeltaTable, keep_hours: int) -> None:
    """Delete files that left the table more than `keep_hours` ago; readers may hold newer ones."""
    table.vacuum(
        retention_hours=keep_hours, dry_run=False, enforce_retention_duration=False, full=True
    )


def erase_history(identity_ids: Sequence[int]) -> None:
    """Rewrite the files that hold these identities and delete the old ones at once."""
    table = writable_events()
    listed = ", ".join(str(int(identity_id)) for identity_id in identity_ids)
    table.delete(f"identity_id IN ({listed})", writer_properties=writer_properties())
    vacuum(table, 0)


def _worst_month(table: DeltaTable) -> tuple[str, int]:
    """The month with the most small files and the bytes of all its files; ("", 0) if none."""
    files: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for action in pa.table(table.get_add_actions(flatten=True)).to_pylist():
        month = action["partition.month"]
        sizes[month] += action["size_bytes"]
        files[month] += action["size_bytes"] < SMALL_BYTES
    count, month = max(((count, month) for month, count in files.items()), default=(0, ""))
    return (month, sizes[month]) if count >= MANY_FILES else ("", 0)
