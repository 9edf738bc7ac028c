"""Files of orders: whole orders at a time, wherever in the file their lines stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from django.db import transaction

from siyu.commerce.files.assemble import Assembled, assemble
from siyu.commerce.files.formats import ColumnMapping, check_mapping
from siyu.commerce.imports import Comparison, compare_orders, write_orders
from siyu.core.failpoints import failpoint
from siyu.core.pipeline import Stage
from siyu.core.runtime import runtime
from siyu.core.tabular import grouping
from siyu.core.tabular.parse import DateOrder, DateOrderFinder, parse_id
from siyu.core.tabular.stream import RowFile, Rows
from siyu.core.tabular.tables import Table
from siyu.files.keeping import record
from siyu.files.kinds import FileMapping
from siyu.files.models import ImportRun
from siyu.files.types import Outcome
from siyu.kernel.errors import Refused
from siyu.pool.bulk_spans import PEOPLE, count_people, grown, last_ids

TIMES = ("placed_at", "paid_at")


def order_mapping(told: FileMapping) -> ColumnMapping:
    """A mapping as commerce reads it."""
    return ColumnMapping(
        columns={field: name for name, field in told.columns.items()},
        source=told.source,
        platform=told.platform,
        date_order=told.date_order,
        currency=told.currency,
        timezone=told.timezone,
    )


def groups_path(run: ImportRun) -> Path:
    """Where the rows of a run lie by order while it is at work."""
    return runtime().home / "imports" / f"import-{run.pk}-orders"


class OrderImport:
    """One start of an import of orders."""

    def __init__(self, run: ImportRun, file: RowFile, told: FileMapping) -> None:
        self.run, self.file, self.mapping = run, file, order_mapping(told)
        check_mapping(self.mapping, file.header)
        self.groups = grouping.lay_aside(
            file, self.mapping.columns["order_no"], _group, groups_path(run), self._survey()
        )

    def batches(self, size: int) -> Iterator[Rows]:
        """What is left, about `size` rows (0: the usual number) of whole orders at a time."""
        return self.groups.rows(size or grouping.SHARE, start=self.run.position)

    def step(
        self, run: ImportRun, rows: Rows, _mapping: FileMapping, stages: Sequence[Stage]
    ) -> None:
        """Assemble, compare and, unless it is a dry run, write; the position moves with it."""
        assembled = self._assemble(rows)
        with transaction.atomic():
            done, outcome = self._look(assembled) if run.is_dry else self._write(assembled, stages)
            refused = sorted([*assembled.refused, *done.conflicting], key=lambda row: row.row)
            failpoint("files.written")
            record(run, refused, outcome, rows=assembled.rows, end=rows.end)
        failpoint("files.moved")

    def _look(self, assembled: Assembled) -> tuple[Comparison, Outcome]:
        done = compare_orders(assembled.orders, self.mapping)
        return done, _outcome(assembled, done)

    def _write(self, assembled: Assembled, stages: Sequence[Stage]) -> tuple[Comparison, Outcome]:
        before = last_ids(PEOPLE)
        done = write_orders(assembled.orders, self.mapping, stages, runtime().clock.now())
        made, outcome = grown(before), _outcome(assembled, done)
        outcome.customers = count_people(made)
        outcome.spans = [(table, *span) for table, span in made.items()]
        if done.fresh:
            outcome.spans.append(("commerce_order", *done.span))
        return done, outcome

    def _assemble(self, rows: Rows) -> Assembled:
        assert self.run.started_at is not None
        table = Table(
            self.file.header, rows.columns.columns, rows.numbers, "", {}, list(rows.refused)
        )
        told = msgspec.convert(self.groups.about.told, dict[str, DateOrder])
        return assemble(table, self.mapping, now=self.run.started_at, date_orders=told)

    def _survey(self) -> grouping.Survey:
        """Finds out the order of day and month from the whole file."""
        columns = {f: self.mapping.columns[f] for f in TIMES if f in self.mapping.columns}
        finders = {field: DateOrderFinder() for field in columns}

        def look(rows: Rows) -> None:
            for field, name in columns.items():
                cells = rows.columns.column(name).unique().to_pylist()
                finders[field].take(filter(None, cells))

        def conclude() -> dict[str, str]:
            if self.mapping.date_order:
                return {}
            return {field: finder.found() for field, finder in finders.items()}

        return grouping.Survey(look, conclude)


def _group(cell: str) -> str:
    """Equal for the cells of one order; "" where the number is none."""
    try:
        return parse_id(cell)
    except Refused:
        return ""


def _outcome(assembled: Assembled, done: Comparison) -> Outcome:
    fresh, known = len(done.fresh), len(done.changed) + done.unchanged
    orders = assembled.orders
    more = Counter(
        orders=len(orders),
        created=fresh,
        updated=len(done.changed),
        unchanged=done.unchanged,
        conflicting=len(done.conflicting),
        refunded=sum(order.refund_fen > 0 for order in orders),
        rows_without_customer=assembled.rows_without_customer,
        net_fen=sum(order.amount_fen - order.refund_fen for order in orders),
    )
    return Outcome(
        taken=fresh + known, fresh=fresh, known=known, remarks=assembled.remarks, more=more
    )
