"""The part of the conformance suite that goes through every call of every capability."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, ClassVar, get_args, get_origin, get_type_hints

import pytest

from siyu.kernel.clock import FakeClock
from siyu.kernel.errors import Reauth, RetryLater, UnknownOutcome, WaitUntil
from siyu.ports.capabilities import Connector, Sender
from siyu.ports.http import HttpAnswer
from siyu.ports.testing.kit import UNSAID, Call, Kit, load_calls
from siyu.ports.testing.scripted import ScriptedDoor, SentRequest

HTML = HttpAnswer(200, {"content-type": "text/html"}, b"<html>gateway</html>")
BROKEN = {
    "html": HTML,
    "empty": HttpAnswer(200, {}, b""),
    "array": HttpAnswer(200, {}, b"[]"),
    "cut": HttpAnswer(200, {}, b'{"errcode":'),
    "latin-1": HttpAnswer(200, {}, b'{"errmsg":"\xe9"}'),
    "500": HttpAnswer(500, {}, b"oops"),
    "302": HttpAnswer(302, {"location": "https://elsewhere.example/"}, b""),
}
APART = frozenset({"account", "webhook", "check"})
"""Fields of a connector with tests of their own, or none."""
_HEAD = frozenset({"errcode", "errmsg"})


class CallSuite:
    """Reads the table of a platform's `tests/calls.py`; the wire is scripted."""

    name: ClassVar[str]

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if "call" in metafunc.fixturenames:
            calls = load_calls(self.name).calls
            metafunc.parametrize("call", calls, ids=[call.name for call in calls])

    def test_every_call_is_in_the_table(self, connector: Connector) -> None:
        table = load_calls(self.name)
        listed = {call.name for call in table.calls}
        assert listed | table.quiet == set(_methods(connector))
        assert not listed & table.quiet

    def test_every_listing_has_an_empty_answer_in_the_table(self, connector: Connector) -> None:
        table = load_calls(self.name)
        shown = {call.name for call in table.calls if call.gives is not UNSAID}
        listings = {name for name, method in _methods(connector).items() if _lists(method)}
        assert listings - table.quiet <= shown

    def test_a_good_answer_is_understood_and_an_empty_one_is_no_error(
        self, connector: Connector, wire: ScriptedDoor, call: Call
    ) -> None:
        for answer in (call.answer, *_without_lists(call.answer)):
            _script(wire, call, answer)
            found = call.make(connector)
            assert call.gives is UNSAID or found == call.gives
        assert {sent.is_safe for sent in wire.sent(call.path)} == {call.is_safe}

    def test_each_call_whose_token_ended_gets_a_fresh_one_once(
        self, kit: Kit, connector: Connector, wire: ScriptedDoor, call: Call
    ) -> None:
        if not (kit.has_tokens and call.has_token):
            return
        _script(wire, call, kit.error(kit.expired), kit.error(kit.expired))
        with pytest.raises(Reauth):
            call.make(connector)
        assert (wire.count(kit.token_call), wire.count(call.path)) == (2, 2)
        _script(wire, call, kit.error(kit.expired), call.answer)
        call.make(connector)
        assert (wire.count(kit.token_call), wire.count(call.path)) == (3, 4)
        first, second = (_credentials(sent) for sent in wire.sent(call.path)[2:])
        assert first != second

    def test_each_call_waits_when_the_platform_says_too_often(
        self, kit: Kit, connector: Connector, wire: ScriptedDoor, clock: FakeClock, call: Call
    ) -> None:
        code = next(code for code, family in kit.codes.items() if family is WaitUntil)
        _script(wire, call, kit.error(code))
        with pytest.raises(WaitUntil) as caught:
            call.make(connector)
        assert caught.value.until > clock.now()
        assert wire.count(call.path) == 1

    def test_a_broken_answer_to_the_token_call_means_that_nothing_was_sent(
        self, kit: Kit, connector: Connector, wire: ScriptedDoor
    ) -> None:
        answers = {**BROKEN, "odd": _odd(kit.token_answer(0))}
        for kind, answer in answers.items():
            wire.script(kit.token_call, [answer], forever=True)
            with pytest.raises(RetryLater):
                kit.send(connector, kind)
        assert wire.count(kit.send_call) == 0

    def test_each_call_knows_what_an_unreadable_answer_leaves_behind(
        self, connector: Connector, wire: ScriptedDoor, call: Call
    ) -> None:
        odd = call.odd or _odd(call.answer)
        answers = {**BROKEN, **({"odd": odd} if odd else {})}
        for kind, answer in answers.items():
            before = wire.count(call.path)
            _script(wire, call, *[answer] * call.tries)
            with pytest.raises(RetryLater if call.is_safe else UnknownOutcome):
                call.make(connector)
            assert wire.count(call.path) - before == call.tries, kind


def check_offers(connector: Connector, offers: tuple[str, ...]) -> None:
    """Every capability a manifest names is there, and every one that is there is named."""
    there = {one.name for one in fields(Connector) if getattr(connector, one.name)}
    named = {"senders" if offer == "messages" else offer for offer in offers}
    assert there - {"account"} == named


def _methods(connector: Connector) -> dict[str, Any]:
    """The methods of all capabilities that are there, by the name a table calls them."""
    hints = get_type_hints(Connector)
    found: dict[str, Any] = {}
    for one in fields(Connector):
        if one.name in APART or not getattr(connector, one.name):
            continue
        if one.name == "senders":
            names, shape = list(connector.senders), Sender
        else:
            names, shape = [one.name], get_args(hints[one.name])[0]
        public = [name for name in dir(shape) if not name.startswith("_")]
        methods = {name: getattr(shape, name) for name in public}
        found |= {
            f"{start}.{name}": method
            for start in names
            for name, method in methods.items()
            if callable(method)
        }
    return found


def _lists(method: Any) -> bool:
    """Whether a method returns several things, or a page of them."""
    given = get_type_hints(method)["return"]
    return get_origin(given) in {list, tuple, Iterator}


def _script(wire: ScriptedDoor, call: Call, *answers: Any) -> None:
    for path, answer in call.others.items():
        wire.script(path, [answer], forever=True)
    wire.script(call.path, answers)


def _credentials(sent: SentRequest) -> tuple[Any, ...]:
    return sent.params, sent.form, sent.headers


def _without_lists(answer: Any) -> Iterator[Any]:
    """The same answer as platforms also word it: without the lists that are empty."""
    if isinstance(answer, Mapping) and [] in answer.values():
        yield {name: value for name, value in answer.items() if value != []}


def _odd(answer: Any) -> Any:
    """The same answer with values of other kinds; None when it holds nothing we read."""
    if not isinstance(answer, Mapping) or not answer.keys() - _HEAD:
        return None
    return {
        name: value if name in _HEAD else [[]] if isinstance(value, Mapping) else {"?": 1}
        for name, value in answer.items()
    }
