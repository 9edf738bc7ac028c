from __future__ import annotations

import pytest

from siyu.core.models import AuditEntry, WriteKey
from siyu.core.write_keys import KeyRing, create_write_key, list_write_keys, revoke_write_key
from siyu.kernel.errors import Conflict, Forbidden, NotFound, Refused

pytestmark = pytest.mark.django_db


def test_only_the_hash_of_a_key_is_kept(lin, clock):
    secret = create_write_key(lin, "shop", "web", now=clock.now())
    assert secret.startswith("swk_")
    row = WriteKey.objects.get()
    assert secret not in (row.key_hash, row.hint)
    assert secret.endswith(row.hint)
    assert AuditEntry.objects.get().verb == "create_write_key"


def test_names_are_unique_and_well_formed(lin, clock):
    create_write_key(lin, "商城", now=clock.now())
    with pytest.raises(Conflict):
        create_write_key(lin, "商城", now=clock.now())
    for name in ("", "a b", "x" * 65, "a/b"):
        with pytest.raises(Refused):
            create_write_key(lin, name, now=clock.now())
    with pytest.raises(Refused):
        create_write_key(lin, "app", "No Platform", now=clock.now())


def test_the_key_ring_finds_senders_until_they_are_revoked(lin, clock):
    secret = create_write_key(lin, "shop", "mini", now=clock.now())
    ring = KeyRing()
    ring.reload()
    sender = ring.find(secret)
    assert sender is not None
    assert (sender.name, sender.platform) == ("shop", "mini")
    revoke_write_key(lin, list_write_keys(lin)[0].id, now=clock.now())
    fresh = KeyRing()
    fresh.reload()
    assert fresh.find(secret) is None


def test_only_owners_handle_keys(lin, mei, wu, clock):
    for actor in (mei, wu):
        with pytest.raises(Forbidden):
            create_write_key(actor, "shop", now=clock.now())
        with pytest.raises(Forbidden):
            list_write_keys(actor)
    with pytest.raises(NotFound):
        revoke_write_key(lin, 99, now=clock.now())
