"""WeCom 企业微信 for a self-built app: customers, codes, tags, welcome and mass messages."""

from __future__ import annotations

from siyu.kernel.clock import Clock
from siyu.platforms.wecom.behaviour import Behaviour
from siyu.platforms.wecom.check import WecomCheck
from siyu.platforms.wecom.client import Client
from siyu.platforms.wecom.code_list import ContactWayList
from siyu.platforms.wecom.codes import ContactWays
from siyu.platforms.wecom.contacts import Contacts
from siyu.platforms.wecom.desk import Desks, KfGreeter, KfSender
from siyu.platforms.wecom.directory import Directory
from siyu.platforms.wecom.group_codes import JoinWays
from siyu.platforms.wecom.group_welcomes import GroupWelcomes
from siyu.platforms.wecom.groups import Groups
from siyu.platforms.wecom.links import AcquisitionLinks
from siyu.platforms.wecom.media import TemporaryMedia
from siyu.platforms.wecom.member_pages import Pages
from siyu.platforms.wecom.messages import GroupSender, MassSender, WelcomeSender
from siyu.platforms.wecom.moments import Moments
from siyu.platforms.wecom.notices import Notices
from siyu.platforms.wecom.reach_calls import ReachCalls
from siyu.platforms.wecom.remarks import Remarks
from siyu.platforms.wecom.staff_tasks import GroupMessageTasks
from siyu.platforms.wecom.tag_editor import CorpTagEditor
from siyu.platforms.wecom.tags import CorpTags
from siyu.platforms.wecom.transfers import Transfers
from siyu.platforms.wecom.webhook import WecomWebhook
from siyu.ports.capabilities import AccountConfig, Connector, TokenStore
from siyu.ports.http import HttpDoor

__all__ = ["connect"]


def connect(account: AccountConfig, http: HttpDoor, clock: Clock, tokens: TokenStore) -> Connector:
    """The connector of one corp and app."""
    client = Client(account, http, clock, tokens)
    return Connector(
        account=account,
        webhook=WecomWebhook(account),
        check=WecomCheck(client),
        contacts=Contacts(client),
        codes=ContactWays(client),
        code_list=ContactWayList(client),
        links=AcquisitionLinks(client),
        media=TemporaryMedia(client),
        remarks=Remarks(client),
        tags=CorpTags(client),
        tag_editor=CorpTagEditor(client),
        transfers=Transfers(client),
        behaviour=Behaviour(client),
        member_pages=Pages(client, tokens),
        notices=Notices(client),
        directory=Directory(client),
        senders={
            "wecom.welcome": WelcomeSender(client),
            "wecom.mass_send": MassSender(client),
            "wecom.group_send": GroupSender(client),
            "wecom.kf": KfSender(client),
            "wecom.kf_welcome": KfGreeter(client),
        },
        groups=Groups(client),
        group_codes=JoinWays(client),
        group_welcomes=GroupWelcomes(client),
        desk=Desks(client),
        staff_tasks=GroupMessageTasks(ReachCalls(client)),
        moments=Moments(ReachCalls(client)),
    )
