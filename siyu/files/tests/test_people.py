from __future__ import annotations

import pytest
from django.db import transaction

from siyu.core.pipeline import run_stages
from siyu.files import actions
from siyu.files.keeping import refused_path
from siyu.files.models import ImportRun
from siyu.files.tests.making import import_file, refused, write
from siyu.kernel.clock import to_ms
from siyu.kernel.errors import Conflict, Refused
from siyu.kernel.identity import Identity
from siyu.lake import changes, mirror
from siyu.lake.models import Change
from siyu.pool import lake_tables as pool_tables
from siyu.pool.actions import resolve
from siyu.pool.models import Consent, Customer, CustomerTag, Edge, TagGroup, Trait
from siyu.pool.models import Identity as IdentityTable
from siyu.pool.poisoning import block_value
from siyu.ports.facts import Fact

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("run_time")]

CUSTOMERS = (
    "会员编号,手机号,姓名,城市,标签,注册时间,营销授权\n"
    "m1,13912345671,张三,上海,金卡;渠道:门店,2024-01-02 10:00:00,是\n"
    "m2,139 1234 5672,李四,北京,,2024/1/3,否\n"
    "m3,,王五,,,2024年1月4日,\n"
)


def test_customers_come_with_identities_traits_tags_consent_and_time(tmp_path):
    run = import_file("customers", write(tmp_path / "c.csv", CUSTOMERS))
    assert run.state == "done"
    assert (run.counts["rows"], run.counts["fresh"], run.counts["customers"]) == (3, 3, 3)
    zhang = Customer.objects.get(name="张三")
    assert zhang.created_at.isoformat() == "2024-01-02T02:00:00+00:00"
    assert (zhang.first_source, zhang.stage) == ("import:customers", 1)
    told = set(IdentityTable.objects.values_list("namespace", "scope", "value", "customer_id"))
    assert ("phone", "", "+8613912345671", zhang.pk) in told
    assert ("import_id", "customers", "m1", zhang.pk) in told
    assert set(Trait.objects.filter(field="city").values_list("value", flat=True)) == {
        '"上海"',
        '"北京"',
    }
    tags = CustomerTag.objects.values_list("customer_id", "tag__group__name", "tag__name")
    assert set(tags) == {(zhang.pk, "默认", "金卡"), (zhang.pk, "渠道", "门店")}
    assert sorted(Consent.objects.values_list("is_granted", flat=True)) == [False, True]


def test_the_same_file_again_changes_nothing(tmp_path):
    path = write(tmp_path / "c.csv", CUSTOMERS)
    import_file("customers", path)
    before = [model.objects.count() for model in (Customer, IdentityTable, Edge, Trait)]
    again = import_file("customers", path)
    assert (again.counts["fresh"], again.counts["known"], again.counts["customers"]) == (0, 3, 0)
    assert [model.objects.count() for model in (Customer, IdentityTable, Edge, Trait)] == before


def test_wrong_rows_are_refused_with_number_field_and_reason(tmp_path):
    text = (
        "会员编号,手机号,注册时间,营销授权\n"
        "m1,,2024-02-30,\n"
        ",,2024-01-01,\n"
        "m2,,45000,\n"
        "m3,,2024-01-01,也许\n"
        "m4,1.39E+10,2024-01-01,\n"
        ",13800138000,2024-01-01,\n"
        "m5,,2024-01-01\n"
        "m6,,2024-01-01,是\n"
    )
    run = import_file("customers", write(tmp_path / "c.csv", text))
    assert refused(run) == [
        (2, "import.date"),
        (3, "import.nobody"),
        (4, "import.date"),
        (5, "import.consent"),
        (7, "phone.poison"),
        (8, "import.cells"),
    ]
    assert run.report["refused"][0]["field"] == "注册时间"
    assert run.counts["fresh"] == 2
    assert run.report["remarks"] == {"手机号无效, 不作为身份 (行)": 2}
    lines = refused_path(run).read_text("utf-8-sig").splitlines()
    assert lines[0] == '"行号","代码","字段","原因"'
    assert len(lines) == 7


