"""Each role walks its whole menu and meets nothing it may not see."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Look, Open, settle, sign_in_as
from tests.browser.world import PASSWORD, hire

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.mark.parametrize("role", ["operator", "guide", "analyst", "auditor"])
def test_role_meets_only_pages_it_may_see(sign_in: Open, open_page: Open, role: str) -> None:
    owner, _ = sign_in(Look())
    hire(owner, role)
    page, watch = open_page(Look())
    sign_in_as(page, f"browser-{role}", PASSWORD)
    settle(page)
    names = page.get_by_role("menuitem").all_inner_texts()
    assert names
    for name in names:
        page.get_by_role("menuitem", name=name, exact=False).first.click()
        settle(page)
        assert page.get_by_test_id("error-state").count() == 0, f"{role}: {name}"
    assert not watch.troubles, f"{role}: {watch.troubles}"


def test_guide_sees_no_way_to_reveal_a_phone(sign_in: Open, open_page: Open) -> None:
    owner, _ = sign_in(Look())
    hire(owner, "guide")
    customers = owner.request.get("/api/customers").json()["items"]
    page, _ = open_page(Look())
    sign_in_as(page, "browser-guide", PASSWORD)
    page.goto("/customers")
    settle(page)
    expect(page.get_by_role("button", name="导出")).to_have_count(0)
    mine = next(row for row in customers if row["owner_staff"] == "linyue")
    page.goto(f"/customers/{mine['id']}")
    expect(page.get_by_role("heading", name=mine["name"])).to_be_visible()
    expect(page.get_by_role("button", name="查看手机号")).to_have_count(0)
