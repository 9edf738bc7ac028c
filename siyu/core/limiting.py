"""How often one address may ask a public page."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from functools import wraps

from django.http import HttpRequest, HttpResponse

from siyu.core.runtime import runtime

PER_MINUTE = 60
"""Requests of one address a minute and process."""
REMEMBERED = 20_000
View = Callable[..., HttpResponse]


class Limiter:
    """Counts requests per address and minute; forgets the oldest addresses. Thread-safe."""

    def __init__(self, per_minute: int = PER_MINUTE) -> None:
        self._per_minute = per_minute
        self._lock = threading.Lock()
        self._counts: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def takes(self, address: str, now: datetime) -> bool:
        """Whether one more request of this address may be answered."""
        minute = int(now.timestamp()) // 60
        with self._lock:
            began, count = self._counts.pop(address, (minute, 0))
            count = count + 1 if began == minute else 1
            self._counts[address] = (minute, count)
            if len(self._counts) > REMEMBERED:
                self._counts.popitem(last=False)
            return count <= self._per_minute


_public = Limiter()


def limited(view: View) -> View:
    """A public page that answers 429 to an address that asks too often, all pages together."""

    @wraps(view)
    def answer(request: HttpRequest, **arguments: str) -> HttpResponse:
        if _public.takes(str(request.META.get("REMOTE_ADDR", "")), runtime().clock.now()):
            return view(request, **arguments)
        return HttpResponse("请稍后再试", status=429, content_type="text/plain; charset=utf-8")

    return answer
