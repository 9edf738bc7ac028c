"""The people of a simulation: names, ids, temper. The same seed gives the same people."""

from __future__ import annotations

import random
import string
from dataclasses import dataclass, field
from datetime import datetime

from siyu.sandbox.simulator.config import CHANNELS, DOUYIN, PARCEL, STORE, Config

_SURNAMES = (
    "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任"
    "卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严武戴莫孔向汤"
)
_GIVEN = (
    "雨桐",
    "梓涵",
    "思远",
    "若溪",
    "子墨",
    "欣怡",
    "浩然",
    "诗涵",
    "宇轩",
    "一诺",
    "佳宁",
    "俊杰",
    "晓彤",
    "婉清",
    "明轩",
    "静怡",
    "嘉禾",
    "书瑶",
    "文博",
    "语嫣",
    "志强",
    "丽华",
    "建国",
    "秀英",
    "海燕",
    "晓明",
    "玉兰",
    "春梅",
    "立新",
    "美玲",
    "雅琴",
    "慧敏",
    "国栋",
    "天佑",
    "梦洁",
    "芷若",
    "清扬",
    "乐瑶",
    "安然",
    "知夏",
    "听雪",
    "望舒",
    "星野",
    "云舒",
    "沐阳",
    "景行",
    "牧之",
    "采薇",
    "念慈",
    "怀瑾",
)
_PREFIXES = ("135", "136", "137", "138", "139", "150", "151", "152", "158", "159", "166", "176", "177", "180", "181", "186", "187", "188", "189", "199")  # fmt: skip
_WEIGHTS = {STORE: 0.38, PARCEL: 0.27, DOUYIN: 0.20, CHANNELS: 0.15}
_ID_LETTERS = string.ascii_letters + string.digits + "-_"


@dataclass(eq=False)
class Person:
    """One human. taste: how likely to buy (0 to 1). Friendship and orders change as life goes
    on; `chance` is this person's own dice."""

    number: int
    name: str
    phone: str
    unionid: str
    channel: str
    state: str
    arrives_at: datetime
    taste: float
    chance: random.Random
    external_userid: str = ""
    userid: str = ""
    is_friend: bool = False
    is_registered: bool = False
    orders: list[str] = field(default_factory=list)
    has_acted: bool = False
    has_coupon: bool = False
    referrer: Person | None = None

    @property
    def key(self) -> str:
        """How the sandboxes know this human."""
        return f"p{self.number}"

    @property
    def user_id(self) -> str:
        """The account in the shop."""
        return f"u{100_000 + self.number}"

    @property
    def anonymous_id(self) -> str:
        """The browser's cookie before signing in."""
        return f"anon-{self.unionid[1:17]}"


def make_people(config: Config) -> list[Person]:
    """Everybody who will come, by number."""
    chance = random.Random(config.seed)  # noqa: S311
    channels = [code for code in config.codes if code.channel != DOUYIN or config.has_douyin]
    codes = channels or list(config.codes)
    weights = [_WEIGHTS.get(code.channel, 0.2) for code in codes]
    phones: set[str] = set()
    people = []
    for number in range(config.customers):
        code = chance.choices(codes, weights)[0]
        people.append(
            Person(
                number=number,
                name=chance.choice(_SURNAMES) + chance.choice(_GIVEN),
                phone=_phone(chance, phones),
                unionid="o" + "".join(chance.choices(_ID_LETTERS, k=27)),
                channel=code.channel,
                state=code.state,
                arrives_at=config.start
                + (config.end - config.start) * (0.93 * chance.random() ** 1.15),
                taste=chance.betavariate(1.6, 2.4),
                chance=random.Random(f"{config.seed}:{number}"),  # noqa: S311
            )
        )
    return people


def _phone(chance: random.Random, taken: set[str]) -> str:
    while True:
        phone = chance.choice(_PREFIXES) + f"{chance.randrange(10_000_000, 99_999_999)}"
        if phone not in taken and len(set(phone[3:])) > 3:
            taken.add(phone)
            return phone
