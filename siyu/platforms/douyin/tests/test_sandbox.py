"""The sandbox behaves as Douyin does: windows, limits, tokens, witnesses."""

from __future__ import annotations

import pytest

from siyu.kernel.clock import FakeClock
from siyu.kernel.errors import PlatformRefused, Reauth, Refused, UnknownOutcome
from siyu.platforms.douyin import connect
from siyu.platforms.douyin.sandbox import DouyinSandbox
from siyu.platforms.douyin.tests.kit import ACCOUNT, outgoing, set_up
from siyu.ports.capabilities import Connector, DeliveryState
from siyu.ports.facts import Fact
from siyu.ports.testing import MemoryTokenStore
from siyu.ports.testing.worlds import QuietWorld, SandboxDoor


class Stage:
    """One customer, the sandbox, and our connector to it."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.world = QuietWorld(clock)
        self.sandbox = DouyinSandbox(self.world)
        set_up(self.sandbox)
        door = SandboxDoor(self.sandbox, ACCOUNT.base_url)
        self.connector: Connector = connect(ACCOUNT, door, clock, MemoryTokenStore(clock))

    def act(self, operation: str, **more: object) -> Fact:
        """The customer does something; the fact our connector makes of it."""
        who = {"person": "p1", "name": "小满"}
        self.sandbox.control(operation, {**who, **more})
        (request,) = self.world.take()
        verified = self.connector.webhook.verify(request, self.clock.now())
        assert verified.body is not None
        read = self.connector.webhook.read(verified.body, self.clock.now(), verified.message_id)
        return read[0]

    def answer(self, fact: Fact, text: str) -> None:
        """Reply to what was heard, as reach does."""
        keys = ("conversation_id", "server_message_id")
        context = {key: str(fact.private[key]) for key in keys}
        message = outgoing(text, recipients=(fact.identities[0].value,), context=context)
        receipt = self.connector.senders["douyin.dm"].send(message)
        assert receipt.deliveries[0].state is DeliveryState.DELIVERED
        self.world.take()


@pytest.fixture
def stage(clock: FakeClock) -> Stage:
    return Stage(clock)


def test_six_answers_fit_in_a_window_and_a_new_message_opens_another(stage: Stage) -> None:
    heard = stage.act("send_dm", text="有新茶吗")
    for number in range(6):
        stage.answer(heard, f"第{number}句")
    with pytest.raises(PlatformRefused, match="window_closed"):
        stage.answer(heard, "第七句")
    stage.answer(stage.act("send_dm", text="还有呢"), "有")
    assert stage.sandbox.witness()["messages"] == 7


def test_window_closes_after_24_hours(stage: Stage) -> None:
    heard = stage.act("send_dm", text="有新茶吗")
    stage.clock.advance(hours=24, seconds=1)
    with pytest.raises(PlatformRefused, match="28003080"):
        stage.answer(heard, "在的")


def test_links_are_blocked(stage: Stage) -> None:
    heard = stage.act("send_dm", text="在哪买")
    with pytest.raises(PlatformRefused, match="content_blocked"):
        stage.answer(heard, "https://shop.example/")


def test_same_answer_twice_is_a_duplicate_for_the_witness(stage: Stage) -> None:
    heard = stage.act("send_dm", text="有新茶吗")
    stage.answer(heard, "有的")
    stage.answer(heard, "有的")
    assert stage.sandbox.witness()["duplicates"] == 1


def test_card_carries_the_phone(stage: Stage) -> None:
    fact = stage.act("leave_card", phone="13912345678")
    assert [identity.namespace for identity in fact.identities] == ["douyin_open_id", "phone"]
    assert fact.evidence == "抖音留资卡"


def test_one_person_has_one_open_id(stage: Stage) -> None:
    seen = {
        stage.act("follow").identities,
        stage.act("enter_chat").identities,
        stage.act("send_dm", text="在吗").identities,
    }
    assert len(seen) == 1


def test_expired_token_is_replaced_unnoticed(stage: Stage) -> None:
    heard = stage.act("send_dm", text="有新茶吗")
    stage.answer(heard, "有的")
    stage.sandbox.control("expire_tokens", {})
    stage.answer(heard, "明前的")
    assert stage.sandbox.witness()["messages"] == 2


def test_withdrawn_authorisation_asks_for_a_new_one(stage: Stage) -> None:
    heard = stage.act("send_dm", text="有新茶吗")
    stage.sandbox.control("revoke", {})
    with pytest.raises(Reauth):
        stage.answer(heard, "有的")
    assert [check.is_ok for check in stage.connector.check.run()] == [False]


def test_nobody_can_be_addressed_first(stage: Stage) -> None:
    with pytest.raises(PlatformRefused, match="window_closed"):
        stage.connector.senders["douyin.dm"].send(outgoing("你好", context={}))


def test_what_became_of_a_lost_call_cannot_be_asked(stage: Stage) -> None:
    sender = stage.connector.senders["douyin.dm"]
    assert sender.poll("1", "") == []
    with pytest.raises(UnknownOutcome):
        sender.find_sent(outgoing("你好"), stage.clock.now())


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("dance", {}),
        ("follow", {}),
        ("follow", {"person": "p", "name": "n", "client_key": "nobody"}),
    ],
)
def test_impossible_control_is_refused(
    stage: Stage, operation: str, arguments: dict[str, str]
) -> None:
    with pytest.raises(Refused):
        stage.sandbox.control(operation, arguments)
