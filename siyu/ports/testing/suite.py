"""The conformance suite every connector inherits: `TestWecom = connector_suite("wecom")`."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import Any, ClassVar

import pytest

from siyu.kernel.clock import FakeClock
from siyu.kernel.errors import (
    Forbidden,
    PlatformError,
    Reauth,
    Refused,
    RetryLater,
    UnknownOutcome,
    WaitUntil,
)
from siyu.kernel.identity import Namespaces
from siyu.ports.capabilities import (
    KEY_UNKNOWN,
    CallbackRequest,
    Connector,
    LearnsKeys,
    Verified,
)
from siyu.ports.manifest import load_connect, load_manifest
from siyu.ports.sandbox import Trouble, load_sandbox
from siyu.ports.testing.calls import BROKEN, HTML, CallSuite, check_offers
from siyu.ports.testing.kit import Kit, load_kit
from siyu.ports.testing.memory import MemoryTokenStore
from siyu.ports.testing.scripted import ScriptedDoor
from siyu.ports.testing.worlds import QuietWorld, SandboxDoor

NOW = datetime(2026, 11, 11, 2, 0, tzinfo=UTC)
TEXTS = {
    "emoji": "家人 👨‍👩‍👧 🎉 𠮷",
    "lines": "第一行\n第二行\t制表",
    "markup": '<b>&amp;"quotes" {{ name }} ]]> \\u0041',
    "bidi": "左\u202e右 零\u200b宽",
}


def connector_suite(name: str) -> type[ConnectorSuite]:
    """The suite as a test class for one platform folder."""
    return type(f"Test{name.title()}", (ConnectorSuite,), {"name": name, "__test__": True})


class ConnectorSuite(CallSuite):
    """No network: the wire is scripted, the sandbox lives in the test."""

    __test__ = False
    name: ClassVar[str]

    @pytest.fixture
    def kit(self) -> Kit:
        return load_kit(self.name)

    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock(NOW)

    @pytest.fixture
    def wire(self) -> ScriptedDoor:
        return ScriptedDoor()

    @pytest.fixture
    def connector(self, kit: Kit, wire: ScriptedDoor, clock: FakeClock) -> Connector:
        wire.script(kit.token_call, [kit.token_answer(n) for n in range(9)])
        return load_connect(self.name)(kit.account, wire, clock, MemoryTokenStore(clock))

    # manifest

    def test_manifest_and_modules_agree(self, connector: Connector) -> None:
        manifest = load_manifest(self.name)
        assert manifest.name == self.name
        for offer in manifest.offers:
            assert find_spec(f"siyu.platforms.{self.name}.{offer}"), offer
        check_offers(connector, manifest.offers)

    def test_every_channel_has_a_sender_and_a_known_address(self, connector: Connector) -> None:
        manifest = load_manifest(self.name)
        namespaces = Namespaces(manifest.namespaces)
        assert {channel.name for channel in manifest.channels} == set(connector.senders)
        for channel in manifest.channels:
            assert channel.name.startswith(f"{self.name}.")
            assert namespaces.get(channel.address)

    def test_quotas_are_dated_and_sourced(self) -> None:
        manifest = load_manifest(self.name)
        channels = {channel.name for channel in manifest.channels}
        for quota in manifest.quotas:
            assert quota.channel in channels
            assert datetime.strptime(quota.valid_from, "%Y-%m-%d").replace(tzinfo=UTC) <= NOW
            assert quota.source

    def test_the_form_asks_for_every_field_in_both_languages(self, kit: Kit) -> None:
        manifest = load_manifest(self.name)
        known = {field.name for field in manifest.fields}
        assert manifest.remote_id_field in known
        assert set(kit.account.fields) <= known
        assert all(field.zh and field.en for field in manifest.fields)
        assert any(field.is_secret for field in manifest.fields)

    # secrets

    def test_secrets_are_in_no_repr(self, kit: Kit, connector: Connector) -> None:
        for secret in self._secrets(kit):
            assert secret not in repr(kit.account)
            assert secret not in repr(connector)

    def test_secrets_are_in_no_error_and_no_check(
        self, kit: Kit, connector: Connector, wire: ScriptedDoor
    ) -> None:
        wire.script(kit.token_call, [HTML], forever=True)
        with pytest.raises(PlatformError) as caught:
            kit.read(connector)
        shown = f"{caught.value!r} {caught.value} {connector.check.run()}"
        assert not any(secret in shown for secret in self._secrets(kit))

    @staticmethod
    def _secrets(kit: Kit) -> list[str]:
        fields = load_manifest(kit.account.platform).fields
        named = [kit.account.fields.get(field.name, "") for field in fields if field.is_secret]
        return [secret for secret in named if secret]

    # answers

    def test_http_200_with_an_error_code_is_an_error(
        self, kit: Kit, connector: Connector, wire: ScriptedDoor
    ) -> None:
        code = next(iter(kit.codes))
        wire.script(kit.read_call, [kit.error(code)])
        with pytest.raises(PlatformError) as caught:
            kit.read(connector)
        assert caught.value.platform_code == str(code)

    def test_each_code_leads_to_its_recovery(
        self, kit: Kit, connector: Connector, wire: ScriptedDoor
    ) -> None:
        for code, family in kit.codes.items():
            wire.script(kit.send_call, [kit.error(code)])
            with pytest.raises(family) as caught:
                kit.send(connector, "你好")
            assert str(code) in caught.value.reason, code
            if isinstance(caught.value, WaitUntil):
                assert caught.value.until > NOW

    def test_an_ended_token_is_refreshed_once(
        self, kit: Kit, connector: Connector, wire: ScriptedDoor
    ) -> None:
        if not kit.has_tokens:
            return
        wire.script(kit.read_call, [kit.error(kit.expired), kit.read_answer, kit.read_answer])
        kit.read(connector)
        kit.read(connector)
        assert wire.count(kit.token_call) == 2
        assert wire.count(kit.read_call) == 3

    def test_a_token_rejected_twice_asks_for_reauthorisation(
        self, kit: Kit, connector: Connector, wire: ScriptedDoor
    ) -> None:
        if not kit.has_tokens:
            return
        wire.script(kit.read_call, [kit.error(kit.expired)] * 2)
        with pytest.raises(Reauth):
            kit.read(connector)
        assert wire.count(kit.token_call) == 2
        assert wire.left().get(kit.read_call) is None

    @pytest.mark.parametrize("kind", BROKEN)
    def test_a_broken_answer_to_a_read_is_retried_later(
        self, kit: Kit, connector: Connector, wire: ScriptedDoor, kind: str
    ) -> None:
        wire.script(kit.read_call, [BROKEN[kind]])
        with pytest.raises(RetryLater):
            kit.read(connector)

    @pytest.mark.parametrize("kind", BROKEN)
    def test_a_broken_answer_to_a_send_is_an_unknown_outcome(
        self, kit: Kit, connector: Connector, wire: ScriptedDoor, kind: str
    ) -> None:
        wire.script(kit.send_call, [BROKEN[kind]])
        with pytest.raises(UnknownOutcome):
            kit.send(connector, "你好")

    @pytest.mark.parametrize("error", [UnknownOutcome, RetryLater])
    def test_a_send_is_never_repeated_blindly(
        self, kit: Kit, connector: Connector, wire: ScriptedDoor, error: type[PlatformError]
    ) -> None:
        wire.script(kit.send_call, [error("wire", "broken")])
        with pytest.raises(error):
            kit.send(connector, "你好")
        assert wire.count(kit.send_call) == 1
        assert not wire.sent(kit.send_call)[0].is_safe

    @pytest.mark.parametrize("kind", [*TEXTS, "long"])
    def test_text_survives(
        self, kit: Kit, connector: Connector, wire: ScriptedDoor, kind: str
    ) -> None:
        text = TEXTS.get(kind, "长" * kit.max_chars)
        wire.script(kit.send_call, [kit.send_answer])
        kit.send(connector, text)
        assert kit.text_of(wire.sent(kit.send_call)[0]) == text

    def test_paging_ends_when_the_cursor_repeats(
        self, kit: Kit, connector: Connector, wire: ScriptedDoor
    ) -> None:
        if kit.pages is None:
            return
        wire.script(kit.page_call, kit.page_answers)
        assert kit.pages(connector)
        assert wire.left().get(kit.page_call) is None

    # callbacks

    def test_a_signed_event_gives_facts_of_the_account(
        self, kit: Kit, connector: Connector
    ) -> None:
        verified = _verify(connector, kit.sign(kit.event({}, ""), NOW))
        assert verified.body is not None
        found = connector.webhook.read(verified.body, NOW, verified.message_id)
        assert found
        for fact in found:
            assert (fact.account, fact.source, fact.platform) == (
                kit.account.key,
                kit.account.key,
                self.name,
            )
            assert fact.message_id.startswith(verified.message_id)

    def test_a_tampered_callback_is_refused(self, kit: Kit, connector: Connector) -> None:
        for request in kit.tampered(kit.sign(kit.event({}, ""), NOW)):
            with pytest.raises((Forbidden, Refused)):
                _verify(connector, request)

    def test_rubbish_is_refused_and_never_crashes(self, kit: Kit, connector: Connector) -> None:
        chance = random.Random(5)  # noqa: S311
        good = kit.sign(kit.event({}, ""), NOW)
        for size in (0, 1, 2, 3, 17, 400, 70_000):
            body = chance.randbytes(size)
            for query in (good.query, {}, dict.fromkeys(good.query, "�\x00")):
                for method in ("POST", "GET"):
                    request = CallbackRequest(method, query, good.headers, body)
                    with pytest.raises((Forbidden, Refused)):
                        connector.webhook.verify(request, NOW)

    def test_a_replayed_callback_has_the_same_id_and_another_event_another(
        self, kit: Kit, connector: Connector
    ) -> None:
        def message_id(event: bytes) -> str:
            return _verify(connector, kit.sign(event, NOW)).message_id

        assert message_id(kit.event({}, "")) == message_id(kit.event({}, ""))
        assert message_id(kit.event({}, "")) != message_id(kit.event({"Extra": "1"}, ""))

    def test_reading_is_pure(self, kit: Kit, connector: Connector) -> None:
        event = kit.event({}, "")
        read = connector.webhook.read
        assert read(event, NOW, "m1") == read(event, NOW, "m1")

    def test_unknown_fields_pass(self, kit: Kit, connector: Connector) -> None:
        plain = connector.webhook.read(kit.event({}, ""), NOW, "m1")
        more = connector.webhook.read(kit.event({"NewField": "x"}, ""), NOW, "m1")
        assert plain == more

    def test_unknown_events_give_nothing(self, kit: Kit, connector: Connector) -> None:
        assert connector.webhook.read(kit.unknown_event, NOW, "m1") == []

    def test_a_missing_field_is_one_clear_error(self, kit: Kit, connector: Connector) -> None:
        for field in kit.missing:
            with pytest.raises(Refused) as caught:
                connector.webhook.read(kit.event({}, field), NOW, "m1")
            assert caught.value.field == field

    def test_properties_hold_nothing_personal(self, kit: Kit, connector: Connector) -> None:
        for fact in connector.webhook.read(kit.event({}, ""), NOW, "m1"):
            shown = repr(fact.properties)
            assert not any(value in shown for value in kit.personal)

    # sandbox

    @pytest.fixture
    def world(self, clock: FakeClock) -> QuietWorld:
        return QuietWorld(clock)

    @pytest.fixture
    def door(self, kit: Kit, world: QuietWorld) -> SandboxDoor:
        sandbox = load_sandbox(self.name)(world)
        kit.set_up(sandbox)
        return SandboxDoor(sandbox, kit.account.base_url)

    @pytest.fixture
    def live(self, kit: Kit, door: SandboxDoor, clock: FakeClock) -> Connector:
        return load_connect(self.name)(kit.account, door, clock, MemoryTokenStore(clock))

    def test_the_sandbox_passes_the_self_check(self, live: Connector) -> None:
        assert [check for check in live.check.run() if not check.is_ok] == []

    @pytest.mark.parametrize(
        ("kind", "line"), [(Trouble.RATE_LIMITED, "quota"), (Trouble.BUSY, "reachable")]
    )
    def test_the_check_blames_no_setting_for_what_passes(
        self, live: Connector, door: SandboxDoor, kind: Trouble, line: str
    ) -> None:
        door.troubles = [kind] * 9
        failing = {check.name: check for check in live.check.run() if not check.is_ok}
        assert list(failing) == [line]
        assert failing[line].advice

    def test_the_sandbox_answers_a_read(self, kit: Kit, live: Connector) -> None:
        kit.read(live)

    def test_the_sandbox_fails_in_the_platforms_own_words(
        self, kit: Kit, live: Connector, door: SandboxDoor
    ) -> None:
        kit.read(live)
        door.troubles = [Trouble.TOKEN_REJECTED]
        if kit.has_tokens:
            kit.read(live)
        else:
            with pytest.raises(Reauth):
                kit.read(live)
        assert not door.troubles
        for kind, family in ((Trouble.RATE_LIMITED, WaitUntil), (Trouble.BUSY, RetryLater)):
            door.troubles = [kind]
            with pytest.raises(family):
                kit.read(live)

    def test_the_sandboxes_callbacks_are_verified_and_read(
        self, kit: Kit, live: Connector, door: SandboxDoor, world: QuietWorld
    ) -> None:
        kit.stir(door.sandbox)
        requests = world.take()
        assert requests
        facts: list[Any] = []
        for request in requests:
            verified = _verify(live, request)
            assert verified.body is not None
            facts += live.webhook.read(verified.body, NOW, verified.message_id)
        assert facts

    def test_the_check_reports_instead_of_raising(
        self, kit: Kit, connector: Connector, wire: ScriptedDoor
    ) -> None:
        wire.script(kit.token_call, [RetryLater("wire", "down")], forever=True)
        checks = connector.check.run()
        assert any(not check.is_ok for check in checks)
        assert all(check.name and check.detail for check in checks)
        assert all(check.advice for check in checks if not check.is_ok)

    @pytest.mark.parametrize("code", ["http.connect", "http.broken"])
    def test_the_check_names_a_broken_network(
        self, kit: Kit, connector: Connector, wire: ScriptedDoor, code: str
    ) -> None:
        wire.script(kit.token_call, [RetryLater(code, "连接不上平台")], forever=True)
        failing = {check.name: check for check in connector.check.run() if not check.is_ok}
        assert list(failing) == ["reachable"]
        assert "接口地址" in failing["reachable"].advice


def _verify(connector: Connector, request: CallbackRequest) -> Verified:
    """Verify as the callback desk does: once more when the webhook could learn an unknown key."""
    webhook = connector.webhook
    try:
        return webhook.verify(request, NOW)
    except Forbidden as error:
        if error.code != KEY_UNKNOWN or not isinstance(webhook, LearnsKeys):
            raise
        if not webhook.learn_keys(request):
            raise
    return webhook.verify(request, NOW)
