"""The control page's routes: only where an account lives in the sandbox, only with the right."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from siyu.core.access import SYSTEM, Role
from siyu.core.accounts import create_account
from siyu.core.models import AuditEntry, User
from siyu.kernel.errors import Forbidden, NotFound, Refused
from siyu.platforms.douyin.tests.kit import ACCOUNT
from siyu.site import sandbox_api as api

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _home(run_time):
    return run_time


def request_of(role: Role = Role.OWNER):
    request = RequestFactory().get("/")
    request.user = User(username="lin", role=role)
    return request


@pytest.fixture
def sandbox(wire, clock):
    """An account whose base URL is a sandbox that answers from a script."""
    values = {**ACCOUNT.fields}
    url = "http://127.0.0.1:8801/douyin"
    create_account(SYSTEM, "douyin", values, name="抖音", base_url=url, now=clock.now())
    for name, told in (
        ("operations", {"douyin": [{"name": "follow", "about": "", "arguments": []}]}),
        ("witness", {"douyin": {"followers": 3}, "wecom": {}}),
        ("bad_days", {"drop": 0.0, "only": ""}),
        ("callbacks", {"pending": 0}),
        ("calls", []),
    ):
        wire.script(f"GET /_sandbox/{name}", [told], forever=True)
    return wire


def test_without_an_account_in_a_sandbox_there_is_no_page(clock):
    create_account(SYSTEM, "douyin", ACCOUNT.fields, name="抖音", now=clock.now())
    assert api.get_sandbox_presence(request_of()) == {"is_present": False}
    with pytest.raises(NotFound):
        api.get_sandbox(request_of())


def test_the_page_shows_the_platforms_we_have_accounts_on(sandbox):
    told = api.SandboxOut.model_validate(api.get_sandbox(request_of()))
    assert [(each.name, each.witness) for each in told.platforms] == [("douyin", {"followers": 3})]
    assert told.platforms[0].operations[0].name == "follow"


@pytest.mark.parametrize("role", [Role.GUIDE, Role.ANALYST, Role.AUDITOR])
def test_others_may_not(sandbox, role):
    body = api.ControlIn(platform="douyin", operation="follow")
    for call in (
        lambda: api.get_sandbox(request_of(role)),
        lambda: api.control_sandbox(request_of(role), body),
        lambda: api.set_bad_days(request_of(role), api.BadDaysIn(changes={"drop": 1})),
    ):
        with pytest.raises(Forbidden):
            call()


def test_control_is_passed_on_and_audited(sandbox):
    sandbox.script("POST /_sandbox/douyin/follow", [{"open_id": "o1"}])
    body = api.ControlIn(platform="douyin", operation="follow", arguments={"person": "p1"})
    assert api.control_sandbox(request_of(), body) == {"result": {"open_id": "o1"}}
    assert sandbox.sent("POST /_sandbox/douyin/follow")[0].json == {"person": "p1"}
    assert AuditEntry.objects.filter(verb="control_sandbox").count() == 1


@pytest.mark.parametrize(
    ("platform", "operation", "error"),
    [
        ("wecom", "scan", NotFound),
        ("douyin", "configure", Refused),
        ("douyin", "../bad_days", Refused),
    ],
)
def test_what_is_not_for_the_page_is_refused(sandbox, platform, operation, error):
    with pytest.raises(error):
        api.control_sandbox(request_of(), api.ControlIn(platform=platform, operation=operation))
