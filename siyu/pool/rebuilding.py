"""Change the rules and recompute customers, in steps so short that intake goes on meanwhile.

New rules are in force at once; what they change is found by `rebuild.py` and recomputed in
handfuls, each a transaction of its own. Every step reads the log again and may be repeated, so
a rebuild that was cut off is simply run again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
import numpy as np
import structlog

from siyu.core.access import SYSTEM, Actor, require
from siyu.core.audit import record_audit
from siyu.core.runtime import runtime
from siyu.kernel.errors import Conflict, SiyuError
from siyu.kernel.identity import Strength
from siyu.kernel.ids import new_id
from siyu.pool import ruling
from siyu.pool.memory import forget_everybody
from siyu.pool.merging import check_reason, conclude, replay
from siyu.pool.models import Identity, Rebuild, RuleVersion
from siyu.pool.rebuild import Rebuilt, preview_rebuild
from siyu.pool.regroup import Workspace
from siyu.pool.rows import execute
from siyu.pool.ruling import Overrides, deciding
from siyu.pool.snapshot import Ids, Progress

HANDFUL = 500
_RANGE = 50_000
log = structlog.get_logger()


def change_rules(actor: Actor, overrides: Overrides, *, reason: str, now: datetime) -> int:
    """Put rules in force from now on; the version. What they change needs a rebuild."""
    require(actor, "customer:rules")
    check_reason(reason)
    checked = ruling.check(overrides)
    told = {name: row for name, one in checked.items() if (row := msgspec.to_builtins(one))}
    with deciding():
        before = ruling.in_force()
        version = note_change(actor, "rules", told, reason=reason, now=now)
        detail = {"version": version, "before": before, "after": told, "reason": reason.strip()}
        record_audit(actor, "change_identity_rules", "oneid", now=now, detail=detail)
    return version


def note_change(
    actor: Actor, kind: str, overrides: Any = None, *, reason: str, now: datetime
) -> int:
    """A new version of the rules, in the running transaction; every process will see it."""
    told = ruling.in_force() if overrides is None else overrides
    row = RuleVersion.objects.create(
        token=new_id(),
        kind=kind,
        overrides=msgspec.json.encode(told).decode(),
        reason=reason.strip(),
        by=actor.name,
        at=now,
    )
    forget_everybody()
    ruling.refresh()
    return row.pk


def rebuild(actor: Actor, progress: Progress, *, now: datetime) -> Rebuilt:
    """Recompute all customers under the rules in force; what that changed."""
    require(actor, "customer:rules")
    ruling.refresh()
    _write_strengths(progress)
    found = preview_rebuild(progress=progress)
    total = len(found.changed)
    done = 0
    for handful in _handfuls(found):
        with deciding():
            _replay(handful, now)
        done += len(handful)
        progress("applying", done, total)
    with deciding():
        detail = found.report.as_dict()
        record_audit(actor, "rebuild_customers", "oneid", now=now, detail=detail)
    return found


def _replay(identities: Ids, now: datetime) -> None:
    known = set(Identity.objects.filter(pk__in=identities.tolist()).values_list("pk", flat=True))
    if not known:
        return
    work = Workspace(now, is_torn=True, is_bounded=False)
    moves = replay(work, known)
    conclude(work, moves)


def _handfuls(found: Rebuilt) -> Iterator[Ids]:
    """A few hundred identities at once; one component is never cut."""
    if not len(found.changed):
        return
    homes = found.parts
    cuts = np.flatnonzero(np.diff(homes)) + 1
    start = 0
    for cut in [*cuts.tolist(), len(homes)]:
        if cut - start >= HANDFUL or cut == len(homes):
            yield found.changed[start:cut]
            start = cut


def _write_strengths(progress: Progress) -> None:
    """What the strength column says follows the rules; a range of ids at a time."""
    last = Identity.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    now = ruling.current()
    strong = [rule.name for rule in now.known if now.rule_of(rule.name).strength is Strength.STRONG]
    weak = [rule.name for rule in now.known if rule.name not in strong]
    for strength, names in ((Strength.STRONG.value, strong), (Strength.WEAK.value, weak)):
        wrong = Identity.objects.filter(namespace__in=names).exclude(strength=strength)
        if not wrong.exists():
            continue
        marks = ", ".join(["%s"] * len(names))
        for start in range(0, last + 1, _RANGE):
            with deciding():
                execute(
                    "UPDATE pool_identity SET strength = %s WHERE id > %s AND id <= %s"  # noqa: S608
                    f" AND strength <> %s AND namespace IN ({marks})",
                    strength,
                    start,
                    start + _RANGE,
                    strength,
                    *names,
                )
            progress("strengths", min(start + _RANGE, last), last)


def ask_rebuild(
    actor: Actor, *, is_preview: bool, overrides: Overrides | None, reason: str, now: datetime
) -> int:
    """Queue a rebuild for the worker; its id. Conflict while one is under way.

    With overrides, a preview tries them out, and a rebuild puts them in force first.
    """
    require(actor, "customer:rules")
    told = None if overrides is None else msgspec.json.encode(overrides).decode()
    if not is_preview:
        check_reason(reason)
    with deciding():
        if overrides is not None:
            ruling.check(overrides)
        if Rebuild.objects.filter(state__in=["queued", "running"]).exists():
            raise Conflict("rebuild.busy", "已有一次重算在进行, 请等它结束")
        if not is_preview and overrides is not None:
            change_rules(actor, overrides, reason=reason, now=now)
        row = Rebuild.objects.create(
            is_preview=is_preview,
            overrides=told,
            reason=reason.strip(),
            state="queued",
            by=actor.name,
            at=now,
        )
    return row.pk


def run_next() -> bool:
    """The worker's duty: do the oldest queued rebuild; True when there was one."""
    row = Rebuild.objects.filter(state__in=["queued", "running"]).order_by("pk").first()
    if row is None:
        return False
    Rebuild.objects.filter(pk=row.pk).update(state="running")
    now = runtime().clock.now()
    try:
        report = _run(row, now)
    except (SiyuError, MemoryError) as error:
        log.warning("rebuild_failed", rebuild=row.pk, error=str(error))
        _end(row, "failed", {"error": str(error)[:300]})
        return True
    _end(row, "done", report)
    return True


def _run(row: Rebuild, now: datetime) -> dict[str, Any]:
    def progress(phase: str, done: int, total: int) -> None:
        told = msgspec.json.encode({"phase": phase, "done": done, "total": total}).decode()
        Rebuild.objects.filter(pk=row.pk).update(progress=told)

    if row.is_preview:
        told = msgspec.json.decode(row.overrides) if row.overrides is not None else None
        return preview_rebuild(told, progress).report.as_dict()
    return rebuild(SYSTEM, progress, now=now).report.as_dict()


def _end(row: Rebuild, state: str, report: dict[str, Any]) -> None:
    Rebuild.objects.filter(pk=row.pk).update(
        state=state,
        report=msgspec.json.encode(report).decode(),
        ended_at=runtime().clock.now(),
    )
