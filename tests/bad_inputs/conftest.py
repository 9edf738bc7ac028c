"""A signed-in browser, the intake in this process, and a way to import a file through the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from siyu.core.models import User
from siyu.core.tests.conftest import seen, shop
from siyu.files import actions
from siyu.site.subscriptions import STAGES

__all__ = ["browser", "seen", "shop"]


@pytest.fixture
def browser(run_time: Any, clock: Any) -> Client:
    """An owner's browser."""
    del run_time
    user = User.objects.create(username="owner", role="owner", created_at=clock.now())
    client = Client()
    client.force_login(user)
    actions.configure(STAGES)
    return client
