"""Broadcasts and moments, done in Chromium."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SCREENS, Look, Open, follower, settle, sign_in_as
from tests.browser.hands import ask_for, assert_asked_for_until_gone
from tests.browser.world import PASSWORD, hire, in_sandbox, write

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

DESK = Look()
OK = re.compile("^确\\s?定$")
BUYERS = "老客: 下单两次以上"


@pytest.fixture
def owner_page(sign_in: Open) -> Iterator[Page]:
    """The owner's desk at noon, so to speak: no quiet hours, nobody was written to too often."""
    page, watch = sign_in(DESK)
    before = page.request.get("/api/reach/policy").json()
    always = {"quiet_start": "00:00", "quiet_end": "00:00", "cap_count": 50, "cap_days": 1}
    write(page, "PUT", "/api/reach/policy", always)
    yield page
    write(page, "PUT", "/api/reach/policy", before)
    write(page, "PUT", "/api/broadcasts/approval", {"alone_limit": 200})
    assert not watch.troubles


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_label(label, exact=True).click()
    page.locator(".ant-select-dropdown:visible").get_by_text(option, exact=False).first.click()


def save_draft(page: Page, name: str) -> None:
    """What is written so far is kept as a draft, and its page opens."""
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_role("heading", name=re.compile(name))).to_be_visible()


