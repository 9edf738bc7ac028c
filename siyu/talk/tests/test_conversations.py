"""Conversations: kept once whatever the order, answered only while their window is open."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from siyu.core.access import SYSTEM
from siyu.core.accounts import create_account
from siyu.core.models import AuditEntry
from siyu.core.pipeline import run_stages
from siyu.kernel.clock import to_ms
from siyu.kernel.errors import Forbidden, NotFound, Refused
from siyu.kernel.identity import Identity
from siyu.pool import actions as pool
from siyu.ports import facts
from siyu.ports.facts import Fact
from siyu.reach import actions as reach
from siyu.reach import queries as reach_queries
from siyu.talk import actions, queries
from siyu.talk.models import Conversation, Message

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("run_time")]
ACCOUNT = "douyin:ck_demo"
STAGES = (pool.resolve, actions.record_messages, reach.hear)


@pytest.fixture
def account(clock) -> str:
    fields = {
        "client_key": "ck_demo",
        "client_secret": "secret_demo",
        "open_id": "_000brand",
        "access_token": "t1",
    }
    return create_account(SYSTEM, "douyin", fields, name="山茶记", now=clock.now())


def message(clock, number: int = 1, *, text: str = "有新茶吗", **more: Any) -> Fact:
    """What customer `number` wrote, or with `name=MESSAGE_SENT` what we did."""
    at = to_ms(clock.now())
    values: dict[str, Any] = {
        "name": facts.MESSAGE_RECEIVED,
        "message_id": f"m{number}:{at}:{text}",
        "identities": (Identity("douyin_open_id", "ck_demo", f"_000p{number}"),),
        "properties": {"message_type": "text"},
        "private": {
            "text": text,
            "conversation_id": f"@c{number}",
            "server_message_id": f"s{number}:{at}:{text}",
        },
    }
    return Fact(
        at=at,
        received_at=at,
        source=ACCOUNT,
        platform="douyin",
        account=ACCOUNT,
        **(values | more),
    )


def hear(clock, *batch: Fact) -> None:
    run_stages(batch, STAGES, clock.now())


def test_message_opens_a_conversation_with_its_window(account, clock):
    hear(clock, message(clock))
    page = queries.list_conversations(SYSTEM, None, 50, now=clock.now())
    (seen,) = page.items
    assert (seen.last_text, seen.unread, seen.is_open, seen.remaining) == ("有新茶吗", 1, True, 6)
    assert seen.window_until == clock.now() + timedelta(hours=24)
    assert page.next_cursor is None


def test_same_message_twice_is_kept_once(account, clock):
    fact = message(clock)
    hear(clock, fact, fact)
    hear(clock, fact)
    assert Message.objects.count() == 1
    assert Conversation.objects.get().unread == 1


def test_order_of_arrival_does_not_matter(account, clock):
    told = []
    for text in ("第一句", "第二句", "第三句"):
        clock.advance(minutes=1)
        told.append(message(clock, text=text))
    for number, order in enumerate(itertools.permutations(told), 1):
        for fact in order:
            who = (Identity("douyin_open_id", "ck_demo", f"_000q{number}"),)
            private = {**fact.private, "conversation_id": f"@q{number}"}
            changed: dict[str, Any] = {
                "identities": who,
                "private": private,
                "message_id": f"{number}:{fact.at}",
            }
            hear(clock, msgspec.structs.replace(fact, **changed))
    rows = Conversation.objects.all()
    assert {(row.last_text, row.unread) for row in rows} == {("第三句", 3)}


def test_lead_card_stays_in_the_same_conversation(account, clock):
    hear(clock, message(clock))
    clock.advance(minutes=1)
    card = message(clock, text="手机号: 13912345678")
    phone = Identity("phone", "", "+8613912345678")
    hear(clock, msgspec.structs.replace(card, identities=(*card.identities, phone)))
    assert Conversation.objects.count() == 1
    assert Message.objects.count() == 2


def test_our_answer_clears_unread(account, clock):
    hear(clock, message(clock))
    clock.advance(minutes=1)
    hear(clock, message(clock, text="有的", name=facts.MESSAGE_SENT))
    row = Conversation.objects.get()
    assert (row.unread, row.last_text) == (0, "有的")


def test_reply_is_planned_as_service_and_shown_at_once(account, lin, clock):
    hear(clock, message(clock))
    conversation = Conversation.objects.get()
    touch_id = actions.reply(lin, conversation.pk, "有的, 明前龙井 {{ 50g }}", now=clock.now())
    (touch,) = reach_queries.touches_of(conversation.customer_id)
    assert (touch.id, touch.purpose, touch.channel) == (touch_id, "service", "douyin.dm")
    assert AuditEntry.objects.filter(verb="reply").count() == 1
    items = queries.list_messages(lin, conversation.pk, None, 50).items
    assert [(item.is_ours, item.state) for item in items] == [
        (True, "planned"),
        (False, "received"),
    ]
    assert items[0].text == "有的, 明前龙井 {{ 50g }}"
    conversation.refresh_from_db()
    assert conversation.unread == 0


def test_closed_window_refuses_a_reply(account, lin, clock):
    hear(clock, message(clock))
    clock.advance(hours=25)
    with pytest.raises(Refused, match=r"talk\.closed"):
        actions.reply(lin, Conversation.objects.get().pk, "在吗", now=clock.now())
    assert reach_queries.touches_of(Conversation.objects.get().customer_id) == []


@pytest.mark.parametrize("text", ["", "   ", "长" * 1001])
def test_empty_and_endless_replies_are_refused(account, lin, clock, text):
    hear(clock, message(clock))
    with pytest.raises(Refused):
        actions.reply(lin, Conversation.objects.get().pk, text, now=clock.now())


def test_auditor_reads_no_messages(account, wu, clock):
    hear(clock, message(clock))
    with pytest.raises(Forbidden):
        queries.list_conversations(wu, None, 50, now=clock.now())
    with pytest.raises(Forbidden):
        queries.list_messages(wu, Conversation.objects.get().pk, None, 50)


def test_guide_sees_only_own_customers(account, mei, clock):
    hear(clock, message(clock))
    assert queries.list_conversations(mei, None, 50, now=clock.now()).items == []
    with pytest.raises(NotFound):
        queries.list_messages(mei, Conversation.objects.get().pk, None, 50)
    with pytest.raises(NotFound):
        queries.show_conversation(mei, Conversation.objects.get().pk, now=clock.now())


def test_pages_have_every_conversation_once(account, clock):
    for number in range(7):
        hear(clock, message(clock, number))
        clock.advance(seconds=number % 2)
    seen: list[int] = []
    cursor = None
    while True:
        page = queries.list_conversations(SYSTEM, cursor, 3, now=clock.now())
        seen += [item.id for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 7


def test_a_conversation_is_shown_however_old_it_is(account, lin, clock):
    hear(clock, message(clock, 0, text="很早以前"))
    oldest = Conversation.objects.get().pk
    for number in range(1, 4):
        clock.advance(minutes=1)
        hear(clock, message(clock, number))
    page = queries.list_conversations(lin, None, 2, now=clock.now())
    assert oldest not in {item.id for item in page.items}
    listed = queries.list_conversations(lin, None, 50, now=clock.now()).items
    shown = queries.show_conversation(lin, oldest, now=clock.now())
    assert shown == next(item for item in listed if item.id == oldest)
    assert (shown.last_text, shown.is_open) == ("很早以前", True)


def test_messages_come_newest_first_in_pages(account, clock):
    for number in range(5):
        clock.advance(seconds=1)
        hear(clock, message(clock, text=f"第{number}句"))
    row = Conversation.objects.get()
    first = queries.list_messages(SYSTEM, row.pk, None, 3)
    second = queries.list_messages(SYSTEM, row.pk, first.next_cursor, 3)
    assert [item.text for item in first.items + second.items] == [
        f"第{n}句" for n in (4, 3, 2, 1, 0)
    ]
    assert second.next_cursor is None


def test_foreign_cursor_is_refused(account, clock):
    with pytest.raises(Refused):
        queries.list_conversations(SYSTEM, "bm9uc2Vuc2U", 3, now=clock.now())


def test_reading_clears_unread(account, lin, clock):
    hear(clock, message(clock))
    row = Conversation.objects.get()
    actions.mark_read(lin, row.pk, now=clock.now())
    row.refresh_from_db()
    assert row.unread == 0
