"""Everybody judged by plain SQL, on an engine that has no columns of ours: Spark.

The statements are those of the documented tables, so that any engine gives the same members.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import TypeVar

import numpy as np
import pyarrow as pa

from siyu.lake.engines import SPARK, engine_name, open_reader
from siyu.segments.bitmaps import Ids
from siyu.segments.compile import Load, batch_sql, compile_many
from siyu.segments.types import Definition

Key = TypeVar("Key")
AT_ONCE = 20
"""Definitions in one statement: enough to share readings, few enough to plan quickly."""


def is_elsewhere() -> bool:
    """Whether batches are judged on a cluster and not in this process."""
    return engine_name() == SPARK


def evaluate_everybody(
    definitions: Mapping[Key, Definition], *, now: datetime, load: Load, timeout_s: float
) -> dict[Key, Ids]:
    """The sorted members of every definition at one moment of the state and the history."""
    found: dict[Key, Ids] = {}
    with open_reader(timeout_s=timeout_s) as reader:
        for part in _parts(definitions):
            plan = compile_many(part, now=now, load=load)
            table = reader.table(batch_sql(plan), plan.parameters)
            found |= {key: _members(table, place) for place, key in enumerate(plan.trees)}
    return found


def _members(table: pa.Table, place: int) -> Ids:
    ids = table["customer_id"].to_numpy()[table[f"k{place}"].to_numpy()]
    return np.sort(ids.astype(np.int64, copy=False))


def _parts(definitions: Mapping[Key, Definition]) -> Iterator[dict[Key, Definition]]:
    left = iter(definitions.items())
    while part := dict(islice(left, AT_ONCE)):
        yield part
