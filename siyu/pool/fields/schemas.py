"""What the routes of custom fields take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from ninja import Field, Schema

from siyu.pool.fields.actions import FieldDraft
from siyu.pool.fields.types import FieldChoice

Kind = Literal[
    "text",
    "number",
    "integer",
    "date",
    "datetime",
    "bool",
    "choice",
    "choices",
    "phone",
    "email",
]
Rule = Literal["latest", "first", "priority", "max", "min", "union"]


class FieldChoiceSchema(Schema):
    value: str = Field(max_length=64)
    zh: str = Field(max_length=64)
    en: str = Field("", max_length=64)


class CustomFieldOut(Schema):
    """A custom field. sources: who is believed first, under the rule `priority`."""

    id: int
    key: str
    zh: str
    en: str
    type: Kind
    choices: list[FieldChoiceSchema]
    is_personal: bool
    is_archived: bool
    is_listed: bool
    rule: Rule
    sources: list[str]
    description: str


class CustomFieldRowOut(Schema):
    """filled: customers with a value. rejected: values refused. progress: 0 to 1 while at work."""

    field: CustomFieldOut
    filled: int
    rejected: int
    progress: float | None


class CustomFieldListOut(Schema):
    items: list[CustomFieldRowOut]


class CustomFieldIdOut(Schema):
    id: int


class CustomFieldChangeIn(Schema):
    """All that can change of a field."""

    zh: str = Field(max_length=64)
    en: str = Field("", max_length=64)
    choices: list[FieldChoiceSchema] = Field(default=[], max_length=200)
    is_personal: bool = False
    is_listed: bool = False
    rule: Rule = "latest"
    sources: list[str] = Field(default=[], max_length=20)
    description: str = Field("", max_length=200)

    def draft(self, key: str = "", kind: str = "text") -> FieldDraft:
        """As the pool takes it."""
        return FieldDraft(
            zh=self.zh,
            en=self.en,
            key=key,
            type=kind,
            choices=tuple(FieldChoice(one.value, one.zh, one.en or one.zh) for one in self.choices),
            is_personal=self.is_personal,
            is_listed=self.is_listed,
            rule=self.rule,
            sources=tuple(self.sources),
            description=self.description,
        )


class CustomFieldIn(CustomFieldChangeIn):
    key: str = Field(max_length=64)
    type: Kind


class CustomFieldArchiveIn(Schema):
    is_archived: bool


class FieldValueOut(Schema):
    """value: None where nothing is known; masked when it identifies a person."""

    field: CustomFieldOut
    value: Any
    source: str
    at: datetime | None


class FieldValuesOut(Schema):
    items: list[FieldValueOut]


class FieldValuesIn(Schema):
    """By key; null takes a value away."""

    values: dict[str, Any] = Field(max_length=200)


class ObservationOut(Schema):
    """mode: set, unset, set_once, increment or append. reason: why refused, "" when it counts."""

    mode: str
    value: Any
    source: str
    at: datetime
    reason: str
    is_current: bool


class ObservationPageOut(Schema):
    items: list[ObservationOut]
    next_cursor: str | None


class RevealedFieldOut(Schema):
    value: Any
