"""Files of people: the same customers as if every row had come as an event."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu.core.pipeline import Batch, Seen
from siyu.core.runtime import runtime
from siyu.kernel.clock import FakeClock, to_ms
from siyu.kernel.errors import Refused
from siyu.kernel.identity import Identity
from siyu.pool.actions import advance_stages, resolve
from siyu.pool.bulk import take_people
from siyu.pool.bulk_fresh import IdentityColumn, People
from siyu.pool.bulk_stored import ACQUAINTANCES
from siyu.pool.bulk_values import normalise_column
from siyu.pool.models import Customer, Edge, StageEntry
from siyu.pool.models import Identity as IdentityTable
from siyu.pool.tests.people import fact
from siyu.pool.tests.test_order_free import clear, contents, picture

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("run_time"),
]
NOW = FakeClock(datetime(2026, 11, 11, 2, 0, tzinfo=UTC))
START = to_ms(NOW.now()) - 1_000_000
KINDS = [("import_id", "shop"), ("phone", ""), ("wx_unionid", ""), ("anonymous_id", "")]
VALUES = {
    "import_id": [f"m{n}" for n in range(4)],
    "phone": [f"+861391234567{n}" for n in range(4)],
    "wx_unionid": [f"u{n}" for n in range(3)],
    "anonymous_id": [f"c{n}" for n in range(2)],
}
SLOW = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@st.composite
def rows(draw):
    made = []
    for _ in range(draw(st.integers(1, 8))):
        ids = {kind: draw(st.sampled_from(["", *VALUES[kind]])) for kind, _ in KINDS}
        at = START + 1000 * draw(st.integers(0, 5))
        made.append((ids, at, draw(st.sampled_from(["", "Ann", "Bo"]))))
    return [row for row in made if any(row[0].values())]


def people_of(some) -> People:
    return People(
        identities=[
            IdentityColumn(kind, scope, pa.array([ids[kind] for ids, _, _ in some], pa.string()))
            for kind, scope in KINDS
        ],
        at=np.array([at for _, at, _ in some], np.int64),
        source="import:shop",
        platform="import",
        evidence="客户文件",
        traits={"name": [f'"{name}"' if name else "" for _, _, name in some]},
    )


def facts_of(some):
    return [
        fact(
            *(Identity(kind, scope, ids[kind]) for kind, scope in KINDS if ids[kind]),
            at=at,
            name="customer_imported",
            source="import:shop",
            platform="import",
            evidence="客户文件",
            message_id=str(number),
            traits={"name": name} if name else {},
        )
        for number, (ids, at, name) in enumerate(some)
    ]


def tell(some) -> None:
    with transaction.atomic():
        batch = Batch([Seen(one) for one in facts_of(some)], NOW.now())
        resolve(batch)
        advance_stages(batch)


def whole():
    """What the pool holds, with degrees, last sightings and stages too."""
    names = contents()
    identities = {
        names[row.pk]: (
            row.degree,
            row.strong_degree,
            row.strength,
            row.first_seen_at,
            row.last_seen_at,
        )
        for row in IdentityTable.objects.all()
    }
    stages = {(names[row.identity_id], row.stage, row.at) for row in StageEntry.objects.all()}
    customers = sorted(Customer.objects.values_list("stage", "last_seen_at", "name"))
    edges = sorted(Edge.objects.values_list("evidence", "source", "strength", "state"))
    return picture(), identities, stages, customers, edges


@SLOW
@given(rows().filter(bool), st.data())
def test_a_file_gives_the_same_people_as_events(run_time, made, data):
    clear()
    tell(made)
    expected = whole()
    clear()
    cut = data.draw(st.integers(0, len(made)))
    for part in (made[:cut], made[cut:]):
        with transaction.atomic():
            take_people(people_of(part), NOW.now())
    assert whole() == expected


@SLOW
@given(rows().filter(bool))
def test_a_file_again_changes_nothing(run_time, made):
    clear()
    with transaction.atomic():
        take_people(people_of(made), NOW.now())
    before = whole()
    with transaction.atomic():
        again = take_people(people_of(made), NOW.now())
    assert whole() == before
    assert not again.customers_created


def test_strangers_are_written_together(run_time):
    some = [
        ({"import_id": f"m{n}", "phone": "", "wx_unionid": "", "anonymous_id": ""}, START, "")
        for n in range(50)
    ]
    with transaction.atomic():
        taken = take_people(people_of(some), NOW.now())
    assert taken.is_new.all()
    assert taken.customers_created == Customer.objects.count() == 50
    first, last = taken.spans["pool_customer"]
    assert first <= taken.customer_ids.min()
    assert taken.customer_ids.max() == last


ODD = st.text(max_size=20) | st.sampled_from(
    [
        "13812345678",
        "+8613812345678",
        "138-1234-5678",
        "13800138000",
        "1.38E+10",
        "null",
        "111111",
        "00000",
        "-1",
        "a1b",
        "0086-138-1234-5678",
        "１３８１２３４５６７８",
        "d41d8cd98f00b204e9800998ecf8427e",
        "13812345678.0",
        "+85291234567",
        "02112345678",
        "aaaaaa",
        "n/a",
        "12",
        "999999",
        "a@b.cn",
        "A@B.CN",
    ]
)


@pytest.mark.parametrize("namespace", ["phone", "import_id", "email"])
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(texts=st.lists(ODD.map(str.strip), min_size=1, max_size=6))
def test_whole_columns_are_normalised_as_single_values(run_time, namespace, texts):
    texts = [text.replace("\x00", "").encode("utf-8", "ignore").decode() for text in texts]
    told = normalise_column(namespace, pa.array(texts, pa.string()))
    for row, text in enumerate(texts):
        value, code = _one(namespace, text)
        assert told.values[row].as_py() == value
        assert (told.wrong[row].code if row in told.wrong else "") == code


def _one(namespace: str, text: str) -> tuple[str, str]:
    try:
        return (runtime().namespaces.identity(namespace, text).value if text else ""), ""
    except Refused as refusal:
        return "", refusal.code


def test_known_people_are_recognised_together_and_news_still_arrives(run_time):
    def some(number: int, name: str, later: int = 0):
        ids = {"import_id": f"m{number}", "phone": f"+8613912340{number:03d}"}
        return {**ids, "wx_unionid": "", "anonymous_id": ""}, START + later, name

    first = [some(n, "Ann") for n in range(50)]
    with transaction.atomic():
        take_people(people_of(first), NOW.now())
    with transaction.atomic():
        again = take_people(people_of(first), NOW.now())
    assert again.is_same.all()
    renamed = [some(n, "Bo" if n < 3 else "Ann", later=5_000) for n in range(50)]
    renamed.append(
        ({"import_id": "m7", "phone": "", "wx_unionid": "u9", "anonymous_id": ""}, START, "")
    )
    with CaptureQueriesContext(connection) as asked, transaction.atomic():
        told = take_people(people_of(renamed), NOW.now())
    assert not told.is_same.any()
    assert told.customer_ids[7] == told.customer_ids[50]
    assert Customer.objects.filter(name="Bo").count() == 3
    assert Customer.objects.count() == 50
    assert len(asked) < 120


def test_known_people_of_a_batch_are_asked_for_once_in_an_import_of_many(run_time):
    def part(*numbers: int) -> People:
        blank = {"phone": "", "wx_unionid": "", "anonymous_id": ""}
        some = [({"import_id": f"m{n}", **blank}, START + n, "") for n in numbers]
        return replace(people_of(some), traits={}, sees_later=False)

    def take(*numbers: int) -> tuple[list[int], int]:
        with CaptureQueriesContext(connection) as asked, transaction.atomic():
            taken = take_people(part(*numbers), NOW.now())
        sql = [each["sql"] for each in asked if "asked" in each["sql"]]
        return taken.customer_ids.tolist(), len(sql)

    def meet(*identities: Identity) -> int | None:
        with transaction.atomic():
            batch = Batch([Seen(fact(*identities, at=START + 9))], NOW.now())
            resolve(batch)
        return batch.seen[0].customer_id

    ACQUAINTANCES.forget()
    phone = Identity("phone", "", "+8613912345679")
    first = meet(phone)
    (*one, new), _ = take(*range(6))
    assert len(set(one)) == 5
    assert take(0, 1, 2, 3) == (one[:4], 1)
    assert take(3, 2, 4) == ([one[3], one[2], one[4]], 1)
    assert take(4, 0, 1) == ([one[4], one[0], one[1]], 0)
    assert meet(Identity("import_id", "shop", "m1"), phone) == first
    assert take(5, 0, 1) == ([new, one[0], first], 1)
