"""Taking an import back: what it created and what nothing else has come to rest on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from siyu.commerce.undoing import Window, messages_that_stay, remove_imported
from siyu.files.models import ImportRun
from siyu.lake.bulk import message_hash, remove_events
from siyu.lake.session import open_session
from siyu.pool.bulk_undo import remove_created, take_tags_back

CHUNK = 20_000
MOMENT = timedelta(milliseconds=1)


def take_back(run: ImportRun, *, now: datetime) -> dict[str, int]:
    """What the run made, by kind of thing, and how many customers and orders stay.

    Events of the run leave the history first, so that they do not count as a life of their own;
    then orders and tags, then customers whose every identity came from it and was met nowhere
    since.
    """
    told = dict.fromkeys(("customers", "customers_kept", "orders", "orders_kept", "tags"), 0)
    told["events"] = _remove_events(run)
    source, (_, until) = f"import:{run.source}", _times(run)
    for window in _order_windows(run):
        removed, kept = remove_imported(window, now)
        told["orders"] += removed
        told["orders_kept"] += kept
    for span in _spans(run, "pool_customertag"):
        told["tags"] += take_tags_back(source, span, until, now=now)
    for span in _spans(run, "pool_customer"):
        gone, stayed = remove_created(source, span, _with_history(span), now=now)
        told["customers"] += gone
        told["customers_kept"] += stayed
    return told


def _spans(run: ImportRun, table: str) -> Iterator[tuple[int, int]]:
    """Ids of the rows the run made, some thousand at a time."""
    for name, low, high in run.spans:
        if name == table:
            for start in range(low, high + 1, CHUNK):
                yield start, min(start + CHUNK - 1, high)


def _times(run: ImportRun) -> tuple[datetime, datetime]:
    """When the run was at work."""
    assert run.started_at is not None
    return run.started_at - MOMENT, (run.finished_at or run.started_at) + MOMENT


def _order_windows(run: ImportRun) -> list[Window]:
    """Where the run's orders lie; one that holds none when it only changed some."""
    spans = [(low, high) for name, low, high in run.spans if name == "commerce_order"]
    return [Window(f"import:{run.source}", *span, *_times(run)) for span in spans or [(1, 0)]]


def _remove_events(run: ImportRun) -> int:
    """Take the run's events out of the history; how many."""
    if run.kind not in {"events", "orders"}:
        return 0
    source = f"import:{run.source}"
    stay = [text for window in _order_windows(run) for text in messages_that_stay(window)]
    kept = sorted({message_hash(text) for text in stay})
    span = _event_span(source, run)
    return remove_events(source, *span, kept=kept) if span else 0


def _event_span(source: str, run: ImportRun) -> tuple[int, int] | None:
    """First and last id of the run's events: imports run one after another."""
    sql = (
        "SELECT min(event_id), max(event_id) FROM events"
        " WHERE source = ? AND received_at BETWEEN ? AND ?"
    )
    with open_session() as session:
        row = session.execute(sql, [source, *_times(run)]).fetchone()
    return (int(row[0]), int(row[1])) if row and row[0] is not None else None


def _with_history(span: tuple[int, int]) -> set[int]:
    sql = "SELECT DISTINCT customer_id FROM events WHERE customer_id BETWEEN ? AND ?"
    with open_session() as session:
        return {row[0] for row in session.execute(sql, list(span)).fetchall()}
