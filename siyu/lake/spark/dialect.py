"""One SQL source: a statement for DuckDB becomes the same statement for Spark.

sqlglot does most of it; here is what it does not know: bound values, JSON that keeps its types,
and functions that differ in more than their name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlglot
from sqlglot import exp

from siyu.kernel.errors import Refused
from siyu.lake.spark.patterns import to_java


@dataclass(frozen=True)
class Statement:
    """text: for `spark.sql`, with named markers. values: what they stand for. tables: it names."""

    text: str
    values: dict[str, Any]
    tables: frozenset[str]


_WITH_PATH = (exp.JSONExtract, exp.JSONExtractScalar, exp.JSONType)


def to_spark(sql: str, parameters: Mapping[str, Any] | None = None) -> Statement:
    """The statement in Spark's dialect; Refused when something in it has no translation."""
    given = dict(parameters or {})
    tree: exp.Expr = exp.Subquery(this=sqlglot.parse_one(sql, read="duckdb"))
    for node in reversed(list(tree.bfs())):
        new = _rewrite(node, given)
        if new is not node:
            node.replace(new)
    tree = tree.this
    names = {marker.name for marker in tree.find_all(exp.Placeholder)}
    try:
        text = tree.sql(dialect="spark", unsupported_level=sqlglot.ErrorLevel.RAISE)
    except sqlglot.UnsupportedError as error:
        raise Refused(
            "engine.translation", f"Spark 没有对应的写法: {error}", field="sql"
        ) from error
    return Statement(text, {name: given[name] for name in names}, _tables(tree))


def _tables(tree: exp.Expr) -> frozenset[str]:
    """Every table named, also those that a common table expression of the same name shadows."""
    return frozenset(table.name.lower() for table in tree.find_all(exp.Table))


def _rewrite(node: exp.Expr, given: dict[str, Any]) -> exp.Expr:
    """A node whose children are translated already; itself when nothing is to do."""
    if isinstance(node, exp.Parameter | exp.Placeholder):
        is_path = node.arg_key == "expression" and isinstance(node.parent, _WITH_PATH)
        return node if is_path else _bound(node.name, given[node.name])
    if isinstance(node, exp.Table) and node.db == "main":
        node.set("db", None)
        return node
    rewrite = _REWRITES.get(type(node))
    return rewrite(node, given) if rewrite else node


def _bound(name: str, value: Any) -> exp.Expr:
    """A moment is written out, as its time zone must not get lost; all else stays a marker."""
    if isinstance(value, datetime):
        text = value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f+00:00")
        return exp.cast(exp.Literal.string(text), "TIMESTAMPTZ", dialect="duckdb")
    if isinstance(value, date):
        return exp.cast(exp.Literal.string(value.isoformat()), "DATE")
    return exp.Placeholder(this=name)


def _path(node: exp.Expr, given: dict[str, Any]) -> exp.Expr:
    """A JSON path as a literal, every key in brackets: `$."q r"[0]` → `$["q r"][0]`."""
    if isinstance(node, exp.Parameter | exp.Placeholder):
        node = _parsed_path(str(given[node.name]))
    elif isinstance(node, exp.Literal):
        node = _parsed_path(node.name)
    parts = []
    for part in node.expressions:
        if isinstance(part, exp.JSONPathKey) and isinstance(part.this, str):
            parts.append(f'["{part.this}"]')
        elif isinstance(part, exp.JSONPathSubscript) and isinstance(part.this, int):
            parts.append(f"[{part.this}]")
        elif not isinstance(part, exp.JSONPathRoot):
            raise Refused("engine.translation", f"Spark 没有对应的路径: {node.sql()}", field="sql")
    return exp.Literal.string("$" + "".join(parts))


def _parsed_path(text: str) -> exp.Expr:
    parsed = sqlglot.Dialect.get_or_raise("duckdb").to_json_path(exp.Literal.string(text))
    assert parsed is not None
    return parsed


def _call(name: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=list(arguments))


def _variant(document: exp.Expr) -> exp.Expr:
    return _call("try_parse_json", document)


