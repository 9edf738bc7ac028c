"""What a person's answer about a template's messages means for the ledger of permissions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

GRANTED, WITHDRAWN, DECLINED = "granted", "withdrawn", "declined"


def permit_change(item: Mapping[str, Any], *, is_popup: bool) -> str:
    """The `change` of a `permit_changed` fact.

    Only the switch in the settings takes back what was allowed. Somebody who declines one pop-up
    allows nothing more, and earlier permissions stay good: the platform counts each acceptance.
    """
    if not is_popup:
        return WITHDRAWN
    return GRANTED if item.get("SubscribeStatusString") == "accept" else DECLINED
