"""What a platform may offer: one small Protocol for each capability."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

import msgspec

from siyu.kernel.clock import Clock
from siyu.ports.app_links import LinkMaker
from siyu.ports.articles import ArticleSource
from siyu.ports.behaviour import BehaviourSource
from siyu.ports.code_lists import CodeLister
from siyu.ports.codes import LinkIssuer, LiveCodeIssuer
from siyu.ports.desk import ServiceDesk
from siyu.ports.directory import StaffDirectory
from siyu.ports.facts import Fact
from siyu.ports.follow_codes import FollowCodeIssuer
from siyu.ports.groups import GroupCodeIssuer, GroupSource, GroupWelcomer
from siyu.ports.http import HttpDoor
from siyu.ports.logins import AppLogin, PageLogin
from siyu.ports.media import MediaStore
from siyu.ports.member_pages import MemberPages
from siyu.ports.menus import Menus
from siyu.ports.moments import MomentPublisher
from siyu.ports.notices import StaffNotifier
from siyu.ports.orders import OrderSource, Shipping
from siyu.ports.payments import GuideCards, PaymentSource, RewardPayer
from siyu.ports.remarks import RemarkWriter
from siyu.ports.replies import PassiveReplies
from siyu.ports.staff_tasks import StaffTasks
from siyu.ports.tag_editing import TagEditor
from siyu.ports.templates import TemplateSource
from siyu.ports.transfers import CustomerMover
from siyu.ports.trials import TrialSender


class AccountConfig(msgspec.Struct, frozen=True, kw_only=True):
    """One of our accounts on a platform, secrets opened. `key` is `platform:remote_id`."""

    key: str
    platform: str
    remote_id: str
    name: str
    base_url: str
    fields: dict[str, str]

    def __repr__(self) -> str:
        return f"AccountConfig({self.key!r})"


@dataclass(frozen=True)
class Token:
    value: str
    expires_at: datetime


class TokenStore(Protocol):
    """Keeps platform tokens; one caller refreshes, the others wait (all processes)."""

    def get(
        self, account: str, name: str, fetch: Callable[[], Token], *, bad: str | None = None
    ) -> str:
        """The valid token; fetched when absent, near its end, or equal to `bad`."""
        ...


@dataclass(frozen=True)
class CallbackRequest:
    """A platform's call to us, as it came."""

    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Verified:
    """A callback that passed its checks.

    reply_*: what the platform must hear once `body` is safe on disk.
    body: the decrypted message to keep; None when there is nothing to keep (URL check).
    message_id: equal for repeated deliveries of one message.
    """

    reply_body: bytes
    reply_type: str = "text/plain; charset=utf-8"
    body: bytes | None = None
    message_id: str = ""


class Webhook(Protocol):
    def verify(self, request: CallbackRequest, now: datetime) -> Verified:
        """Check signature, freshness and envelope; Forbidden or Refused when wrong. No IO."""
        ...

    def read(self, body: bytes, received_at: datetime, message_id: str) -> list[Fact]:
        """The facts of a verified body. Pure. Unknown events give an empty list."""
        ...


KEY_UNKNOWN = "callback.key_unknown"
"""Code of the Forbidden that `Webhook.verify` raises for a signing key it has never seen."""


@runtime_checkable
class LearnsKeys(Protocol):
    """A webhook whose signing keys change: asked after KEY_UNKNOWN, then `verify` runs again."""

    def learn_keys(self, request: CallbackRequest) -> bool:
        """Fetch the platform's keys; whether the request's key is known now. Never raises."""
        ...


@runtime_checkable
class SpeaksRefusal(Protocol):
    """A webhook whose platform wants refusals in its own words."""

    def refusal(self, reason: str) -> tuple[bytes, str]:
        """Body and content type of an answer that is not 2xx."""
        ...


class ContactSource(Protocol):
    def list_staff(self) -> list[str]:
        """Remote ids of the staff who may have customers."""
        ...

    def fetch_contacts(self, staff: Sequence[str], cursor: str) -> tuple[list[Fact], str]:
        """One page of relations as `FRIEND_SYNCED` facts and the next cursor ("" at the end)."""
        ...

    def fetch_contact(self, remote_id: str) -> list[Fact]:
        """All relations of one customer; empty when the platform knows no such customer."""
        ...

    def end_relation(self, remote_id: str, staff: str, at: datetime) -> Fact:
        """The `FRIEND_LOST` fact of a relation that a whole pull no longer found. Pure."""
        ...