def test_refused_rows_never_run_as_formulas(tmp_path):
    path = write(tmp_path / "c.csv", "会员编号,=cmd|x\nm1,maybe\n")
    run = import_file(
        "customers", path, {"会员编号": "identity:import_id", "=cmd|x": "consent:marketing"}
    )
    assert '"\'=cmd|x"' in refused_path(run).read_text("utf-8-sig")


def test_dry_run_says_what_would_happen_and_writes_nothing(tmp_path):
    path = write(tmp_path / "c.csv", CUSTOMERS)
    import_file("customers", write(tmp_path / "one.csv", CUSTOMERS.rsplit("m3", 1)[0]))
    run = import_file("customers", path, is_dry=True)
    assert run.state == "checked"
    assert (run.counts["fresh"], run.counts["known"]) == (1, 2)
    assert Customer.objects.count() == 2


def test_identities_join_people_by_rows_of_namespace_and_value(tmp_path):
    text = (
        "customer_no,namespace,scope,value,time\n"
        "m1,wx_unionid,,u1,2024-01-02 10:00:00\n"
        "m1,phone,,13912345671,2024-01-02 10:00:00\n"
        "m2,nonsense,,x,2024-01-02 10:00:00\n"
    )
    run = import_file("identities", write(tmp_path / "i.csv", text))
    assert refused(run) == [(4, "identity.namespace")]
    (customer,) = Customer.objects.all()
    assert set(IdentityTable.objects.values_list("customer_id", flat=True)) == {customer.pk}


def test_tags_of_a_file_are_put_on_people(tmp_path):
    import_file("customers", write(tmp_path / "c.csv", CUSTOMERS))
    path = write(tmp_path / "t.csv", "会员编号,标签,标签组\nm1,沉睡,活跃度\nm2,,活跃度\n")
    run = import_file("tags", path, source="customers")
    assert refused(run) == [(3, "tag.name")]
    told = CustomerTag.objects.filter(tag__group__name="活跃度").values_list("tag__name", flat=True)
    assert list(told) == ["沉睡"]


def test_undo_removes_people_nobody_met_since(tmp_path, lin, clock):
    run = import_file("customers", write(tmp_path / "c.csv", CUSTOMERS))
    met = write(tmp_path / "m.csv", "会员编号,城市\nm2,深圳\n")
    columns = {"会员编号": "identity:import_id@customers", "城市": "trait:city"}
    import_file("customers", met, columns, source="crm")
    told = actions.undo(lin, run.pk, now=clock.now())
    assert told["customers_kept"] >= 1
    assert set(Customer.objects.values_list("name", flat=True)) == {"李四"}
    assert ImportRun.objects.get(pk=run.pk).state == "undone"
    with pytest.raises(Conflict):
        actions.undo(lin, run.pk, now=clock.now())


def test_times_of_the_future_are_refused(tmp_path, clock):
    path = write(tmp_path / "c.csv", "会员编号,注册时间\nm1,2099-01-01 00:00:00\n")
    assert refused(import_file("customers", path)) == [(2, "import.date_range")]
    assert to_ms(clock.now())


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"名": "trait:name"}, "import.no_identity"),
        ({"号": "identity:import_id", "没有": "trait:name"}, "import.column"),
        ({"号": "identity:import_id", "名": "order_no"}, "import.field"),
        ({"号": "trait:name", "名": "trait:name"}, "import.field_twice"),
    ],
)
def test_wrong_mappings_are_refused_before_anything_is_read(tmp_path, columns, code):
    path = write(tmp_path / "c.csv", "号,名\n1,2\n")
    with pytest.raises(Refused) as refusal:
        import_file("customers", path, columns)
    assert refusal.value.code == code


