from __future__ import annotations

import pytest
from msgspec.structs import replace

from siyu.kernel.errors import Reauth, Refused
from siyu.platforms.wecom import connect
from siyu.platforms.wecom.tests import kit
from siyu.ports.testing import MemoryTokenStore, golden_cases

GET = f"GET {kit.EXTERNAL}/get"
BATCH = f"POST {kit.EXTERNAL}/batch/get_by_user"
TAGS = f"POST {kit.EXTERNAL}/get_corp_tag_list"


@golden_cases("contacts")
def test_golden_facts_of_customers(case, connector, wire):
    wire.script(GET, [case.json()])
    case.check(connector.contacts.fetch_contact("wmAAA0001"))


def test_an_unknown_customer_gives_nothing(connector, wire):
    wire.script(GET, [kit.error(84061, "not external contact")])
    assert connector.contacts.fetch_contact("wmGONE") == []


def test_a_customer_of_many_staff_is_read_page_by_page(connector, wire):
    def page(start: int, cursor: str):
        follow = [
            {"userid": f"s{n}", "createtime": 1_700_000_000} for n in range(start, start + 500)
        ]
        return {
            "external_contact": {"external_userid": "wm1"},
            "follow_user": follow,
            "next_cursor": cursor,
        }

    wire.script(GET, [page(0, "a"), page(500, "b"), page(1000, "b")])
    assert len(connector.contacts.fetch_contact("wm1")) == 1500
    assert [sent.params.get("cursor") for sent in wire.sent(GET)] == [None, "a", "b"]


def test_each_sighting_counts_even_when_a_value_returns(connector, wire, clock):
    page = kit.contact_page(1, cursor="")
    changed = kit.contact_page(1, cursor="")
    changed["external_contact_list"][0]["follow_info"]["remark"] = "新备注"
    wire.script(BATCH, [page, page, changed, page])
    ids = []
    for pause in (0, 0, 1, 0):
        clock.advance(seconds=pause)
        facts, _ = connector.contacts.fetch_contacts(["mei"], "")
        ids.append(facts[0].message_id)
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3


def test_a_loss_while_we_ask_is_not_older_than_the_sighting(connector, wire, clock):
    asked_at = clock.now()

    def slow(sent):
        clock.advance(seconds=3)
        return kit.contact_page(1, cursor="")

    wire.script(BATCH, [slow])
    (fact,), _ = connector.contacts.fetch_contacts(["mei"], "")
    assert fact.at == int(asked_at.timestamp()) * 1000
    assert fact.properties["added_at"] == 1_700_000_001_000


def test_tag_names_are_asked_for_once(connector, wire):
    page = kit.contact_page(1, cursor="")
    page["external_contact_list"][0]["follow_info"]["tag_id"] = ["et1", "et2"]
    group = {"group_id": "g", "group_name": "渠道", "tag": [{"id": "et1", "name": "海报"}]}
    wire.script(BATCH, [page, page])
    wire.script(TAGS, [{"tag_group": [group]}])
    for _ in range(2):
        facts, _ = connector.contacts.fetch_contacts(["mei"], "")
        assert facts[0].private["tags"] == [{"remote_id": "et1", "group": "渠道", "name": "海报"}]


def test_unionids_meet_inside_one_open_platform_account(wire, clock, connector):
    account = replace(kit.ACCOUNT, fields={**kit.ACCOUNT.fields, "open_account": "brand"})
    other = connect(account, wire, clock, MemoryTokenStore(clock))
    page = kit.contact_page(1, cursor="")
    page["external_contact_list"][0]["external_contact"]["unionid"] = "oU1"
    wire.script(BATCH, [page, page])
    scopes = []
    for one in (connector, other):
        assert one.contacts is not None
        facts, _ = one.contacts.fetch_contacts(["mei"], "")
        assert facts[0].identities[0].key == f"wecom_external_userid:{kit.CORP}:wm1"
        scopes.append(facts[0].identities[1].scope)
    assert scopes == ["", "brand"]


def test_remark_mobiles_are_no_identity(connector, wire):
    page = kit.contact_page(1, cursor="")
    follow = page["external_contact_list"][0]["follow_info"]
    follow |= {"remark_mobiles": ["13912345678", ""], "remark_corp_name": "山茶贸易"}
    wire.script(BATCH, [page])
    (fact,), _ = connector.contacts.fetch_contacts(["mei"], "")
    assert fact.private["remark_mobiles"] == ["13912345678"]
    assert fact.private["remark_company"] == "山茶贸易"
    assert [identity.namespace for identity in fact.identities] == ["wecom_external_userid"]


def test_more_than_a_hundred_staff_are_refused(connector):
    with pytest.raises(Refused):
        connector.contacts.fetch_contacts([f"s{n}" for n in range(101)], "")


def test_a_missing_field_of_an_answer_is_named(connector, wire):
    broken = kit.contact_page(1, cursor="")
    del broken["external_contact_list"][0]["external_contact"]["external_userid"]
    wire.script(BATCH, [broken])
    with pytest.raises(Exception, match="external_userid"):
        connector.contacts.fetch_contacts(["mei"], "")


def test_an_untrusted_address_is_shown(connector, wire):
    wire.script(GET, [kit.error(60020, "not allow to access from your ip")])
    with pytest.raises(Reauth, match=r"203\.0\.113\.9"):
        connector.contacts.fetch_contact("wm1")
