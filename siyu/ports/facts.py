"""Facts: what happened, to whom, when. Everything that enters Siyu becomes one.

`properties` may be kept in the history, so they hold nothing personal; what is personal
(name, phone, message text) goes into `traits` or `private`, which stay in the state store.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from siyu.kernel.identity import Identity

FRIEND_ADDED: Final = "friend_added"
FRIEND_EDITED: Final = "friend_edited"
FRIEND_REMOVED: Final = "friend_removed"
"""Our staff removed the customer."""
FRIEND_LOST: Final = "friend_lost"
"""The customer removed our staff."""
FRIEND_SYNCED: Final = "friend_synced"
"""A pull found the relation; not a new addition."""
FRIEND_HALF_ADDED: Final = "friend_half_added"
"""The customer added our staff, who has not confirmed yet; a full addition follows."""
TRANSFER_FAILED: Final = "transfer_failed"
"""A customer was not handed over to `staff`; property `reason`."""
ARCHIVE_AGREED: Final = "archive_agreed"
"""The customer agreed that chats are archived."""
STAFF_SYNCED: Final = "staff_synced"
STAFF_RENAMED: Final = "staff_renamed"
"""A member of staff has another id, `staff`, from then on; property `before`: the one he had."""
DEPARTMENT_CHANGED: Final = "department_changed"
TAG_CATALOG_CHANGED: Final = "tag_catalog_changed"
ACQUISITION_CHANGED: Final = "acquisition_changed"
"""A link stopped working, or the quota of links changed; about nobody in particular."""
FIRST_SPOKE: Final = "first_spoke"
"""A customer whom a link brought spoke for the first time."""
GROUP_CHANGED: Final = "group_changed"
"""A group was made, changed or dismissed; about nobody in particular."""
GROUP_JOINED: Final = "group_joined"
GROUP_LEFT: Final = "group_left"
FOLLOWED: Final = "followed"
UNFOLLOWED: Final = "unfollowed"
MESSAGE_RECEIVED: Final = "message_received"
MESSAGE_SENT: Final = "message_sent"
CHAT_ENTERED: Final = "chat_entered"
DESK_CALLED: Final = "desk_called"
"""A service desk has news to be pulled; about nobody in particular."""
DESK_RIGHT_CHANGED: Final = "desk_right_changed"
"""We may answer at a service desk (`change` = granted), or no longer (withdrawn); property `desk`."""
DESK_SESSION_CHANGED: Final = "desk_session_changed"
"""Somebody else answers a customer at a service desk now."""
CODE_SCANNED: Final = "code_scanned"
"""Somebody who already follows scanned a code; property `state` says which."""
MENU_CLICKED: Final = "menu_clicked"
MENU_VIEWED: Final = "menu_viewed"
LOCATION_REPORTED: Final = "location_reported"
MASS_SEND_FINISHED: Final = "mass_send_finished"
MOMENT_LIKED: Final = "moment_liked"
MOMENT_COMMENTED: Final = "moment_commented"
"""A customer wrote below a moment of our staff; the platform gives no text."""
ORDER_CHANGED: Final = "order_changed"
"""An order of the platform changed; `order_id` says which, `change` what happened."""
STORE_MEMBER_CHANGED: Final = "store_member_changed"
PERMIT_CHANGED: Final = "permit_changed"
"""A person allowed one send of a template (`change` = granted), took back all that was allowed
(withdrawn), or would not allow one more (declined); properties `template`, `channel`."""
SEND_FINISHED: Final = "send_finished"
"""What became of one message: properties `remote_id` and `failure` ("" = it arrived)."""
ORDER_COMPLETED: Final = "order_completed"
ORDER_REFUNDED: Final = "order_refunded"
PAYMENT_SUCCEEDED: Final = "payment_succeeded"
PAYMENT_REFUNDED: Final = "payment_refunded"
"""Money moved for an order that somebody else tells: compared, not counted again."""
REFUND_FAILED: Final = "refund_failed"
PAYOUT_CHANGED: Final = "payout_changed"
"""A reward on its way to a customer changed its state at the platform."""
REFERRED: Final = "referred"
IDENTIFIED: Final = "identified"
MERGED_BY_ALIAS: Final = "alias"
IDENTITY_UNBOUND: Final = "identity_unbound"
"""The source says that its identities (or its one identity and others) belong together no more."""


class Fact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that happened.

    at: milliseconds since the epoch, skew-corrected. received_at: when we took it in.
    identities: of the customer, best first; empty when nobody is known.
    source: write-key name, account key (`wecom:ww123`) or `import:<id>`.
    platform: `wecom`, `douyin`, `web`, `import`…
    account: our account the fact belongs to, or "".
    staff: remote id of our employee, or "".
    evidence: why the identities belong together, shown to people.
    message_id: unique within the source.
    """

    name: str
    at: int
    received_at: int
    source: str
    message_id: str
    platform: str
    identities: tuple[Identity, ...] = ()
    account: str = ""
    staff: str = ""
    evidence: str = ""
    properties: dict[str, Any] = {}
    traits: dict[str, Any] = {}
    private: dict[str, Any] = {}
    is_late: bool = False
