"""From draft to likes on the timeline, over the sandbox."""

from __future__ import annotations

from datetime import timedelta

import pytest

from siyu.broadcasts.tests.town import ACCOUNT, BOSS, OPERATOR, Town
from siyu.core.access import SYSTEM
from siyu.core.accounts import create_account
from siyu.core.intake import worker as intake
from siyu.kernel.errors import Conflict, Forbidden, PlatformRefused, Refused, UnknownOutcome
from siyu.materials.actions import add_material
from siyu.materials.jobs import renew_due
from siyu.materials.queries import get_material
from siyu.moments import actions, queries
from siyu.moments.models import Moment, Reaction
from siyu.moments.types import MomentDraft
from siyu.platforms.wecom.tests import kit
from siyu.pool.actions import resolve

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("run_time")]
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64


class Flaky:
    """A door whose next calls of one path are broken after they went through, or before."""

    def __init__(self, door) -> None:
        self.door = door
        self.broken: list[str] = []
        self.lost: list[str] = []
        self.refused: list[str] = []

    def request(self, method, url, **more):
        if self.refused and url.endswith(self.refused[0]):
            self.refused.pop(0)
            raise PlatformRefused("wecom.moment", "不能取消")
        if self.lost and url.endswith(self.lost[0]):
            self.lost.pop(0)
            raise UnknownOutcome("http.timeout", "超时")
        answer = self.door.request(method, url, **more)
        if self.broken and url.endswith(self.broken[0]):
            self.broken.pop(0)
            raise UnknownOutcome("http.reset", "连接中断")
        return answer


@pytest.fixture
def town(clock, run_time):
    town = Town(clock)
    run_time.http = Flaky(town.door)
    fields = dict(kit.ACCOUNT.fields)
    create_account(SYSTEM, "wecom", fields, name="店", now=clock.now())
    yield town
    town.close()


@pytest.fixture
def heard():
    """Names of the facts that went through the stages, and whose they were."""
    found: list[tuple[str, int | None]] = []

    def listen(batch):
        found.extend((seen.fact.name, seen.customer_id) for seen in batch.seen)

    intake.configure((resolve, listen))
    return found


def draft(**more) -> MomentDraft:
    values = {"name": "秋茶", "account": ACCOUNT, "text": "山里下雾了", **more}
    return MomentDraft(**values)


def work(town: Town, seconds: float = 0) -> None:
    town.clock.advance(seconds=seconds)
    for _ in range(20):
        if not actions.work():
            break
    while intake.drain():
        pass


def launch(town: Town, **more) -> int:
    now = town.clock.now()
    row_id = actions.create_moment(OPERATOR, draft(**more), now=now)
    actions.submit_moment(OPERATOR, row_id, now=now)
    actions.approve_moment(BOSS, row_id, 0, now=now)
    work(town)
    for _ in range(3):
        work(town, 6)
    return row_id


def view(row_id: int):
    return queries.get_moment(BOSS, row_id)


def test_who_posted_whom_it_reached_and_who_liked_it(town: Town, heard):
    ids = town.befriend(3)
    town.befriend(1, userid="lin")
    row_id = launch(town)
    assert (view(row_id).state, view(row_id).totals.posters) == ("posting", 2)
    assert (view(row_id).totals.posted, view(row_id).totals.planned) == (0, 4)
    town.people("post_moments", userid="mei")
    work(town, 700)
    assert (view(row_id).totals.posted, view(row_id).totals.reached) == (1, 3)
    (moment,) = {one["moment_id"] for one in town.people("moment_views")}
    viewer = town.people("moment_views")[0]["external_userid"]
    for kind in ("like", "comment", "like"):
        told = {"moment_id": moment, "userid": "mei", "who": viewer, "kind": kind}
        town.people("react_to_moment", **told)
    town.people("react_to_moment", moment_id=moment, userid="mei", who="lin", kind="comment")
    for _ in range(3):
        work(town, 700)
    assert (view(row_id).totals.likes, view(row_id).totals.comments) == (1, 1)
    reacted = [one for one in heard if one[0].startswith("moment_")]
    assert sorted(name for name, _ in reacted) == ["moment_commented", "moment_liked"]
    assert {who for _, who in reacted} <= set(ids)
    assert Reaction.objects.count() == 2
    posters = {row.staff: row for row in queries.list_posters(BOSS, row_id)}
    assert (posters["lin"].is_posted, posters["lin"].planned) == (False, 1)


def test_a_picture_of_the_library_is_posted(town: Town, heard, clock):
    town.befriend(1)
    picture = add_material(SYSTEM, kind="image", name="茶.png", content=PNG, now=clock.now())
    shown = [{"kind": "image", "material": picture.id}]
    row_id = launch(town, attachments=shown)
    assert "还在上传" in view(row_id).problem
    assert not renew_due(clock.now())
    for _ in range(3):
        work(town, 6)
    assert view(row_id).state == "posting"
    assert get_material(SYSTEM, picture.id, now=clock.now()).media[0].is_ready


def test_the_days_of_watching_end(town: Town, heard):
    town.befriend(1)
    row_id = launch(town, watch_days=1)
    work(town, 90_000)
    assert view(row_id).state == "done"
    calls = town.people("calls")["get_moment_task"]
    work(town, 90_000)
    assert town.people("calls")["get_moment_task"] == calls


