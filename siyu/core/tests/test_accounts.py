from __future__ import annotations

import pytest

from siyu.core.accounts import (
    connector,
    create_account,
    get_account_config,
    list_accounts,
    update_account,
)
from siyu.core.models import AuditEntry, PlatformAccount
from siyu.kernel.errors import Conflict, Forbidden, NotFound, Refused

pytestmark = pytest.mark.django_db
FIELDS = {
    "corp_id": "wwcorp",
    "agent_id": "1000002",
    "secret": "the-app-secret",
    "token": "callbacktoken",
    "aes_key": "a" * 43,
}


@pytest.fixture
def account(run_time, lin, clock):
    return create_account(lin, "wecom", FIELDS, name="总部", now=clock.now())


def test_secrets_are_sealed_and_never_listed(account, lin):
    row = PlatformAccount.objects.get(key=account)
    assert b"the-app-secret" not in bytes(row.secrets)
    assert "the-app-secret" not in repr(list_accounts(lin))
    assert "the-app-secret" not in str(list(AuditEntry.objects.values()))
    assert get_account_config(account).fields["secret"] == "the-app-secret"
    assert "the-app-secret" not in repr(get_account_config(account))


def test_sealed_secrets_do_not_open_under_another_account(account, run_time, lin, clock):
    other = create_account(lin, "wecom", {**FIELDS, "corp_id": "wwother"}, name="", now=clock.now())
    stolen = PlatformAccount.objects.get(key=account).secrets
    PlatformAccount.objects.filter(key=other).update(secrets=stolen)
    with pytest.raises(Exception, match=r"secret\.unseal"):
        get_account_config(other)


def test_a_changed_secret_makes_a_new_connector(account, lin, clock):
    before = connector(account)
    assert connector(account) is before
    update_account(lin, account, values={"secret": "new"}, now=clock.now())
    assert connector(account) is not before
    assert connector(account).account.fields["secret"] == "new"
    assert connector(account).account.fields["token"] == "callbacktoken"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"corp_id": ""}, "corp_id"),
        ({"corp_id": "ww/../x"}, "corp_id"),
        ({"secret": ""}, "secret"),
        ({"surprise": "1"}, "surprise"),
    ],
)
def test_a_wrong_field_is_refused_by_name(run_time, lin, clock, change, field):
    with pytest.raises(Refused) as error:
        create_account(lin, "wecom", {**FIELDS, **change}, name="", now=clock.now())
    assert error.value.field == field
    assert not PlatformAccount.objects.exists()


@pytest.mark.usefixtures("run_time")
def test_a_field_with_choices_takes_one_of_them(lin, clock):
    fields = {"appid": "wx1", "secret": "s", "token": "t"}
    with pytest.raises(Refused) as error:
        create_account(lin, "wechat_oa", {**fields, "kind": "订阅号"}, name="", now=clock.now())
    assert (error.value.code, error.value.field) == ("account.choice", "kind")
    made = {**fields, "kind": "subscription"}
    key = create_account(lin, "wechat_oa", made, name="", now=clock.now())
    with pytest.raises(Refused):
        update_account(lin, key, values={"kind": "x"}, now=clock.now())
    assert get_account_config(key).fields["kind"] == "subscription"


def test_an_account_is_connected_once(account, lin, clock):
    with pytest.raises(Conflict):
        create_account(lin, "wecom", FIELDS, name="again", now=clock.now())


def test_only_an_owner_connects_accounts(run_time, mei, clock):
    with pytest.raises(Forbidden):
        create_account(mei, "wecom", FIELDS, name="", now=clock.now())


def test_unknown_accounts_and_platforms_are_refused(run_time, lin, clock):
    with pytest.raises(NotFound):
        connector("wecom:nobody")
    with pytest.raises(Refused):
        create_account(lin, "myspace", {}, name="", now=clock.now())
