"""A broadcast planned through policy into the ledger, and what an ORM loop would take for it.

    python bench/broadcast.py --customers 1000000 [--json]

Customers are friends of `--staff` guides; 2 % said no, 1 % heard from us too often, 1 % used up
the platform's quota, 5 % are friends no more. Planned: the frozen audience in parts of 50,000,
each by one statement, then the waves. Beside it, on `--loop` of the same customers: one by one
through the ORM, as a loop in a task queue would (its whole time is that, scaled). Peak memory is
of this process, at a tenth of the customers and at all of them.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
ACCOUNT = "wecom:wwbench"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--staff", type=int, default=5_000)
    parser.add_argument("--loop", type=int, default=2_000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--home", default="", help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.home:
        print(json.dumps(plan(told.customers, told.staff, told.loop)))
        return 0
    whole = run(told.customers, told.staff, told.loop)
    tenth = run(max(1_000, told.customers // 10), told.staff, 0)
    result = {
        "customers": told.customers,
        "planned_s": whole["planned_s"],
        "per_second": round(told.customers / whole["planned_s"]),
        "preview_s": whole["preview_s"],
        "waves_s": whole["waves_s"],
        "allowed": whole["allowed"],
        "left_out": whole["left_out"],
        "waves": whole["waves"],
        "peak_mb": whole["peak_mb"],
        "peak_mb_at_a_tenth": tenth["peak_mb"],
        "orm_loop_s_scaled": round(whole["loop_s"] / told.loop * told.customers),
        "times_faster": round(whole["loop_s"] / told.loop * told.customers / whole["planned_s"], 1),
    }
    print(json.dumps(result, ensure_ascii=False, indent=None if told.json else 2))
    return 0


def run(customers: int, staff: int, loop: int) -> dict[str, Any]:
    """One measurement in a process and a home of its own."""
    home = tempfile.mkdtemp(prefix="siyu-bench-broadcast-")
    sizes = ["--customers", str(customers), "--staff", str(staff), "--loop", str(loop)]
    try:
        done = subprocess.run(
            [sys.executable, __file__, *sizes, "--home", home],
            cwd=ROOT,
            env={**os.environ, "SIYU_HOME": home, "SIYU_LOG_LEVEL": "error"},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    finally:
        shutil.rmtree(home, ignore_errors=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def plan(customers: int, staff: int, loop: int) -> dict[str, Any]:
    """Make the customers, then plan; seconds and the peak of memory in MB."""
    sys.path.insert(0, str(ROOT))
    from siyu.site.boot import boot, migrate

    boot()
    migrate()
    from django.db import transaction

    from siyu.core.access import SYSTEM
    from siyu.core.accounts import create_account
    from siyu.core.runtime import runtime
    from siyu.reach.actions import open_waves, plan_cohort
    from siyu.reach.cohorts import CHUNK
    from siyu.reach.queries import count_cohort
    from siyu.reach.types import Cohort

    now = runtime().clock.now()
    fields = {
        "corp_id": "wwbench",
        "agent_id": "1",
        "secret": "s",
        "token": "callbacktoken",
        "aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    }
    create_account(SYSTEM, "wecom", fields, name="bench", now=now)
    make_customers(customers, staff, now)
    cohort = Cohort(
        campaign="broadcast:1",
        version=1,
        step="send",
        account=ACCOUNT,
        channel="wecom.mass_send",
        template="新茶到店了",
        due_at=now,
        expires_at=now + timedelta(days=2),
    )
    started = time.monotonic()
    count = count_cohort(cohort, range(1, customers + 1), now)
    previewed = time.monotonic()
    for first in range(1, customers + 1, CHUNK):
        with transaction.atomic():
            plan_cohort(cohort, range(first, min(first + CHUNK, customers + 1)), now)
    written = time.monotonic()
    with transaction.atomic():
        waves = open_waves("broadcast:1", now)
    ended = time.monotonic()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "planned_s": round(ended - previewed, 2),
        "preview_s": round(previewed - started, 2),
        "waves_s": round(ended - written, 2),
        "allowed": count.allowed,
        "left_out": dict(count.reasons),
        "waves": waves,
        "peak_mb": round(peak),
        "loop_s": one_by_one(loop, now),
    }


def make_customers(customers: int, staff: int, now: Any) -> None:
    """Friends of guides, straight into the tables."""
    from django.db import connection

    from siyu.reach.catalog import catalog, quota_period

    quota = catalog().quotas_of(ACCOUNT, "wecom.mass_send", now.date().isoformat())[0]
    stamp = connection.ops.adapt_datetimefield_value(now)
    numbers = (
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {customers})"
        if connection.vendor == "sqlite"
        else f"WITH n(i) AS (SELECT generate_series(1, {customers}))"
    )
    tables = {
        "pool_customer": f"""(id, name, first_source, first_platform, platforms, stage, owner_staff,
            order_count, refund_count, revenue_fen, created_at, last_seen_at, is_reachable, is_erased)
            {numbers} SELECT i, '', '', '', '', 0, 's' || (i % {staff}), 0, 0, 0, %s, %s, TRUE, FALSE
            FROM n""",
        "pool_identity": f"""(id, namespace, scope, value, strength, customer_id, birth_id, degree,
            strong_degree, is_quarantined, source, platform, platforms, first_seen_at, last_seen_at,
            views, is_crowded) {numbers} SELECT i, 'wecom_external_userid', 'wwbench', 'wm' || i,
            'strong', i, i, 0, 0, FALSE, '', 'wecom', 'wecom', %s, %s, 0, FALSE FROM n""",
        "pool_relation": f"""(account, platform, staff, customer_id, identity_id, is_friend, state,
            added_at, synced_at) {numbers} SELECT '{ACCOUNT}', 'wecom', 's' || (i % {staff}), i, i,
            i % 20 <> 0, '', %s, %s FROM n""",
    }
    with connection.cursor() as cursor:
        for table, rest in tables.items():
            cursor.execute(f"INSERT INTO {table} {rest}", [stamp, stamp])
        cursor.execute(
            "INSERT INTO pool_consent (customer_id, identity_id, channel, purpose, is_granted,"
            f" source, at) {numbers} SELECT i, i, '*', 'marketing', FALSE, '', %s FROM n"
            " WHERE i % 50 = 1",
            [stamp],
        )
        cursor.execute(
            "INSERT INTO reach_quotause (account, channel, subject, period, used, elsewhere)"
            f" {numbers} SELECT '{ACCOUNT}', 'wecom.mass_send', CAST(i AS text), %s, 31, 0 FROM n"
            " WHERE i % 100 = 2",
            [quota_period(quota, now)],
        )


def one_by_one(loop: int, now: Any) -> float:
    """The same checks and rows, a customer at a time through the ORM."""
    from siyu.pool.models import Consent, Customer, Identity, Relation
    from siyu.reach.models import QuotaUse, Touch

    started = time.monotonic()
    for number in range(1, loop + 1):
        customer = Customer.objects.get(pk=number)
        friend = Relation.objects.filter(customer_id=number, is_friend=True).first()
        refuses = Consent.objects.filter(customer_id=number, is_granted=False).exists()
        heard = Touch.objects.filter(customer_id=number, purpose="marketing", state="delivered")
        reason = ""
        if customer.is_erased or refuses or friend is None:
            reason = "left_out"
        elif QuotaUse.objects.filter(subject=str(friend.identity_id), used__gte=30).exists():
            reason = "platform_quota"
        elif heard.count() >= 3:
            reason = "frequency_cap"
        address = "" if friend is None else Identity.objects.get(pk=friend.identity_id).value
        Touch.objects.create(
            campaign="loop:1",
            version=1,
            step="send",
            entry_key="wave",
            planned_for=number,
            channel_kind="wecom.mass_send",
            customer_id=number,
            purpose="marketing",
            wording_id=1,
            priority=2,
            state="suppressed" if reason else "planned",
            reason=reason,
            address=address,
            planned_at=now,
            due_at=now,
            next_at=now,
            expires_at=now,
        )
    return round(time.monotonic() - started, 2)


if __name__ == "__main__":
    raise SystemExit(main())
