"""Who sees only some stores reads and writes only there: conversations, ledger, broadcasts."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from siyu.core.access import Role, Scope
from siyu.core.models import User
from siyu.guides.tests import org
from siyu.kernel.clock import FakeClock
from siyu.pool.queries import identities_of
from siyu.reach import actions as reach
from siyu.reach.models import Touch
from siyu.reach.types import MARKETING, TouchPlan
from siyu.talk.models import Conversation

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("run_time")]
HIDDEN = "wen"
"""Works in a store that Lin, who leads another, does not see."""
DRAFT = {
    "name": "双十一",
    "account": org.CORP,
    "channel": "wecom.mass_send",
    "text": "您好",
    "audience": {"kind": "all"},
}
REPLY = {"name": "营业时间", "trigger": "message", "words": ["几点"], "reply": {"kind": "text"}}


@pytest.fixture
def talks(clock: FakeClock) -> dict[str, Conversation]:
    """A conversation and a touch with a friend of each member of staff."""
    now = clock.now()
    org.build(now)
    return {
        staff: talk_with(staff, org.befriend(staff, f"c-{staff}", now), clock)
        for staff, *_ in org.POSTS
    }


def talk_with(staff: str, customer: int, clock: FakeClock) -> Conversation:
    (identity,) = identities_of([customer])[customer]
    plan = TouchPlan(
        campaign="test",
        version=1,
        step="s",
        entry_key="e",
        channel="best",
        template="您好",
        purpose=MARKETING,
        due_at=clock.now(),
        expires_at=clock.now(),
        customer_id=customer,
        identity_id=identity.id,
    )
    reach.plan_touches([plan], now=clock.now())
    return Conversation.objects.create(
        customer_id=customer,
        identity_id=identity.id,
        account=org.CORP,
        thread=f"kf:wk1:{staff}",
        last_text="在吗",
        last_at=clock.now(),
        unread=1,
    )


def sign_in(clock: FakeClock, role: Role, staff: str, scope: str = "") -> Client:
    values = {"role": role, "staff_id": staff, "scope": scope, "created_at": clock.now()}
    person = User.objects.create(username=f"{role}-{staff}", **values)
    client = Client()
    client.force_login(person)
    return client


def write(client: Client, method: str, path: str, body: Any = None) -> int:
    send = getattr(client, method)
    return int(send(path, body or {}, content_type="application/json").status_code)


@pytest.mark.parametrize("scope", ["self", "store", "region"])
def test_the_inbox_and_the_ledger_show_those_of_the_scope(talks, clock, scope):
    actor = org.LOOKS[scope]
    client = sign_in(clock, actor.role, actor.staff_id, str(actor.scope or ""))
    seen = {talks[staff].customer_id for staff in org.SEEN[scope].split()}
    listed = client.get("/api/conversations?limit=100").json()["items"]
    assert {one["customer_id"] for one in listed} == seen
    touches = client.get("/api/touches?limit=100").json()["items"]
    assert {one["customer_id"] for one in touches} == seen
    counted = client.get("/api/touches/summary").json()["states"]
    assert sum(counted.values()) == len(seen) < Touch.objects.count()


def test_a_foreign_conversation_is_none_by_every_route(talks, clock):
    client, talk = sign_in(clock, Role.MANAGER, "lin"), talks[HIDDEN]
    path = f"/api/conversations/{talk.pk}"
    assert client.get(path).status_code == 404
    assert client.get(f"{path}/messages").status_code == 404
    assert write(client, "post", f"{path}/reply", {"text": "您好"}) == 404
    assert write(client, "post", f"{path}/read") == 404
    assert write(client, "post", f"{path}/hand-over", {"state": "ended"}) == 404
    talk.refresh_from_db()
    assert talk.unread == 1
    mine = f"/api/conversations/{talks['mei'].pk}"
    assert client.get(mine).status_code == 200
    assert write(client, "post", f"{mine}/read") == 204


def test_a_foreign_customer_is_none_by_every_route_about_sending(talks, clock):
    client, who = sign_in(clock, Role.MANAGER, "lin"), talks[HIDDEN].customer_id
    mine = talks["mei"].customer_id
    for part in ("channels", "quotas"):
        assert client.get(f"/api/customers/{who}/{part}").status_code == 404, part
        assert client.get(f"/api/customers/{mine}/{part}").status_code == 200, part
    assert client.get(f"/api/customers/{who}/remarks").json()["code"] == "customer.missing"
    body = {"account": org.CORP, "staff": HIDDEN, "remark": "王姐"}
    assert write(client, "put", f"/api/customers/{who}/remarks", body) == 404
    assert client.get(f"/api/touches?customer_id={who}").json()["items"] == []
    told = client.get(f"/api/touches/summary?customer_id={who}").json()
    assert (told["states"], told["reasons"], told["channels"]) == ({}, [], [])


@pytest.mark.parametrize(
    ("role", "scope"),
    [(Role.MANAGER, ""), (Role.OPERATOR, Scope.STORE), (Role.OWNER, Scope.REGION)],
)
def test_what_speaks_for_the_whole_brand_needs_to_see_all_of_it(talks, clock, role, scope):
    client = sign_in(clock, role, "lin", str(scope))
    for path in ("", "/1", "/1/senders", "/1/results.csv", "/channels", "/approval"):
        assert client.get(f"/api/broadcasts{path}").status_code == 403, path
    for path in ("", "/preview"):
        assert write(client, "post", f"/api/broadcasts{path}", DRAFT) == 403, path
    for path in ("submit", "approve", "pause", "resume", "stop", "remind", "recall"):
        assert write(client, "post", f"/api/broadcasts/1/{path}") == 403, path
    assert write(client, "post", "/api/broadcasts/1/reject", {"note": "不行"}) == 403
    assert write(client, "put", "/api/broadcasts/1", DRAFT) == 403
    assert write(client, "delete", "/api/broadcasts/1") == 403
    assert write(client, "put", "/api/broadcasts/approval", {"alone_limit": 5}) == 403
    policy = {"quiet_start": "22:00", "quiet_end": "08:00", "cap_count": 1, "cap_days": 7}
    assert write(client, "put", "/api/reach/policy", policy) == 403
    assert write(client, "post", "/api/auto-replies", REPLY) == 403
    assert write(client, "put", "/api/auto-replies/1", REPLY) == 403
    assert write(client, "delete", "/api/auto-replies/1") == 403
