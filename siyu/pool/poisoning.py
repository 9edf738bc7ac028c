"""The poison list: values that are nobody's, kept by people, undoable."""

from __future__ import annotations

from datetime import datetime

from siyu.core.access import Actor, require
from siyu.core.audit import record_audit
from siyu.core.runtime import runtime
from siyu.kernel.errors import Conflict, NotFound, Refused
from siyu.kernel.identity import MAX_VALUE, compile_pattern, normalise_text
from siyu.kernel.paging import MAX_LIMIT, Page, decode_cursor, encode_cursor
from siyu.pool.masking import mask_identity
from siyu.pool.merging import check_reason, conclude, replay
from siyu.pool.models import Identity, PoisonEntry
from siyu.pool.oneid_types import PoisonRow
from siyu.pool.rebuilding import note_change
from siyu.pool.regroup import Workspace
from siyu.pool.ruling import ANY, deciding


def block_value(
    actor: Actor, namespace: str, value: str, *, is_pattern: bool, reason: str, now: datetime
) -> int:
    """Values of a namespace ("*": of all) that are nobody's from now on; the entry's id.

    What a single value joined falls apart at once; what a pattern (RE2, the whole value) covers
    does so at the next rebuild. Conflict when it is on the list.
    """
    require(actor, "customer:rules")
    check_reason(reason)
    text = _read(namespace, value, is_pattern=is_pattern)
    with deciding():
        entry = add_entry(actor, namespace, text, is_pattern=is_pattern, reason=reason, now=now)
    return entry.pk


def add_entry(
    actor: Actor, namespace: str, text: str, *, is_pattern: bool, reason: str, now: datetime
) -> PoisonEntry:
    """`block_value` for a normalised value, in the running transaction."""
    entry, is_new = PoisonEntry.objects.get_or_create(
        namespace=namespace,
        value=text,
        is_pattern=is_pattern,
        defaults={"reason": reason.strip(), "by": actor.name, "at": now},
    )
    if not is_new:
        raise Conflict("poison.known", "名单上已有这个值")
    _follow(actor, entry, reason, now)
    _audit(actor, "block_identity_value", entry, reason, now)
    return entry


def unblock_value(actor: Actor, entry_id: int, *, reason: str, now: datetime) -> None:
    """Take an entry off the list; what its value joined before joins again."""
    require(actor, "customer:rules")
    check_reason(reason)
    with deciding():
        entry = PoisonEntry.objects.filter(pk=entry_id).first()
        if entry is None:
            raise NotFound("poison.missing", "名单上没有这一条")
        remove_entry(actor, entry, reason, now)


def remove_entry(actor: Actor, entry: PoisonEntry, reason: str, now: datetime) -> None:
    """`unblock_value` in the running transaction."""
    _audit(actor, "unblock_identity_value", entry, reason, now)
    entry.delete()
    _follow(actor, entry, reason, now)


def list_poison(actor: Actor, cursor: str = "", limit: int = 50) -> Page[PoisonRow]:
    """The list, the newest entry first."""
    require(actor, "customer:merge")
    found = PoisonEntry.objects.order_by("-id")
    if cursor:
        [last] = decode_cursor(cursor, int)
        found = found.filter(pk__lt=last)
    size = max(1, min(limit, MAX_LIMIT))
    rows = list(found[: size + 1])
    items = [_row(entry) for entry in rows[:size]]
    return Page(items, encode_cursor(rows[size - 1].pk) if len(rows) > size else None)


def _row(entry: PoisonEntry) -> PoisonRow:
    shown = entry.value if entry.is_pattern else mask_identity(entry.namespace, entry.value)
    return PoisonRow(
        id=entry.pk,
        namespace=entry.namespace,
        value_masked=shown,
        is_pattern=entry.is_pattern,
        reason=entry.reason,
        by=entry.by,
        at=entry.at,
    )


def _read(namespace: str, value: str, *, is_pattern: bool) -> str:
    known = runtime().namespaces
    if namespace != ANY:
        known.get(namespace)
    if is_pattern:
        compile_pattern(value)
        return value
    text = normalise_text(value) if namespace == ANY else _normalise(namespace, value)
    if not text or len(text) > MAX_VALUE or "\x00" in text:
        raise Refused("identity.value", "身份值为空或过长", field="value")
    return text


def _normalise(namespace: str, value: str) -> str:
    """As the namespace writes it; what it would refuse anyway is kept as it stands."""
    try:
        return runtime().namespaces.normalise(namespace, value)
    except Refused:
        return normalise_text(value)


def _follow(actor: Actor, entry: PoisonEntry, reason: str, now: datetime) -> None:
    """Every process learns of it, and the identities of a single value are judged again."""
    note_change(actor, "poison", reason=reason, now=now)
    if entry.is_pattern:
        return
    found = Identity.objects.filter(value=entry.value)
    if entry.namespace != ANY:
        found = found.filter(namespace=entry.namespace)
    ids = set(found.values_list("pk", flat=True))
    if ids:
        work = Workspace(now, is_torn=True)
        conclude(work, replay(work, ids))


def _audit(actor: Actor, verb: str, entry: PoisonEntry, reason: str, now: datetime) -> None:
    row = _row(entry)
    detail = {"namespace": row.namespace, "value": row.value_masked, "reason": reason.strip()}
    record_audit(actor, verb, f"poison:{entry.pk}", now=now, detail=detail)