def test_cancelling_leaves_what_was_posted(town: Town, heard, clock):
    town.befriend(1)
    town.befriend(1, userid="lin")
    row_id = launch(town)
    town.people("post_moments", userid="mei")
    actions.cancel_moment(OPERATOR, row_id, now=clock.now())
    work(town)
    assert (view(row_id).state, view(row_id).totals.posted) == ("cancelled", 1)
    assert town.people("pending_moments") == []
    with pytest.raises(Conflict):
        actions.cancel_moment(OPERATOR, row_id, now=clock.now())


def test_cancelling_while_results_are_read_is_heard_at_once(town: Town, heard, clock):
    town.befriend(1)
    row_id = launch(town)
    asked: list[str] = []

    def cancel_now(url: str) -> None:
        if url.endswith("get_moment_task") and not asked:
            asked.append(url)
            actions.cancel_moment(OPERATOR, row_id, now=clock.now())

    town.door.on_call = cancel_now
    Moment.objects.filter(pk=row_id).update(next_at=clock.now())
    work(town)
    assert asked
    assert view(row_id).state == "cancelled"
    assert town.people("pending_moments") == []


def test_a_cancelling_the_platform_refuses_is_said_and_watching_goes_on(
    town: Town, heard, clock, run_time
):
    town.befriend(1)
    row_id = launch(town)
    run_time.http.refused = ["/cancel_moment_task"]
    actions.cancel_moment(OPERATOR, row_id, now=clock.now())
    assert actions.work()
    assert view(row_id).state == "posting"
    assert "没有收回" in view(row_id).problem
    actions.cancel_moment(OPERATOR, row_id, now=clock.now())
    work(town)
    assert view(row_id).state == "cancelled"


def test_a_broken_answer_makes_no_second_moment(town: Town, heard, run_time):
    town.befriend(1)
    run_time.http.broken = ["/add_moment_task"]
    row_id = launch(town)
    assert view(row_id).state == "creating"
    work(town, 130)
    assert view(row_id).state == "posting"
    assert town.people("calls")["add_moment_task"] == 1


def test_a_job_forgotten_by_the_platform_is_found_by_its_moment(town: Town, heard):
    town.befriend(1)
    town.people("moment_limits", slow=100)
    row_id = launch(town)
    work(town, 90_000)
    work(town, 130)
    assert view(row_id).state == "posting"
    assert town.people("calls")["add_moment_task"] == 1


def test_a_moment_that_never_was_ends_as_failed(town: Town, heard, run_time):
    town.befriend(1)
    run_time.http.lost = ["/add_moment_task"]
    row_id = launch(town)
    for _ in range(20):
        work(town, 130)
    assert view(row_id).state == "failed"
    assert "没有找到" in view(row_id).problem


def test_ten_a_minute_and_the_eleventh_waits(town: Town, heard):
    town.befriend(1)
    now = town.clock.now()
    for _ in range(11):
        row_id = actions.create_moment(OPERATOR, draft(), now=now)
        actions.submit_moment(OPERATOR, row_id, now=now)
        actions.approve_moment(BOSS, row_id, 0, now=now)
    for _ in range(12):
        actions.work()
    assert Moment.objects.filter(state="approved").count() == 1
    for _ in range(30):
        work(town, 10)
    assert set(Moment.objects.values_list("state", flat=True)) == {"posting"}


def test_tags_limit_who_sees_it(town: Town, heard, clock):
    assert town.connector.tags is not None
    (tag,) = town.connector.tags.create_tags("喜好", ["爱茶"])
    ids = town.befriend(2)
    external = town.people("pending_sends") == []
    assert external
    names = _addresses(ids)
    town.connector.tags.mark("mei", names[0], [tag.remote_id], [])
    tag_id = _keep_tag(town, tag.remote_id, names[0])
    found = actions.estimate(OPERATOR, draft(tag_ids=[tag_id]))
    assert found == {"mei": 1}
    row_id = launch(town, tag_ids=[tag_id])
    assert view(row_id).totals.planned == 1


def _addresses(ids):
    from siyu.pool.queries import identities_of

    return [
        row.value
        for who in ids
        for row in identities_of([who])[who]
        if row.namespace == "wecom_external_userid"
    ]


def _keep_tag(town: Town, remote_id: str, external: str) -> int:
    """The tag and its carrier as a pull brings them."""
    from siyu.pool.models import PlatformTag

    town.pull("mei")
    return PlatformTag.objects.get(remote_id=remote_id).tag_id


def test_limits_and_rights(town: Town, mei, clock):
    town.befriend(1)
    now = clock.now()
    picture = {"kind": "image", "url": "https://x.example/1.png"}
    with pytest.raises(Refused, match="attachments"):
        actions.create_moment(
            OPERATOR,
            draft(
                attachments=[{"kind": "link", "title": "a", "url": "https://x.example"}, picture]
            ),
            now=now,
        )
    with pytest.raises(Refused, match=r"moment\.text"):
        actions.create_moment(OPERATOR, draft(text="长" * 2001), now=now)
    with pytest.raises(Forbidden):
        actions.create_moment(mei, draft(), now=now)
    row_id = actions.create_moment(OPERATOR, draft(), now=now)
    actions.submit_moment(OPERATOR, row_id, now=now)
    with pytest.raises(Forbidden):
        actions.approve_moment(OPERATOR, row_id, 0, now=now + timedelta(seconds=1))
