"""Every operation that is described can be reached."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]
OPENAPI = Path(__file__).parents[3] / "console" / "openapi.json"


def test_every_operation_is_found_though_others_share_its_path():
    paths = json.loads(OPENAPI.read_text("utf-8"))["paths"]
    missing = []
    for path, operations in paths.items():
        for method in operations:
            answer = Client().generic(method.upper(), re.sub(r"{\w+}", "1", path))
            is_ours = answer.headers.get("Content-Type") == "application/problem+json"
            if answer.status_code == 405 or (answer.status_code == 404 and not is_ours):
                missing.append((method, path))
    assert len(paths) > 100
    assert missing == []
