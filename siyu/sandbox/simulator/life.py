"""How a life goes: which acts follow from arriving, buying, and being spoken to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from siyu.sandbox.simulator.config import DOUYIN, PARCEL
from siyu.sandbox.simulator.people import Person

DAY = timedelta(days=1)


class Kind(StrEnum):
    """What a person can do."""

    SCAN = "scan"
    LEAVE = "leave"
    REMOVED = "removed"
    FOLLOW = "follow"
    ENTER = "enter"
    CHAT = "chat"
    CARD = "card"
    BROWSE = "browse"
    REGISTER = "register"
    ORDER = "order"
    REFUND = "refund"
    REFER = "refer"


class Act(NamedTuple):
    """Something a person does at a time. detail: an order number, or a text."""

    at: datetime
    person: Person
    kind: Kind
    detail: str = ""


_QUESTIONS = (
    "你好，龙井有新茶吗？",
    "茉莉银毫适合冷泡吗？",
    "请问多久发货呀",
    "旅行茶具可以刻字吗",
    "送长辈选哪一款好？",
    "有没有优惠券",
    "门店在哪里？",
    "盖碗会烫手吗",
)


def arrive(person: Person) -> list[Act]:
    """The acts of a newcomer, by the way they come."""
    if person.channel == PARCEL:
        return list(_through_the_shop(person))
    if person.channel == DOUYIN:
        return list(_through_douyin(person))
    return list(_through_a_code(person))


def after_order(person: Person, order_no: str, at: datetime) -> Iterator[Act]:
    """What an order brings: refund, repeat, referral."""
    dice = person.chance
    if dice.random() < 0.05:
        yield Act(at + DAY * dice.uniform(0.8, 3), person, Kind.REFUND, order_no)
    elif dice.random() < 0.12 + 0.25 * person.taste:
        yield Act(at + DAY * dice.uniform(2, 6), person, Kind.ORDER)
    if dice.random() < 0.1:
        yield Act(at + DAY * dice.uniform(0.5, 2), person, Kind.REFER)


def after_message(person: Person, at: datetime) -> Iterator[Act]:
    """What a message from the brand brings: some look, some buy, a few leave."""
    dice = person.chance
    person.has_coupon = True
    if not person.orders and dice.random() < 0.16 + 0.3 * person.taste:
        yield Act(at + DAY * dice.uniform(0.05, 1.2), person, Kind.ORDER)
    elif dice.random() < 0.3:
        yield Act(at + DAY * dice.uniform(0.05, 0.6), person, Kind.BROWSE)
    elif dice.random() < 0.02:
        yield Act(at + DAY * dice.uniform(0.05, 0.3), person, Kind.LEAVE)


def after_scan(person: Person, at: datetime) -> Iterator[Act]:
    """What a new friend does next."""
    dice = person.chance
    if dice.random() < 0.55:
        yield Act(at + DAY * dice.uniform(0.1, 1.5), person, Kind.REGISTER)
    if dice.random() < 0.05 + 0.18 * person.taste:
        yield Act(at + DAY * dice.uniform(0.1, 0.9), person, Kind.ORDER)
    if dice.random() < 0.045:
        yield Act(at + DAY * dice.uniform(0.5, 5), person, Kind.LEAVE)
    elif dice.random() < 0.012:
        yield Act(at + DAY * dice.uniform(1, 4), person, Kind.REMOVED)


def question(person: Person) -> str:
    """Something a customer asks in a chat."""
    return person.chance.choice(_QUESTIONS)


def _through_a_code(person: Person) -> Iterator[Act]:
    if person.chance.random() < 0.2:
        yield Act(person.arrives_at - DAY * 0.3, person, Kind.BROWSE)
    yield Act(person.arrives_at, person, Kind.SCAN)


def _through_the_shop(person: Person) -> Iterator[Act]:
    """Anonymous visits, an order, and the card in its parcel."""
    dice, at = person.chance, person.arrives_at
    yield Act(at, person, Kind.BROWSE)
    if dice.random() < 0.15:
        return
    bought = at + DAY * dice.uniform(0.05, 1)
    yield Act(bought, person, Kind.ORDER)
    if dice.random() < 0.7:
        yield Act(bought + DAY * dice.uniform(1.5, 3.5), person, Kind.SCAN)


def _through_douyin(person: Person) -> Iterator[Act]:
    """Follow, look in, ask, leave a phone number, and perhaps add the guide in WeCom."""
    dice, at = person.chance, person.arrives_at
    yield Act(at, person, Kind.FOLLOW)
    if dice.random() < 0.5:
        yield Act(at + DAY * dice.uniform(0.01, 0.5), person, Kind.ENTER)
    if dice.random() < 0.6:
        yield Act(at + DAY * dice.uniform(0.02, 1), person, Kind.CHAT, question(person))
    if dice.random() < 0.65:
        carded = at + DAY * dice.uniform(0.1, 1.2)
        yield Act(carded, person, Kind.CARD)
        if dice.random() < 0.6:
            yield Act(carded + DAY * dice.uniform(0.1, 1), person, Kind.SCAN)
    if dice.random() < 0.12 + 0.2 * person.taste:
        yield Act(at + DAY * dice.uniform(0.5, 3), person, Kind.ORDER)
