"""Templates the account may use: template messages and subscription notices."""

from __future__ import annotations

from siyu.kernel.errors import PlatformRefused
from siyu.platforms.wechat_oa.client import OfficialClient
from siyu.ports.templates import MessageTemplate
from siyu.wechat.forms import read_fields

TEMPLATE, NOTICE = "wechat_oa.template", "wechat_oa.subscribe"
ONE_TIME = 2


class OfficialTemplates:
    """The `TemplateSource` of an official account."""

    def __init__(self, client: OfficialClient) -> None:
        self._client = client

    def list_templates(self) -> list[MessageTemplate]:
        """Both kinds; a kind the account has no right to is left out."""
        return [*self._templates(), *self._notices()]

    def _templates(self) -> list[MessageTemplate]:
        try:
            found = self._client.list_templates().template_list
        except PlatformRefused:
            return []
        return [
            MessageTemplate(one.template_id, one.title, TEMPLATE, read_fields(one.content))
            for one in found
        ]

    def _notices(self) -> list[MessageTemplate]:
        try:
            found = self._client.list_notice_templates().data
        except PlatformRefused:
            return []
        return [
            MessageTemplate(
                one.template,
                one.title,
                NOTICE,
                read_fields(one.content),
                is_one_time=one.type == ONE_TIME,
            )
            for one in found
        ]