def _part(document: exp.Expr, path: exp.Expr, given: dict[str, Any]) -> exp.Expr:
    kind = exp.Literal.string("variant")
    return _call("variant_get", _variant(document), _path(path, given), kind)


def _json_text(node: exp.Expr, given: dict[str, Any]) -> exp.Expr:
    """`json_extract_string`: the value as text, NULL where it is missing or null."""
    path = _path(node.expression, given)
    return _call("variant_get", _variant(node.this), path, exp.Literal.string("string"))


def _json_value(node: exp.Expr, given: dict[str, Any]) -> exp.Expr:
    """`json_extract`: the value as JSON text. A whole float keeps its point: 1.0 is not 1."""
    value = _part(node.this, node.expression, given)
    text = _call("to_json", value)
    kind = _call("schema_of_variant", value.copy())
    is_decimal = _call("startswith", kind, exp.Literal.string("DECIMAL"))
    is_whole = _call("contains", text.copy(), exp.Literal.string(".")).not_()
    pointed = _call("concat", text.copy(), exp.Literal.string(".0"))
    return exp.Case().when(exp.and_(is_decimal, is_whole), pointed).else_(text)


def _json_type(node: exp.Expr, given: dict[str, Any]) -> exp.Expr:
    """`json_type` with DuckDB's names; every number that is no small integer is a DOUBLE."""
    path = node.args.get("expression")
    value = _part(node.this, path, given) if path else _variant(node.this)
    found = _call("schema_of_variant", value)
    family = _call("split_part", found, exp.Literal.string("<"), exp.Literal.number(1))
    names = [exp.Literal.string(word) for pair in _KINDS for word in pair]
    unknown = (exp.null(), exp.null())
    return _call("decode", family, *names, *unknown, exp.Literal.string("DOUBLE"))


def _json_list(node: exp.Expr, given: dict[str, Any]) -> exp.Expr:
    """`CAST(x AS JSON[])`: the elements as JSON text; other casts stay."""
    del given
    target = node.args["to"]
    if not (target.is_type("array") and target.expressions[0].is_type("json")):
        return node
    elements = exp.cast(_variant(node.this), "ARRAY<VARIANT>", dialect="spark")
    item = exp.to_identifier("item")
    each = exp.Lambda(this=_call("to_json", item), expressions=[item.copy()])
    return _call("transform", elements, each)


def _matches(node: exp.Expr, given: dict[str, Any]) -> exp.Expr:
    """`regexp_matches`: a pattern of RE2, translated for Java."""
    pattern = node.expression
    if isinstance(pattern, exp.Placeholder):
        name = f"{pattern.name}_java"
        given[name] = to_java(str(given[pattern.name]))
        node.set("expression", exp.Placeholder(this=name))
    elif isinstance(pattern, exp.Literal):
        node.set("expression", exp.Literal.string(to_java(pattern.name)))
    return node


def _day_difference(node: exp.Expr, given: dict[str, Any]) -> exp.Expr:
    """`date_diff('day', …)` counts midnights; Spark's of two moments counts 24 hours."""
    del given
    if node.text("unit").upper() != "DAY":
        raise Refused("engine.translation", f"Spark 没有对应的写法: {node.sql()}", field="sql")
    ends = (exp.cast(part, "DATE") for part in (node.this, node.expression))
    return _call("datediff", *ends)


def _days(node: exp.Expr, given: dict[str, Any]) -> exp.Expr:
    del given
    return _call("make_dt_interval", node.this)


_KINDS = (
    ("STRING", "VARCHAR"),
    ("BOOLEAN", "BOOLEAN"),
    ("BIGINT", "BIGINT"),
    ("VOID", "NULL"),
    ("OBJECT", "OBJECT"),
    ("ARRAY", "ARRAY"),
)
_REWRITES: dict[type[exp.Expr], Callable[[Any, dict[str, Any]], exp.Expr]] = {
    exp.JSONExtractScalar: _json_text,
    exp.JSONExtract: _json_value,
    exp.JSONType: _json_type,
    exp.Cast: _json_list,
    exp.DateDiff: _day_difference,
    exp.RegexpLike: _matches,
    exp.ToDays: _days,
}
