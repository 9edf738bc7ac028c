"""Pages customers see: a group's code, and finding a group by a word. Light, without script.

/g/<slug> shows a group code; /g/k/<slug>?q=… finds groups. Nothing personal is asked or kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from string import Template
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.urls import path

from siyu.core.limiting import limited
from siyu.core.runtime import runtime
from siyu.groups import codes, keywords
from siyu.groups.types import GroupCodeView
from siyu.kernel.errors import NotFound

MAX_WORDS = 30
_PAGE = Template(
    """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title><link rel="stylesheet" href="/g/page.css"></head>
<body><main><h1>$title</h1><p class="text">$text</p>$body</main></body></html>"""
)
_CODE = Template(
    """<section><h2>$group</h2><img class="qr" src="$picture" alt="$group 的二维码" width="240"
 height="240"><p class="hint">长按识别二维码, 加入群聊</p></section>"""
)
_SEARCH = Template(
    """<form method="get"><input name="q" value="$asked" maxlength="30" placeholder="输入关键词"
 aria-label="关键词"><button type="submit">查找</button></form><nav>$words</nav>$found"""
)
STYLE = """
:root{color-scheme:light dark;--ink:#20242b;--soft:#667085;--paper:#fff;--ground:#eef1f6;--blue:#2563c9}
@media(prefers-color-scheme:dark){:root{--ink:#edf0f5;--soft:#a3adbd;--paper:#1b2028;--ground:#0f1217;--blue:#7db0ff}}
*{box-sizing:border-box;margin:0}
body{background:var(--ground);color:var(--ink);min-height:100vh;display:grid;place-items:center;padding:16px;
font:16px/1.6 system-ui,"PingFang SC","Noto Sans CJK SC",sans-serif}
main{background:var(--paper);border-radius:16px;padding:28px 20px;width:100%;max-width:400px;text-align:center}
main>*+*{margin-top:14px}h1{font-size:21px;line-height:1.35}h2{font-size:17px}
section{display:grid;justify-items:center;gap:10px}section+section{border-top:1px solid #8883;padding-top:16px}
.text{color:var(--soft);overflow-wrap:anywhere}.text:empty{display:none}
.qr{background:#fff;border-radius:12px;padding:6px}.hint{color:var(--blue);font-weight:600}
form{display:flex;gap:8px}input{flex:1;min-width:0;font:inherit;color:inherit;background:var(--ground);
border:1px solid #8886;border-radius:10px;padding:10px 12px;min-height:44px}
button{font:inherit;font-weight:600;border:0;border-radius:10px;background:var(--blue);color:var(--paper);
padding:0 18px;min-height:44px}
nav{display:flex;flex-wrap:wrap;gap:8px;justify-content:center}nav a{color:var(--blue);text-decoration:none;
border:1px solid currentColor;border-radius:18px;padding:6px 14px;font-size:14px}
"""


@limited
def show_code(_request: HttpRequest, slug: str) -> HttpResponse:
    """A group code to press and hold, with the name of the group it leads to."""
    try:
        code = codes.find_by_slug(slug)
    except NotFound:
        return _gone()
    codes.count_view(code.id)
    return _answer(code.title or code.name, code.text, _code(code.title or "", code))


@limited
def show_picture(_request: HttpRequest, slug: str) -> HttpResponse:
    """The picture of a group code."""
    try:
        picture = codes.draw(codes.find_by_slug(slug).url, "svg")
    except NotFound:
        return _gone()
    answer = HttpResponse(picture, content_type="image/svg+xml")
    answer["Cache-Control"] = "public, max-age=300"
    return answer


@limited
def show_keywords(request: HttpRequest, slug: str) -> HttpResponse:
    """Groups for a word, or the words to choose from."""
    try:
        page = keywords.find_page(slug)
    except NotFound:
        return _gone()
    asked = request.GET.get("q", "")[:MAX_WORDS]
    found = keywords.search(page, asked, runtime().clock.now())
    nothing = '<p class="text">没有找到, 换个词试试</p>' if asked.strip() else ""
    body = _fill(
        _SEARCH,
        {"asked": asked},
        words="".join(_word(word) for word in keywords.entries_of(page)[:12]),
        found="".join(_code(title, code) for title, code in found) or nothing,
    )
    return _answer(page.title, page.text, body)


def show_style(_request: HttpRequest) -> HttpResponse:
    """The pages' style."""
    answer = HttpResponse(STYLE, content_type="text/css; charset=utf-8")
    answer["Cache-Control"] = "public, max-age=3600"
    return answer


def _code(title: str, code: GroupCodeView) -> str:
    shown = [one.name for one in code.groups if one.id in code.shown]
    group = shown[0] if shown else title or code.name
    return _fill(_CODE, {"group": group, "picture": f"{code.page_path}/qr.svg"})


def _word(word: str) -> str:
    return f'<a href="?q={quote(word)}">{escape(word)}</a>'


def _fill(page: Template, values: Mapping[str, str], **ready: str) -> str:
    return page.substitute({name: escape(value) for name, value in values.items()} | ready)


def _answer(title: str, text: str, body: str, *, status: int = 200) -> HttpResponse:
    page = _fill(_PAGE, {"title": title, "text": text}, body=body)
    answer = HttpResponse(page, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


def _gone() -> HttpResponse:
    return _answer("页面不存在", "请向客服索取新的二维码", "", status=404)


urlpatterns = [
    path("page.css", show_style),
    path("k/<str:slug>", show_keywords),
    path("<str:slug>", show_code),
    path("<str:slug>/qr.svg", show_picture),
]
