"""People nobody has seen before, written set-based: identities, edges, traits, stage, customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from siyu.pool import profile
from siyu.pool.bulk_rows import All, Ints, insert_columns, times_of
from siyu.pool.bulk_shapes import Shape
from siyu.pool.fields.catalogue import load_fields
from siyu.pool.models import Customer, Edge, StageEntry, Trait
from siyu.pool.models import Identity as IdentityTable
from siyu.pool.rows import reserve_ids
from siyu.pool.stages import CONTACT_NAMESPACES, Stage

Texts = list[str]
IMPORTED = "customer_imported"


@dataclass(frozen=True)
class IdentityColumn:
    """Normalised values of one namespace and scope, "" where a row has none."""

    namespace: str
    scope: str
    values: pa.StringArray


@dataclass(frozen=True)
class People:
    """Rows about people. identities: best first. traits: JSON text or "" by field.

    at: ms. until: where a row stands for several sightings, the last of them.
    sees_later: False leaves it to `settle_meetings` when people known already were last seen.
    """

    identities: Sequence[IdentityColumn]
    at: Ints
    source: str
    platform: str
    evidence: str
    name: str = IMPORTED
    traits: dict[str, Texts] = field(default_factory=dict)

    until: Ints | None = None
    sees_later: bool = True

    def __len__(self) -> int:
        return len(self.at)

    @property
    def last(self) -> Ints:
        """When each row was seen last."""
        return self.at if self.until is None else self.until


@dataclass(frozen=True)
class Newcomers:
    """Rows of one shape on their way into the tables. ids: identity ids, one column a place."""

    people: People
    shape: Shape
    rows: Ints
    source: str
    customers: Ints
    ids: Ints
    times: list[Any]
    last: list[Any]

    @classmethod
    def make(cls, people: People, shape: Shape, rows: Ints, source: str) -> Newcomers:
        """Reserve ids for them; `source`: what their first source is called."""
        count, width = len(rows), len(shape.places)
        customers = np.array(reserve_ids(Customer, count), np.int64)
        ids = np.array(reserve_ids(IdentityTable, count * width), np.int64)
        times = times_of(people.at[rows])
        last = times if people.until is None else times_of(people.last[rows])
        grid = ids.reshape(count, width)
        return cls(people, shape, rows, source, customers, grid, times, last)

    @property
    def custom(self) -> dict[str, Texts]:
        """Traits that are custom fields."""
        fields = load_fields()
        return {name: texts for name, texts in self.people.traits.items() if name in fields}

    @property
    def best(self) -> Ints:
        """The identity each person's belongings hang on."""
        return self.ids[:, self.shape.hub]

    @property
    def stage(self) -> int:
        """Known with a way to reach them: attracted."""
        kinds = {self.shape.keys[place][0] for place in self.shape.places}
        return int(Stage.ATTRACT) if kinds & CONTACT_NAMESPACES else 0

    def write(self) -> None:
        """All their rows."""
        self._insert_identities()
        self._insert_edges()
        self._insert_customers(self._insert_traits())
        if self.stage:
            told = {
                "customer_id": self.customers.tolist(),
                "identity_id": self.best.tolist(),
                "at": self.times,
            }
            insert_columns(StageEntry, told | {"stage": All(self.stage)})

    def _insert_identities(self) -> None:
        people, shape = self.people, self.shape
        homes = self.customers.tolist()
        for place, at in enumerate(shape.places):
            column = people.identities[at]
            insert_columns(
                IdentityTable,
                {
                    "id": self.ids[:, place].tolist(),
                    "value": column.values.take(pa.array(self.rows)).to_pylist(),
                    "customer_id": homes,
                    "birth_id": homes,
                    "first_seen_at": self.times,
                    "last_seen_at": self.last,
                    "namespace": All(column.namespace),
                    "scope": All(column.scope),
                    "strength": All(shape.strengths[place]),
                    "degree": All(shape.degrees[place]),
                    "strong_degree": All(shape.strong_degrees[place]),
                    "is_quarantined": All(value=False),
                    "source": All(self.source),
                    "platform": All(people.platform),
                    "platforms": All(people.platform),
                    "views": All(0),
                },
            )

    def _insert_edges(self) -> None:
        people, shape, ids = self.people, self.shape, self.ids
        hub = ids[:, shape.hub]
        for place, strength in shape.edges:
            other = ids[:, place]
            insert_columns(
                Edge,
                {
                    "id": list(reserve_ids(Edge, len(ids))),
                    "a": np.minimum(hub, other).tolist(),
                    "b": np.maximum(hub, other).tolist(),
                    "at": self.times,
                    "evidence": All(people.evidence[:160]),
                    "source": All(people.source[:160]),
                    "strength": All(strength),
                    "state": All(shape.verdict[0]),
                    "reason": All(shape.verdict[1]),
                    "retracted_at": All(None),
                    "retracted_by": All(""),
                    "retracted_reason": All(""),
                },
            )

    def _insert_traits(self) -> Texts:
        """Write the traits; the customers' names."""
        plain = {n: texts for n, texts in self.people.traits.items() if n not in self.custom}
        people = self.people
        names = [""] * len(self.rows)
        homes, ids, moments = self.customers.tolist(), self.best.tolist(), self.times
        order = [f for f in plain if f not in profile.NAME_FIELDS]
        order += [f for f in reversed(profile.NAME_FIELDS) if f in plain]
        for trait in order:
            values = plain[trait]
            told = [(n, values[row]) for n, row in enumerate(self.rows.tolist()) if values[row]]
            insert_columns(
                Trait,
                {
                    "customer_id": [homes[n] for n, _ in told],
                    "identity_id": [ids[n] for n, _ in told],
                    "value": [text for _, text in told],
                    "at": [moments[n] for n, _ in told],
                    "field": All(trait),
                    "source": All(people.source[:160]),
                    "steps": All(""),
                },
            )
            if trait in profile.NAME_FIELDS:
                for n, text in told:
                    plain = msgspec.json.decode(text)
                    if isinstance(plain, str) and plain.strip():
                        names[n] = plain.strip()[:128]
        return names

    def _insert_customers(self, names: Texts) -> None:
        people = self.people
        insert_columns(
            Customer,
            {
                "id": self.customers.tolist(),
                "name": names,
                "created_at": self.times,
                "last_seen_at": self.last,
                "first_source": All(self.source),
                "first_platform": All(people.platform),
                "platforms": All(people.platform),
                "stage": All(self.stage),
            },
        )
