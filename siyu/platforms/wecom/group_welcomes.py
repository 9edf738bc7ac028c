"""Words that greet who enters a customer group 入群欢迎语."""

from __future__ import annotations

from typing import Any

from siyu.platforms.wecom.attachments import to_wire
from siyu.platforms.wecom.group_calls import GroupCalls
from siyu.platforms.wecom.transport import Transport
from siyu.ports.groups import GroupWelcome


class GroupWelcomes:
    """The `GroupWelcomer` of a corp: at most 100 texts; the owner picks one in the client."""

    def __init__(self, transport: Transport) -> None:
        self._calls = GroupCalls(transport)

    def create_welcome(self, welcome: GroupWelcome) -> str:
        """See `GroupWelcomer.create_welcome`."""
        body = {**_welcome(welcome), "notify": int(welcome.is_notified)}
        return self._calls.add_welcome(body).template_id

    def update_welcome(self, remote_id: str, welcome: GroupWelcome) -> None:
        """Replace the words."""
        self._calls.edit_welcome({**_welcome(welcome), "template_id": remote_id})

    def delete_welcome(self, remote_id: str) -> None:
        """Take the words away from all owners."""
        self._calls.del_welcome(remote_id)


def _welcome(welcome: GroupWelcome) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if welcome.text:
        body["text"] = {"content": welcome.text}
    if welcome.attachment:
        shown = to_wire([welcome.attachment])[0]
        body[shown["msgtype"]] = shown[shown["msgtype"]]
    return body
