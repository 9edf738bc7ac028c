"""Template messages: a platform's approved forms, and a message that fills one in.

A message is written as lines, so that any sender of texts can carry it and people can read it:

    template: TEMPLATE_ID
    page: pages/order/detail?id=1
    thing1: 明前龙井 50g

`template` comes first; `page` (mini program path), `url` (web page) and `app_id` (of the mini
program) are optional; every other line is a field of the template.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from siyu.kernel.errors import Refused

MAX_FIELDS = 20
_LINE = re.compile(r"^([A-Za-z][A-Za-z0-9_]{0,31})\s*[:\uff1a]\s*(.*)$")
_PLACES = ("page", "url", "app_id")


@dataclass(frozen=True)
class TemplateField:
    """One blank of a form: its key (`thing1`), what it is called (`商品`), an example."""

    key: str
    name: str = ""
    example: str = ""


@dataclass(frozen=True)
class MessageTemplate:
    """A form the account may use. channel: by which it is sent; is_one_time: each send needs a
    permit of its own."""

    id: str
    title: str
    channel: str
    fields: tuple[TemplateField, ...] = ()
    is_one_time: bool = False


class TemplateSource(Protocol):
    def list_templates(self) -> list[MessageTemplate]:
        """The forms of the account, as the platform has them now."""
        ...


@dataclass(frozen=True)
class Card:
    """A filled-in form."""

    template: str
    data: Mapping[str, str] = field(default_factory=dict)
    page: str = ""
    url: str = ""
    app_id: str = ""


def read_card(text: str) -> Card:
    """The form of a text; Refused when the first line names no template or a line is no field."""
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    pairs = [_pair(line) for line in lines]
    if not pairs or pairs[0][0] != "template" or not pairs[0][1]:
        raise Refused("card.template", "模板消息的第一行须为 template: 模板ID", field="text")
    places = {key: value for key, value in pairs[1:] if key in _PLACES}
    data = {key: value for key, value in pairs[1:] if key not in _PLACES}
    if not 1 <= len(data) <= MAX_FIELDS:
        raise Refused("card.fields", f"模板消息须有 1 到 {MAX_FIELDS} 个字段", field="text")
    return Card(pairs[0][1], data, **places)


def find_template(text: str) -> str:
    """The template a text names in its first line, or ""."""
    found = _LINE.match(text.strip().partition("\n")[0].strip())
    return found[2].strip() if found and found[1] == "template" else ""


def _pair(line: str) -> tuple[str, str]:
    found = _LINE.match(line)
    if found is None:
        raise Refused(
            "card.line", f"模板消息的每行须为 字段: 内容, 这行不是: {line[:40]}", field="text"
        )
    return found[1], found[2].strip()
