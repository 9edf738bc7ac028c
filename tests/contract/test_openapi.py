"""No input the API describes, and none it does not, makes it break."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from siyu.site.api import api
from tests.demo.running import read_report, start_demo

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
EXCLUDED = r"/session$"
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]


@dataclass
class Served:
    url: str
    cookies: dict[str, str]
    token: str


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[Served]:
    """A small demo brand with its owner signed in."""
    home = tmp_path_factory.mktemp("contract") / "demo"
    demo = start_demo(home, "--customers", "40", "--days", "2")
    report = read_report(demo)
    with httpx.Client(base_url=report["url"], trust_env=False) as client:
        body = {"username": report["username"], "password": report["password"]}
        token = client.post("/api/session", json=body).json()["csrf_token"]
        open_sidebar(client)
        yield Served(report["url"], dict(client.cookies), token)
    demo.terminate()
    assert demo.wait(60) == 0


def open_sidebar(client: httpx.Client) -> None:
    """The same browser signs in to the sidebar too, as a member of staff, through WeCom."""
    accounts = client.get("/api/accounts").json()["items"]
    account = next(one for one in accounts if one["platform"] == "wecom")
    guides = client.get("/api/guides").json()["items"]
    staff = next(one["staff"] for one in guides if one["account"] == account["key"])
    away = client.get("/api/sidebar/login", params={"account": account["key"]})
    login = httpx.URL(away.headers["Location"]).copy_merge_params({"member": staff})
    page = httpx.get(login, trust_env=False).text
    back = urlsplit(unescape(page.split("url=")[1].split('"')[0]))
    client.get(f"{back.path}?{back.query}")
    assert client.get("/api/sidebar/me").status_code == 200


def described() -> dict[str, Any]:
    """The API's own description; how to sign in is the test's business, not a generator's."""
    raw: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/")))
    raw["components"].pop("securitySchemes", None)
    for operations in raw["paths"].values():
        for operation in operations.values():
            operation.pop("security", None)
    return raw


schema = schemathesis.openapi.from_dict(described()).exclude(path_regex=EXCLUDED)


@schema.parametrize()
@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_no_input_breaks_the_api(case, served):
    cookie = "; ".join(f"{name}={value}" for name, value in served.cookies.items())
    headers = {"Cookie": cookie, "X-CSRFToken": served.token}
    response = case.call(base_url=served.url, headers=headers)
    assert response.status_code != 401, "the test is signed out and proves nothing"
    case.validate_response(response, checks=CHECKS)
