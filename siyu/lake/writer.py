"""The one writer's name in the history, so that a history is never mixed with another state."""

from __future__ import annotations

from siyu.kernel.ids import new_id
from siyu.lake.models import WriterState

WRITER = "writer_id"


def writer_id() -> str:
    """The random name of this state store; made on first use."""
    found = WriterState.objects.filter(name=WRITER).values_list("value", flat=True).first()
    if found is not None:
        return found
    WriterState.objects.bulk_create(
        [WriterState(name=WRITER, value=new_id())], ignore_conflicts=True
    )
    return WriterState.objects.values_list("value", flat=True).get(name=WRITER)
