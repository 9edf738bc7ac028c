"""The sidebar through its routes: signing in by the platform, the face, what a guide may do."""

from __future__ import annotations

import random
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client

from siyu.core.access import SYSTEM
from siyu.core.models import AuditEntry, User
from siyu.core.runtime import runtime, set_runtime
from siyu.guides.models import Fetch, Staff
from siyu.guides.tests import org
from siyu.guides.tests.conftest import account
from siyu.lake.queries import set_identity_lookup
from siyu.pool import queries as pool
from siyu.pool.actions import ensure_tag
from siyu.ports.sandbox import WireRequest, load_sandbox
from siyu.ports.testing import QuietWorld, SandboxDoor
from siyu.talk.models import Script, ScriptGroup, ScriptSend

__all__ = ["account"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]
BASE = "https://qyapi.weixin.qq.com"


@pytest.fixture
def platform(account, clock):
    sandbox = load_sandbox("wecom")(QuietWorld(clock, random.Random(3)))
    set_runtime(replace(runtime(), http=SandboxDoor(sandbox, BASE)))
    fields = {"token": "callbacktoken", "aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"}
    sandbox.control("configure", {"corp_id": "ww1234567890abcdef", "secret": "s", **fields})
    sandbox.control("add_staff", {"staff": [{"userid": "mei"}, {"userid": "zhou"}]})
    org.build(clock.now())
    set_identity_lookup(
        lambda actor, customer: [row.id for row in pool.get_customer(actor, customer).identities]
    )
    return sandbox


@pytest.fixture
def remote(platform, clock):
    """A customer of Mei's."""
    wanted = {"userid": "mei", "unionid": "oU1", "name": "小王"}
    found = platform.control("add_friend", wanted)["external_userid"]
    org.befriend("mei", found, clock.now())
    return found


def come_in(platform, client, staff):
    """Through the platform's login page and back; where the browser ends."""
    out = client.get("/api/sidebar/login", {"account": org.CORP})
    parts = urlsplit(out["Location"])
    query = {**dict(parse_qsl(parts.query)), "member": staff}
    page = platform.answer(WireRequest(method="GET", path=parts.path, query=query)).body.decode()
    back = urlsplit(page.split("url=")[1].split('"')[0])
    return client.get(f"{back.path}?{back.query}")


@pytest.fixture
def mei(platform):
    client = Client()
    come_in(platform, client, "mei")
    return client


def test_a_member_comes_in_through_his_platform(platform, mei):
    me = mei.get("/api/sidebar/me").json()
    assert (me["account"], me["staff"]) == (org.CORP, "mei")
    assert AuditEntry.objects.filter(verb="open_sidebar").count() == 1


def test_the_session_opens_the_sidebar_and_nothing_else(mei, clock):
    for path in ("/api/customers", "/api/session", "/api/guides/figures", "/api/losses"):
        assert mei.get(path).status_code == 401
    owner = Client()
    owner.force_login(User.objects.create(username="gu", role="owner", created_at=clock.now()))
    assert owner.get("/api/sidebar/me").status_code == 401


@pytest.mark.parametrize("staff", ["stranger", ""])
def test_nobody_else_comes_in(platform, staff):
    client = Client()
    end = come_in(platform, client, staff)
    assert "error=" in end["Location"]
    assert client.get("/api/sidebar/me").status_code == 401


def test_a_way_back_that_did_not_begin_here_is_refused(platform):
    client, code = Client(), platform.control("client_code", {"userid": "mei"})["code"]
    told = {"account": org.CORP, "code": code, "state": "forged"}
    end = client.get("/api/sidebar/back", told)
    assert "error=sidebar.state" in end["Location"]
    assert client.get("/api/sidebar/me").status_code == 401


def test_who_leaves_is_out_at_once(platform, mei):
    Staff.objects.filter(staff="mei").update(is_active=False)
    assert mei.get("/api/sidebar/me").status_code == 401


def test_the_face_of_his_own_customer(mei, remote):
    face = mei.get(f"/api/sidebar/customers/{remote}").json()
    assert (face["owner"], face["order_count"], face["tasks"]) == ("mei", 0, [])


def test_foreign_and_missing_get_the_same_answer(platform, mei, clock):
    foreign = platform.control(
        "add_friend", {"userid": "zhou", "unionid": "oU9", "name": "别人的"}
    )["external_userid"]
    org.befriend("zhou", foreign, clock.now())
    answers = [
        mei.get(f"/api/sidebar/customers/{one}").json() for one in (foreign, "wmNobodyAtAll")
    ]
    assert answers[0] == answers[1]
    assert answers[0]["status"] == 404


def test_tags_remark_and_scripts_are_written_and_audited(platform, mei, remote, clock):
    tag = ensure_tag(SYSTEM, "兴趣", "咖啡", now=clock.now())
    at = f"/api/sidebar/customers/{remote}"
    added = mei.post(f"{at}/tags", {"tag_ids": [tag]}, "application/json")
    assert added.status_code == 204, added.content
    face = mei.get(at).json()
    assert [one["name"] for one in face["tags"]] == ["咖啡"]
    written = mei.put(f"{at}/remark", {"remark": "王姐", "description": ""}, "application/json")
    assert written.status_code == 204, written.content
    assert Fetch.objects.filter(remote_id=remote).exists()
    group = ScriptGroup.objects.create(name="问候")
    script = Script.objects.create(group=group, title="早安", text="早上好", updated_at=clock.now())
    (found,) = mei.get("/api/sidebar/scripts?q=早上").json()["items"]
    sent = mei.post(f"{at}/scripts/{found['id']}/sent", {}, "application/json")
    assert sent.json() == {"sent": 1}
    assert ScriptSend.objects.get().script_id == script.pk
    verbs = set(AuditEntry.objects.values_list("verb", flat=True))
    assert {"customer.tag", "write_remark", "send_script"} & verbs >= {
        "write_remark",
        "send_script",
    }


def test_a_write_without_the_token_is_refused(platform, remote):
    client = Client(enforce_csrf_checks=True)
    come_in(platform, client, "mei")
    answer = client.put(
        f"/api/sidebar/customers/{remote}/remark", {"remark": "x"}, "application/json"
    )
    assert answer.status_code == 403


def test_the_page_is_signed_for_its_address(mei):
    url = "https://scrm.example.com/sidebar?account=wecom"
    setup = mei.get("/api/sidebar/setup", {"url": url}).json()
    assert setup["app_id"] == "ww1234567890abcdef"
    assert len(setup["config"]["signature"]) == 40
