"""Stores, scripts and the sidebar, as people use them."""

from __future__ import annotations

import re
import secrets

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.browser.conftest import SCREENS, Look, Open, Watch, settle
from tests.browser.hands import customer_of, until_said
from tests.browser.world import account_of, in_sandbox

HEADER = "区域编码,区域名称,上级区域编码,门店编码,门店名称,城市,纬度,经度,成员ID,岗位\n"

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def toolbar(page: Page, name: str) -> tuple[str, str]:
    """A guide gets a friend and opens the toolbar beside him: the account, the fragment."""
    account = account_of(page, "wecom")
    staff = next(
        one["staff"]
        for one in page.request.get("/api/guides").json()["items"]
        if one["account"] == account["key"] and one["is_active"]
    )
    told = in_sandbox(page, "wecom", "add_friend", userid=staff, unionid=f"e2e-{name}", name=name)
    customer = customer_of(page, name)
    until_said(page, f"/api/customers/{customer}/timeline", "friend_added")
    who = {"userid": staff, "external_userid": told["external_userid"]}
    return account["key"], in_sandbox(page, "wecom", "open_toolbar", **who)["fragment"]


def write_script(page: Page, title: str) -> None:
    page.goto("/scripts")
    settle(page)
    page.get_by_role("button", name="新建分组").click()
    page.get_by_label("分组名称").fill(f"组{title}")
    page.locator(".ant-modal-footer .ant-btn-primary").click()
    page.locator(".ant-modal").wait_for(state="hidden")
    page.get_by_role("button", name="新建话术").click()
    page.get_by_label("标题", exact=True).fill(title)
    page.get_by_label("内容").fill("您好, 欢迎光临")
    page.locator(".ant-modal-footer .ant-btn-primary").click()
    page.get_by_text(title, exact=True).wait_for()


def keep_picture(page: Page, name: str) -> None:
    """A picture of its own in the library."""
    token = page.request.get("/api/session").json()["csrf_token"]
    content = b"\x89PNG\r\n\x1a\n" + secrets.token_bytes(64)
    file: FilePayload = {"name": name, "mimeType": "image/png", "buffer": content}
    answer = page.request.post(
        "/api/materials",
        multipart={"kind": "image", "file": file},
        headers={"X-CSRFToken": token},
    )
    assert answer.status == 201, answer.text()


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (320, "dark")])
def test_a_guide_opens_the_sidebar_and_sends_a_script_and_a_picture(
    sign_in: Open, chromium: Browser, demo_url: str, width: int, scheme: str
) -> None:
    console, _ = sign_in(Look())
    title = f"欢迎{width}{secrets.token_hex(2)}"
    write_script(console, title)
    keep_picture(console, f"{title}.png")
    account, fragment = toolbar(console, f"客{width}")
    context = chromium.new_context(
        viewport={"width": width, "height": 844},
        base_url=demo_url,
        locale="zh-CN",
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page, watch = context.new_page(), Watch()
    watch.attach(page)
    page.goto(f"/sidebar?account={account}#{fragment}")
    page.locator("h1").wait_for()
    page.screenshot(path=SCREENS / f"sidebar-{width}-{scheme}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("tab", name="话术").click()
    page.get_by_role("searchbox").fill(title)
    page.locator("article", has_text=title).get_by_role("button", name="发送").click()
    page.get_by_text("发过 1 次").wait_for()
    page.get_by_role("button", name=f"组{title}").click()
    page.get_by_text("没有找到话术").wait_for()
    page.get_by_role("button", name="全部").click()
    page.locator("article", has_text=title).wait_for()
    page.screenshot(path=SCREENS / f"sidebar-scripts-{width}-{scheme}.png", full_page=True)
    page.get_by_role("tab", name="素材").click()
    page.get_by_role("searchbox").fill(title)
    page.locator("article", has_text=title).get_by_role("button", name="发送").click()
    page.get_by_text(f"已发送 {title}.png").wait_for()
    page.screenshot(path=SCREENS / f"sidebar-files-{width}-{scheme}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    sent = in_sandbox(console, "wecom", "chat_sends")
    mine = [one["kind"] for one in sent if one["external_userid"] in fragment]
    assert mine == ["text", "image"]
    page.get_by_role("tab", name="动态").click()
    page.get_by_text("添加好友").first.wait_for()
    ours = [one for one in watch.troubles if "/api/" in one or "exception" in one]
    assert [one for one in ours if not one.endswith("/api/sidebar/me")] == []
    context.close()


def test_a_store_is_made_and_found(sign_in: Open) -> None:
    page, watch = sign_in(Look())
    code = f"E2E{secrets.token_hex(2)}"
    page.goto("/stores")
    settle(page)
    page.get_by_role("button", name="新建门店").click()
    page.get_by_label("编码").fill(code)
    page.get_by_label("名称", exact=True).fill(f"试验店{code}")
    page.locator(".ant-modal-footer .ant-btn-primary").click()
    page.get_by_text(f"试验店{code}").wait_for()
    assert watch.troubles == []


def table(code: str, staff: str) -> FilePayload:
    """Three rows that can be and three that cannot."""
    rows = f"""R{code},试验区{code},east,,,,,,,
R{code},,,T{code},试验店{code},苏州,31.3,120.6,{staff},店长
R{code},,,U{code},月光店{code},苏州,,,,
R{code},,,V{code},远方店{code},苏州,999,120.6,,
nowhere{code},孤区,gone{code},,,,,,,
R{code},,,T{code},,,,,{staff},老板
"""
    return {"name": "org.csv", "mimeType": "text/csv", "buffer": (HEADER + rows).encode()}


@pytest.mark.parametrize("look", [Look(), Look("phone", "dark")], ids=lambda look: look.name)
def test_an_organisation_comes_from_a_file_with_good_and_bad_rows(
    sign_in: Open, look: Look
) -> None:
    page, watch = sign_in(look)
    code, staff = secrets.token_hex(3), "zhouqing"
    page.goto("/stores")
    settle(page)
    page.get_by_role("button", name="导入组织").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="确认导入")).to_be_disabled()
    dialog.locator("input[type=file]").set_input_files(table(code, staff))
    dialog.get_by_role("button", name=re.compile("试\\s?跑")).click()
    expect(dialog).to_contain_text("共 6 行：3 行有变化，3 行有错误")
    expect(dialog).to_contain_text("新增区域 1、门店 2、岗位 1")
    rows = dialog.locator("tbody tr.ant-table-row")
    expect(rows).to_contain_text(["5纬度超出范围", "6上级区域编码没有区域", "7岗位岗位只能是"])
    page.screenshot(path=SCREENS / f"org-import-{look.name}.png")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert f"试验店{code}" not in page.request.get("/api/stores").text(), "nothing is written yet"
    dialog.get_by_role("button", name="确认导入").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_text("已导入，改动 3 行")).to_be_visible()
    expect(page.get_by_text(f"月光店{code}")).to_be_visible()
    expect(page.get_by_text(f"远方店{code}")).to_have_count(0)
    page.get_by_text(f"试验店{code}").click()
    expect(dialog).to_contain_text("周晴")
    expect(dialog).to_contain_text("店长")
    page.screenshot(path=SCREENS / f"org-imported-{look.name}.png")
    assert watch.troubles == []