@dataclass(frozen=True)
class Content:
    """What is said: rendered text and attachments in the platform-neutral shape."""

    text: str
    attachments: tuple[Mapping[str, str], ...] = ()


class DeliveryState(StrEnum):
    """What the platform says became of one message."""

    WAITING = "waiting"
    """Handed over; a member of staff has not confirmed it yet, or no result yet."""
    DELIVERED = "delivered"
    REFUSED = "refused"


@dataclass(frozen=True)
class Delivery:
    """The fate of one recipient of a handed-over message."""

    recipient: str
    state: DeliveryState
    reason: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Outgoing:
    """One message to one or more recipients (remote ids) from one sender.

    idempotency_key is passed on where the platform knows such a thing. `context` carries what
    the channel needs from the last inbound fact (conversation and message id of a DM).
    """

    recipients: tuple[str, ...]
    content: Content
    idempotency_key: str
    sender: str = ""
    context: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Receipt:
    """The platform took the message. remote_id finds it again; empty `deliveries` = poll."""

    remote_id: str
    deliveries: tuple[Delivery, ...] = ()


class Sender(Protocol):
    """A channel. Raises the PlatformError family; UnknownOutcome is never repeated blindly."""

    def send(self, message: Outgoing) -> Receipt: ...

    def poll(self, remote_id: str, sender: str) -> list[Delivery]:
        """Current fate of every recipient; [] when the platform keeps no results."""
        ...

    def find_sent(self, message: Outgoing, since: datetime) -> Receipt | None:
        """After an unknown outcome: the receipt if the platform has it, else None.

        Raises UnknownOutcome when the platform cannot tell.
        """
        ...


@dataclass(frozen=True)
class RemoteTag:
    remote_id: str
    name: str
    group_id: str
    group_name: str


class TagWriter(Protocol):
    def list_tags(self) -> list[RemoteTag]: ...

    def create_tags(self, group_name: str, names: Sequence[str]) -> list[RemoteTag]: ...

    def mark(
        self, staff: str, customer: str, add: Sequence[str], remove: Sequence[str]
    ) -> None: ...


@dataclass(frozen=True)
class Check:
    """One line of the self-check: what was tried, whether it works, what to do if not."""

    name: str
    is_ok: bool
    detail: str
    advice: str = ""


class SelfCheck(Protocol):
    def run(self) -> list[Check]: ...


@dataclass(frozen=True)
class Connector:
    """A platform account ready for use; what it does not offer is None.

    senders: channel name (`wecom.mass_send`, `wecom.welcome`, `douyin.dm`) → Sender.
    """

    account: AccountConfig
    webhook: Webhook
    check: SelfCheck
    contacts: ContactSource | None = None
    codes: LiveCodeIssuer | None = None
    code_list: CodeLister | None = None
    links: LinkIssuer | None = None
    media: MediaStore | None = None
    remarks: RemarkWriter | None = None
    tags: TagWriter | None = None
    tag_editor: TagEditor | None = None
    directory: StaffDirectory | None = None
    payments: PaymentSource | None = None
    guide_cards: GuideCards | None = None
    rewards: RewardPayer | None = None
    senders: Mapping[str, Sender] = field(default_factory=dict)
    transfers: CustomerMover | None = None
    behaviour: BehaviourSource | None = None
    member_pages: MemberPages | None = None
    notices: StaffNotifier | None = None
    replies: PassiveReplies | None = None
    follow_codes: FollowCodeIssuer | None = None
    menus: Menus | None = None
    templates: TemplateSource | None = None
    page_login: PageLogin | None = None
    app_login: AppLogin | None = None
    app_links: LinkMaker | None = None
    orders: OrderSource | None = None
    shipping: Shipping | None = None
    staff_tasks: StaffTasks | None = None
    moments: MomentPublisher | None = None
    groups: GroupSource | None = None
    group_codes: GroupCodeIssuer | None = None
    group_welcomes: GroupWelcomer | None = None
    desk: ServiceDesk | None = None
    articles: ArticleSource | None = None
    trials: TrialSender | None = None


class Connect(Protocol):
    """Every platform package exposes `connect` of this shape."""

    def __call__(
        self, account: AccountConfig, http: HttpDoor, clock: Clock, tokens: TokenStore
    ) -> Connector: ...
