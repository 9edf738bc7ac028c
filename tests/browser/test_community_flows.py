"""Groups and service desks: what an operator makes, and what customers then do, in Chromium."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Look, Open
from tests.browser.hands import (
    answer,
    choose,
    customer_of,
    drawn,
    look,
    named,
    show,
    until_said,
    without_quiet_hours,
)
from tests.browser.world import in_sandbox, write

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

DESK, PHONE, DARK = Look(), Look("phone"), Look("phone", "dark")
WECOM = "wecom"
SAVE, OK = re.compile("保 ?存"), re.compile("确 ?定")
GROUPS = ("山茶记福利群1", "山茶记福利群2")


def chats(page: Page) -> dict[str, str]:
    """The platform's ids of the groups, by name."""
    return {one["name"]: one["chat_id"] for one in in_sandbox(page, WECOM, "groups")}


def join(page: Page, name: str, **where: str) -> str:
    """A customer comes into a group; returns how the platform calls him."""
    joined = in_sandbox(page, WECOM, "join_group", unionid=f"u-{name}", name=name, **where)
    assert joined["is_new"]
    return str(joined["external_userid"])


def befriend(page: Page, name: str) -> str:
    """Somebody becomes a friend of a guide, and a customer; returns the platform's id of him."""
    who = {"unionid": f"u-{name}", "name": name}
    return str(in_sandbox(page, WECOM, "add_friend", userid="linyue", **who)["external_userid"])


def test_a_group_code_is_made_opened_and_joined(sign_in: Open, open_page: Open) -> None:
    page, watch = sign_in(DESK)
    name, guest = named("新店群码"), named("群客")
    show(page, "/groups?tab=codes")
    page.get_by_role("button", name="新建群活码").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("名称", exact=True).fill(name)
    expect(drawer.get_by_title("山茶记企业微信")).to_be_visible()
    choose(page, drawer, "候选群（按顺序）", GROUPS[1])
    page.keyboard.press("Escape")
    drawer.get_by_label("新群名前缀").fill("新店群")
    drawer.get_by_role("button", name=SAVE).click()
    expect(drawer).to_be_hidden()
    card = page.locator(".ant-card").filter(has_text=name)
    expect(card.get_by_text("正在用")).to_be_visible()
    drawn(card.get_by_role("img").first)
    codes = page.request.get("/api/group-codes").json()["items"]
    code = next(one for one in codes if one["name"] == name)
    known = {one["state"]: one for one in in_sandbox(page, WECOM, "group_codes")}
    assert known[code["state"]]["chat_id_list"] == [chats(page)[GROUPS[1]]]
    phone, seen = open_page(PHONE)
    phone.goto(code["page_path"])
    expect(phone.locator("img.qr")).to_be_visible()
    join(page, guest, state=code["state"])
    group = code["groups"][0]["id"]
    until_said(page, f"/api/groups/{group}/members?limit=200", guest)
    page.goto(f"/groups/{group}")
    expect(page.locator("tr", has_text=guest)).to_contain_text("扫码")
    show(page, "/groups?tab=codes")
    expect(card.get_by_text("扫码进群").locator("..")).to_contain_text("1")
    expect(card.get_by_text("页面浏览").locator("..")).to_contain_text("1")
    look(page, "group-code-joined")
    assert not watch.troubles
    assert not seen.troubles


