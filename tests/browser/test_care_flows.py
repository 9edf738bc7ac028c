"""Customers taken over with a result each, and losses: listed, exported, told, in Chromium."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Look, Open
from tests.browser.hands import customer_of, look, named, show, until_said
from tests.browser.test_growth_flows import eventually
from tests.browser.test_hand_over import pick
from tests.browser.world import in_sandbox, write

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

DESK, DARK = Look(), Look("phone", "dark")
WECOM = "wecom"
OK = re.compile("^确 ?定$")
USUAL = {"mode": "both", "hour": 9, "managers": []}
MOVED, WAITING, REFUSED, FULL = 1, 2, 3, 4


def guide_with(page: Page, customers: int) -> tuple[str, dict[str, str]]:
    """A guide whom no other test knows: his id, his customers by name with the platform's id."""
    userid = named("guide")
    in_sandbox(page, WECOM, "add_staff", staff=[{"userid": userid, "name": userid}])
    friends = {}
    for _ in range(customers):
        name = named("常客")
        who = {"userid": userid, "unionid": f"u-{name}", "name": name}
        friends[name] = in_sandbox(page, WECOM, "add_friend", **who)["external_userid"]
    for name in friends:
        customer_of(page, name)
    return userid, friends


def hand_over(page: Page, taker: str) -> Locator:
    """Fill in who takes over in the dialog that stands open, and submit; the results."""
    dialog = page.get_by_role("dialog")
    pick(page, dialog.get_by_role("combobox", name="接替员工"), taker)
    dialog.get_by_role("button", name="提交继承").click()
    results = page.locator(".ant-drawer").get_by_role("table")
    expect(results).to_be_visible()
    return results


def moves(page: Page) -> list[dict[str, Any]]:
    """Every move by the platform's own books."""
    found: list[dict[str, Any]] = in_sandbox(page, WECOM, "moves")
    return found


def states(page: Page, giver: str, taker: str) -> list[int]:
    """How the moves between two guides stand."""
    pair = (giver, taker)
    moves = in_sandbox(page, WECOM, "moves")
    return sorted(
        one["status"] for one in moves if (one["handover_userid"], one["takeover_userid"]) == pair
    )


def test_customers_of_who_left_are_taken_over_one_by_one(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    leaver, friends = guide_with(page, 3)
    (stays, _), *others = friends.items()
    in_sandbox(page, WECOM, "leave", userid=leaver)
    until_said(page, "/api/transfers/leavers", leaver)
    show(page, "/transfers")
    task = page.locator(".ant-card-body .spread").filter(has_text=leaver)
    expect(task).to_contain_text("3 位客户")
    task.get_by_role("button", name="开始继承").click()
    expect(page.get_by_role("dialog")).to_contain_text("可以转接 3 位客户")
    look(page, "transfer-form")
    results = hand_over(page, "林悦 (linyue)")
    for name in friends:
        row = results.get_by_role("row", name=re.compile(name))
        expect(row).to_contain_text("等待客户")
    assert states(page, leaver, "linyue") == [WAITING] * 3
    in_sandbox(page, WECOM, "refuse_move", external_userid=friends[stays])
    in_sandbox(page, WECOM, "settle_moves", is_forced=True)
    expect(results.get_by_role("row", name=re.compile(stays))).to_contain_text("客户拒绝")
    for name, _ in others:
        expect(results.get_by_role("row", name=re.compile(name))).to_contain_text("已接替")
    assert states(page, leaver, "linyue") == [MOVED, MOVED, REFUSED]
    look(page, "transfer-results")
    page.locator(".ant-drawer").get_by_role("combobox", name="状态").click()
    page.locator(".ant-select-dropdown:visible").get_by_text("客户拒绝").click()
    expect(results.locator("tbody tr.ant-table-row")).to_have_count(1)
    results.get_by_role("link", name=stays).click()
    expect(page.get_by_role("heading", name=stays)).to_be_visible()
    page.get_by_role("tab", name="现在能怎么联系").click()
    way = page.locator(".record").filter(has_text="员工已离职，客户还没有人接替")
    expect(way.filter(has_text="群发")).to_contain_text(leaver)
    look(page, "channels-of-a-leaver")
    taken = customer_of(page, others[0][0])
    show(page, f"/customers/{taken}")
    expect(page.get_by_test_id("owner-card")).to_contain_text("林悦")
    show(page, "/transfers")
    expect(page.locator(".ant-card-body .spread").filter(has_text=leaver)).to_contain_text(
        "1 位客户"
    )
    assert not watch.troubles


def test_who_may_not_be_taken_over_on_the_job_says_why(sign_in: Open) -> None:
    page, watch = sign_in(DARK)
    giver, friends = guide_with(page, 2)
    for taker, free in (("林悦 (linyue)", 2), ("陈默 (chenmo)", 0)):
        show(page, "/transfers")
        page.get_by_role("button", name="开始继承").first.click()
        dialog = page.get_by_role("dialog")
        pick(page, dialog.get_by_role("combobox", name="原员工"), giver)
        expect(dialog).to_contain_text(f"可以转接 {free} 位客户")
        dialog.get_by_label(re.compile("^接替提示")).fill(f"以后由{taker[:2]}为您服务")
        if not free:
            expect(dialog).to_contain_text("正在转接中")
            look(page, "transfer-blocked-phone-dark")
        results = hand_over(page, taker)
        told = "等待客户" if free else "正在转接给另一位员工"
        for name in friends:
            expect(results.get_by_role("row", name=re.compile(name))).to_contain_text(told)
    look(page, "transfer-reasons-phone-dark")
    assert states(page, giver, "chenmo") == []
    asked = [one for one in moves(page) if one["handover_userid"] == giver]
    assert {one["message"] for one in asked} == {"以后由林悦为您服务"}
    in_sandbox(page, WECOM, "set_full", userids=["linyue"])
    in_sandbox(page, WECOM, "settle_moves", is_forced=True)
    in_sandbox(page, WECOM, "set_full", userids=[])
    show(page, "/transfers")
    page.get_by_role("button", name=re.compile(f"{giver} → 林悦")).click()
    results = page.locator(".ant-drawer").get_by_role("table")
    for name in friends:
        row = results.get_by_role("row", name=re.compile(name))
        expect(row).to_contain_text("接替人客户已满")
    assert states(page, giver, "linyue") == [FULL] * 2
    assert not watch.troubles


def set_alerts(page: Page, mode: str, manager: str) -> Locator:
    """Choose when alerts come and who gets them too; the dialog, opened again."""
    page.get_by_role("button", name="提醒设置").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox", name="方式").click()
    page.locator(".ant-select-dropdown:visible").get_by_text(mode, exact=True).click()
    box = dialog.get_by_role("combobox", name="另外通知的成员")
    box.click()
    box.fill(manager)
    page.locator(".ant-select-dropdown:visible").get_by_text(manager, exact=True).click()
    dialog.get_by_text("店长、区域经理").click()
    expect(page.locator(".ant-select-dropdown:visible")).to_be_hidden()
    dialog.get_by_role("button", name=OK).click()
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="提醒设置").click()
    expect(dialog).to_contain_text(mode)
    return dialog


