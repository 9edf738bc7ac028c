"""The demo's hand on the sandbox."""

from __future__ import annotations

from typing import Any

from siyu.core.runtime import runtime
from siyu.kernel.errors import SiyuError


def control(sandbox_url: str, path: str, body: dict[str, Any]) -> Any:
    """One call of the sandbox's control API."""
    answer = runtime().http.request("POST", f"{sandbox_url}/_sandbox/{path}", json=body)
    if answer.status != 200:
        raise SiyuError("demo.sandbox", f"沙箱拒绝了 {path}: {answer.body.decode()[:200]}")
    return answer.json()
