"""Tables as CSV answers, sent while they are read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import TypeVar

from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse

from siyu.kernel.cells import Cell, stream_csv

Piece = TypeVar("Piece")


def answer_csv(
    name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> StreamingHttpResponse:
    """A download called `name`, formula-safe, a few hundred rows in memory at a time."""
    pieces = stream_csv(header, rows)
    answer = StreamingHttpResponse(stream(pieces), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


async def stream(pieces: Iterator[Piece]) -> AsyncIterator[Piece]:
    """Each piece is made on the request's own thread, where the database is."""
    while True:
        piece = await sync_to_async(_take)(pieces)
        if piece is None:
            return
        yield piece


def _take(pieces: Iterator[Piece]) -> Piece | None:
    return next(pieces, None)
