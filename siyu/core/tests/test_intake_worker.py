from __future__ import annotations

import msgspec
import pytest
from django.db import OperationalError

from siyu.core.intake import inbox_status, submit_facts, worker
from siyu.core.intake.passing import is_passing
from siyu.core.models import IntakeState, RejectedItem
from siyu.core.pipeline import Batch
from siyu.core.rejected import list_rejected
from siyu.core.tests.conftest import drain
from siyu.kernel.clock import to_ms
from siyu.kernel.errors import Forbidden
from siyu.ports.facts import Fact

pytestmark = pytest.mark.django_db


def facts_of(clock, *names: str) -> list[Fact]:
    at = to_ms(clock.now())
    return [
        Fact(
            name=name,
            at=at,
            received_at=at,
            source="import:1",
            message_id=f"m{n}",
            platform="import",
        )
        for n, name in enumerate(names)
    ]


def test_submitted_facts_go_through_the_stages_once(run_time, clock, seen):
    facts = facts_of(clock, "a", "b", "c")
    assert submit_facts(facts).accepted == 3
    assert submit_facts(facts).duplicates == 3
    changed = [msgspec.structs.replace(facts[0], name="z")]
    assert submit_facts(changed).conflicts == 1
    drain()
    assert [fact.name for fact in seen] == ["a", "b", "c"]
    state = IntakeState.objects.get()
    assert (state.accepted_total, state.rejected_total) == (3, 1)
    assert inbox_status().pending == 0


def test_a_poison_fact_is_set_aside_and_the_rest_goes_on(run_time, clock):
    passed: list[str] = []

    def stage(batch: Batch) -> None:
        names = [each.fact.name for each in batch.seen]
        if "poison" in names:
            raise ValueError("cannot digest")
        passed.extend(names)

    worker.configure([stage])
    names = [f"n{n}" for n in range(50)]
    names[17] = names[33] = "poison"
    submit_facts(facts_of(clock, *names))
    drain()
    assert passed == [name for name in names if name != "poison"]
    rejected = RejectedItem.objects.all()
    assert [row.code for row in rejected] == ["event.unprocessable"] * 2
    assert b'"message_id":"m17"' in bytes(rejected[0].raw)


def test_a_broken_stage_keeps_everything_in_the_inbox(run_time, clock, seen):
    def stage(batch: Batch) -> None:
        raise ValueError("a bug")

    worker.configure([stage])
    submit_facts(facts_of(clock, *(f"n{n}" for n in range(40))))
    with pytest.raises(ValueError, match="a bug"):
        worker.drain()
    assert (inbox_status().items, RejectedItem.objects.count()) == (40, 0)
    worker.configure([lambda batch: seen.extend(each.fact for each in batch.seen)])
    drain()
    assert len(seen) == 40


def test_a_sick_database_is_no_reason_to_refuse_a_fact(run_time, clock):
    def stage(batch: Batch) -> None:
        raise OperationalError("server closed the connection")

    worker.configure([stage])
    submit_facts(facts_of(clock, "a"))
    with pytest.raises(OperationalError):
        worker.drain()
    assert inbox_status().items == 1


def test_failures_that_pass_are_told_from_bad_facts():
    assert is_passing(OperationalError("gone"))
    assert is_passing(OSError(28, "No space left on device"))
    assert not is_passing(ValueError("bad"))


def test_refused_items_are_listed_masked_and_paged(run_time, clock, lin, mei):
    def stage(batch: Batch) -> None:
        if any("phone" in each.fact.properties for each in batch.seen):
            raise KeyError("phone")

    worker.configure([stage])
    facts = facts_of(clock, "a", "b", "c")
    bad = [
        msgspec.structs.replace(fact, properties={"phone": "13912345678", "api_key": "abc"})
        for fact in facts[:2]
    ]
    submit_facts([*bad, facts[2]])
    drain()
    page = list_rejected(lin, limit=1)
    assert page.next_cursor is not None
    rest = list_rejected(lin, page.next_cursor)
    assert [len(page.items), len(rest.items), rest.next_cursor] == [1, 1, None]
    assert "13912345678" not in page.items[0].sample
    assert "abc" not in page.items[0].sample
    with pytest.raises(Forbidden):
        list_rejected(mei)


@pytest.fixture(autouse=True)
def _no_stages():
    yield
    worker.configure([])
