"""Order files of the console: the same steps as `siyu import orders`, told to the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from django.db import transaction

from siyu.commerce.files.assemble import Assembled, assemble
from siyu.commerce.files.formats import ColumnMapping, check_mapping, read_order_table
from siyu.commerce.imports import compare_orders, count_import, import_orders
from siyu.core.access import Actor, Role
from siyu.core.pipeline import Stage
from siyu.core.runtime import runtime
from siyu.core.tabular.tables import RefusedRow
from siyu.files.models import ImportRun
from siyu.files.running import keep_refused, mapping_of


def order_mapping(run: ImportRun) -> ColumnMapping:
    """The run's mapping as commerce reads it."""
    told = mapping_of(run)
    return ColumnMapping(
        columns={field: name for name, field in told.columns.items()},
        source=told.source,
        platform=told.platform,
        date_order=told.date_order,
        currency=told.currency,
        timezone=told.timezone,
    )


def run_orders(run: ImportRun, stages: Sequence[Stage]) -> None:
    """Assemble, compare and, unless it is a dry run, write. Repeating it is harmless."""
    table, mapping = read_order_table(Path(run.path)), order_mapping(run)
    check_mapping(mapping, table.header)
    assembled = assemble(table, mapping, now=runtime().clock.now())
    run.total = len(assembled.orders)

    def show(done: int) -> None:
        ImportRun.objects.filter(pk=run.pk).update(position=done, total=run.total)

    if run.is_dry:
        done = compare_orders(assembled.orders, mapping)
        counts = asdict(count_import(assembled, done))
        refused = [*assembled.refused, *done.conflicting]
    else:
        actor = Actor(run.actor, Role.OPERATOR)
        result = import_orders(
            actor, (run.file_name, table), mapping, assembled, stages=stages, on_progress=show
        )
        counts, refused = asdict(result.counts), assembled.refused
    _conclude(run, assembled, counts, refused)


def _conclude(
    run: ImportRun, assembled: Assembled, counts: dict[str, int], refused: Sequence[RefusedRow]
) -> None:
    with transaction.atomic():
        run.position, run.counts = run.total, counts | {"fresh": counts["created"]}
        keep_refused(run, sorted(refused, key=lambda row: row.row), Counter(assembled.remarks))
        run.state = "checked" if run.is_dry else "done"
        run.finished_at = runtime().clock.now()
        run.save()
