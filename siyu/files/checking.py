"""Rows of a file to checked columns: who, when, and which rows cannot be taken and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from siyu.core.runtime import runtime
from siyu.core.tabular.stream import Rows
from siyu.core.tabular.tables import RefusedRow
from siyu.files.cells import NOTHING, Flags, Ints, flags, read_times
from siyu.files.kinds import IDENTITY, FileMapping
from siyu.kernel.clock import to_ms
from siyu.kernel.errors import Refused
from siyu.pool import ruling
from siyu.pool.bulk_fresh import IdentityColumn
from siyu.pool.bulk_values import Normalised, normalise_column

MAX_CELL = 8_192
MAX_SCOPE = 96
_SCIENTIFIC = r"^[+-]?[0-9]+(\.[0-9]+)?[eE]\+?[0-9]+$"


@dataclass
class Checked:
    """Some rows after checking. is_good: rows to take; blank rows are neither good nor refused.

    at: ms. remarks: things to know, with how many rows they concern. listed: which values of each
    column of identities are on the poison list.
    """

    rows: Rows
    is_good: Flags
    identities: list[IdentityColumn]
    at: Ints
    remarks: Counter[str] = field(default_factory=Counter)
    reasons: dict[int, Refused] = field(default_factory=dict)
    listed: list[Flags] = field(default_factory=list)

    def add(self, identity: IdentityColumn, told: Normalised, wrong: dict[int, Refused]) -> None:
        """Take in a column of identities; those of the poison list are kept and join nobody."""
        self.identities.append(identity)
        self.listed.append(told.is_listed)
        zh = runtime().namespaces.get(identity.namespace).zh
        reason = Refused(
            "identity.poison", "该值在黑名单里, 不能用来认人", field=identity.namespace
        )
        for row in np.flatnonzero(told.is_listed).tolist():
            wrong.setdefault(row, reason)
        if told.is_listed.any():
            self.remarks[f"{zh}在黑名单里, 记下但不用来认人 (行)"] += int(told.is_listed.sum())

    def column(self, name: str | None) -> pa.Array:
        """The cells of a column, "" everywhere when the file has none."""
        if name is None:
            return pa.array([""] * len(self.is_good), pa.string())
        return self.rows.columns.column(name)

    def refuse(self, wrong: Mapping[int, Refused]) -> None:
        """Refuse these rows; the first reason of a row is kept."""
        for row, reason in wrong.items():
            if self.is_good[row]:
                self.reasons[row] = reason
                self.is_good[row] = False

    def refused(self) -> list[RefusedRow]:
        """All refused rows with number, code, reason and field, by number."""
        own = [
            RefusedRow(int(self.rows.numbers[row]), why.code, why.reason, why.field or "")
            for row, why in self.reasons.items()
        ]
        return sorted([*self.rows.refused, *own], key=lambda each: each.row)


def check_rows(rows: Rows, mapping: FileMapping, *, default_at: datetime | None) -> Checked:
    """Who and when of every row. default_at: for rows without a time; None refuses them."""
    columns = rows.columns
    is_blank = np.ones(columns.num_rows, dtype=bool)
    for column in columns.columns:
        is_blank &= flags(pc.equal(column, ""))
    checked = Checked(rows, ~is_blank, [], np.zeros(columns.num_rows, np.int64))
    _check_lengths(checked)
    wrong = _identify(checked, mapping)
    _check_times(checked, mapping, default_at)
    has_one = np.zeros(columns.num_rows, dtype=bool)
    for identity, is_listed in zip(checked.identities, checked.listed, strict=True):
        has_one |= flags(pc.not_equal(identity.values, "")) & ~is_listed
    nobody = Refused("import.nobody", "没有可用的身份", field="identity")
    lacking = np.flatnonzero(~has_one & checked.is_good).tolist()
    checked.refuse({row: wrong.get(row, nobody) for row in lacking})
    return checked


def chosen(values: pa.Array, is_good: Flags) -> pa.Array:
    """The cells of the good rows."""
    return values.filter(pa.array(is_good))


def _check_lengths(checked: Checked) -> None:
    for name, column in zip(checked.rows.columns.schema.names, checked.rows.columns, strict=True):
        longest = pc.max(pc.binary_length(column)).as_py() or 0
        if longest > MAX_CELL:
            reason = Refused("import.cell_size", "单元格超过 8 KB", field=name)
            sizes = pc.binary_length(column).to_numpy(zero_copy_only=False)
            checked.refuse(dict.fromkeys(np.flatnonzero(sizes > MAX_CELL).tolist(), reason))
        if pc.any(pc.match_substring(column, "\x00")).as_py():
            reason = Refused("import.nul", "单元格含有零字节", field=name)
            held = flags(pc.match_substring(column, "\x00"))
            checked.refuse(dict.fromkeys(np.flatnonzero(held).tolist(), reason))


def _identify(checked: Checked, mapping: FileMapping) -> dict[int, Refused]:
    """Fill in the identities; wrong values by row. A row keeps its other identities."""
    wrong: dict[int, Refused] = {}
    for name, kind in mapping.starting(IDENTITY):
        namespace, _, scope = kind.partition("@")
        column = checked.column(name)
        masked = flags(pc.match_substring(column, "*"))
        if masked.any():
            checked.remarks["被平台打码, 不作为身份 (行)"] += int(masked.sum())
            column = pc.if_else(pa.array(masked), "", column)
        before = len(wrong)
        column = _exact(namespace, column, wrong)
        if len(wrong) > before:
            checked.remarks["长数字末位已丢失, 不作为身份 (行)"] += len(wrong) - before
        told = normalise_column(namespace, column)
        own_scope = mapping.source if namespace == "import_id" else ""
        checked.add(IdentityColumn(namespace, scope or own_scope, told.values), told, wrong)
        if told.wrong:
            zh = runtime().namespaces.get(namespace).zh
            checked.remarks[f"{zh}无效, 不作为身份 (行)"] += len(told.wrong)
        for row, reason in told.wrong.items():
            wrong.setdefault(row, reason)
    _identify_by_value(checked, mapping, wrong)
    return wrong


def _identify_by_value(checked: Checked, mapping: FileMapping, wrong: dict[int, Refused]) -> None:
    """Files with one identity a row: its namespace, scope and value stand in columns."""
    names, values = mapping.column_of("namespace"), mapping.column_of("value")
    if names is None or values is None:
        return
    kinds, scopes = checked.column(names), checked.column(mapping.column_of("scope"))
    pairs = pa.table({"kind": kinds, "scope": scopes}).group_by(["kind", "scope"]).aggregate([])
    known = {rule.name for rule in runtime().namespaces}
    for kind, scope in zip(pairs["kind"].to_pylist(), pairs["scope"].to_pylist(), strict=True):
        is_one = pc.and_(pc.equal(kinds, kind), pc.equal(scopes, scope))
        if kind not in known or len(scope) > MAX_SCOPE:
            reason = Refused("identity.namespace", f"未知的身份类型 {kind!r}", field="namespace")
            filled = np.flatnonzero(flags(is_one) & checked.is_good)
            checked.refuse(dict.fromkeys(filled.tolist(), reason))
            continue
        column = _exact(kind, pc.if_else(is_one, checked.column(values), ""), wrong)
        told = normalise_column(kind, column)
        checked.add(IdentityColumn(kind, scope, told.values), told, wrong)
        checked.refuse(told.wrong)
        wrong.update(told.wrong)


def _exact(namespace: str, column: pa.Array, wrong: dict[int, Refused]) -> pa.Array:
    """Numbers used as ids as they were before a spreadsheet had them: `17850.0` is `17850`.

    Where it lost digits (1.23457E+14) there is no telling: such cells are taken out as wrong.
    """
    if ruling.current().rule_of(namespace).normaliser != "text":
        return column
    lost = flags(pc.match_substring_regex(column, _SCIENTIFIC))
    if lost.any():
        reason = "长数字被表格软件改写, 末位已丢失; 请按文本导出"
        refusal = Refused("import.precision", reason, field=namespace)
        wrong.update(dict.fromkeys(np.flatnonzero(lost).tolist(), refusal))
        column = pc.if_else(pa.array(lost), "", column)
    return pc.replace_substring_regex(column, r"^([0-9]+)\.0+$", r"\1")


def _check_times(checked: Checked, mapping: FileMapping, default_at: datetime | None) -> None:
    name = mapping.column_of("at")
    now = runtime().clock.now()
    if name is None:
        assert default_at is not None
        checked.at[:] = to_ms(default_at)
        return
    told, wrong = read_times(
        checked.column(name), zone=mapping.timezone, order=mapping.date_order, now=now
    )
    checked.refuse({row: Refused(w.code, w.reason, field=name) for row, w in wrong.items()})
    absent = told == NOTHING
    if default_at is not None:
        told[absent] = to_ms(default_at)
    else:
        reason = Refused("import.no_time", "缺少时间", field=name)
        lacking = np.flatnonzero(absent & checked.is_good).tolist()
        checked.refuse(dict.fromkeys(lacking, reason))
    checked.at = told
