"""Bringing files in and taking everything out, done in Chromium."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SCREENS, Look, Open, settle

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

DESK = Look()
PHONE = Look("phone", "dark")
CUSTOMERS = (
    "会员编号,手机号,姓名,城市,注册时间\n"
    "file-{0}-1,139{1:08d},浏览器甲,上海,2024-01-02 10:00:00\n"
    "file-{0}-2,,浏览器乙,北京,2024-02-30\n"
    "file-{0}-3,,浏览器丙,广州,2024-01-04 10:00:00\n"
)


def make_file(folder: Path, mark: str) -> Path:
    path = folder / f"客户-{mark}.csv"
    path.write_bytes(CUSTOMERS.format(mark, abs(hash(mark)) % 10**8).encode("gb18030"))
    return path


def start_import(page: Page, path: Path) -> None:
    page.goto("/imports")
    settle(page)
    page.get_by_role("button", name="导入文件").click()
    page.locator("input[type=file]").set_input_files(str(path))
    expect(page.get_by_text("编码 gb18030")).to_be_visible()


def test_a_file_is_tried_out_written_and_taken_back(sign_in: Open, tmp_path: Path) -> None:
    page, watch = sign_in(DESK)
    path = make_file(tmp_path, uuid4().hex[:10])
    start_import(page, path)
    expect(page.get_by_text("浏览器甲 | 浏览器乙 | 浏览器丙")).to_be_visible()
    page.screenshot(path=SCREENS / "import-meanings.png", full_page=True)
    page.get_by_role("button", name="试运行").click()
    expect(page.get_by_text("试运行结果：还没有写入")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("没有这个日期或时间")).to_be_visible()
    counts = page.get_by_test_id("import-counts")
    expect(counts).to_contain_text("新增2")
    page.screenshot(path=SCREENS / "import-dry-run.png", full_page=True)
    with page.expect_download() as refused:
        page.get_by_role("link", name="下载拒收明细").click()
    assert "注册时间" in Path(refused.value.path()).read_text("utf-8-sig")
    page.get_by_role("button", name=re.compile("^写 ?入$")).click()
    expect(page.get_by_text("导入完成")).to_be_visible(timeout=20_000)
    expect(counts).to_contain_text("新客户2")
    page.get_by_role("button", name=re.compile("^关 ?闭$")).click()
    line = page.get_by_role("row", name=re.compile(path.name)).first
    line.get_by_role("button", name=re.compile("^撤 ?销$")).click()
    page.locator(".ant-modal-confirm .ant-btn-dangerous").click()
    expect(line.get_by_text("删除 2 位客户")).to_be_visible(timeout=20_000)
    assert not watch.troubles


def test_a_file_is_imported_on_a_phone(sign_in: Open, tmp_path: Path) -> None:
    page, watch = sign_in(PHONE)
    start_import(page, make_file(tmp_path, uuid4().hex[:10]))
    page.screenshot(path=SCREENS / "import-meanings-phone.png", full_page=True)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
    page.get_by_role("button", name="试运行").click()
    expect(page.get_by_text("试运行结果：还没有写入")).to_be_visible(timeout=20_000)
    page.screenshot(path=SCREENS / "import-dry-run-phone.png", full_page=True)
    assert not watch.troubles


def test_a_file_that_is_no_table_is_refused_with_a_sentence(sign_in: Open, tmp_path: Path) -> None:
    page, _ = sign_in(DESK)
    path = tmp_path / "not.xlsx"
    path.write_bytes(b"PK\x03\x04 nothing")
    page.goto("/imports")
    settle(page)
    page.get_by_role("button", name="导入文件").click()
    page.locator("input[type=file]").set_input_files(str(path))
    expect(page.get_by_text("Excel 文件损坏").first).to_be_visible()


def test_a_broken_gbk_file_names_its_lines(sign_in: Open, tmp_path: Path) -> None:
    page, watch = sign_in(DESK)
    mark = uuid4().hex[:10]
    path = tmp_path / f"坏-{mark}.csv"
    good = CUSTOMERS.format(mark, abs(hash(mark)) % 10**8).encode("gb18030")
    path.write_bytes(good + f"file-{mark}-4,1.39E+10,浏览器丁\nfile-{mark}-5".encode("gb18030"))
    start_import(page, path)
    page.get_by_role("button", name="试运行").click()
    expect(page.get_by_text("应有 5 列, 实有 3 列")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("应有 5 列, 实有 1 列")).to_be_visible()
    page.screenshot(path=SCREENS / "import-broken-gbk.png", full_page=True)
    path.write_bytes(good + b"\xff\xff\xff\n")
    page.goto("/imports")
    settle(page)
    page.get_by_role("button", name="导入文件").click()
    page.locator("input[type=file]").set_input_files(str(path))
    expect(page.get_by_text("第 5 行有无法解码的字节").first).to_be_visible()
    assert [each for each in watch.troubles if "422" not in each] == []


def test_everything_is_exported_and_downloaded(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    page.goto("/exports")
    settle(page)
    links = page.get_by_role("link", name="customers.parquet")
    before = links.count()
    page.get_by_text("同时导出 CSV").click()
    page.get_by_role("button", name="新建导出").click()
    expect(links).to_have_count(before + 1, timeout=30_000)
    link = links.first
    with page.expect_download() as download:
        link.click()
    assert Path(download.value.path()).read_bytes().startswith(b"PAR1")
    expect(page.get_by_role("link", name="customers.csv").first).to_be_visible()
    line = page.get_by_role("row", name=re.compile("manifest.json")).first
    expect(line).to_contain_text("—")
    expect(line).not_to_contain_text("0 B")
    page.screenshot(path=SCREENS / "exports.png", full_page=True)
    page.get_by_role("button", name="删除文件").first.click()
    page.locator(".ant-modal-confirm .ant-btn-dangerous").click()
    expect(links).to_have_count(before)
    assert not watch.troubles
