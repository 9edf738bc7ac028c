"""What the brand of the WeCom bench sets up, each step in a process of its own.

    python bench/wecom_brand.py begin BASE_URL FIELDS | organise

One JSON value on stdout. Run inside the home of the environment.
"""

from __future__ import annotations

import json
import random
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from siyu.site.boot import boot, migrate

ACCOUNT = "wecom:wwbench"
PASSWORD = "bench-Siyu-2026"
PER_STORE, PER_REGION, DAYS = 20, 25, 30
NAMED = "{{ name }}, 欢迎加我, 我是{{ staff_name }}"
PLAIN = "欢迎加我, 新茶到店了"
GREETERS = [f"wstaff{number}" for number in range(20)]


def main() -> None:
    boot()
    migrate()
    from siyu.core.runtime import runtime
    from siyu.site.subscriptions import subscribe

    subscribe()
    name, *arguments = sys.argv[1:]
    step = {"begin": begin, "organise": organise}[name]
    print(json.dumps(step(runtime().clock.now(), *arguments)))


def begin(now: Any, base_url: str, fields: str) -> str:
    """Tables, the account, and a key for the front door, which is returned."""
    from siyu.core.access import SYSTEM
    from siyu.core.accounts import create_account
    from siyu.core.write_keys import create_write_key

    create_account(SYSTEM, "wecom", json.loads(fields), name="bench", base_url=base_url, now=now)
    return create_write_key(SYSTEM, "bench", platform="web", now=now)


def organise(now: Any) -> dict[str, float]:
    """Stores of 20 guides, regions of 25 stores, their last 30 days, welcome words, and people
    who sign in; and the figures counted once, as the worker does every five minutes."""
    from siyu.guides.models import Post, Region, Staff, Store

    guides = list(Staff.objects.order_by("pk"))
    stores = max(1, len(guides) // PER_STORE)
    regions = max(2, stores // PER_REGION)
    for number in range(1, regions + 1):
        Region.objects.create(pk=number, code=f"r{number}", name=f"区{number}", path=f"/{number}/")
    made = Store.objects.bulk_create(
        Store(code=f"s{n}", name=f"店{n}", region_id=1 + n % regions, created_at=now)
        for n in range(stores)
    )
    posts = [
        Post(
            staff=guide,
            store=made[number % stores],
            role="guide" if number >= stores else "store_manager",
            since=now,
        )
        for number, guide in enumerate(guides)
    ]
    leader = Post(staff=guides[0], region_id=1, role="regional_manager", since=now)
    Post.objects.bulk_create([*posts, leader], batch_size=1_000)
    live_through(guides, now)
    let_in(guides[0].staff, now)
    put_words(now)
    seconds = count(now)
    sizes = {"guides": len(guides), "stores": stores, "regions": regions}
    return {**sizes, "figures_counted_s": seconds}


def put_words(now: Any) -> None:
    """What the guides of the welcomes say: every second one something that needs the name."""
    from siyu.core.access import SYSTEM
    from siyu.growth.welcome_rules import save_welcome_rule

    for number, one in enumerate(GREETERS):
        says = {"text": NAMED if number % 2 else PLAIN}
        save_welcome_rule(SYSTEM, account=ACCOUNT, scope="staff", target=one, says=says, now=now)


def live_through(guides: list[Any], now: Any) -> None:
    """What they did in the last days, as callbacks and the platform's own figures tell it."""
    from siyu.guides.models import BehaviourDay, DayCount

    dice = random.Random(4)
    for back in range(DAYS):
        day = (now - timedelta(days=back)).date()
        place = [{"account": ACCOUNT, "staff": one.staff, "day": day} for one in guides]
        DayCount.objects.bulk_create(
            (
                DayCount(
                    **one,
                    added=dice.randrange(9),
                    lost=dice.randrange(2),
                    messages=dice.randrange(60),
                )
                for one in place
            ),
            batch_size=1_000,
            ignore_conflicts=True,
        )
        BehaviourDay.objects.bulk_create(
            (
                BehaviourDay(
                    **one,
                    added=dice.randrange(9),
                    chats=1 + dice.randrange(30),
                    messages=dice.randrange(60),
                    reply_percent=dice.uniform(50, 100),
                    first_reply_minutes=dice.uniform(0.5, 40),
                    negative=dice.randrange(2),
                )
                for one in place
            ),
            batch_size=1_000,
            ignore_conflicts=True,
        )


def let_in(staff: str, now: Any) -> None:
    """One person for each data scope, all the same member of staff."""
    from siyu.core.access import SYSTEM, Role, Scope
    from siyu.core.users import Place, create_user

    create_user(SYSTEM, "all", PASSWORD, Role.OWNER, now=now)
    for scope in (Scope.REGION, Scope.STORE, Scope.SELF):
        place = Place(staff, ACCOUNT, scope)
        create_user(SYSTEM, scope.value, PASSWORD, Role.MANAGER, place=place, now=now)


def count(now: Any) -> float:
    """Count everybody's figures; seconds."""
    from siyu.guides.figures import count_figures

    started = time.monotonic()
    count_figures(now)
    return round(time.monotonic() - started, 2)


if __name__ == "__main__":
    main()
