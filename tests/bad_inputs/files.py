"""Files through the API of imports, as the console sends them."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from django.test import Client

from siyu.files import actions


def upload(browser: Client, content: bytes, kind: str = "customers", name: str = "c.csv") -> int:
    told = {"kind": kind, "file_name": name, "size": len(content)}
    made = browser.post("/api/imports", json.dumps(told), content_type="application/json")
    run_id = made.json()["id"]
    for offset in range(0, len(content), 1 << 20):
        path = f"/api/imports/{run_id}/content?offset={offset}"
        piece = content[offset : offset + (1 << 20)]
        sent = browser.put(path, piece, content_type="application/octet-stream")
        assert sent.status_code == 200, sent.content
    return int(run_id)


def look(browser: Client, run_id: int) -> Any:
    return browser.get(f"/api/imports/{run_id}/file")


def start(browser: Client, run_id: int, *, is_dry: bool = False, **changes: Any) -> Any:
    mapping = look(browser, run_id).json()["mapping"] | changes
    body = json.dumps({"mapping": mapping, "is_dry": is_dry})
    path = f"/api/imports/{run_id}/start"
    return browser.post(path, body, content_type="application/json")


def finish(browser: Client, run_id: int) -> dict[str, Any]:
    while actions.work():
        pass
    told: dict[str, Any] = browser.get(f"/api/imports/{run_id}").json()
    return told


def bring(
    browser: Client, content: bytes, kind: str = "customers", **changes: Any
) -> dict[str, Any]:
    run_id = upload(browser, content, kind)
    started = start(browser, run_id, **changes)
    assert started.status_code == 200, started.content
    return finish(browser, run_id)


def codes(told: dict[str, Any]) -> list[tuple[int, str]]:
    """(row, code) of what was refused."""
    return [(row["row"], row["code"]) for row in told["refused"]]


def zipped(entries: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()
