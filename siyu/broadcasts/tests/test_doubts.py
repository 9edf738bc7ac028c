"""What becomes of a broadcast while the platform cannot be reached, or nobody knows what it did."""

from __future__ import annotations

import pytest

from siyu.broadcasts import actions, queries
from siyu.broadcasts.tests.town import BOSS, OPERATOR, Town
from siyu.kernel.errors import PlatformRefused, RetryLater, UnknownOutcome
from siyu.reach import follow_up
from siyu.reach.models import Attempt, Touch

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]


class Line:
    """The way to the platform: calls of `path` fail while it is cut."""

    def __init__(self, town: Town, path: str, error: Exception) -> None:
        self.path, self.error, self.is_cut, self.asked = path, error, True, 0
        town.door.on_call = self.hear

    def hear(self, url: str) -> None:
        if self.path in url:
            self.asked += 1
            if self.is_cut:
                raise self.error


def settle(town: Town, seconds: float) -> None:
    """Long after, by both clocks, what is unknown is looked into and the rest worked off."""
    town.clock.advance(seconds=seconds)
    town.real[0] += seconds
    follow_up.reconcile(town.dispatcher)
    town.work()


def test_what_was_proven_not_sent_goes_out_however_long_the_proof_took(town: Town):
    ids = town.befriend(2)
    line = Line(town, "add_msg_template", UnknownOutcome("x", "reset"))
    row_id = town.launch(town.draft(ids))
    assert set(Touch.objects.values_list("state", flat=True)) == {"unknown"}
    for _ in range(4):
        town.work(30)
    line.is_cut = False
    settle(town, 60)
    settle(town, 60)
    assert [task["recipients"] for task in town.people("pending_sends")] == [2]
    town.work(15)
    view = queries.get_broadcast(BOSS, row_id)
    assert (view.state, view.counts.states) == ("sending", {"accepted": 2})
    assert town.people("state")["duplicate_tasks"] == 0


def test_taking_back_waits_for_a_platform_that_cannot_be_reached(town: Town):
    row_id = town.launch(town.draft(town.befriend(2)))
    line = Line(town, "cancel_groupmsg_send", RetryLater("x", "down"))
    actions.recall_broadcast(OPERATOR, row_id, now=town.clock.now())
    town.work(30)
    assert line.asked
    assert len(town.people("pending_sends")) == 1
    line.is_cut = False
    town.work(30)
    town.work(30)
    assert town.people("pending_sends") == []
    assert queries.get_broadcast(BOSS, row_id).counts.reasons == {"taken_back": 2}


@pytest.mark.parametrize(
    ("error", "states"),
    [(RetryLater("x", "down"), {"accepted": 1}), (PlatformRefused("x", "gone"), {"expired": 1})],
)
def test_at_the_deadline_a_platform_is_waited_for_and_a_lost_task_is_over(
    town: Town, error: Exception, states: dict[str, int]
):
    row_id = town.launch(town.draft(town.befriend(1), confirm_days=1))
    Line(town, "get_groupmsg_send_result", error)
    town.work(86_400)
    for _ in range(3):
        town.work(1800)
    assert queries.get_broadcast(BOSS, row_id).counts.states == states


def test_taking_back_a_task_the_platform_lost_leaves_the_others_to_be_taken_back(town: Town):
    row_id = town.launch(town.draft(town.befriend(1) + town.befriend(1, userid="lin")))
    lost = Attempt.objects.order_by("id").first()
    assert lost is not None
    Attempt.objects.filter(pk=lost.pk).update(remote_id="msg-lost")
    actions.recall_broadcast(OPERATOR, row_id, now=town.clock.now())
    town.work(15)
    assert queries.get_broadcast(BOSS, row_id).counts.states == {"accepted": 1, "suppressed": 1}
    assert len(town.people("pending_sends")) == 1
