from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast

import pytest

from siyu.core.inbox import MAX_RAW
from siyu.core.intake.asgi import IntakeApp
from siyu.core.models import RejectedItem
from siyu.core.tests.conftest import drain
from siyu.core.tests.intake_client import IntakeClient
from siyu.kernel.errors import Forbidden, NotFound, Refused
from siyu.ports.capabilities import (
    AccountConfig,
    CallbackRequest,
    Connector,
    SelfCheck,
    Verified,
    Webhook,
)


@dataclass
class PaperWebhook:
    """Takes `good:<id>:<text>`; everything else fails in its own way."""

    def verify(self, request: CallbackRequest, now: datetime) -> Verified:
        if request.method == "GET":
            return Verified(request.query["echostr"].encode())
        kind, _, rest = request.body.partition(b":")
        if kind == b"good":
            message_id, _, _ = rest.partition(b":")
            return Verified(b"success", body=request.body, message_id=message_id.decode())
        if kind == b"xml":
            raise Refused("callback.xml", "不接受 DTD")
        raise Forbidden(f"callback.{kind.decode('latin-1')[:20]}", "内部原因, 不可外泄")


class PaperAccounts:
    def connector_of(self, platform: str, remote_id: str) -> Connector:
        if (platform, remote_id) != ("paper", "p1"):
            raise NotFound("account.unknown", "没有这个账号")
        account = AccountConfig(
            key="paper:p1", platform="paper", remote_id="p1", name="", base_url="", fields={}
        )
        return Connector(account, cast("Webhook", PaperWebhook()), cast("SelfCheck", None))


@pytest.fixture
def paper(run_time, transactional_db):
    app = IntakeApp(accounts=PaperAccounts())
    yield IntakeClient(app)
    app.close()


def stored() -> list[bytes]:
    from siyu.core.inbox import CALLBACK
    from siyu.core.intake import open_inbox
    from siyu.core.models import IntakeState

    assert IntakeState.objects.filter(position__gt=0).count() == 0
    from django.db import transaction

    with transaction.atomic():
        chunks = open_inbox().store.take(100)
    return [chunk.payload for chunk in chunks if chunk.kind == CALLBACK]


def test_a_verified_callback_is_kept_before_the_reply(paper: IntakeClient):
    reply = paper.post("/callbacks/paper/p1", b"good:7:hello")
    assert (reply.status, reply.body) == (200, b"success")
    assert len(stored()) == 1
    assert b"hello" in stored()[0]


def test_a_repeated_callback_is_answered_but_kept_once(paper: IntakeClient):
    for _ in range(3):
        assert paper.post("/callbacks/paper/p1", b"good:7:hello").status == 200
    assert len(stored()) == 1


def test_a_url_check_is_answered_in_plain_text(paper: IntakeClient):
    reply = paper.request("GET", "/callbacks/paper/p1?echostr=%3Cb%3E")
    assert reply.body == b"<b>"
    assert reply.headers["content-type"].startswith("text/plain")
    assert stored() == []


def test_all_failed_signatures_look_the_same(paper: IntakeClient):
    replies = [paper.post("/callbacks/paper/p1", body) for body in (b"sign:1", b"pad:1", b"key:1")]
    assert {(reply.status, reply.body) for reply in replies} == {(403, replies[0].body)}
    drain()
    assert RejectedItem.objects.count() == 3


def test_refused_callbacks_keep_their_first_64_kb(paper: IntakeClient):
    assert paper.post("/callbacks/paper/p1", b"xml:" + b"x" * 100_000).status == 400
    drain()
    kept = RejectedItem.objects.get()
    assert (kept.source, kept.code, len(kept.raw)) == ("paper:p1", "callback.xml", MAX_RAW)


def test_unknown_accounts_and_oversized_bodies_are_refused(paper: IntakeClient):
    assert paper.post("/callbacks/paper/nobody", b"good:1:x").status == 404
    assert paper.post("/callbacks/paper", b"good:1:x").status == 404
    assert paper.post("/callbacks/paper/p1", b"x" * 1_100_000).status == 413
    assert paper.request("PUT", "/callbacks/paper/p1").status == 405
