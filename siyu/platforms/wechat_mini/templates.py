"""Subscribe-message templates of a mini program."""

from __future__ import annotations

from siyu.platforms.wechat_mini.client import MiniClient
from siyu.platforms.wechat_mini.mapping import SUBSCRIBE
from siyu.ports.templates import MessageTemplate
from siyu.wechat.forms import read_fields

ONE_TIME = 2


class MiniTemplates:
    """The `TemplateSource` of a mini program."""

    def __init__(self, client: MiniClient) -> None:
        self._client = client

    def list_templates(self) -> list[MessageTemplate]:
        """See `TemplateSource.list_templates`."""
        return [
            MessageTemplate(
                one.template,
                one.title,
                SUBSCRIBE,
                read_fields(one.content),
                is_one_time=one.type == ONE_TIME,
            )
            for one in self._client.list_notice_templates().data
        ]
