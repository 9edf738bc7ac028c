from __future__ import annotations

import pytest

from siyu.core.access import SYSTEM
from siyu.core.audit import find_broken_link, record_audit
from siyu.core.models import AuditEntry
from siyu.core.secrets import seal, unseal
from siyu.kernel.errors import SiyuError

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain(clock):
    for number in range(5):
        record_audit(
            SYSTEM, "tag_customer", f"customer:{number}", now=clock.now(), detail={"n": number}
        )
        clock.advance(seconds=1)
    return list(AuditEntry.objects.order_by("id"))


def test_an_untouched_chain_is_whole(chain):
    assert find_broken_link() is None


@pytest.mark.parametrize(
    "change", [{"actor": "wu"}, {"detail": {"n": 9}}, {"target": "customer:9"}]
)
def test_an_edited_row_is_named(chain, change):
    AuditEntry.objects.filter(pk=chain[2].pk).update(**change)
    assert find_broken_link() == chain[2].pk


def test_a_deleted_row_is_noticed_at_the_next_one(chain):
    AuditEntry.objects.filter(pk=chain[2].pk).delete()
    assert find_broken_link() == chain[3].pk


def test_a_secret_opens_only_in_its_place():
    sealed = seal(b"corpsecret", "account:wecom:ww1")
    assert b"corpsecret" not in sealed
    assert unseal(sealed, "account:wecom:ww1") == b"corpsecret"
    with pytest.raises(SiyuError):
        unseal(sealed, "account:wecom:ww2")
    with pytest.raises(SiyuError):
        unseal(sealed[:-1] + bytes([sealed[-1] ^ 1]), "account:wecom:ww1")
