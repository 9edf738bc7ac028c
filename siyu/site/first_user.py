"""The first owner of an empty home."""

from __future__ import annotations

import secrets

from siyu.core.access import SYSTEM, Role
from siyu.core.models import User
from siyu.core.runtime import runtime
from siyu.core.users import create_user


def ensure_owner(password: str = "") -> str:
    """Create `owner` when nobody exists; returns its password, "" when somebody does."""
    if User.objects.exists():
        return ""
    password = password or secrets.token_urlsafe(12)
    create_user(
        SYSTEM, "owner", password, Role.OWNER, display_name="所有者", now=runtime().clock.now()
    )
    return password
