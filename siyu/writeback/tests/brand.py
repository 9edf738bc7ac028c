"""What happens between a brand and its platform, step by step."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from siyu.core.access import SYSTEM
from siyu.core.accounts import connector, create_account
from siyu.core.intake import open_inbox
from siyu.core.intake.worker import unload
from siyu.core.models import IntakeState
from siyu.core.pipeline import run_stages
from siyu.core.runtime import Runtime, set_runtime
from siyu.guides import actions as guides
from siyu.guides import jobs, sources, syncing
from siyu.kernel.clock import FakeClock
from siyu.kernel.identity import Identity
from siyu.pool import belongings, tag_groups, tag_names, tag_words, tagging
from siyu.pool.actions import resolve
from siyu.pool.queries import find_customer
from siyu.ports.facts import Fact
from siyu.ports.testing import as_request
from siyu.sandbox.bad_days import happens
from siyu.sandbox.door import SandboxDoor, base_url
from siyu.sandbox.world import SandboxWorld
from siyu.writeback import actions, switches
from siyu.writeback.catalogue import TagCatalogue
from siyu.writeback.jobs import write_back

CORP = "ww5823bf96d3bd56c7"
ACCOUNT = f"wecom:{CORP}"
FIELDS = {
    "corp_id": CORP,
    "agent_id": "1000002",
    "secret": "app-secret",
    "token": "QDG6eKcallback",
    "aes_key": "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
}
STAGES = (resolve, guides.hear, actions.hear)


@dataclass
class Brand:
    world: SandboxWorld
    clock: FakeClock
    people: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        create_account(
            SYSTEM,
            "wecom",
            FIELDS,
            name="山茶记",
            base_url=base_url("wecom"),
            now=self.clock.now(),
        )
        app = {key: FIELDS[key] for key in ("corp_id", "secret", "token", "aes_key")}
        self.do("configure", **app, callback_url="http://127.0.0.1:9/")
        staff = [{"userid": "mei", "name": "小梅"}, {"userid": "lan", "name": "阿兰"}]
        self.do("add_staff", staff=staff)

    def do(self, operation: str, **arguments: Any) -> Any:
        return self.world.control("wecom", operation, arguments)

    def befriend(self, name: str, userid: str = "mei") -> int:
        """The customer's id in the pool."""
        self.people[name] = self.do("add_friend", userid=userid, unionid=f"u-{name}", name=name)
        self.hear()
        return self.customer(name)

    def customer(self, name: str) -> int:
        found = find_customer(
            Identity("wecom_external_userid", CORP, self.people[name]["external_userid"])
        )
        assert found is not None
        return int(found[0])

    def hear(self) -> None:
        """Callbacks arrive, profiles are fetched, everything is worked off."""
        webhook = connector(ACCOUNT).webhook
        while self.world.outbox:
            _, callback = self.world.outbox.popleft()
            if happens(self.world.chance, self.world.bad_days.drop):
                continue
            verified = webhook.verify(as_request(callback), self.clock.now())
            assert verified.body is not None
            self.run(webhook.read(verified.body, self.clock.now(), verified.message_id))
        jobs.fetch_new_friends()
        self.drain()

    def pull(self) -> None:
        """One whole comparison with the platform."""
        guides.request_sync(SYSTEM, ACCOUNT, now=self.clock.now())
        self.work()

    def work(self) -> None:
        """Pulls that are due, to their end."""
        while syncing.work(self.clock.now()):
            pass
        self.drain()

    def drain(self) -> None:
        IntakeState.objects.get_or_create(pk=1)
        store = open_inbox().store
        chunks = store.take(10_000)
        self.run(unload(chunks).facts)
        store.done(chunks)

    def run(self, told: list[Fact]) -> None:
        run_stages(told, STAGES, self.clock.now())

    def write(self) -> None:
        """The duty until nothing is left that is due."""
        switches.forget()
        while write_back():
            pass

    def group(self, name: str, *, is_on: bool = True) -> int:
        draft = tag_groups.GroupDraft(name)
        group = tag_groups.create_group(SYSTEM, draft, now=self.clock.now())
        if is_on:
            actions.switch_group(SYSTEM, ACCOUNT, group, is_on=True, now=self.clock.now())
        return group

    def put_on(self, name: str, tag: int) -> None:
        tagging.add_tags(
            SYSTEM, [self.customer(name)], [tag], origin="manual", now=self.clock.now()
        )

    def take_off(self, name: str, tag: int) -> None:
        tagging.remove_tags(SYSTEM, [self.customer(name)], [tag], now=self.clock.now())

    def tag(self, group: str, name: str) -> int:
        switches.forget()
        return tagging.ensure_tag(SYSTEM, group, name, now=self.clock.now())

    def carried(self, name: str) -> set[str]:
        """Names of the tags the pool shows."""
        from siyu.pool.models import CustomerTag

        rows = CustomerTag.objects.filter(customer_id=self.customer(name), is_active=True)
        return set(rows.values_list("tag__name", flat=True))

    def at_platform(self, name: str, userid: str = "mei") -> set[str]:
        """Names of the tags on a relation, by the platform's own books."""
        platform: Any = self.world.sandboxes["wecom"]
        corp = platform._corps[CORP]
        names = corp.tag_names()
        relation = corp.relations[userid][self.people[name]["external_userid"]]
        return {names[tag][1] for tag in relation.tag_ids}

    def mark_there(
        self, name: str, *, add: tuple[str, ...] = (), remove: tuple[str, ...] = ()
    ) -> None:
        """A member of staff marks tags in the client; the platform tells."""
        self.do(
            "mark_tags",
            external_userid=self.people[name]["external_userid"],
            userid="mei",
            add=list(add),
            remove=list(remove),
        )


def make_brand(run_time: Runtime, clock: FakeClock) -> Brand:
    """Mei and Lan of one corp, connected; hears callbacks and pulls when told to."""
    world = SandboxWorld(clock, platforms=["wecom"])
    set_runtime(Runtime(run_time.home, clock, SandboxDoor(world), run_time.namespaces))
    tag_words.set_ear(actions.hear_tag_lists)
    tag_names.on_name(actions.hear_name)
    belongings.on_change(actions.mark_changed)
    sources.register(TagCatalogue())
    switches.forget()
    return Brand(world, clock)
