"""Who is on duty: examples and the promises of the rule."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.growth.rules import (
    choose_words,
    covers,
    covers_special,
    distance_m,
    is_accepting,
    is_blocked,
    is_full,
    nearest,
    next_change,
    on_duty,
    wanted,
)
from siyu.growth.types import (
    Books,
    Plan,
    Says,
    Shift,
    Slot,
    Special,
    StorePlace,
    TimedWords,
)

WEDNESDAY_TEN = datetime(2026, 11, 11, 2, 0, tzinfo=UTC)
"""10:00 in Shanghai."""
STAFF = ("ann", "bob", "cat", "dan")


def test_a_special_day_goes_before_a_shift_and_a_shift_before_the_plans_own_staff():
    plan = Plan(
        staff=("ann",),
        shifts=(Shift(weekdays=(3,), start=540, end=1080, staff=("bob",)),),
        specials=(Special(first=date(2026, 11, 11), last=date(2026, 11, 11), staff=("cat",)),),
    )
    said = [
        (duty.staff, duty.why)
        for day in (0, 1, 7)
        for duty in [on_duty(plan, WEDNESDAY_TEN + timedelta(days=day), Books())]
    ]
    assert said == [(("cat",), "special"), (("ann",), "base"), (("bob",), "shift")]


def test_a_night_belongs_to_the_day_it_began():
    night = Slot(weekdays=(3,), start=22 * 60, end=6 * 60)
    hours = [
        covers(night, WEDNESDAY_TEN + timedelta(hours=hour)) for hour in (0, 12, 15, 19.9, 20, -7)
    ]
    assert hours == [False, True, True, True, False, False]
    special = Special(first=date(2026, 11, 11), last=date(2026, 11, 11), start=1320, end=360)
    assert covers_special(special, WEDNESDAY_TEN + timedelta(hours=17))
    assert not covers_special(special, WEDNESDAY_TEN - timedelta(hours=7))


def test_full_and_away_staff_are_left_out_then_backups_come_then_somebody_must():
    plan = Plan(staff=("ann", "bob"), backups=("cat",), cap=2)
    full = Books(loads={"ann": 2}, away=frozenset({"bob"}))
    assert on_duty(plan, WEDNESDAY_TEN, full).staff == ("cat",)
    worst = Books(loads={"ann": 2, "cat": 5}, away=frozenset({"bob"}))
    duty = on_duty(plan, WEDNESDAY_TEN, worst)
    assert (duty.staff, duty.why) == (("ann", "bob"), "overflow")


def test_turns_and_loads_name_one():
    turns = Plan(staff=("ann", "bob", "cat"), rotation="round_robin")
    assert on_duty(turns, WEDNESDAY_TEN, Books()).staff == ("ann",)
    assert on_duty(turns, WEDNESDAY_TEN, Books(last="bob")).staff == ("cat",)
    away = Books(last="bob", away=frozenset({"cat"}))
    assert on_duty(turns, WEDNESDAY_TEN, away).staff == ("ann",)
    least = Plan(staff=("ann", "bob", "cat"), rotation="least_loaded")
    assert on_duty(least, WEDNESDAY_TEN, Books(loads={"ann": 2, "bob": 1})).staff == ("cat",)


def test_friends_are_accepted_without_asking_in_the_windows():
    plan = Plan(staff=("ann",), acceptance="slots", accept_slots=(Slot(start=540, end=660),))
    hours = [is_accepting(plan, WEDNESDAY_TEN + timedelta(hours=hour)) for hour in (-2, 0, 1)]
    assert hours == [False, True, False]


def test_words_go_by_level_and_time():
    timed = Says(text="平时", times=(TimedWords(text="上午好", start=0, end=720),))
    assert choose_words([None, timed], WEDNESDAY_TEN)[1].text == "上午好"
    assert choose_words([None, timed], WEDNESDAY_TEN + timedelta(hours=5))[1].text == "平时"
    assert choose_words([Says(text="码"), timed], WEDNESDAY_TEN)[0] == 0
    assert choose_words([None, Says()], WEDNESDAY_TEN)[0] == -1


def test_blocked_nicknames():
    assert is_blocked("Ad广告王", ["广告"])
    assert is_blocked("SPAM king", ["spam"])
    assert not is_blocked("小王", ["", " ", "广告"])


def test_the_nearest_store_within_reach():
    stores = [
        StorePlace(id=1, code="a", name="徐家汇", city="上海", lat=31.1945, lng=121.4368),
        StorePlace(id=2, code="b", name="外滩", city="上海", lat=31.2400, lng=121.4900),
        StorePlace(id=3, code="c", name="无坐标", city="上海"),
    ]
    found = nearest(stores, (31.2397, 121.4998), 5000)
    assert found is not None
    assert found[0].id == 2
    assert 900 < found[1] < 960
    assert nearest(stores, (39.9, 116.4), 5000) is None
    assert distance_m((31.0, 121.0), (31.0, 121.0)) == 0


MINUTES = st.integers(0, 1439)
PEOPLE = st.lists(st.sampled_from(STAFF), unique=True, max_size=4).map(tuple)
WEEKDAYS = st.lists(st.integers(1, 7), unique=True, min_size=1).map(tuple)


@st.composite
def slots(draw: st.DrawFn, /, kind: Any = Slot, **more: Any) -> Any:
    start = draw(MINUTES)
    end = draw(st.integers(1, 1440).filter(lambda minute: minute != start))
    return kind(weekdays=draw(WEEKDAYS), start=start, end=end, **more)


@st.composite
def plans(draw):
    people = PEOPLE.filter(bool)
    shifts = draw(st.lists(people.flatmap(lambda who: slots(Shift, staff=who)), max_size=3))
    days = {"first": date(2026, 11, 10), "last": date(2026, 11, 13)}
    special = people.flatmap(lambda who: slots(Special, staff=who, **days))
    specials = draw(st.lists(special, max_size=2))
    return Plan(
        staff=draw(PEOPLE),
        shifts=tuple(shifts),
        specials=tuple(specials),
        backups=draw(PEOPLE),
        caps=draw(st.dictionaries(st.sampled_from(STAFF), st.integers(1, 3), max_size=2)),
        cap=draw(st.none() | st.integers(1, 3)),
        rotation=draw(st.sampled_from(["random", "round_robin", "least_loaded"])),
        acceptance=draw(st.sampled_from(["always", "never", "slots"])),
        accept_slots=tuple(draw(st.lists(slots(), max_size=2))),
    )


BOOKS = st.builds(
    Books,
    loads=st.dictionaries(st.sampled_from(STAFF), st.integers(0, 5)),
    away=st.frozensets(st.sampled_from(STAFF)),
    gone=st.frozensets(st.sampled_from(STAFF), max_size=2),
    last=st.sampled_from(["", "zed", *STAFF]),
)
MOMENTS = st.integers(0, 14 * 24 * 60).map(lambda m: WEDNESDAY_TEN + timedelta(minutes=m))


def named(plan: Plan) -> set[str]:
    shifts = (*plan.shifts, *plan.specials)
    return {*plan.staff, *plan.backups, *(who for shift in shifts for who in shift.staff)}


@settings(max_examples=300, deadline=None)
@given(plans(), MOMENTS, BOOKS)
def test_nobody_is_on_duty_only_when_everybody_left(plan, at, books):
    duty = on_duty(plan, at, books)
    assert bool(duty.staff) == bool(named(plan) - books.gone)
    assert set(duty.staff) <= named(plan) - books.gone
    assert len(set(duty.staff)) == len(duty.staff)
    if plan.rotation != "random":
        assert len(duty.staff) <= 1


@settings(max_examples=300, deadline=None)
@given(plans(), MOMENTS, BOOKS)
def test_the_full_and_the_away_are_on_duty_only_when_nobody_else_is_there(plan, at, books):
    duty = on_duty(plan, at, books)
    if duty.why != "overflow":
        assert not any(is_full(plan, who, books) or who in books.away for who in duty.staff)
    else:
        free = [w for w in plan.backups if not is_full(plan, w, books)]
        assert not set(free) - books.away - books.gone


@settings(max_examples=200, deadline=None)
@given(plans(), MOMENTS, BOOKS, st.integers(0, 10_000))
def test_nothing_changes_before_the_next_change(plan, at, books, share):
    then = next_change(plan, at)
    assert at < then <= at + timedelta(days=1)
    between = at + (then - at) * share / 10_001
    assert wanted("x", plan, at, books) == wanted("x", plan, between, books)


@settings(max_examples=100, deadline=None)
@given(plans(), MOMENTS)
def test_our_assignment_never_gives_more_than_a_cap(plan, at):
    """Customers come one after the other; each goes to the first on duty."""
    loads: dict[str, int] = {}
    last = ""
    for _ in range(30):
        books = Books(loads=loads, last=last)
        duty = on_duty(plan, at, books)
        if not duty.staff or duty.why == "overflow":
            return
        last = duty.staff[0]
        assert not is_full(plan, last, books)
        loads = {**loads, last: loads.get(last, 0) + 1}
