"""`Idempotency-Key`: a writing request that comes again is answered, not done, again.

The answer is kept for a day for each user and key. A key that comes with another request is
refused; so is a twin of a request that is under way, and one whose end nobody knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from hashlib import blake2b

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase

from siyu.core.models import KeptAnswer
from siyu.core.runtime import runtime

KEEP = timedelta(days=1)
UNDER_WAY = timedelta(seconds=60)
MAX_KEY = 255
MAX_BODY = 256 * 1024
AT_ONCE = 1_000
_NOTHING_DONE = frozenset({401, 403, 429, 503})
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
View = Callable[[HttpRequest], HttpResponseBase]


def answer_once(get_response: View) -> View:
    """Middleware behind the one that knows the user."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        key = request.headers.get("Idempotency-Key")
        is_ours = request.path.startswith("/api/") and request.method not in _READS
        if key is None or not is_ours or not request.user.is_authenticated:
            return get_response(request)
        if not (0 < len(key) <= MAX_KEY and key.isascii() and key.isprintable()):
            reason = f"Idempotency-Key 须为 1 到 {MAX_KEY} 个 ASCII 字符"
            return _problem(400, "request.idempotency_key", reason)
        now, asked = runtime().clock.now(), _digest(request)
        row = _claim(request.user.get_username(), key, asked, now)
        if row is None:
            known = KeptAnswer.objects.filter(user=request.user.get_username(), key=key).first()
            return _again(known, asked, now)
        answer = get_response(request)
        _keep(row, answer)
        return answer

    return respond


def trim_answers(now: datetime) -> bool:
    """Forget answers that have had their day; True when there may be more."""
    old = KeptAnswer.objects.filter(at__lt=now - KEEP).order_by("id")
    ids = list(old.values_list("pk", flat=True)[:AT_ONCE])
    KeptAnswer.objects.filter(pk__in=ids).delete()
    return len(ids) == AT_ONCE


def forget_answers(_identity_ids: Iterable[int]) -> None:
    """Erasure: answers may name people, and nobody knows whom; all of the day go."""
    KeptAnswer.objects.all().delete()


def _claim(user: str, key: str, asked: bytes, now: datetime) -> KeptAnswer | None:
    """A row of our own; None when the key is known."""
    try:
        with transaction.atomic():
            return KeptAnswer.objects.create(user=user, key=key, asked=asked, at=now)
    except IntegrityError:
        return None


def _again(known: KeptAnswer | None, asked: bytes, now: datetime) -> HttpResponse:
    if known is not None and bytes(known.asked) != asked:
        return _problem(409, "request.key_reused", "这个 Idempotency-Key 已用于另一个请求")
    if known is not None and known.status:
        answer = HttpResponse(
            bytes(known.body), status=known.status, content_type=known.content_type
        )
        answer["Idempotent-Replayed"] = "true"
        return answer
    if known is None or now - known.at < UNDER_WAY:
        return _problem(409, "request.under_way", "同一个请求正在处理, 请稍后再问")
    return _problem(409, "request.unknown", "同一个请求的结果未知, 请先查看是否已生效")


def _keep(row: KeptAnswer, answer: HttpResponseBase) -> None:
    """Keep an answer; free the key when nothing was done.

    After a fault, or an answer too large to keep, the key stays taken and its end unknown.
    """
    if answer.status_code in _NOTHING_DONE:
        row.delete()
        return
    content = answer.content if isinstance(answer, HttpResponse) else None
    if content is not None and len(content) <= MAX_BODY and answer.status_code < 500:
        row.status, row.body = answer.status_code, content
        row.content_type = answer.get("Content-Type", "")[:100]
        row.save(update_fields=["status", "body", "content_type"])


def _digest(request: HttpRequest) -> bytes:
    place = f"{request.method} {request.get_full_path()}\n".encode()
    return blake2b(place + request.body, digest_size=16).digest()


def _problem(status: int, code: str, title: str) -> HttpResponse:
    body = {"title": title, "status": status, "code": code, "field": "Idempotency-Key"}
    return JsonResponse(body, status=status, content_type="application/problem+json")
