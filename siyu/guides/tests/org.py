"""An organisation for tests: two regions, three stores, four members of staff, their friends."""

from __future__ import annotations

from datetime import datetime

from siyu.core.access import SYSTEM, Actor, Role, Scope
from siyu.core.pipeline import run_stages
from siyu.core.scope import set_scope_reader
from siyu.guides import actions as guides
from siyu.guides import org_actions
from siyu.guides.scoping import staff_in_scope
from siyu.kernel.clock import to_ms
from siyu.kernel.identity import Identity
from siyu.pool import actions as pool
from siyu.pool.queries import find_customer
from siyu.ports import facts
from siyu.ports.facts import Fact

CORP = "wecom:ww1234567890abcdef"
POSTS = (
    ("mei", "guide", "s1", ""),
    ("lin", "store_manager", "s1", ""),
    ("zhou", "guide", "s2", ""),
    ("wen", "guide", "s3", ""),
    ("he", "regional_manager", "", "east"),
)
LOOKS = {
    "self": Actor("mei", Role.GUIDE, "mei"),
    "store": Actor("lin", Role.MANAGER, "lin"),
    "region": Actor("he", Role.MANAGER, "he", Scope.REGION),
    "all": Actor("gu", Role.OPERATOR),
}
SEEN = {
    "self": "mei",
    "store": "mei lin",
    "region": "mei lin zhou he",
    "all": "mei lin zhou wen he",
}


def build(now: datetime) -> None:
    """East with stores 1 and 2 (in a sub-region), west with store 3."""
    set_scope_reader(staff_in_scope)
    org_actions.save_region(SYSTEM, "east", name="华东", now=now)
    org_actions.save_region(SYSTEM, "sh", name="上海", parent="east", now=now)
    org_actions.save_region(SYSTEM, "west", name="西部", now=now)
    for code, region in (("s1", "east"), ("s2", "sh"), ("s3", "west")):
        values = {"name": f"门店{code}", "region": region, "city": "上海"}
        org_actions.save_store(SYSTEM, code, values, now=now)
    for staff, role, store, region in POSTS:
        who = (CORP, staff)
        org_actions.set_post(SYSTEM, who, role, store=store, region=region, now=now)


def fact(name: str, staff: str, customer: str, at: datetime, **properties: object) -> Fact:
    """Something between a member of staff and a customer."""
    ms = to_ms(at)
    return Fact(
        name=name,
        at=ms,
        received_at=ms,
        source=CORP,
        message_id=f"{name}:{staff}:{customer}:{ms}",
        platform="wecom",
        account=CORP,
        staff=staff,
        identities=(Identity("wecom_external_userid", CORP.partition(":")[2], customer),),
        properties=dict(properties),
    )


def take(*told: Fact, now: datetime) -> None:
    """A batch through the stages that matter here."""
    run_stages(told, (pool.resolve, guides.hear), now)


def befriend(staff: str, customer: str, at: datetime) -> int:
    """They become friends; the customer's id."""
    one = fact(facts.FRIEND_ADDED, staff, customer, at)
    take(one, now=at)
    found = find_customer(one.identities[0])
    assert found is not None
    return found[0]
