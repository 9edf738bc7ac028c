"""Sheets to print: A4 pages of parcel cards, or posters; HTML that a browser prints to the
millimetre, with the codes drawn inside."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from siyu.growth.pictures import draw
from siyu.kernel.errors import Refused

LAYOUTS = {
    "card": {1: (1, 1), 2: (1, 2), 4: (2, 2), 6: (2, 3), 8: (2, 4), 10: (2, 5)},
    "poster": {1: (1, 1)},
}
"""Kind → cards per page → (columns, rows)."""
PAGE_MM = (210, 297)
MARGIN_MM = 8
MAX_CARDS = 400


@dataclass(frozen=True, kw_only=True)
class Card:
    """One card: what its code holds, and the words on it."""

    holds: str
    title: str
    text: str = ""
    foot: str = ""


def make_sheet(cards: Sequence[Card], *, kind: str, per_page: int, logo: bytes = b"") -> str:
    """A page of HTML: `kind` `card` with cut marks, or `poster`."""
    layout = LAYOUTS.get(kind, {}).get(per_page)
    if layout is None:
        raise Refused(
            "sheet.layout", "每页张数须为 1、2、4、6、8 或 10, 海报为 1", field="per_page"
        )
    if not 1 <= len(cards) <= MAX_CARDS:
        raise Refused("sheet.count", f"一次可打印 1 到 {MAX_CARDS} 张", field="count")
    columns, rows = layout
    width = (PAGE_MM[0] - 2 * MARGIN_MM) / columns
    height = (PAGE_MM[1] - 2 * MARGIN_MM) / rows
    drawn: dict[str, str] = {}
    for card in cards:
        if card.holds not in drawn:
            drawn[card.holds] = _picture(card.holds, logo)
    pages = [cards[start : start + per_page] for start in range(0, len(cards), per_page)]
    edge = min(width * 0.7, height * (0.5 if kind == "poster" else 0.58))
    body = "".join(
        f'<section class="page">{"".join(_card(card, drawn[card.holds]) for card in page)}</section>'
        for page in pages
    )
    style = _STYLE.format(
        margin=MARGIN_MM, columns=columns, width=width, height=height, edge=edge, em=edge / 9
    )
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        f"<title>{escape(cards[0].title)}</title><style>{style}</style></head>"
        f'<body class="{kind}">{body}</body></html>'
    )


def _card(card: Card, picture: str) -> str:
    text = f"<p>{escape(card.text)}</p>" if card.text else ""
    foot = f"<small>{escape(card.foot)}</small>" if card.foot else ""
    return (
        f'<article><h1>{escape(card.title)}</h1><img alt="" src="{picture}">{text}{foot}</article>'
    )


def _picture(holds: str, logo: bytes) -> str:
    data = base64.b64encode(draw(holds, "svg", size=600, logo=logo)).decode()
    return f"data:image/svg+xml;base64,{data}"


_STYLE = """
@page {{ size: A4 portrait; margin: 0 }}
* {{ box-sizing: border-box; margin: 0; padding: 0 }}
body {{ font-family: "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; color: #222 }}
.page {{ width: 210mm; height: 297mm; padding: {margin}mm; display: grid;
  grid-template-columns: repeat({columns}, {width:.2f}mm); grid-auto-rows: {height:.2f}mm;
  break-after: page; overflow: hidden }}
.page:last-child {{ break-after: auto }}
article {{ border: 0.2mm dashed #bbb; display: flex; flex-direction: column; align-items: center;
  justify-content: center; text-align: center; padding: 3mm; gap: 2mm; overflow: hidden }}
.poster article {{ border: 0; gap: 10mm }}
img {{ width: {edge:.2f}mm; height: {edge:.2f}mm; flex: none }}
h1 {{ font-size: {em:.2f}mm; line-height: 1.25; font-weight: 600 }}
p {{ font-size: calc({em:.2f}mm * .72); line-height: 1.4 }}
small {{ font-size: calc({em:.2f}mm * .5); color: #777 }}
@media screen {{ body {{ background: #eee }} .page {{ background: #fff; margin: 6mm auto }} }}
"""