def noted(page: Page, userid: str, name: str) -> list[str]:
    """What the app wrote to a guide about a customer, by the platform's own books."""
    items: list[dict[str, Any]] = in_sandbox(page, WECOM, "noted")["items"]
    return [one["text"] for one in items if one["userid"] == userid and name in one["text"]]


def test_losses_are_told_filtered_and_exported(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    write(page, "PUT", "/api/alert-rule", USUAL)
    userid, friends = guide_with(page, 2)
    (gone, first), (deleted, second) = friends.items()
    show(page, "/losses")
    dialog = set_alerts(page, "实时", "林悦 (linyue)")
    expect(dialog).to_contain_text("林悦 (linyue)")
    expect(dialog.get_by_label("汇总时间 (点)")).to_have_count(0)
    look(page, "alert-rule")
    dialog.get_by_role("button", name=re.compile("取 ?消")).click()
    for external, by in ((first, "customer"), (second, "staff")):
        who = {"external_userid": external, "userid": userid}
        in_sandbox(page, WECOM, "delete_friend", **who, by=by)
    (told,) = eventually(page, lambda: noted(page, userid, gone))
    assert told.startswith(f"客户「{gone}」删除了您")
    (told,) = eventually(page, lambda: noted(page, "linyue", deleted))
    assert told.startswith(f"员工 {userid} 删除了客户「{deleted}」")
    show(page, "/losses")
    pick(page, page.get_by_role("combobox", name="员工"), userid)
    rows = page.locator("tbody tr.ant-table-row")
    expect(rows).to_have_count(2)
    expect(page.get_by_text("客户删除 1，员工删除 1")).to_be_visible()
    page.get_by_text("员工删除客户", exact=True).first.click()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(deleted)
    look(page, "losses-filtered")
    with page.expect_download() as kept:
        page.get_by_role("link", name="导出").click()
    table = Path(kept.value.path()).read_text("utf-8-sig").splitlines()
    assert [cells[1] for cells in csv.reader(table)] == ["customer", deleted]
    days = page.locator(".ant-picker-input input")
    for number, day in enumerate(("2020-01-01", "2020-01-02")):
        days.nth(number).fill(day)
        days.nth(number).press("Enter")
    expect(page.get_by_text("没有流失", exact=True)).to_be_visible()
    write(page, "PUT", "/api/alert-rule", USUAL)
    assert not watch.troubles


def test_losses_fit_a_phone_in_the_dark(sign_in: Open) -> None:
    page, watch = sign_in(DARK)
    show(page, "/losses")
    expect(page.get_by_text("客户删除员工").first).to_be_visible()
    look(page, "losses-phone-dark")
    assert not watch.troubles
