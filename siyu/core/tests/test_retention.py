"""What has had its time goes by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from siyu.core import rejected
from siyu.core.access import SYSTEM
from siyu.core.intake import open_inbox
from siyu.core.models import RejectedItem
from siyu.core.retention import KEEP_MESSAGE_IDS, KEEP_REJECTED, trim
from siyu.core.tests.conftest import drain
from siyu.core.tests.intake_client import IntakeClient
from siyu.kernel.errors import Refused

pytestmark = pytest.mark.django_db(transaction=True)
EVENT = {"type": "track", "userId": "u1", "event": "Tea Viewed", "messageId": "m1"}


def trim_all() -> None:
    for _ in range(256):
        while trim():
            pass


def refuse(at) -> None:
    rejected.record_rejected("shop", Refused("event.type", "不支持"), b"{}", now=at)


def test_refused_items_go_after_ninety_days(run_time, clock):
    refuse(clock.now() - KEEP_REJECTED - timedelta(minutes=1))
    refuse(clock.now() - KEEP_REJECTED + timedelta(minutes=1))
    trim_all()
    assert RejectedItem.objects.count() == 1
    assert len(rejected.list_rejected(SYSTEM).items) == 1


def test_finished_requests_go_and_their_ids_are_remembered(shop: IntakeClient, seen, clock):
    assert shop.post("/v1/track", EVENT).status == 200
    trim_all()
    assert open_inbox().store.has_pending()
    drain()
    trim_all()
    assert len(seen) == 1
    clock.set(clock.now() + KEEP_MESSAGE_IDS - timedelta(days=2))
    trim_all()
    shop.post("/v1/track", EVENT)
    drain()
    assert len(seen) == 1


def test_message_ids_are_forgotten_in_the_end(shop: IntakeClient, seen, clock):
    shop.post("/v1/track", EVENT)
    drain()
    clock.set(clock.now() + KEEP_MESSAGE_IDS + timedelta(days=2))
    trim_all()
    shop.post("/v1/track", EVENT)
    drain()
    assert len(seen) == 2