def test_a_file_of_tags_is_taken_back(tmp_path, lin, clock):
    import_file("customers", write(tmp_path / "c.csv", "会员编号,标签\nm1,老客\nm2,老客\n"))
    clock.advance(minutes=1)
    path = write(tmp_path / "t.csv", "会员编号,标签\nm1,新品\nm2,新品\nm3,新品\nm1,老客\n")
    run = import_file("tags", path, source="customers")
    clock.advance(minutes=1)
    again = import_file(
        "tags", write(tmp_path / "u.csv", "会员编号,标签\nm2,新品\n"), source="customers"
    )
    assert CustomerTag.objects.filter(tag__name="新品").count() == 3
    clock.advance(minutes=1)
    told = actions.undo(lin, run.pk, now=clock.now())
    assert (told["tags"], told["customers"]) == (2, 1)
    left = CustomerTag.objects.values_list("tag__name", flat=True)
    assert sorted(left) == ["新品", "老客", "老客"]
    assert actions.undo(lin, again.pk, now=clock.now())["tags"] == 0


def test_taking_tags_back_gives_an_exclusive_group_its_tag_back(tmp_path, lin, clock):
    import_file("customers", write(tmp_path / "c.csv", "会员编号,标签\nm1,等级:银卡\n"))
    TagGroup.objects.filter(name="等级").update(is_exclusive=True)
    clock.advance(minutes=1)
    path = write(tmp_path / "t.csv", "会员编号,标签\nm1,等级:金卡\n")
    run = import_file("tags", path, source="customers")
    shown = CustomerTag.objects.filter(is_active=True)
    assert [row.tag.name for row in shown] == ["金卡"]
    clock.advance(minutes=1)
    actions.undo(lin, run.pk, now=clock.now())
    assert [row.tag.name for row in shown.all()] == ["银卡"]


def test_a_blocked_identity_is_kept_and_joins_nobody_as_events_have_it(tmp_path, lin, clock):
    block_value(lin, "phone", "13912345679", is_pattern=False, reason="公用电话", now=clock.now())
    rows = "会员编号,手机号\nm1,13912345679\nm2,13912345679\n,13912345679\n"
    run = import_file("customers", write(tmp_path / "c.csv", rows))
    assert refused(run) == [(4, "identity.poison")]
    assert "手机号在黑名单里, 记下但不用来认人 (行)" in run.report["remarks"]
    seen = [
        Fact(
            name="page_viewed",
            at=to_ms(clock.now()),
            received_at=to_ms(clock.now()),
            source="web",
            message_id=f"{number}",
            platform="web",
            identities=(
                Identity("user_id", "", f"u{number}"),
                Identity("phone", "", "+8613912345679"),
            ),
        )
        for number in (1, 2)
    ]
    with transaction.atomic():
        batch = run_stages(seen, (resolve,), clock.now())
    assert len({each.customer_id for each in batch.seen}) == 2
    assert (
        Customer.objects.exclude(
            pk=IdentityTable.objects.get(namespace="phone").customer_id
        ).count()
        == 4
    )
    phone = IdentityTable.objects.get(namespace="phone")
    assert (phone.is_quarantined, phone.degree) == (True, 4)


@pytest.fixture
def _watched():
    before = mirror.list_tables()
    for table in pool_tables.TABLES:
        mirror.register(table)
    changes.watch()
    yield
    for shown in mirror.list_tables():
        mirror.unregister(shown.name)
    changes.watch()
    for shown in before:
        mirror.register(shown)


@pytest.mark.usefixtures("_watched")
def test_people_of_a_file_are_noted_together_and_others_one_by_one(tmp_path, clock):
    import_file("customers", write(tmp_path / "c.csv", CUSTOMERS))
    noted = Change.objects.filter(source="pool_customer").values_list("key", flat=True)
    assert set(noted) == set(Customer.objects.values_list("pk", flat=True))
    Change.objects.all().delete()
    one = Customer.objects.create(created_at=clock.now(), last_seen_at=clock.now())
    assert list(noted.all()) == [one.pk]
