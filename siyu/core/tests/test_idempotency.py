"""A key is freed only where surely nothing was done."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import RequestFactory

from siyu.core.idempotency import MAX_BODY, UNDER_WAY, answer_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]
Ask = Callable[[], HttpResponseBase]


def asker(make_answer: Callable[[], HttpResponseBase]) -> tuple[Ask, list[str]]:
    """Asks for the same thing with the same key; and what was done."""
    done: list[str] = []

    def view(request: HttpRequest) -> HttpResponseBase:
        done.append(request.path)
        return make_answer()

    def ask() -> HttpResponseBase:
        request = RequestFactory().post("/api/things", headers={"idempotency-key": "k1"})
        request.user = get_user_model()(username="owner")
        return answer_once(view)(request)

    return ask, done


@pytest.mark.parametrize("status", [401, 403, 429, 503])
def test_what_was_turned_away_may_be_asked_again(status):
    ask, done = asker(lambda: HttpResponse(status=status))
    assert [ask().status_code, ask().status_code] == [status, status]
    assert len(done) == 2


@pytest.mark.parametrize(
    "make_answer",
    [
        lambda: HttpResponse(b"x" * (MAX_BODY + 1)),
        lambda: StreamingHttpResponse([b"x"]),
        lambda: HttpResponse(status=500),
    ],
)
def test_an_answer_that_cannot_be_kept_is_not_done_twice(make_answer, run_time):
    ask, done = asker(make_answer)
    ask()
    run_time.clock.advance(seconds=UNDER_WAY.total_seconds())
    again = ask()
    assert again.status_code == 409
    assert isinstance(again, HttpResponse)
    assert b"request.unknown" in again.content
    assert len(done) == 1
