"""`siyu erase` finds the customer by id, phone or any identity."""

from __future__ import annotations

import argparse

import pytest

from siyu.core.access import SYSTEM
from siyu.kernel.errors import NotFound, Refused
from siyu.pool import actions, queries
from siyu.pool.types import CustomerFilter, ImportedCustomer
from siyu.site.commands import erase

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]


def parse(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    erase.add_arguments(parser)
    return parser.parse_args(words)


def test_customer_is_named_by_id_phone_or_identity(clock):
    identities = (("phone", "13912345678", ""), ("wx_unionid", "oABC:1", ""))
    row = ImportedCustomer(identities=identities, source="import:crm", at=clock.now())
    actions.import_customers([row])
    [customer] = queries.list_customers(SYSTEM, CustomerFilter()).items
    for words in (
        ("--customer", str(customer.id)),
        ("--phone", "139 1234 5678"),
        ("--identity", "wx_unionid::oABC:1"),
    ):
        assert erase.find_customer_id(parse(*words)) == customer.id
    with pytest.raises(NotFound):
        erase.find_customer_id(parse("--phone", "13912345679"))
    with pytest.raises(Refused):
        erase.find_customer_id(parse("--identity", "nonsense"))
