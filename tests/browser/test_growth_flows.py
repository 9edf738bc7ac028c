"""Welcome words by level, store codes and acquisition links: made in Chromium, used by people."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Geolocation, Locator, Page, expect

from tests.browser.conftest import PATIENCE_MS, Look, Open
from tests.browser.hands import choose, look, named, show
from tests.browser.world import in_sandbox

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

DESK, PHONE, DARK = Look(), Look("phone"), Look("phone", "dark")
WECOM, ACCOUNT = "wecom", "山茶记企业微信"
SAVE = re.compile("保 ?存")
NEAR_WEST_LAKE = Geolocation(latitude=30.2601, longitude=120.1502)
OUT_AT_SEA = Geolocation(latitude=25.0, longitude=130.0)
LEVELS = (
    ("公司", "", "linyue"),
    ("部门", "总部", "linyue"),
    ("员工", "林悦 (linyue)", "linyue"),
)
"""Scope, whom of it, and the guide whose next friend hears these words."""


def eventually(page: Page, read: Callable[[], Any]) -> Any:
    """What `read` finds in books that have no page, as soon as it is something."""
    for _ in range(PATIENCE_MS // 200):
        if found := read():
            return found
        page.wait_for_timeout(200)
    raise AssertionError("it was never written down")


def heard(page: Page, external_userid: str) -> list[str]:
    """The welcomes on a customer's phone, by the platform's own books."""
    told = in_sandbox(page, WECOM, "delivered")["items"]
    return [
        one["text"]
        for one in told
        if one["kind"] == "welcome" and one["external_userid"] == external_userid
    ]


def befriend(page: Page, userid: str) -> str:
    """Somebody scans a guide's card, no code of ours; returns what greets him."""
    name = named("扫名片")
    who = {"userid": userid, "unionid": f"u-{name}", "name": name}
    external = in_sandbox(page, WECOM, "add_friend", **who)["external_userid"]
    (text,) = eventually(page, lambda: heard(page, external))
    return str(text)


def add_words(page: Page, scope: str, target: str, text: str) -> Locator:
    """Words of a level; their card."""
    page.get_by_role("button", name="新建欢迎语").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("账号", exact=True).click()
    choices = page.locator(".ant-select-dropdown:visible .ant-select-item-option")
    expect(choices).to_have_text([ACCOUNT])
    choices.click()
    drawer.get_by_text(scope, exact=True).click()
    if target:
        choose(page, drawer, "对象", target)
    drawer.get_by_label("欢迎语", exact=True).fill(text)
    drawer.get_by_role("button", name=SAVE).click()
    expect(drawer).to_be_hidden()
    card = page.locator(".ant-card").filter(has_text=text)
    expect(card.locator(".ant-tag").first).to_have_text(scope)
    return card


def test_a_new_friend_hears_the_words_of_the_nearest_level(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    show(page, "/live-codes?tab=welcomes")
    cards = []
    for scope, target, userid in LEVELS:
        text = f"{named(scope)}欢迎您"
        cards.append((add_words(page, scope, target, text), text))
        assert befriend(page, userid) == text
    look(page, "welcomes-levels")
    assert befriend(page, "chenmo") == cards[1][1], "another guide of the same department"
    for card, _ in reversed(cards):
        card.get_by_role("button", name="删除").click()
        question = page.get_by_role("dialog", name="删除这条欢迎语？")
        question.get_by_role("button", name=re.compile("删 ?除")).click()
        expect(card).to_be_hidden()
    assert not watch.troubles


def test_another_level_asks_for_another_target(sign_in: Open) -> None:
    page, watch = sign_in(DARK)
    show(page, "/live-codes?tab=welcomes")
    page.get_by_role("button", name="新建欢迎语").click()
    drawer = page.get_by_role("dialog")
    choose(page, drawer, "账号", ACCOUNT)
    drawer.get_by_text("部门", exact=True).click()
    choose(page, drawer, "对象", "总部")
    drawer.get_by_text("员工", exact=True).click()
    drawer.get_by_label("欢迎语", exact=True).fill("您好")
    drawer.get_by_role("button", name=SAVE).click()
    expect(drawer.locator(".ant-form-item-explain-error")).to_have_count(1)
    look(page, "welcome-form-phone-dark")
    assert not watch.troubles


def picture_of(guest: Page) -> str:
    """What the picture on a customer's page leads to."""
    image = guest.locator("img.qr")
    expect(image).to_be_visible()
    address = image.evaluate("async one => (await one.decode(), one.src)")
    content = guest.request.get(str(address)).body()
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(content)).convert("L"))
    return str(found.text)


