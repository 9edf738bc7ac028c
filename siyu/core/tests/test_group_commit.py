from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection

from siyu.core.group_commit import GroupCommit
from siyu.core.models import Setting

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def group():
    return GroupCommit("test-writer")


def put(name: str) -> str:
    Setting.objects.create(name=name, value=1)
    return name


def in_threads(group: GroupCommit, writes: list) -> list:
    def attempt(write):
        try:
            return group.run(write)
        except (ValueError, IntegrityError) as error:
            return type(error).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(attempt, writes))


def test_every_thread_gets_its_own_result(group):
    names = [f"n{number}" for number in range(200)]
    assert in_threads(group, [lambda name=name: put(name) for name in names]) == names
    assert Setting.objects.count() == 200


def test_a_failing_write_undoes_only_itself(group):
    def half_done():
        put("half")
        raise ValueError

    outcomes = in_threads(group, [lambda: put("a"), half_done, lambda: put("b")])
    assert outcomes == ["a", "ValueError", "b"]
    assert set(Setting.objects.values_list("name", flat=True)) == {"a", "b"}


def test_a_write_twice_is_refused_to_the_second_only(group):
    outcomes = in_threads(group, [lambda: put("same"), lambda: put("same")])
    assert sorted(outcomes) == ["IntegrityError", "same"]
