"""Makes a person known everywhere, erases her, and says where traces are left.

`python -m tests.end_to_end.erasing` in an environment with `SIYU_HOME`: one JSON object on stdout
with the places where the canaries are `before` and `after`, and who was `recreated`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

NAME, PHONE, WORDS, ANSWER = "金丝雀李雷", "13987650001", "金丝雀要退货单", "金丝雀您好已收到"
UNION, OPEN_ID, CONTACT = "o_canary_union_1", "_000canary_open", "wm_canary_contact"
NOTE = "canary-note-4711"
CANARIES = (NAME, PHONE, WORDS, ANSWER, UNION, OPEN_ID, CONTACT, NOTE)
ACCOUNT = "douyin:ck_demo"


def facts_of(at: int) -> list[Any]:
    from siyu.kernel.identity import Identity
    from siyu.ports import facts
    from siyu.ports.facts import Fact

    phone, union = Identity("phone", "", f"+86{PHONE}"), Identity("wx_unionid", "", UNION)
    contact = Identity("wecom_external_userid", "ww1", CONTACT)
    open_id = Identity("douyin_open_id", "ck_demo", OPEN_ID)

    def fact(name: str, number: int, *identities: Identity, **more: Any) -> Fact:
        values = {"source": "shop", "platform": "web", "message_id": f"{name}{number}"} | more
        return Fact(
            name=name, at=at + number, received_at=at + number, identities=identities, **values
        )

    wecom = {"source": "wecom:ww1", "platform": "wecom", "account": "wecom:ww1", "staff": "mei"}
    douyin = {"source": ACCOUNT, "platform": "douyin", "account": ACCOUNT}
    order = {"order_id": "A-1", "revenue": 88, "currency": "CNY"}
    said = {"text": WORDS, "conversation_id": f"@{OPEN_ID}", "server_message_id": "s1"}
    return [
        fact(facts.IDENTIFIED, 1, phone, union, traits={"name": NAME, "phone": PHONE, "n": NOTE}),
        fact(
            facts.IDENTIFIED,
            2,
            union,
            traits={"notes": [NOTE]},
            properties={"trait_mode": "append"},
        ),
        fact(facts.FRIEND_ADDED, 3, contact, union, traits={"remark": NAME}, **wecom),
        fact(facts.MESSAGE_RECEIVED, 4, open_id, phone, private=said, **douyin),
        fact(facts.ORDER_COMPLETED, 5, phone, properties=order, private={"receiver": NAME}),
        fact("tea_viewed", 6, union, properties={"sku": "tea-1"}, private={"note": NOTE}),
    ]


def late_facts(at: int) -> list[Any]:
    import msgspec

    return [
        msgspec.structs.replace(
            fact, message_id=f"late-{fact.message_id}", at=at - 1_000, received_at=at
        )
        for fact in facts_of(at)
    ]


def work() -> None:
    """What the worker would do (but fetch profiles), until nothing is left to do."""
    from siyu.core import retention
    from siyu.core.intake import worker
    from siyu.lake import actions as lake
    from siyu.reach import actions as reach
    from siyu.segments import actions as segments

    while worker.drain():
        pass
    segments.live()
    reach.dispatch()
    while lake.flush():
        pass
    lake.compact()
    while retention.trim():
        pass


def post_refused() -> None:
    """An event with a personal detail that is refused, and so kept as a refused item."""
    from siyu.core.access import SYSTEM
    from siyu.core.intake.asgi import IntakeApp
    from siyu.core.runtime import runtime
    from siyu.core.tests.intake_client import IntakeClient
    from siyu.core.write_keys import create_write_key

    key = create_write_key(SYSTEM, "shop", "web", now=runtime().clock.now())
    app = IntakeApp()
    body = {"userId": "u1", "event": "", "properties": {"phone": PHONE, "name": NAME}, "type": "x"}
    assert IntakeClient(app, key).post("/v1/batch", {"batch": [body]}).status == 200
    app.close()


def live() -> int:
    """Let the person come from everywhere, speak and be spoken to; her customer id."""
    from siyu.core.access import SYSTEM
    from siyu.core.accounts import create_account
    from siyu.core.intake import submit_facts
    from siyu.core.runtime import runtime
    from siyu.kernel.clock import to_ms
    from siyu.pool.actions import ensure_tag
    from siyu.pool.models import Customer
    from siyu.reach.actions import plan_touches
    from siyu.reach.types import TouchPlan
    from siyu.talk.actions import reply
    from siyu.talk.models import Conversation

    now = runtime().clock.now()
    fields = {
        "client_key": "ck_demo",
        "client_secret": "s",
        "open_id": "_000brand",
        "access_token": "t",
    }
    create_account(SYSTEM, "douyin", fields, name="店", base_url="http://127.0.0.1:9", now=now)
    ensure_tag(SYSTEM, "来源", "直播", now=now)
    submit_facts(facts_of(to_ms(now) - 60_000))
    post_refused()
    work()
    [customer] = Customer.objects.all()
    reply(SYSTEM, Conversation.objects.get().pk, ANSWER, now=now)
    nameless = TouchPlan(
        campaign="c",
        version=1,
        step="s",
        entry_key="k",
        customer_id=customer.pk,
        identity_id=None,
        channel="best",
        template="{{ name }}, 您好",
        purpose="service",
        due_at=now,
        expires_at=now.replace(year=now.year + 1),
        context={"name": NAME},
    )
    plan_touches([nameless], now=now)
    work()
    return int(customer.pk)


def find_canaries() -> list[str]:
    """`place: canary` for every canary in any table or any file of the home."""
    from siyu.core.runtime import runtime

    found = {f"{place}: {c}" for place, text in _rows() for c in CANARIES if c.encode() in text}
    for path in (runtime().home / "lake").rglob("*"):
        if path.is_file():
            found |= {f"{path.name}: {c}" for c in CANARIES if _holds(path, c)}
    return sorted(found)


def _holds(path: Path, canary: str) -> bool:
    from pyarrow import parquet

    if path.suffix == ".parquet":
        return canary in str(parquet.read_table(path).to_pylist())
    return canary.encode() in path.read_bytes()


def _rows() -> Iterator[tuple[str, bytes]]:
    import sqlite3

    from django.db import connection

    from siyu.core.runtime import runtime

    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                yield table, b"\x1f".join(map(_bytes, row))
    inbox = runtime().home / "inbox.db"
    if inbox.exists():
        with sqlite3.connect(inbox) as file:
            for row in file.execute("SELECT payload FROM chunk"):
                yield "inbox.chunk", row[0]


def _bytes(value: Any) -> bytes:
    if isinstance(value, bytes | memoryview):
        return bytes(value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False).encode()
    text = str(value)
    if "\\u" in text:
        text += json.dumps(json.loads(text), ensure_ascii=False)
    return text.encode()


def main() -> None:
    from siyu.site.boot import boot, migrate

    boot()
    migrate()
    from siyu.core.access import SYSTEM
    from siyu.core.intake import submit_facts
    from siyu.core.runtime import runtime
    from siyu.kernel.clock import to_ms
    from siyu.pool.actions import erase_customer
    from siyu.pool.models import Customer, Identity

    customer = live()
    before = find_canaries()
    erase_customer(SYSTEM, customer, now=runtime().clock.now())
    work()
    after = find_canaries()
    submit_facts(late_facts(to_ms(runtime().clock.now())))
    work()
    report = {
        "before": before,
        "after": after,
        "after_late": find_canaries(),
        "recreated": Identity.objects.count(),
        "living": Customer.objects.filter(is_erased=False).count(),
    }
    sys.stdout.write(json.dumps(report, ensure_ascii=False))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
