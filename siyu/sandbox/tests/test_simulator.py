"""The simulator lives lives that are plausible, complete, and the same for the same seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import pytest

from siyu.kernel.clock import FakeClock
from siyu.kernel.errors import Refused
from siyu.ports.capabilities import Content, Outgoing, Receipt
from siyu.ports.desk import DeskState
from siyu.ports.groups import GroupCodeSpec
from siyu.sandbox.simulator import Config, Simulation, Witness
from siyu.sandbox.simulator.control import WorldControl
from siyu.sandbox.simulator.parts.leaving import FEWEST
from siyu.sandbox.tests.brand import Brand


class Collected:
    """Takes the shop's events."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def post(self, events: Sequence[dict[str, Any]], sent_at: datetime) -> int:
        self.events += [{**event, "sent_at": sent_at} for event in events]
        return len(events)


def live(
    clock: FakeClock,
    *,
    customers: int = 60,
    days: int = 4,
    settled: Callable[[Brand], None] = lambda brand: None,
    told: Callable[[Brand], dict[str, dict[str, Any]]] = lambda brand: {},
) -> tuple[Brand, list[dict[str, Any]], Witness, Config]:
    """A brand after some days: its world, the shop's events, and what was seen."""
    brand = Brand(clock)
    config = Config(
        sandbox_url="",
        siyu_url="",
        write_key="",
        codes=brand.make_codes(),
        start=clock.now(),
        days=days,
        customers=customers,
        seed=7,
        told=told(brand),
    )
    door = Collected()
    simulation = Simulation(config, clock, control=WorldControl(brand.world), events=door)
    witness = simulation.run(lambda: settled(brand))
    return brand, door.events, witness, config


def test_same_seed_lives_the_same_lives(clock):
    start = clock.now()
    _, first, seen, _ = live(clock)
    clock.set(start)
    _, second, again, _ = live(clock)
    assert first == second
    assert seen.orders == again.orders > 0
    assert seen.friends == again.friends > 10


def test_clock_moves_forward_to_the_end(clock):
    moments = []
    _, _, witness, config = live(clock, settled=lambda brand: moments.append(brand.clock.now()))
    assert moments == sorted(set(moments))
    assert clock.now() == config.end
    assert witness.steps == len(moments) == 12


def test_witness_counts_what_the_shop_said(clock):
    _, events, witness, _ = live(clock)
    names = Counter(event.get("event", event["type"]) for event in events)
    assert names["Order Completed"] == witness.orders
    assert names["Order Refunded"] == witness.refunds
    assert witness.events == len(events)
    assert witness.events_refused == 0
    total = sum(e["properties"]["total"] for e in events if e.get("event") == "Order Completed")
    assert round(total * 100) == witness.revenue_fen
    assert len({event["messageId"] for event in events}) == len(events)


def test_events_never_come_from_the_future_and_identify_before_ordering(clock):
    _, events, _, _ = live(clock)
    assert all(event["timestamp"] <= event["sent_at"].isoformat() for event in events)
    identified = {event["userId"] for event in events if event["type"] == "identify"}
    buyers = {event["userId"] for event in events if event.get("event") == "Order Completed"}
    assert buyers <= identified


def test_people_come_by_every_channel_and_some_leave(clock):
    brand, _, witness, _ = live(clock, customers=200, days=6)
    books = brand.world.witness()
    assert books["wecom"]["people"] == witness.friends
    assert books["douyin"]["followers"] > 10
    kinds = Counter(platform for platform, _ in brand.world.outbox)
    assert kinds["wecom"] > witness.friends
    assert kinds["douyin"] > books["douyin"]["followers"]


def test_staff_taps_confirm_and_customers_react(clock):
    sent: list[Receipt] = []

    def send_once(brand):
        relations = brand.wecom.contacts.fetch_contacts(["mei"], "")[0]
        if relations and not sent:
            recipients = tuple(fact.identities[0].value for fact in relations)
            message = Outgoing(recipients, Content("送您一张十元茶券"), "k1", sender="mei")
            sent.append(brand.wecom.senders["wecom.mass_send"].send(message))

    brand, _, witness, _ = live(clock, settled=send_once)
    assert witness.messages > 0
    assert witness.duplicates == 0
    assert brand.world.control("wecom", "pending_sends", {}) == []


def test_both_sides_end_friendships_and_are_counted(clock):
    brand, _, witness, _ = live(clock, customers=900, days=7)
    ended = sum(witness.departures.values())
    assert witness.departures["customer"] > witness.departures["staff"] > 0
    books = brand.world.witness()["wecom"]
    assert books["relations"] == witness.friends - ended


def test_customers_of_a_leaver_with_a_new_id_refuse_or_change_hands_after_a_day(clock):
    giver, regulars = "lan.hua", list[str]()

    def take_over(brand):
        mover = brand.wecom.transfers
        if not regulars:
            calls = [
                ("add_friend", {"userid": giver, "unionid": f"regular-lan-{number}", "name": "客"})
                for number in range(FEWEST)
            ]
            known = WorldControl(brand.world).bulk("wecom", calls)
            assert not any(one["is_new"] for one in known)
            regulars.extend(one["external_userid"] for one in known)
        elif mover.list_orphans("")[0] and not brand.world.control("wecom", "moves", {}):
            assert not mover.move_customers(giver, "mei", regulars, has_left=True, message="")

    told = {"leaving": {"leavers": [["lan", 1]], "renames": [["lan", "lan.hua", 0]]}}
    brand, _, witness, _ = live(clock, settled=take_over, told=lambda _: told)
    seen = witness.parts["leaving"]
    assert (seen["renamed"], seen["left"]) == (1, 1)
    assert seen["asked"] == FEWEST == seen["moved"] + seen["refused"]
    assert seen["refused"] > 0 < seen["moved"]
    assert brand.world.witness()["wecom"]["moved"] == seen["moved"]


def test_some_join_twice_or_late_and_who_is_handed_over_is_served(clock):
    def set_up(brand):
        made = [
            brand.world.control("wecom", "create_group", {"owner": "mei", "name": name})["chat_id"]
            for name in ("福利群1", "福利群2")
        ]
        brand.wecom.group_codes.create_code(
            GroupCodeSpec(name="群码", state="g1", groups=(made[0],))
        )
        desk = brand.wecom.desk.create_desk("客服", "")
        brand.wecom.desk.add_servicers(desk, ["mei"])
        return {"groups": {"state": "g1", "chats": made, "desk": desk}}

    def hand_over(brand):
        (desk,) = brand.world.control("wecom", "kf_accounts", {})
        for one in desk["sessions"]:
            if one["state"] == 0:
                customer = one["external_userid"]
                brand.wecom.desk.hand_over(desk["open_kfid"], customer, DeskState.HUMAN, "mei")

    brand, _, witness, _ = live(clock, customers=400, days=7, settled=hand_over, told=set_up)
    seen, books = witness.parts["groups"], brand.world.witness()["wecom"]
    assert seen["joined"] == books["group_joined"] > seen["twice"] + seen["late"]
    assert seen["twice"] > 0 < seen["late"]
    assert seen["asked"] == books["kf_asked"] >= seen["served"] > 0
    (desk,) = brand.world.control("wecom", "kf_accounts", {})
    assert {one["state"] for one in desk["sessions"]} <= {3, 4}


def test_impossible_simulation_is_refused(clock):
    with pytest.raises(Refused):
        Config(
            sandbox_url="",
            siyu_url="",
            write_key="",
            codes=(),
            start=clock.now(),
            days=1,
        )
