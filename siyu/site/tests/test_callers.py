"""Whoever calls through a proxy is told apart; a stranger cannot pretend to be another."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from siyu.site.middleware import name_caller


@pytest.mark.parametrize(
    ("peer", "told", "caller"),
    [
        ("203.0.113.5", "", "203.0.113.5"),
        ("203.0.113.5", "198.51.100.1", "203.0.113.5"),
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("::1", "2001:db8::7", "2001:db8::7"),
        ("127.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "198.51.100.1, 127.0.0.2", "198.51.100.1"),
        ("127.0.0.1", "nobody", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.1, nobody", "127.0.0.1"),
    ],
)
def test_the_caller_is_who_a_trusted_proxy_names(peer, told, caller):
    seen: list[str] = []

    def view(request):
        seen.append(request.META["REMOTE_ADDR"])
        return HttpResponse()

    headers = {"HTTP_X_FORWARDED_FOR": told} if told else {}
    name_caller(view)(RequestFactory(REMOTE_ADDR=peer).get("/", **headers))
    assert seen == [caller]
