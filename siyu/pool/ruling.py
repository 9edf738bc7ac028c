"""The rules in force: what the manifests declare, what people changed, which values are blocked.

A process holds them in memory and looks once per piece of work whether they changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import msgspec

from siyu.core.runtime import runtime
from siyu.kernel.errors import Refused
from siyu.kernel.identity import (
    Limit,
    NamespaceRule,
    Namespaces,
    Strength,
    compile_pattern,
    is_blocked,
    parse_limit,
)
from siyu.pool.rows import fetch, resolving

Overrides = Mapping[str, Mapping[str, Any]]
Kind = tuple[bool, bool, Limit | None]
ANY = "*"
_POISON = "SELECT namespace, value, is_pattern FROM pool_poisonentry"
_LATEST = "SELECT token FROM pool_ruleversion ORDER BY id DESC LIMIT 1"


class Override(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What people may change of a namespace; what is left out stays as its manifest says."""

    strength: Strength | None = None
    is_single_valued: bool | None = None
    limit: str | None = None
    max_degree: int | None = None
    priority: int | None = None
    blocked_patterns: tuple[str, ...] | None = None


@dataclass
class Ruling:
    """Rules by namespace, and the blocked values. `token` names the state of the database."""

    known: Namespaces
    token: str = ""
    overrides: dict[str, Override] = field(default_factory=dict)
    blocked: set[tuple[str, str]] = field(default_factory=set)
    patterns: list[tuple[str, str]] = field(default_factory=list)
    _rules: dict[str, NamespaceRule] = field(default_factory=dict)
    _kinds: dict[str, Kind] = field(default_factory=dict)
    _ranks: dict[tuple[str, bool], tuple[bool, int]] = field(default_factory=dict)

    def kind_of(self, namespace: str) -> Kind:
        """What `rules.cluster` needs of a namespace."""
        kind = self._kinds.get(namespace)
        if kind is None:
            rule = self.rule_of(namespace)
            limit = None if rule.is_single_valued else rule.max_values
            kind = (rule.strength is Strength.STRONG, rule.is_single_valued, limit)
            self._kinds[namespace] = kind
        return kind

    def rule_of(self, namespace: str) -> NamespaceRule:
        """The namespace's rule; one that nobody declares any more counts as weak."""
        rule = self._rules.get(namespace)
        if rule is None:
            rule = self._rules[namespace] = self._make(namespace)
        return rule

    def rank_of(self, namespace: str, is_strong: bool) -> tuple[bool, int]:  # noqa: FBT001
        """What identities are sorted by, the best first."""
        rank = self._ranks.get((namespace, is_strong))
        if rank is None:
            rank = self._ranks[namespace, is_strong] = (
                not is_strong,
                self.rule_of(namespace).priority,
            )
        return rank

    def is_blocked(self, namespace: str, value: str) -> bool:
        """Whether this value is nobody's: by its rule, by nature, or on the list."""
        if (namespace, value) in self.blocked or (ANY, value) in self.blocked:
            return True
        if is_blocked(self.rule_of(namespace), value):
            return True
        return any(
            compile_pattern(pattern)(value)
            for name, pattern in self.patterns
            if name in {namespace, ANY}
        )

    def _make(self, namespace: str) -> NamespaceRule:
        try:
            rule = self.known.get(namespace)
        except Refused:
            rule = NamespaceRule(
                name=namespace,
                zh=namespace,
                en=namespace,
                strength=Strength.WEAK,
                is_single_valued=False,
            )
        change = self.overrides.get(namespace)
        if change is None:
            return rule
        told = msgspec.structs.asdict(change)
        return msgspec.structs.replace(rule, **{k: v for k, v in told.items() if v is not None})


_held: Ruling | None = None
_trial: ContextVar[Ruling | None] = ContextVar("trial", default=None)


def current() -> Ruling:
    """The rules as this process last saw them, or those it tries out."""
    trial = _trial.get()
    if trial is not None:
        return trial
    if _held is None or _held.known is not runtime().namespaces:
        return refresh()
    return _held


def refresh() -> Ruling:
    """Look whether the rules changed; the ones in force."""
    global _held  # noqa: PLW0603 - one per process, by design
    found = fetch(_LATEST)
    token = found[0][0] if found else ""
    held = _held
    if held is None or held.token != token or held.known is not runtime().namespaces:
        held = _held = load(token)
    return held


def load(token: str = "", overrides: Overrides | None = None) -> Ruling:
    """The rules of the database, or with `overrides` those that a person tries out."""
    ruling = Ruling(runtime().namespaces, token)
    ruling.overrides = check(in_force() if overrides is None else overrides)
    for namespace, value, is_pattern in fetch(_POISON):
        if is_pattern:
            ruling.patterns.append((namespace, value))
        else:
            ruling.blocked.add((namespace, value))
    return ruling


@contextmanager
def trying(ruling: Ruling) -> Iterator[None]:
    """Reckon with other rules for a while, in this thread only: for previews."""
    mark = _trial.set(ruling)
    try:
        yield
    finally:
        _trial.reset(mark)


def in_force() -> dict[str, dict[str, Any]]:
    """The latest overrides, by namespace."""
    found = fetch("SELECT overrides FROM pool_ruleversion ORDER BY id DESC LIMIT 1")
    return dict(msgspec.json.decode(found[0][0])) if found else {}


def check(overrides: Overrides) -> dict[str, Override]:
    """Typed overrides; Refused with the field that is wrong."""
    known = {rule.name for rule in runtime().namespaces}
    result = {}
    for namespace, told in overrides.items():
        if namespace not in known:
            raise Refused("identity.namespace", f"未知的身份命名空间 {namespace!r}", field="rules")
        try:
            change = msgspec.convert(told, Override)
        except msgspec.ValidationError as error:
            raise Refused("rule.invalid", f"{namespace}: {error}", field="rules") from error
        _check_values(change)
        result[namespace] = change
    return result


def _check_values(change: Override) -> None:
    if change.limit:
        parse_limit(change.limit)
    if change.max_degree is not None and not 1 <= change.max_degree <= 10_000:
        raise Refused("rule.degree", "关联上限须为 1 到 10000", field="max_degree")
    if change.priority is not None and not 0 <= change.priority <= 1_000:
        raise Refused("rule.priority", "优先级须为 0 到 1000", field="priority")
    for pattern in change.blocked_patterns or ():
        compile_pattern(pattern)


def rule_of(namespace: str) -> NamespaceRule:
    """The rule in force of one namespace."""
    return current().rule_of(namespace)


def all_rules(ruling: Ruling) -> Iterable[NamespaceRule]:
    """Every declared namespace's rule, the first to stay first."""
    return sorted(
        (ruling.rule_of(rule.name) for rule in ruling.known), key=lambda r: (r.priority, r.name)
    )


@contextmanager
def deciding(*, is_part: bool = False) -> Iterator[Ruling]:
    """A transaction in which nobody else changes who is who, under the rules in force.

    is_part: as for `resolving`.
    """
    with resolving(is_part=is_part):
        yield refresh()
