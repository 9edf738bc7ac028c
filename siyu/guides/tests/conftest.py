"""A corp whose platform answers by script."""

from __future__ import annotations

import pytest

from siyu.core.access import SYSTEM
from siyu.core.accounts import create_account
from siyu.guides.tests.pulling import CODES, GROUPS, OK, TAGS, TOKEN


@pytest.fixture
def account(clock, wire) -> str:
    wire.script("GET /cgi-bin/gettoken", [TOKEN], forever=True)
    wire.script("GET /cgi-bin/department/list", [{**OK, "department": []}], forever=True)
    wire.script(TAGS, [{**OK, "tag_group": []}], forever=True)
    wire.script(CODES, [{**OK, "contact_way": []}], forever=True)
    wire.script(GROUPS, [{**OK, "group_chat_list": []}], forever=True)
    fields = {
        "corp_id": "ww1234567890abcdef",
        "agent_id": "1000002",
        "secret": "s",
        "token": "callbacktoken",
        "aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    }
    return create_account(SYSTEM, "wecom", fields, name="山茶记", now=clock.now())
