from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from siyu.core.limiting import PER_MINUTE, Limiter, limited


def test_an_address_that_asks_too_often_waits(clock):
    limit = Limiter(per_minute=2)
    assert [limit.takes("1.1.1.1", clock.now()) for _ in range(3)] == [True, True, False]
    assert limit.takes("2.2.2.2", clock.now())
    clock.advance(minutes=1)
    assert limit.takes("1.1.1.1", clock.now())


@pytest.mark.usefixtures("run_time")
def test_a_public_page_says_that_it_was_asked_too_often(clock):
    page = limited(lambda _request: HttpResponse("ok"))

    def ask() -> int:
        request: HttpRequest = RequestFactory(REMOTE_ADDR="198.51.100.7").get("/g/x")
        return page(request).status_code

    clock.advance(days=1)
    assert [ask() for _ in range(PER_MINUTE + 1)] == [200] * PER_MINUTE + [429]
    clock.advance(minutes=1)
    assert ask() == 200
