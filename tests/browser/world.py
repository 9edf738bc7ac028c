"""What a flow needs beside its page: the platforms' sandbox, colleagues, settings by the API."""

from __future__ import annotations

import json
from typing import Any
from urllib.request import Request, urlopen

from playwright.sync_api import Page

PASSWORD = "camellia-browser-test"


def account_of(page: Page, platform: str) -> dict[str, Any]:
    """The brand's first account at a platform."""
    answer = page.request.get("/api/accounts").json()
    found: dict[str, Any] = next(one for one in answer["items"] if one["platform"] == platform)
    return found


def in_sandbox(page: Page, platform: str, operation: str, **arguments: Any) -> Any:
    """Somebody does something at a platform, or its own books are read: not through Siyu."""
    root = account_of(page, platform)["base_url"].rsplit("/", 1)[0]
    return control(root, platform, operation, **arguments)


def control(root: str, platform: str, operation: str, **arguments: Any) -> Any:
    """One operation of the sandbox that listens at `root`."""
    url = f"{root}/_sandbox/{platform}/{operation}"
    with urlopen(Request(url, json.dumps(arguments).encode()), timeout=20) as answer:
        return json.loads(answer.read())


def wait_until(page: Page, path: str, words: str) -> None:
    """Until the API's answer at `path` has these words: what happened elsewhere has come in."""
    asked = "async ([path, words]) => (await (await fetch(path)).text()).includes(words)"
    page.wait_for_function(asked, arg=[path, words], polling=250)


def write(page: Page, method: str, path: str, body: dict[str, Any]) -> Any:
    """A change through the API as the person signed in; what it answered."""
    token = page.request.get("/api/session").json()["csrf_token"]
    answer = page.request.fetch(path, method=method, data=body, headers={"X-CSRFToken": token})
    assert answer.ok, answer.text()
    return answer.json() if answer.body() else None


def hire(owner: Page, role: str) -> str:
    """The user of a role, made once; the name, whose password is `PASSWORD`."""
    name = f"browser-{role}"
    users = owner.request.get("/api/users").json()["items"]
    if all(user["username"] != name for user in users):
        staff = "linyue" if role == "guide" else ""
        body = {"username": name, "password": PASSWORD, "role": role, "staff_id": staff}
        write(owner, "POST", "/api/users", body)
    return name