def test_a_broadcast_is_written_tried_and_submitted(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    segment = page.request.get("/api/segments").json()["items"][0]
    page.goto("/broadcasts/new")
    settle(page)
    page.get_by_label("名称 (只有同事看得到)").fill("浏览器群发")
    page.get_by_label("文案").fill("新茶到店，来喝第一泡")
    expect(page.get_by_test_id("phone")).to_contain_text("新茶到店，来喝第一泡")
    choose(page, "人群", segment["name"])
    page.get_by_role("button", name=re.compile("试.?算")).click()
    expect(page.get_by_test_id("dry-run")).to_contain_text("会收到")
    save_draft(page, "浏览器群发")
    expect(page.get_by_test_id("layers")).to_be_visible()
    page.get_by_role("button", name="删除草稿").click()
    expect(page).to_have_url(re.compile("/broadcasts$"))
    assert not watch.troubles


def test_a_draft_deleted_elsewhere_says_so_and_is_asked_for_no_more(sign_in: Open) -> None:
    page, _ = sign_in(DESK)
    segment = page.request.get("/api/segments").json()["items"][0]
    page.clock.install()
    page.goto("/broadcasts/new")
    settle(page)
    page.get_by_label("名称 (只有同事看得到)").fill("别处删除")
    page.get_by_label("文案").fill("新茶到店")
    choose(page, "人群", segment["name"])
    save_draft(page, "别处删除")
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_role("button", name="删除草稿").click()
    expect(other).to_have_url(re.compile("/broadcasts$"))
    assert_asked_for_until_gone(page)
    page.get_by_role("button", name="返回群发").click()
    expect(page).to_have_url(re.compile("/broadcasts$"))


def test_an_article_is_shown_to_one_fan_and_kept_for_all(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    segment = page.request.get("/api/segments").json()["items"][0]
    page.goto("/broadcasts/new")
    settle(page)
    page.get_by_label("名称 (只有同事看得到)").fill("图文群发")
    choose(page, "账号与渠道", "公众号群发")
    expect(page.get_by_text("一条消息只能是一段文字")).to_be_visible()
    page.get_by_role("button", name="加附件").click()
    kinds = page.locator(".ant-dropdown:visible").get_by_role("menuitem")
    expect(kinds).to_have_text(["图片", "图文 (草稿箱)"])
    kinds.filter(has_text="图文").click()
    choose(page, "图文", "雾里采茶")
    expect(page.get_by_test_id("phone")).to_contain_text("雾里采茶")
    choose(page, "人群", segment["name"])
    trial = page.get_by_test_id("trial")
    ask_for(page, trial, follower(page))
    trial.get_by_role("button", name="发给他看").click()
    expect(page.get_by_text("已发到他的手机")).to_be_visible()
    save_draft(page, "图文群发")
    page.get_by_role("button", name="删除草稿").click()
    expect(page).to_have_url(re.compile("/broadcasts$"))
    assert not watch.troubles


def test_the_demos_broadcast_shows_its_layers_and_staff(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    page.goto("/broadcasts")
    page.get_by_text("秋茶上新预告").first.click()
    expect(page.get_by_test_id("layer-delivered")).to_be_visible()
    expect(page.get_by_test_id("senders").locator("tbody tr.ant-table-row").first).to_be_visible()
    assert not watch.troubles


def submit(page: Page, text: str, *, spread_minutes: int = 0) -> None:
    """The draft of a text to those who bought twice, handed in for approval."""
    page.goto("/broadcasts/new")
    settle(page)
    page.get_by_label("名称 (只有同事看得到)").fill(text)
    page.get_by_label("文案").fill(text)
    choose(page, "人群", BUYERS)
    page.get_by_label("匀速发送 (分钟)").fill(str(spread_minutes))
    page.get_by_role("button", name="提交审批").click()
    expect(page.get_by_role("heading", name=text)).to_contain_text("待审批")


def press(page: Page, button: str) -> None:
    """A button that asks once more before it acts."""
    page.get_by_role("button", name=button, exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name=OK).click()
    expect(page.get_by_role("dialog")).to_be_hidden()


def waiting(page: Page, before: list[dict[str, Any]]) -> dict[str, int]:
    """Staff and recipients of the tasks that came to wait at WeCom since `before`."""
    known = {(task["msgid"], task["userid"]) for task in before}
    return {
        task["userid"]: task["recipients"]
        for task in in_sandbox(page, "wecom", "pending_sends")
        if (task["msgid"], task["userid"]) not in known
    }


def got(page: Page, text: str) -> list[str]:
    """On whose phones the text is, by WeCom's own books."""
    items = in_sandbox(page, "wecom", "delivered")["items"]
    return sorted(one["external_userid"] for one in items if one["text"] == text)


def test_a_colleague_approves_staff_are_reminded_and_tasks_taken_back(
    owner_page: Page, open_page: Open
) -> None:
    page, text = owner_page, f"二人同批{secrets.token_hex(3)}"
    before = in_sandbox(page, "wecom", "pending_sends")
    page.goto("/broadcasts")
    page.get_by_role("button", name="审批规则").click()
    page.get_by_label("一个人可以自己批准的人数上限").fill("0")
    page.get_by_role("dialog").get_by_role("button", name=OK).click()
    submit(page, text)
    expect(page.get_by_text("须由另一位有审批权限的同事批准")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^批\\s?准$"))).to_be_disabled()
    page.screenshot(path=SCREENS / "broadcast-second-person.png", full_page=True)
    approve_on_a_phone(page, open_page, text)
    rows = page.get_by_test_id("senders").locator("tbody tr.ant-table-row")
    expect(rows.filter(has_text="未确认").first).to_be_visible()
    expect(rows.filter(has_not_text="未确认")).to_have_count(0)
    tasks = waiting(page, before)
    expect(page.get_by_test_id("layer-tasked")).to_contain_text(str(sum(tasks.values())))
    reminded = in_sandbox(page, "wecom", "reminded")
    page.get_by_role("button", name="提醒未确认的员工").click()
    for row in rows.all():
        expect(row.locator("td").nth(7)).to_have_text("1")
    after = in_sandbox(page, "wecom", "reminded")
    assert {who: after[who] - reminded.get(who, 0) for who in tasks} == dict.fromkeys(tasks, 1)
    press(page, "收回未确认的任务")
    expect(rows.filter(has_text="已收回")).to_have_count(len(tasks))
    page.screenshot(path=SCREENS / "broadcast-taken-back.png", full_page=True)
    assert waiting(page, before) == {}
    assert got(page, text) == []


def approve_on_a_phone(page: Page, open_page: Open, text: str) -> None:
    """Another person reads it on the way and lets it out; the first sees it go."""
    other, watch = open_page(Look("phone", "dark"))
    sign_in_as(other, hire(page, "operator"), PASSWORD)
    other.goto(page.url)
    other.get_by_role("button", name=re.compile("^批\\s?准$")).click()
    other.get_by_role("dialog").get_by_role("button", name=OK).click()
    expect(other.get_by_role("heading", name=text)).to_contain_text("发送中")
    expect(other.get_by_text("未确认").first).to_be_visible()
    assert other.evaluate("document.documentElement.scrollWidth <= innerWidth")
    other.screenshot(path=SCREENS / "broadcast-approved-phone-dark.png", full_page=True)
    assert not watch.troubles
    expect(page.get_by_role("heading", name=text)).to_contain_text("发送中")


def test_a_broadcast_stopped_half_way_reaches_only_whom_staff_had_in_hand(
    owner_page: Page,
) -> None:
    page, text = owner_page, f"停在半路{secrets.token_hex(3)}"
    before = in_sandbox(page, "wecom", "pending_sends")
    submit(page, text, spread_minutes=600)
    press(page, "批 准")
    rows = page.get_by_test_id("senders").locator("tbody tr.ant-table-row")
    expect(rows.filter(has_text="未确认")).to_have_count(1)
    press(page, "停 止")
    expect(page.get_by_role("heading", name=text)).to_contain_text("已停止")
    expect(page.locator(".spread", has_text="群发已停止").first).to_be_visible()
    ((userid, recipients),) = waiting(page, before).items()
    in_sandbox(page, "wecom", "confirm_sends", userid=userid)
    expect(page.get_by_test_id("layer-delivered").locator(".strong")).to_have_text(str(recipients))
    page.screenshot(path=SCREENS / "broadcast-stopped.png", full_page=True)
    reached = got(page, text)
    assert len(reached) == len(set(reached)) == recipients
    send_again_to_the_rest(page, text, reached)


def send_again_to_the_rest(page: Page, text: str, reached: list[str]) -> None:
    """The draft made for those who got nothing goes to them, and to nobody a second time."""
    before = in_sandbox(page, "wecom", "pending_sends")
    page.get_by_role("button", name=re.compile("^补\\s?发$")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("checkbox", name=re.compile("群发已停止"))).to_be_checked()
    page.screenshot(path=SCREENS / "broadcast-again.png")
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")
    page.screenshot(path=SCREENS / "broadcast-again-phone.png")
    page.set_viewport_size({"width": 1440, "height": 900})
    dialog.get_by_role("button", name="建补发草稿").click()
    expect(page.get_by_text("确实没收到的人")).to_be_visible()
    page.get_by_label("匀速发送 (分钟)").fill("0")
    page.screenshot(path=SCREENS / "broadcast-again-draft.png", full_page=True)
    page.get_by_role("button", name="提交审批").click()
    expect(page.get_by_role("heading", name=f"{text} (补发)")).to_contain_text("待审批")
    press(page, "批 准")
    rows = page.get_by_test_id("senders").locator("tbody tr.ant-table-row")
    expect(rows.filter(has_text="未确认").first).to_be_visible()
    tasks = waiting(page, before)
    for userid in tasks:
        in_sandbox(page, "wecom", "confirm_sends", userid=userid)
    everybody = got(page, text)
    assert set(reached) < set(everybody)
    assert len(everybody) == len(set(everybody)) == len(reached) + sum(tasks.values())


def test_a_limit_noted_by_hand_counts_for_a_customer(owner_page: Page) -> None:
    page = owner_page
    customer = follower(page, "wecom")
    page.goto(f"/customers/{customer}?tab=channels")
    card = page.get_by_test_id("customer-quotas")
    expect(card).to_contain_text("企微群发")
    page.goto("/settings")
    settle(page)
    page.get_by_role("button", name="登记新额度").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=OK).click()
    expect(dialog.locator(".ant-form-item-explain-error")).to_have_count(3)
    choose(page, "渠道", "企微群发")
    dialog.get_by_label("额度", exact=True).fill("29")
    dialog.get_by_label("生效").fill("2026-02-02")
    page.keyboard.press("Enter")
    dialog.get_by_label("依据").fill("平台公告 29 条")
    page.screenshot(path=SCREENS / "quota-form.png")
    dialog.get_by_role("button", name=OK).click()
    expect(page.get_by_text("平台公告 29 条").first).to_be_visible()
    page.goto(f"/customers/{customer}?tab=channels")
    expect(card).to_contain_text(re.compile(r"已用 \d+ / 29"))
    page.screenshot(path=SCREENS / "customer-quota.png", full_page=True)


def test_a_moment_is_estimated_and_kept(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    page.goto("/moments")
    settle(page)
    page.get_by_role("button", name=re.compile("新建朋友圈$")).click()
    page.get_by_label("名称 (只有同事看得到)").fill("浏览器朋友圈")
    page.get_by_label("文案").fill("雾起")
    expect(page.get_by_test_id("moment-estimate")).to_contain_text("预计")
    page.locator(".ant-drawer").get_by_role("button", name=re.compile("保.?存")).click()
    expect(page.get_by_test_id("moment-numbers")).to_be_visible()
    page.get_by_role("button", name="删除草稿").click()
    expect(page).to_have_url(re.compile("/moments$"))
    assert not watch.troubles
