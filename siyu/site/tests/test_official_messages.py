"""Pictures and articles of an official account, from our materials to the fans' phones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from siyu.broadcasts import actions as broadcasts
from siyu.broadcasts.trials import list_articles, send_trial
from siyu.broadcasts.types import Draft
from siyu.core.access import SYSTEM, Actor, Role
from siyu.core.accounts import update_account
from siyu.core.intake.asgi import IntakeApp
from siyu.core.models import AuditEntry
from siyu.core.tests.intake_client import IntakeClient
from siyu.kernel.errors import Refused
from siyu.materials.actions import add_material
from siyu.materials.jobs import renew_due
from siyu.pool.models import Customer
from siyu.reach import actions as reach
from siyu.reach.catalog import catalog
from siyu.reach.dispatch import Dispatcher
from siyu.reach.models import Touch
from siyu.site.subscriptions import subscribe
from siyu.site.tests.wechat_brand import OFFICIAL, Brand, open_brand

pytestmark = pytest.mark.django_db(transaction=True)
ACCOUNT = f"wechat_oa:{OFFICIAL}"
BOSS = Actor("boss", Role.OWNER)
PICTURE = b"\x89PNG\r\n\x1a\n-tea"
ARTICLE = {"kind": "article", "media_id": "D", "title": "茶"}


@pytest.fixture
def brand(run_time, clock) -> Iterator[Brand]:
    subscribe()
    app = IntakeApp()
    reach.set_dispatcher(Dispatcher(catalog(), clock, threads=0))
    yield open_brand(run_time, clock, IntakeClient(app))
    reach.set_dispatcher(None)
    app.close()


def fans(brand: Brand, count: int) -> list[int]:
    for number in range(count):
        brand.official.control("follow", {"unionid": f"oU{number}"})
    brand.deliver()
    return list(Customer.objects.order_by("id").values_list("pk", flat=True))


def draft(ids: list[int], *attachments, text="") -> Draft:
    return Draft(
        name="上新",
        account=ACCOUNT,
        channel="wechat_oa.mass",
        text=text,
        attachments=attachments,
        audience={"kind": "customers", "ids": ids},
    )


def launch(clock, given: Draft) -> None:
    row_id = broadcasts.create_broadcast(BOSS, given, now=clock.now())
    broadcasts.submit_broadcast(BOSS, row_id, now=clock.now())
    broadcasts.approve_broadcast(BOSS, row_id, now=clock.now())
    for _ in range(20):
        renew_due(clock.now())
        broadcasts.work()
        reach.dispatch()
        clock.advance(seconds=5)


def picture(clock) -> dict[str, object]:
    made = add_material(SYSTEM, kind="image", name="茶.png", content=PICTURE, now=clock.now())
    return {"kind": "image", "material": made.id}


def heard(brand: Brand, kind: str) -> list[str]:
    items = brand.official.control("delivered", {})["items"]
    return [item["text"] for item in items if item["kind"] == kind]


def test_a_picture_goes_to_all_fans_once(brand, clock):
    launch(clock, draft(fans(brand, 3), picture(clock)))
    said = heard(brand, "mass")
    assert (len(said), len(set(said))) == (3, 1)
    assert said[0].startswith("[image MEDIA")
    assert list(Touch.objects.values_list("state", flat=True)) == ["delivered"] * 3
    assert brand.official.witness()["duplicates"] == 0
    brand.deliver()


def test_a_subscription_account_speaks_to_its_fans_once_a_day(brand, clock):
    update_account(SYSTEM, ACCOUNT, values={"kind": "subscription"}, now=clock.now())
    brand.official.control("configure", {"appid": OFFICIAL, "kind": "subscription"})
    ids = fans(brand, 2)
    for text in ("早茶", "晚茶"):
        launch(clock, draft(ids, text=text))
    assert heard(brand, "mass") == ["早茶"] * 2
    assert set(Touch.objects.values_list("reason", flat=True)) == {"", "platform_quota"}
    clock.advance(days=1)
    launch(clock, draft(ids, text="新茶"))
    assert heard(brand, "mass") == ["早茶"] * 2 + ["新茶"] * 2


def test_a_service_account_speaks_to_each_fan_four_times_a_month(brand, clock):
    ids = fans(brand, 2)
    for number in range(5):
        launch(clock, draft(ids, text=f"春茶 {number}"))
        clock.advance(days=4)
    assert len(heard(brand, "mass")) == 8
    assert brand.official.witness().get("over_quota", 0) == 0


def test_a_picture_is_uploaded_anew_before_it_is_forgotten(brand, clock):
    ids, image = fans(brand, 2), picture(clock)
    launch(clock, draft(ids, image))
    for _ in range(5):
        clock.advance(days=1)
        renew_due(clock.now())
    launch(clock, draft(ids, image))
    assert len(heard(brand, "mass")) == 4
    assert brand.official.witness()["uploads"] == 3


def test_an_article_of_the_draft_box_is_looked_at_first_and_then_sent(brand, clock):
    ids = fans(brand, 2)
    brand.official.control("add_draft", {"title": "雾里采茶"})
    (article,) = list_articles(BOSS, ACCOUNT)
    given = draft(ids, {**ARTICLE, "media_id": article.media_id, "title": article.title})
    send_trial(BOSS, given, ids[0], now=clock.now())
    assert (heard(brand, "preview"), heard(brand, "mass")) == (["雾里采茶"], [])
    assert not Touch.objects.exists()
    assert AuditEntry.objects.filter(verb="send_trial").count() == 1
    launch(clock, given)
    assert heard(brand, "mass") == ["雾里采茶"] * 2


def test_a_trial_waits_for_the_upload_and_goes_to_fans_only(brand, clock):
    ids = fans(brand, 2)
    given = draft(ids, picture(clock))
    with pytest.raises(Refused) as caught:
        send_trial(BOSS, given, ids[0], now=clock.now())
    assert caught.value.code == "broadcast.uploading"
    renew_due(clock.now())
    send_trial(BOSS, given, ids[0], now=clock.now())
    assert len(heard(brand, "preview")) == 1
    clock.advance(seconds=5)
    for one in brand.official.control("people", {}):
        brand.official.control("unfollow", {"openid": one["openid"]})
    brand.deliver()
    with pytest.raises(Refused) as caught:
        send_trial(BOSS, given, ids[1], now=clock.now())
    assert caught.value.code == "broadcast.trial_address"


@pytest.mark.parametrize(
    ("text", "attachments", "code"),
    [
        ("你好", [ARTICLE], "broadcast.single"),
        ("", [ARTICLE, ARTICLE], "broadcast.single"),
        ("", [{"kind": "article", "title": "茶"}], "attachment.incomplete"),
        ("", [{"kind": "link", "title": "茶", "url": "https://a.example"}], "attachment.kind"),
        ("", [], "template.empty"),
    ],
)
def test_a_draft_holds_what_the_channel_carries(brand, clock, text, attachments, code):
    with pytest.raises(Refused) as caught:
        broadcasts.create_broadcast(BOSS, draft([1], *attachments, text=text), now=clock.now())
    assert caught.value.code == code
