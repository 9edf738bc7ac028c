"""Pages on which customers find a group by a word."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Sum

from siyu.core.access import Actor, require
from siyu.core.audit import record_audit
from siyu.groups.codes import views_of
from siyu.groups.models import GroupCode, KeywordDay, KeywordPage
from siyu.groups.types import GroupCodeView, KeywordEntry, KeywordPageView
from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import NotFound, Refused

MAX_ENTRIES, MAX_KEYWORDS, MAX_WORD, MAX_FOUND = 100, 20, 30, 5
NOTHING = 0


def save_page(
    actor: Actor,
    *,
    page_id: int | None = None,
    name: str,
    title: str,
    text: str = "",
    entries: Sequence[KeywordEntry],
    is_active: bool = True,
    now: datetime,
) -> KeywordPageView:
    """Make or change a page."""
    require(actor, "group:write")
    if not 1 <= len(name.strip()) <= 64 or not 1 <= len(title.strip()) <= 64:
        raise Refused("keyword.title", "名称与标题须为 1 到 64 个字", field="title")
    row = _row(page_id) if page_id else KeywordPage(slug=secrets.token_urlsafe(9), created_at=now)
    row.name, row.title, row.text = name.strip(), title.strip(), text.strip()[:300]
    row.entries, row.is_active = _entries(entries), is_active
    with transaction.atomic():
        row.save()
        record_audit(actor, "save_keyword_page", f"keyword_page:{row.pk}", now=now)
    return _view(row, _asked([row.pk]))


def delete_page(actor: Actor, page_id: int, *, now: datetime) -> None:
    """The page and its counts are gone."""
    require(actor, "group:write")
    row = _row(page_id)
    with transaction.atomic():
        row.delete()
        record_audit(actor, "delete_keyword_page", f"keyword_page:{page_id}", now=now)


def list_pages(actor: Actor) -> list[KeywordPageView]:
    """All pages, the newest first."""
    require(actor, "group:read")
    rows = list(KeywordPage.objects.order_by("-pk"))
    asked = _asked([row.pk for row in rows])
    return [_view(row, asked) for row in rows]


def find_page(slug: str) -> KeywordPage:
    """The page customers see; NotFound when there is none or it is switched off."""
    row = KeywordPage.objects.filter(slug=slug, is_active=True).first()
    if row is None:
        raise NotFound("keyword.unknown", "没有这个页面")
    return row


def search(row: KeywordPage, words: str, now: datetime) -> list[tuple[str, GroupCodeView]]:
    """Title and code of the entries with a keyword in the words, or the words in a keyword.

    Counts what was asked; the words themselves are kept nowhere.
    """
    asked = words.strip().casefold()[:MAX_WORD]
    if not asked:
        return []
    hits = [one for one in row.entries if any(_fits(asked, word) for word in one["keywords"])]
    hits = hits[:MAX_FOUND]
    codes = {
        code.id: code
        for code in views_of(GroupCode.objects.filter(pk__in=[one["code_id"] for one in hits]))
    }
    found = [(one["title"], codes[one["code_id"]]) for one in hits if one["code_id"] in codes]
    _count(row, [code.id for _, code in found] or [NOTHING], now)
    return found


def entries_of(row: KeywordPage) -> list[str]:
    """The words a customer may tap instead of typing: the first of each entry."""
    return [one["keywords"][0] for one in row.entries]


def _fits(asked: str, keyword: str) -> bool:
    word = keyword.casefold()
    return asked in word or word in asked


def _entries(entries: Sequence[KeywordEntry]) -> list[dict[str, object]]:
    if not 1 <= len(entries) <= MAX_ENTRIES:
        raise Refused("keyword.entries", f"请填写 1 到 {MAX_ENTRIES} 行", field="entries")
    known = set(GroupCode.objects.values_list("pk", flat=True))
    kept = []
    for entry in entries:
        words = list(dict.fromkeys(word.strip() for word in entry.keywords if word.strip()))
        if not 1 <= len(words) <= MAX_KEYWORDS or any(len(word) > MAX_WORD for word in words):
            raise Refused(
                "keyword.words",
                f"每行 1 到 {MAX_KEYWORDS} 个关键词, 每个最多 {MAX_WORD} 字",
                field="entries",
            )
        if entry.code_id not in known:
            raise Refused("keyword.code", "所选的群活码不存在", field="entries")
        kept.append(
            {"keywords": words, "code_id": entry.code_id, "title": entry.title.strip()[:64]}
        )
    return kept


def _count(row: KeywordPage, code_ids: Sequence[int], now: datetime) -> None:
    day = now.astimezone(SHANGHAI).date()
    sql = (
        "INSERT INTO groups_keywordday (page_id, code_id, day, asked) VALUES (%s, %s, %s, 1)"
        " ON CONFLICT (page_id, code_id, day) DO UPDATE SET asked = groups_keywordday.asked + 1"
    )
    with connection.cursor() as cursor:
        cursor.executemany(sql, [(row.pk, code_id, day) for code_id in code_ids])


def _asked(page_ids: Sequence[int]) -> dict[int, Counter[int]]:
    rows = KeywordDay.objects.filter(page__in=page_ids).values("page_id", "code_id")
    found: dict[int, Counter[int]] = {page_id: Counter() for page_id in page_ids}
    for one in rows.annotate(n=Sum("asked")):
        found[one["page_id"]][one["code_id"]] = one["n"]
    return found


def _view(row: KeywordPage, asked: dict[int, Counter[int]]) -> KeywordPageView:
    counts = asked[row.pk]
    return KeywordPageView(
        id=row.pk,
        name=row.name,
        slug=row.slug,
        title=row.title,
        text=row.text,
        page_path=f"/g/k/{row.slug}",
        entries=[
            KeywordEntry(
                keywords=one["keywords"],
                code_id=one["code_id"],
                title=one["title"],
                asked=counts[one["code_id"]],
            )
            for one in row.entries
        ],
        is_active=row.is_active,
        asked=sum(counts.values()),
        missed=counts[NOTHING],
        created_at=row.created_at,
    )


def _row(page_id: int) -> KeywordPage:
    row = KeywordPage.objects.filter(pk=page_id).first()
    if row is None:
        raise NotFound("keyword.unknown", "没有这个关键词页面")
    return row
