from __future__ import annotations

import json

import pytest

from siyu.files import actions, kinds
from siyu.files.local import open_local
from siyu.files.running import advance, fail
from siyu.files.tests.making import import_file, refused, write
from siyu.kernel.errors import Conflict
from siyu.lake.actions import buffer
from siyu.lake.session import open_session
from siyu.pool import belongings
from siyu.pool.actions import advance_stages, resolve
from siyu.pool.models import Customer, Identity, StageEntry

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("run_time")]

EVENTS = (
    "会员编号,事件,时间,事件ID,价格,商品\n"
    "m1,page_viewed,2024-01-02 10:00:00,e1,12.5,杯\n"
    "m1,search,2024-01-02 10:00:01,e2,,壶\n"
    "m2,search,2024-03-31 23:59:59,e3,3,茶\n"
)
MEMBERS = "会员编号,姓名,注册时间\nm1,张三,2023-05-01 09:00:00\nm2,李四,2023-05-02 09:00:00\n"
STAGES = (resolve, advance_stages, buffer)


def history(columns: str = "name") -> list[tuple]:
    with open_session() as session:
        return session.execute(f"SELECT {columns} FROM events ORDER BY occurred_at").fetchall()


def test_events_go_to_the_history_of_the_customers_they_are_about(tmp_path):
    import_file("customers", write(tmp_path / "c.csv", "会员编号,姓名\nm1,张三\n"))
    run = import_file("events", write(tmp_path / "e.csv", EVENTS), source="customers")
    assert (run.counts["fresh"], run.counts["customers"]) == (3, 1)
    zhang = Customer.objects.get(name="张三").pk
    rows = history("customer_id, name, properties, strftime(occurred_at, '%Y-%m-%d %H:%M')")
    assert [row[0] == zhang for row in rows] == [True, True, False]
    assert [json.loads(row[2]) for row in rows] == [
        {"价格": 12.5, "商品": "杯"},
        {"商品": "壶"},
        {"价格": 3, "商品": "茶"},
    ]
    assert Customer.objects.get(pk=zhang).created_at.year == 2024


def test_parts_of_a_large_file_tell_at_its_end_who_was_seen_last_and_that_everybody_changed(
    tmp_path,
):
    heard: list[bool] = []

    def hear(*, is_over: bool) -> None:
        heard.append(is_over)

    belongings.on_bulk(hear)
    import_file("customers", write(tmp_path / "c.csv", MEMBERS))
    path = write(tmp_path / "e.csv", EVENTS + "m1,search,2024-02-01 08:00:00,e4,1,盏\n")
    run = import_file("events", path, source="customers", rows_at_once=1)
    assert (run.state, run.counts["fresh"]) == ("done", 4)
    latest = dict(Identity.objects.values_list("value", "last_seen_at"))
    assert f"{latest['m1']:%m-%d %H:%M} {latest['m2']:%m-%d %H:%M}" == "02-01 00:00 03-31 15:59"
    seen = dict(Customer.objects.values_list("name", "last_seen_at"))
    assert seen == {"张三": latest["m1"], "李四": latest["m2"]}
    assert heard == [False, False, False, False, True]


@pytest.mark.parametrize("rows_at_once", [0, 2])
def test_views_of_a_person_add_up_over_parts_files_and_identities(tmp_path, clock, rows_at_once):
    head, day = "会员编号,邮箱,事件,时间,id\n", "2024-01-02 10:00:0"
    linked = "".join(f"m{n},p{n}@siyu.cn,search,{day}0,s{n}\n" for n in range(1, 4))
    views = f"m1,,page_viewed,{day}1,a\nm1,,page_viewed,{day}2,b\nm2,,page_viewed,{day}3,c\n"
    first = write(tmp_path / "a.csv", head + linked + views)
    second = write(
        tmp_path / "b.csv",
        f"{head}m1,,page_viewed,{day}2,b\n,p2@siyu.cn,page_viewed,{day}4,d\n"
        f"m2,,screen,{day}5,e\nm3,,page_viewed,{day}6,f\n",
    )
    import_file("events", first, source="shop", rows_at_once=rows_at_once)
    assert set(Customer.objects.values_list("stage", flat=True)) == {1}
    clock.advance(minutes=1)
    import_file("events", second, source="shop", rows_at_once=rows_at_once)
    counts = Identity.objects.filter(views__gt=0).values_list("value", "views")
    assert dict(counts) == {"m1": 2, "m2": 2, "m3": 1, "p2@siyu.cn": 1}
    delighted = Customer.objects.filter(stage=2).values_list("pk", flat=True)
    assert list(delighted) == [Identity.objects.get(value="m2").customer_id]
    reached = StageEntry.objects.get(stage=2)
    assert f"{reached.at:%H:%M:%S}" in {"02:00:04", "02:00:05"}


