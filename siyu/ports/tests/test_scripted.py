from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from siyu.kernel.clock import FakeClock
from siyu.kernel.errors import RetryLater
from siyu.ports.capabilities import Token
from siyu.ports.http import HttpAnswer
from siyu.ports.testing import MemoryTokenStore, ScriptedDoor, UnscriptedCall

URL = "https://platform.example/a/b"


def test_answers_are_used_in_order_and_once():
    wire = ScriptedDoor()
    wire.script("GET /a/b", [{"n": 1}, HttpAnswer(500, {}, b"x")])
    assert wire.request("GET", URL).json() == {"n": 1}
    assert wire.request("GET", URL).status == 500
    with pytest.raises(UnscriptedCall, match="again"):
        wire.request("GET", URL)


def test_an_unscripted_call_names_itself_and_the_script():
    wire = ScriptedDoor()
    wire.script("GET /other", [])
    with pytest.raises(UnscriptedCall, match=r"POST /a/b.*GET /other"):
        wire.request("POST", URL)


def test_forever_repeats_the_last_answer_only():
    wire = ScriptedDoor()
    wire.script("GET /a/b", [{"n": 1}, {"n": 2}], forever=True)
    assert [wire.request("GET", URL).json()["n"] for _ in range(4)] == [1, 2, 2, 2]
    assert wire.count("GET /a/b") == 4
    assert wire.left() == {}


def test_exceptions_are_raised_and_functions_see_the_request():
    wire = ScriptedDoor()
    wire.script("POST /a/b", [RetryLater("x", "y"), lambda sent: {"got": sent.json["k"]}])
    with pytest.raises(RetryLater):
        wire.request("POST", URL)
    assert wire.left() == {"POST /a/b": 1}
    assert wire.request("POST", URL + "?q=1", json={"k": "v"}).json() == {"got": "v"}
    assert wire.calls[-1].params == {"q": "1"}


def test_memory_tokens_are_fetched_when_absent_ending_or_bad():
    clock = FakeClock(datetime(2026, 11, 11, tzinfo=UTC))
    store = MemoryTokenStore(clock)
    made: list[str] = []

    def fetch() -> Token:
        made.append(f"t{len(made)}")
        return Token(made[-1], clock.now() + timedelta(hours=2))

    assert store.get("a", "access", fetch) == store.get("a", "access", fetch) == "t0"
    assert store.get("a", "access", fetch, bad="t0") == "t1"
    assert store.get("a", "access", fetch, bad="t0") == "t1"
    clock.advance(minutes=116)
    assert store.get("a", "access", fetch) == "t2"
