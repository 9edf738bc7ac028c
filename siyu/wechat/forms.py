"""Texts of template forms: `商品:{{thing1.DATA}}` → their blanks."""

from __future__ import annotations

import re

from siyu.ports.templates import TemplateField

_BLANK = re.compile(r"([^\n\uff1a: ]*)[\uff1a: ]?\{\{(\w+)\.DATA\}\}")


def read_fields(content: str) -> tuple[TemplateField, ...]:
    """The blanks of a form's text, in order."""
    return tuple(TemplateField(key, name.strip()) for name, key in _BLANK.findall(content))
