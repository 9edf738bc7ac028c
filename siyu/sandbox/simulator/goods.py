"""What 山茶记 sells: tea and things for a quiet hour. Prices in fen."""

from __future__ import annotations

import random
from typing import NamedTuple


class Good(NamedTuple):
    sku: str
    name: str
    category: str
    price_fen: int


GOODS = (
    Good("SC-001", "明前龙井 50g", "绿茶", 16800),
    Good("SC-002", "正山小种 100g", "红茶", 12800),
    Good("SC-003", "白毫银针 30g", "白茶", 19800),
    Good("SC-004", "凤凰单丛鸭屎香 80g", "乌龙", 13800),
    Good("SC-005", "茉莉银毫 100g", "花茶", 8800),
    Good("SC-006", "陈皮熟普小青柑 12 颗", "普洱", 6900),
    Good("SC-007", "山茶花冷泡茶 15 包", "冷泡", 4900),
    Good("SC-008", "桂花乌龙三角包 20 包", "冷泡", 5900),
    Good("SC-101", "素烧盖碗 120ml", "茶器", 9900),
    Good("SC-102", "玻璃公道杯 260ml", "茶器", 5900),
    Good("SC-103", "旅行茶具套装 一壶三杯", "茶器", 26800),
    Good("SC-104", "棉麻茶席 30×120cm", "茶器", 4500),
    Good("SC-201", "山茶籽护手霜 60g", "生活", 7900),
    Good("SC-202", "茶香线香 40 支", "生活", 6800),
    Good("SC-203", "柚子茶点礼盒 8 枚", "茶点", 5800),
    Good("SC-204", "中秋茶礼 · 月下", "礼盒", 39800),
)


def pick_goods(chance: random.Random, taste: float) -> list[tuple[Good, int]]:
    """A basket: one to three different goods; people of more taste buy dearer things."""
    size = chance.choices((1, 2, 3), (60, 28, 12))[0]
    weights = [1 / (1 + good.price_fen / 8000 * (1.2 - taste)) for good in GOODS]
    picked = {chance.choices(GOODS, weights)[0] for _ in range(size)}
    return [(good, chance.choices((1, 2), (85, 15))[0]) for good in sorted(picked)]