def make_store_code(page: Page, name: str) -> dict[str, Any]:
    """One code for all stores, with a live code for each."""
    show(page, "/live-codes?tab=stores")
    page.get_by_role("button", name="新建门店活码").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("名称", exact=True).fill(name)
    choose(page, drawer, "账号", ACCOUNT)
    drawer.get_by_label("页面标题").fill("找到离您最近的山茶记")
    choose(page, drawer, "范围外显示", "门店海报")
    drawer.get_by_role("button", name=SAVE).click()
    expect(drawer).to_be_hidden()
    card = page.locator(".ant-card").filter(has_text=name)
    expect(card).to_contain_text("0 /")
    card.get_by_role("button", name="为门店生成活码").click()
    row = card.get_by_role("row", name=re.compile("西湖店"))
    expect(row.get_by_role("link", name=re.compile("^#"))).to_be_visible()
    with page.expect_download() as kept:
        card.get_by_role("link", name="下载二维码").click()
    assert kept.value.suggested_filename == f"{name}.svg"
    look(page, "store-code")
    items = page.request.get("/api/store-codes").json()["items"]
    found: dict[str, Any] = next(one for one in items if one["name"] == name)
    return found


def test_one_code_leads_to_the_nearest_store_and_its_guide(sign_in: Open, open_page: Open) -> None:
    page, watch = sign_in(DESK)
    made = make_store_code(page, named("全国门店"))
    entry = next(one for one in made["entries"] if one["name"] == "西湖店")
    code = page.request.get(f"/api/live-codes/{entry['code_id']}").json()
    guest, seen = open_page(PHONE)
    guest.context.grant_permissions(["geolocation"])
    guest.context.set_geolocation(NEAR_WEST_LAKE)
    guest.goto(made["page_path"])
    guest.get_by_role("button", name="查找离我最近的门店").click()
    expect(guest.get_by_role("heading", name="西湖店")).to_be_visible()
    expect(guest.get_by_text(re.compile(r"距您约 \d+ 米"))).to_be_visible()
    look(guest, "store-code-nearest")
    assert picture_of(guest) == code["url"]
    name = named("到店客")
    scan = {"state": code["state"], "unionid": f"u-{name}", "name": name}
    assert in_sandbox(page, WECOM, "scan", **scan)["userid"] in entry["staff"]
    show(page, f"/live-codes/{entry['code_id']}")
    expect(page.get_by_text("累计添加").locator("..").locator(".num")).to_have_text("1")
    assert not watch.troubles
    assert not seen.troubles


def test_who_is_far_or_hides_his_place_is_led_too(sign_in: Open, open_page: Open) -> None:
    page, _ = sign_in(DESK)
    made = make_store_code(page, named("远近门店"))
    fallback = page.request.get(f"/api/live-codes/{made['fallback_id']}").json()
    far, watch = open_page(PHONE)
    far.emulate_media(color_scheme="dark")
    far.context.grant_permissions(["geolocation"])
    far.context.set_geolocation(OUT_AT_SEA)
    far.goto(made["page_path"])
    far.get_by_role("button", name="查找离我最近的门店").click()
    expect(far.get_by_text("附近暂无门店")).to_be_visible()
    assert picture_of(far) == fallback["url"]
    look(far, "store-code-far")
    far.get_by_role("button", name="换一家门店").click()
    far.get_by_label("城市").select_option("上海")
    far.locator("#store").select_option("南京西路店")
    look(far, "store-code-choice")
    far.get_by_role("button", name="查看二维码").click()
    expect(far.get_by_role("heading", name="南京西路店")).to_be_visible()
    assert not watch.troubles
    hidden, seen = open_page(PHONE)
    hidden.goto(made["page_path"])
    hidden.get_by_role("button", name="查找离我最近的门店").click()
    expect(hidden.get_by_text("没有取得位置")).to_be_visible()
    expect(hidden.get_by_label("城市")).to_be_visible()
    assert not seen.troubles


def test_a_link_is_made_opened_and_counted(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    name, guest = named("短信唤回"), named("链接客")
    show(page, "/live-codes?tab=link")
    page.get_by_role("button", name="新建获客链接").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("名称", exact=True).fill(name)
    choose(page, drawer, "账号", ACCOUNT)
    choose(page, drawer, "接待导购", "林悦 (linyue)")
    page.keyboard.press("Escape")
    drawer.get_by_label("欢迎语", exact=True).fill(f"谢谢点开{name}")
    drawer.get_by_role("button", name=SAVE).click()
    expect(drawer).to_be_hidden()
    page.get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    links = page.request.get("/api/live-codes?kind=link").json()["items"]
    code = next(one for one in links if one["name"] == name)
    who = {"unionid": f"u-{guest}", "name": guest}
    came = in_sandbox(page, WECOM, "open_link", url=code["url"], **who)
    assert came["userid"] == "linyue"
    external = came["external_userid"]
    assert eventually(page, lambda: heard(page, external)) == [f"谢谢点开{name}"]
    ids = {"external_userid": external, "userid": "linyue"}
    in_sandbox(page, WECOM, "speak", **ids)
    path = f"/api/live-codes/{code['id']}"
    eventually(page, lambda: page.request.get(path).json()["spoke"])
    show(page, f"/live-codes/{code['id']}")
    for word in ("累计添加", "今日", "开口"):
        expect(page.get_by_text(word).first.locator("..").locator(".num")).to_have_text("1")
    look(page, "link-counted")
    assert not watch.troubles
