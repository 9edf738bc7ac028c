"""Taking an import back: what it created and what nothing else has come to rest on."""

from __future__ import annotations

from datetime import datetime, timedelta

from siyu.files.models import ImportRun
from siyu.lake.bulk import remove_events
from siyu.lake.session import open_session
from siyu.pool.bulk_undo import remove_created

CHUNK = 20_000


def take_back(run: ImportRun, *, now: datetime) -> dict[str, int]:
    """Customers made by the run whose every identity came from it and was met nowhere since.

    Events of the run leave the history first, so that they do not count as a life of their own.
    """
    source = f"import:{run.source}"
    events = 0
    if run.kind == "events":
        first, last, events = _event_span(source, run)
        if events:
            remove_events(source, first, last)
    removed = kept = 0
    for table, low, high in run.spans:
        if table != "pool_customer":
            continue
        for start in range(low, high + 1, CHUNK):
            span = (start, min(start + CHUNK - 1, high))
            gone, stayed = remove_created(source, span, _with_history(span), now=now)
            removed, kept = removed + gone, kept + stayed
    return {"customers": removed, "customers_kept": kept, "events": events}


def _event_span(source: str, run: ImportRun) -> tuple[int, int, int]:
    """First and last id and number of the run's events: imports run one after another."""
    sql = (
        "SELECT min(event_id), max(event_id), count(*) FROM events"
        " WHERE source = ? AND received_at BETWEEN ? AND ?"
    )
    assert run.started_at is not None
    until = (run.finished_at or run.started_at) + timedelta(milliseconds=1)
    since = run.started_at - timedelta(milliseconds=1)
    with open_session() as session:
        first, last, count = session.execute(sql, [source, since, until]).fetchone() or (0, 0, 0)
    return first or 0, last or 0, count


def _with_history(span: tuple[int, int]) -> set[int]:
    sql = "SELECT DISTINCT customer_id FROM events WHERE customer_id BETWEEN ? AND ?"
    with open_session() as session:
        return {row[0] for row in session.execute(sql, list(span)).fetchall()}
