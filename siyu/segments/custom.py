"""The brand's own fields as fields of a segment: `custom.<key>`."""

from __future__ import annotations

from collections.abc import Mapping

from siyu.pool.queries import field_catalogue
from siyu.segments.fields import CUSTOM, Field, Kind

_KINDS: Mapping[str, Kind] = {
    "text": "text",
    "number": "number",
    "integer": "number",
    "date": "date",
    "datetime": "date",
    "bool": "bool",
    "choice": "choice",
    "choices": "choices",
}


def load_custom_fields() -> dict[str, Field]:
    """The fields in use that hold nothing personal, by their name in a definition."""
    return {
        f"{CUSTOM}{found.key}": Field(
            name=f"{CUSTOM}{found.key}",
            zh=found.zh,
            en=found.en or found.zh,
            kind=_KINDS[found.type],
            key=found.key,
            choices=tuple((choice.value, choice.zh, choice.en) for choice in found.choices),
        )
        for found in field_catalogue()
        if found.type in _KINDS
    }