def test_what_parts_told_is_settled_once_when_a_run_failed_between_them(tmp_path, clock, lin):
    views = "".join(f"m{n % 2},page_viewed,2024-01-02 10:00:0{n},e{n}\n" for n in range(4))
    path = write(tmp_path / "e.csv", "会员编号,事件,时间,id\n" + views)
    actions.configure(STAGES)
    run, file = open_local("events", path)
    mapping = kinds.guess("events", file.header)
    actions.begin(run, mapping, is_dry=False, now=clock.now())
    run.survey |= {"rows_at_once": 2}
    assert not advance(run, STAGES, deadline=0)
    fail(run, Conflict("import.file_gone", "文件已经清理"))
    assert set(Identity.objects.values_list("views", flat=True)) == {1}
    clock.advance(minutes=1)
    actions.begin(run, mapping, is_dry=False, now=clock.now())
    assert advance(run, STAGES)
    assert set(Identity.objects.values_list("views", flat=True)) == {2}
    assert len(history()) == 4


def test_what_a_cancelled_run_told_is_settled_without_being_resumed(tmp_path, clock, lin):
    views = "".join(f"m{n % 2},page_viewed,2024-01-02 10:00:0{n},e{n}\n" for n in range(4))
    path = write(tmp_path / "e.csv", "会员编号,事件,时间,id\n" + views)
    actions.configure(STAGES)
    run, file = open_local("events", path)
    run.origin = "console"
    actions.begin(run, kinds.guess("events", file.header), is_dry=False, now=clock.now())
    run.survey |= {"rows_at_once": 2}
    run.state = "running"
    assert not advance(run, STAGES, deadline=0)
    run.save()
    actions.cancel(lin, run.pk, now=clock.now())
    assert set(Identity.objects.values_list("views", flat=True)) == {0}
    assert actions.work()
    assert not actions.work()
    assert set(Identity.objects.values_list("views", flat=True)) == {1}


def test_the_same_events_again_are_repeated_not_added(tmp_path):
    path = write(tmp_path / "e.csv", EVENTS)
    import_file("events", path)
    more = write(tmp_path / "more.csv", EVENTS + "m3,search,2024-04-01 10:00:00,e4,1,盏\n")
    run = import_file("events", more)
    assert (run.counts["fresh"], run.counts["repeated"]) == (1, 3)
    assert len(history()) == 4


def test_events_without_an_id_are_known_by_their_content(tmp_path):
    text = "会员编号,事件,时间\nm1,search,2024-01-02 10:00:00\nm1,search,2024-01-02 10:00:00\n"
    run = import_file("events", write(tmp_path / "e.csv", text))
    assert (run.counts["fresh"], run.counts["repeated"]) == (1, 1)


def test_personal_values_stay_out_of_the_history(tmp_path):
    text = (
        "会员编号,事件,时间,手机,留言\n"
        "m1,search,2024-01-02 10:00:00,13912345671,打 13912345671 找我\n"
    )
    import_file("events", write(tmp_path / "e.csv", text))
    ((properties,),) = history("properties")
    assert "13912345671" not in properties
    assert json.loads(properties) == {"留言": "打 *** 找我"}


def test_a_json_column_and_a_fixed_event_name_are_taken(tmp_path):
    text = '会员编号,时间,属性\nm1,1704160800000,"{""价格"": 5}"\nm1,1704160801000,[1]\n'
    run = import_file("events", write(tmp_path / "e.csv", text), event="visit")
    assert refused(run) == [(3, "import.properties")]
    assert history("name, properties") == [("visit", '{"价格":5}')]


def test_names_that_change_more_than_the_history_go_through_the_stages_once(tmp_path):
    text = "会员编号,事件,时间,id\nm1,message_received,2024-01-02 10:00:00,a\nm1,search,2024-01-02 10:00:01,b\n"
    path = write(tmp_path / "e.csv", text)
    run = import_file("events", path, stages=STAGES)
    assert run.counts["fresh"] == 2
    assert Customer.objects.get().stage == 2
    again = import_file("events", path, stages=STAGES)
    assert (again.counts["fresh"], again.counts["repeated"]) == (0, 2)
    assert len(history()) == 2


def test_three_views_delight(tmp_path):
    rows = "".join(f"m1,page_viewed,2024-01-02 10:00:0{n},e{n}\n" for n in range(3))
    import_file("events", write(tmp_path / "e.csv", "会员编号,事件,时间,id\n" + rows))
    assert Customer.objects.get().stage == 2


def test_undo_takes_the_events_of_one_import_back(tmp_path, lin, clock):
    first = import_file("events", write(tmp_path / "a.csv", EVENTS))
    clock.advance(minutes=1)
    other = "会员编号,事件,时间,id\nm9,search,2024-01-02 10:00:00,x\n"
    import_file("events", write(tmp_path / "b.csv", other))
    told = actions.undo(lin, first.pk, now=clock.now())
    assert (told["customers"], told["customers_kept"], told["events"]) == (2, 0, 3)
    assert history() == [("search",)]
    assert Customer.objects.count() == 1


def test_rows_without_time_or_name_are_refused(tmp_path):
    text = "会员编号,事件,时间\nm1,,2024-01-02 10:00:00\nm1,search,\n,search,2024-01-02 10:00:00\n"
    run = import_file("events", write(tmp_path / "e.csv", text))
    assert refused(run) == [(2, "import.event"), (3, "import.no_time"), (4, "import.nobody")]