def test_group_welcomes_are_written_changed_and_taken_away(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    name = named("进群第一句")
    show(page, "/groups?tab=welcomes")
    page.get_by_role("button", name="新建入群欢迎语").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("名称", exact=True).fill(name)
    expect(drawer.get_by_title("山茶记企业微信")).to_be_visible()
    drawer.get_by_label("文字").fill(f"欢迎来{name}")
    drawer.get_by_label("链接标题").fill("群规")
    drawer.get_by_role("button", name=SAVE).click()
    expect(drawer.locator(".ant-form-item-explain-error")).to_be_visible()
    drawer.get_by_label("链接地址").fill("https://camellia.example/rules")
    drawer.get_by_role("button", name=SAVE).click()
    expect(drawer).to_be_hidden()
    card = page.locator(".ant-card").filter(has_text=name)
    expect(card.get_by_text("群规")).to_be_visible()
    look(page, "group-welcomes")
    card.get_by_role("button", name="编辑入群欢迎语").click()
    expect(drawer.get_by_label("文字")).to_have_value(f"欢迎来{name}")
    drawer.get_by_label("文字").fill(f"欢迎光临{name}")
    drawer.get_by_role("button", name=SAVE).click()
    expect(card.get_by_text(f"欢迎光临{name}")).to_be_visible()
    kept = [one["text"]["content"] for one in in_sandbox(page, WECOM, "group_welcomes")]
    assert [text for text in kept if name in text] == [f"欢迎光临{name}"]
    card.get_by_role("button", name=re.compile("删 ?除")).click()
    page.get_by_role("tooltip").get_by_role("button", name=OK).click()
    expect(card).to_be_hidden()
    kept = [one["text"]["content"] for one in in_sandbox(page, WECOM, "group_welcomes")]
    assert not [text for text in kept if name in text]
    assert not watch.troubles


def test_carriers_of_a_tag_are_invited_and_one_comes(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    name, guest = named("老友"), named("受邀客")
    befriend(page, guest)
    customer = customer_of(page, guest)
    tag = write(page, "POST", "/api/tags", {"group": "浏览器", "name": name})["id"]
    write(page, "POST", f"/api/customers/{customer}/tags", {"add": [tag], "remove": []})
    show(page, "/groups?tab=invitations")
    page.get_by_role("button", name="邀请入群").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("名称", exact=True).fill(name)
    choose(page, drawer, "群活码", "门店福利群")
    choose(page, drawer, "按标签", name)
    choose(page, drawer, "方式", "员工待办")
    drawer.get_by_role("button", name=SAVE).click()
    expect(page.get_by_role("button", name=SAVE)).to_be_hidden()
    page.locator("tr", has_text=name).click()
    person = drawer.locator("tr", has_text=guest)
    expect(person).to_contain_text("待办")
    expect(person).to_contain_text("未进群")
    look(page, "group-invitees")
    person.get_by_role("button", name="已邀请").click()
    expect(person.locator(".ant-tag")).to_have_text("已邀请")
    join(page, guest, chat_id=chats(page)[GROUPS[0]])
    newest = page.request.get("/api/group-invitations").json()["items"][0]["id"]
    until_said(page, f"/api/group-invitations/{newest}/invitees", '"is_joined":true')
    show(page, "/groups?tab=invitations")
    row = page.locator("tr", has_text=name)
    expect(row.locator("td").nth(4)).to_have_text("1")
    assert not watch.troubles


def test_who_is_in_two_groups_is_found_and_reminded(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    guest = named("两群客")
    external = befriend(page, guest)
    customer = customer_of(page, guest)
    for chat in GROUPS:
        join(page, guest, chat_id=chats(page)[chat])
    until_said(page, "/api/groups/duplicates?limit=200", guest)
    show(page, "/groups?tab=duplicates")
    row = page.locator("tr", has_text=guest)
    for chat in GROUPS:
        expect(row).to_contain_text(chat)
    with without_quiet_hours(page):
        page.get_by_role("button", name="提醒只留一个群").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("提醒内容").fill("您在两个群里: {{ groups }}")
        look(page, "group-duplicates")
        dialog.get_by_role("button", name=OK).click()
        expect(dialog).to_be_hidden()
        page.goto(f"/customers/{customer}?tab=touches")
        expect(page.get_by_text("待确认").first).to_be_visible()
    in_sandbox(page, WECOM, "confirm_sends")
    told = in_sandbox(page, WECOM, "delivered")["items"]
    mine = [one["text"] for one in told if one["external_userid"] == external]
    assert [text for text in mine if all(chat in text for chat in GROUPS)]
    assert not watch.troubles


def test_a_desk_is_opened_and_a_customer_served_and_handed_over(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    name, guest = named("售后"), named("咨询客")
    show(page, "/desks")
    page.get_by_label("名称（最多 16 字）").fill(name)
    page.get_by_role("button", name="新建客服账号").click()
    card = page.locator(".ant-card").filter(has_text=name)
    choose(page, card, "接待人员", "陈默")
    page.keyboard.press("Escape")
    card.get_by_label("欢迎语").fill("您好, 请说")
    card.get_by_role("button", name=SAVE).click()
    expect(card.get_by_role("button", name=SAVE)).to_be_disabled()
    card.get_by_label("场景值（放在哪里）").fill("parcel")
    card.get_by_role("button", name="生成入口链接").click()
    expect(card.get_by_text("enc_scene=parcel")).to_be_visible()
    look(page, "desk-made")
    desk = next(one for one in in_sandbox(page, WECOM, "kf_accounts") if one["name"] == name)
    who = {"open_kfid": desk["open_kfid"], "unionid": f"u-{guest}", "name": guest}
    entered = in_sandbox(page, WECOM, "kf_enter", **who, scene="parcel")
    external = str(entered["external_userid"])
    in_sandbox(page, WECOM, "kf_ask", **who, text="茶罐碎了怎么办")
    until_said(page, "/api/conversations", guest)
    show(page, "/conversations")
    page.get_by_role("link", name=re.compile(guest)).click()
    expect(page.get_by_text("茶罐碎了怎么办").last).to_be_visible()
    answer(page, "马上给您补发", customer_of(page, guest))
    page.get_by_label("转给员工").click()
    page.locator(".ant-select-dropdown:visible").get_by_text("陈默").click()
    page.get_by_role("button", name="转给员工").click()
    expect(page.get_by_text("人工接待 · 陈默")).to_be_visible()
    expect(page.get_by_role("textbox", name="回复")).to_be_disabled()
    told = [one for one in in_sandbox(page, WECOM, "delivered")["items"] if one["kind"] == "kf"]
    mine = [one["text"] for one in told if one["external_userid"] == external]
    assert mine[-1] == "马上给您补发"
    desks = in_sandbox(page, WECOM, "kf_accounts")
    sessions = next(one["sessions"] for one in desks if one["name"] == name)
    assert sessions == [{"external_userid": external, "state": 3, "servicer": "chenmo"}]
    place = {"open_kfid": desk["open_kfid"], "external_userid": external}
    in_sandbox(page, WECOM, "kf_answer", **place, text="我是陈默, 已寄出")
    expect(page.get_by_text("我是陈默, 已寄出").last).to_be_visible()
    look(page, "desk-handed-over")
    in_sandbox(page, WECOM, "kf_end", **place)
    expect(page.get_by_text("已结束", exact=True)).to_be_visible()
    assert not watch.troubles


def test_forms_and_the_hand_over_fit_a_phone_in_the_dark(sign_in: Open) -> None:
    page, watch = sign_in(DARK)
    for tab, button in (("codes", "新建群活码"), ("invitations", "邀请入群")):
        show(page, f"/groups?tab={tab}")
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("dialog").get_by_label("名称", exact=True)).to_be_visible()
        look(page, f"group-{tab}-form-phone-dark")
    show(page, "/desks")
    look(page, "desks-phone-dark")
    guest, desk = named("手机客"), in_sandbox(page, WECOM, "kf_accounts")[0]
    who = {"open_kfid": desk["open_kfid"], "unionid": f"u-{guest}", "name": guest}
    in_sandbox(page, WECOM, "kf_ask", **who, text="几点关门")
    items = until_said(page, "/api/conversations?limit=30", guest)["items"]
    at_desk = next(one["id"] for one in items if one["customer_name"] == guest)
    show(page, f"/conversations/{at_desk}")
    expect(
        page.get_by_role("button", name="转给员工").or_(page.get_by_text("已结束")).first
    ).to_be_visible()
    look(page, "desk-chat-phone-dark")
    assert not watch.troubles


def test_a_desk_that_is_taken_away_says_so_and_comes_back(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    name, guest = named("临时客服"), named("失联客")
    desk = in_sandbox(page, WECOM, "kf_open", name=name, staff=["linyue"])["open_kfid"]
    in_sandbox(page, WECOM, "kf_grant", add=[desk])
    until_said(page, "/api/desks", name)
    who = {"open_kfid": desk, "unionid": f"u-{guest}", "name": guest}
    in_sandbox(page, WECOM, "kf_ask", **who, text="还在吗")
    items = until_said(page, "/api/conversations?limit=30", guest)["items"]
    talk = next(one["id"] for one in items if one["customer_name"] == guest)
    in_sandbox(page, WECOM, "kf_grant", remove=[desk])
    until_said(page, "/api/desks", '"is_ours":false')
    show(page, "/desks")
    card = page.locator(".ant-card").filter(has_text=name)
    expect(card.get_by_text("不再授权给本应用")).to_be_visible()
    expect(card.get_by_label("接待人员")).to_be_hidden()
    look(page, "desk-lost")
    show(page, f"/conversations/{talk}")
    expect(page.get_by_text("不再授权给本应用")).to_be_visible()
    expect(page.get_by_role("textbox", name="回复")).to_be_disabled()
    look(page, "desk-lost-chat")
    phone, seen = sign_in(DARK)
    show(phone, "/desks")
    expect(phone.get_by_text("不再授权给本应用")).to_be_visible()
    look(phone, "desk-lost-phone-dark")
    in_sandbox(page, WECOM, "kf_grant", add=[desk])
    expect(page.get_by_role("textbox", name="回复")).to_be_enabled()
    expect(page.get_by_text("不再授权给本应用")).to_be_hidden()
    assert not watch.troubles
    assert not seen.troubles


def test_a_link_opens_a_conversation_that_the_list_does_not_show(sign_in: Open) -> None:
    page, watch = sign_in(DARK)
    with page.expect_response("**/api/conversations?*") as heard:
        show(page, "/conversations")
    shown = heard.value.json()
    listed = {one["id"] for one in shown["items"]}
    at = shown["next_cursor"]
    assert at, "the demo has more than one page of conversations"
    older = page.request.get("/api/conversations", params={"cursor": at, "limit": 30}).json()
    other = next(one for one in older["items"] if one["id"] not in listed)
    show(page, f"/conversations/{other['id']}")
    expect(page.get_by_text(other["customer_name"]).first).to_be_visible()
    expect(page.get_by_role("textbox", name="回复")).to_be_visible()
    look(page, "conversation-by-link-phone-dark")
    assert not watch.troubles
    page.goto("/conversations/99999999")
    expect(page.get_by_test_id("gone-state")).to_be_visible()


def test_what_was_said_earlier_is_fetched_page_by_page(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    name = named("健谈客")
    who = {"person": name, "name": name}
    said = [["send_dm", {**who, "text": f"第{number}句"}] for number in range(119)]
    in_sandbox(page, "douyin", "bulk", calls=[["enter_chat", who], *said])
    until_said(page, f"/api/customers?q={name}", name)
    in_sandbox(page, "douyin", "send_dm", **who, text="第119句")
    items = until_said(page, "/api/conversations?limit=30", "第119句")["items"]
    talk = next(one["id"] for one in items if one["customer_name"] == name)
    show(page, f"/conversations/{talk}")
    expect(page.get_by_text("第119句").last).to_be_in_viewport()
    expect(page.get_by_text("第0句", exact=True)).to_have_count(0)
    page.get_by_role("button", name="更早的消息").click()
    expect(page.get_by_text("第0句", exact=True)).to_have_count(1)
    expect(page.get_by_role("button", name="更早的消息")).to_have_count(0)
    look(page, "conversation-earlier")
    assert not watch.troubles
