"""What WeChat Pay says, opened and read: notices, the day's bill, guides for the card."""

from __future__ import annotations

import gzip
import hashlib
from datetime import UTC, date, datetime

import pytest

from siyu.kernel.clock import FakeClock
from siyu.platforms.wechat_pay import connect
from siyu.platforms.wechat_pay.tests import kit
from siyu.ports.testing import MemoryTokenStore, golden_cases

ARRIVED = datetime(2026, 11, 11, 2, 0, tzinfo=UTC)
BILL = "GET /v3/bill/tradebill"
FILE = "GET /v3/billdownload/file"


@pytest.fixture
def connector(wire):
    clock = FakeClock(ARRIVED)
    wire.script(kit.CERTIFICATES, [kit.certificates(1)])
    return connect(kit.ACCOUNT, wire, clock, MemoryTokenStore(clock))


@golden_cases("webhook")
def test_golden_facts_of_notices(case, connector):
    request = kit.sealed(case.body, ARRIVED)
    assert connector.webhook.learn_keys(request)
    verified = connector.webhook.verify(request, ARRIVED)
    case.check(connector.webhook.read(verified.body, ARRIVED, verified.message_id))


@golden_cases("bills")
def test_golden_lines_of_bills(case, connector, wire):
    told = {
        "hash_type": "SHA1",
        "hash_value": hashlib.sha1(case.body).hexdigest(),
        "download_url": f"{kit.ACCOUNT.base_url}/v3/billdownload/file?token=t1",
    }
    wire.script(BILL, [kit.answer(told)])
    wire.script(FILE, [gzip.compress(case.body)])
    case.check(connector.payments.fetch_bill(date(2026, 11, 10)))


@golden_cases("guides")
def test_golden_guides(case, connector, wire):
    wire.script("GET /v3/smartguide/guides", [kit.answer(case.json())])
    case.check(connector.guide_cards.list_guides("1001"))
