"""No input the API describes, and none it does not, makes it break."""

from __future__ import annotations

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from siyu.core.access import SYSTEM, Role
from siyu.core.users import create_user

PASSWORD = "camellia-blooms-9"
EXCLUDED = r"^/session$"


@pytest.fixture
def cookies(db, run_time, clock) -> dict[str, str]:
    create_user(SYSTEM, "lin", PASSWORD, Role.OWNER, now=clock.now())
    client = Client()
    body = {"username": "lin", "password": PASSWORD}
    client.post("/api/session", body, content_type="application/json")
    token = client.get("/api/session").json()["csrf_token"]
    return {name: morsel.value for name, morsel in client.cookies.items()} | {"token": token}


@pytest.fixture
def described(cookies):
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", WSGIHandler())
    return schema.exclude(path_regex=EXCLUDED)


schema = schemathesis.pytest.from_fixture("described")


@schema.parametrize()
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_no_input_breaks_the_api(case, cookies):
    sent = {name: value for name, value in cookies.items() if name != "token"}
    response = case.call(cookies=sent, headers={"X-CSRFToken": cookies["token"]})
    case.validate_response(
        response,
        checks=[not_a_server_error, content_type_conformance, response_schema_conformance],
    )
