"""Routes of the inbox."""

from __future__ import annotations

import pytest
from django.test import Client

from siyu.core.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]


def sign_in(clock, role: str) -> Client:
    person = User.objects.create(username=role, role=role, created_at=clock.now())
    client = Client()
    client.force_login(person)
    return client


def test_empty_inbox_is_a_page(clock):
    answer = sign_in(clock, "operator").get("/api/conversations")
    assert (answer.status_code, answer.json()) == (200, {"items": [], "next_cursor": None})


def test_broken_cursor_is_a_problem(clock):
    answer = sign_in(clock, "operator").get("/api/conversations?cursor=x")
    assert (answer.status_code, answer.json()["code"]) == (422, "page.cursor")


def test_unknown_conversation_is_not_found(clock):
    client = sign_in(clock, "operator")
    assert client.get("/api/conversations/7").status_code == 404
    assert client.get("/api/conversations/7/messages").status_code == 404
    body = {"text": "你好"}
    path = "/api/conversations/7/reply"
    assert client.post(path, body, content_type="application/json").status_code == 404


def test_analyst_reads_no_conversations(clock):
    assert sign_in(clock, "analyst").get("/api/conversations").status_code == 403
