"""What the sidebar says is the member's own: tasks, remarks, and files for his chat."""

from __future__ import annotations

import msgspec
import pytest

from siyu.core.access import SYSTEM
from siyu.core.models import AuditEntry
from siyu.guides.tests import org
from siyu.kernel.identity import Identity
from siyu.materials.actions import add_material, archive_material
from siyu.materials.jobs import renew_due
from siyu.materials.models import Media
from siyu.pool import queries as pool
from siyu.ports.sandbox import WireRequest
from siyu.reach.actions import plan_touches
from siyu.reach.models import Touch
from siyu.reach.types import TouchPlan
from siyu.sidebar.tests.test_sidebar import account, mei, platform, remote
from siyu.writeback.models import Remark

__all__ = ["account", "mei", "platform", "remote"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


def people_of(remote: str) -> tuple[int, int]:
    corp = org.CORP.partition(":")[2]
    found = pool.find_customer(Identity("wecom_external_userid", corp, remote))
    assert found is not None
    return found


def hand_to(sender: str, customer: int, clock, text: str) -> None:
    """A mass message that waits for somebody's confirmation."""
    now = clock.now()
    (pk,) = plan_touches(
        [
            TouchPlan(
                campaign=f"broadcast:{sender}",
                version=1,
                step="send",
                entry_key=text,
                customer_id=customer,
                identity_id=None,
                channel="wecom.mass_send",
                template=text,
                purpose="marketing",
                due_at=now,
                expires_at=now,
            )
        ],
        now=now,
    )
    Touch.objects.filter(pk=pk).update(
        state="accepted", account=org.CORP, sender=sender, channel="wecom.mass_send", text=text
    )


def test_only_the_members_own_tasks_are_shown(mei, remote, clock):
    customer, _ = people_of(remote)
    hand_to("mei", customer, clock, "新茶到了")
    hand_to("zhou", customer, clock, "周的任务")
    tasks = mei.get(f"/api/sidebar/customers/{remote}").json()["tasks"]
    assert [one["text_preview"] for one in tasks] == ["新茶到了"]


def test_the_remark_is_the_members_own(mei, remote, clock):
    customer, identity = people_of(remote)
    for staff, words in (("mei", "王姐"), ("zhou", "难缠的客户")):
        Remark.objects.create(
            account=org.CORP,
            staff=staff,
            identity_id=identity,
            customer_id=customer,
            remote_id=remote,
            remark=words,
            description=f"{staff} 写的",
        )
    face = mei.get(f"/api/sidebar/customers/{remote}").json()
    assert (face["remark"], face["description"]) == ("王姐", "mei 写的")


def test_a_file_of_the_library_is_uploaded_and_goes_into_the_chat(platform, mei, remote, clock):
    made = add_material(SYSTEM, kind="image", name="新茶.png", content=PNG, now=clock.now())
    (listed,) = mei.get("/api/sidebar/materials", {"q": "新茶"}).json()["items"]
    assert (listed["id"], listed["kind"]) == (made.id, "image")
    at = f"/api/sidebar/materials/{made.id}/media"
    assert mei.post(at, {}, "application/json").json() == {"media_id": ""}
    renew_due(clock.now())
    media_id = mei.post(at, {}, "application/json").json()["media_id"]
    assert Media.objects.get().media_id == media_id
    assert send(platform, remote, {"msgtype": "image", "image": {"mediaid": media_id}}) == 0
    assert [one["kind"] for one in platform.control("chat_sends", {})] == ["image"]
    noted = f"/api/sidebar/customers/{remote}/materials/{made.id}/sent"
    assert mei.post(noted, {}, "application/json").status_code == 204
    assert AuditEntry.objects.filter(verb="send_material").count() == 1


def test_a_file_that_is_put_away_or_unknown_is_not_sent(platform, mei, remote, clock):
    made = add_material(
        SYSTEM, kind="file", name="价目.pdf", content=b"%PDF-1.4 x", now=clock.now()
    )
    archive_material(SYSTEM, made.id, now=clock.now())
    assert mei.get("/api/sidebar/materials").json()["items"] == []
    answers = [
        mei.post(f"/api/sidebar/materials/{one}/media", {}, "application/json").status_code
        for one in (made.id, 999)
    ]
    assert answers == [404, 404]
    assert send(platform, remote, {"msgtype": "file", "file": {"mediaid": "gone"}}) == 40007


def send(platform, remote: str, message: dict[str, object]) -> int:
    """What the client does with a message of the page; the error code."""
    body = {"corp": org.CORP.partition(":")[2], "member": "mei", "customer": remote, **message}
    request = WireRequest(method="POST", path="/client/send", body=msgspec.json.encode(body))
    return int(msgspec.json.decode(platform.answer(request).body).get("errcode", 0))
