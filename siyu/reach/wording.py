"""Templates: Liquid without includes, with limits; a missing variable is an error, never a gap."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from liquid import BoundTemplate, Environment, FalsyStrictUndefined, Mode
from liquid.exceptions import LiquidError, UndefinedError

from siyu.kernel.errors import Refused
from siyu.reach.rules import Rendered

MAX_TEMPLATE = 16_000
_FORBIDDEN_TAGS = ("include", "render", "tablerow", "increment", "decrement", "liquid")


class _Limited(Environment):
    loop_iteration_limit = 1_000
    output_stream_limit = 64 * 1024
    context_depth_limit = 8
    local_namespace_limit = 64 * 1024
    block_nesting_limit = 8


def _environment() -> Environment:
    environment = _Limited(
        tolerance=Mode.STRICT, strict_filters=True, undefined=FalsyStrictUndefined
    )
    for tag in _FORBIDDEN_TAGS:
        environment.tags.pop(tag, None)
    return environment


_ENVIRONMENT = _environment()


@lru_cache(maxsize=512)
def _parse(template: str) -> BoundTemplate:
    return _ENVIRONMENT.from_string(template)


def check_template(template: str, *, field: str = "template") -> None:
    """Refused when the template is empty, too long or cannot be parsed."""
    if not template.strip():
        raise Refused("template.empty", "话术不能为空", field=field)
    if len(template) > MAX_TEMPLATE:
        raise Refused("template.too_long", f"话术超过 {MAX_TEMPLATE} 字", field=field)
    try:
        _parse(template)
    except (LiquidError, RecursionError) as error:
        first = str(error).splitlines()[0]
        raise Refused("template.invalid", f"话术模板有误: {first}", field=field) from error


def render(template: str, values: Mapping[str, Any], *, is_literal: bool = False) -> Rendered:
    """The text for one person. Values that are None or "" count as missing.

    Reasons: `template_missing_variable`, `template_invalid` (also when a limit is hit).
    """
    if is_literal:
        return Rendered(template)
    known = {key: value for key, value in values.items() if value is not None and value != ""}
    try:
        text = _parse(template).render(**known).strip()
    except UndefinedError:
        return Rendered(reason="template_missing_variable")
    except (LiquidError, RecursionError):
        return Rendered(reason="template_invalid")
    return Rendered(text) if text else Rendered(reason="template_invalid")
