"""Pages customers see: light, without login, without anything personal in their addresses.

/p/c/<slug> shows a live code; /p/s/<slug> leads to the nearest store. What a customer tells of
his place is used for the answer and kept nowhere.
"""

from __future__ import annotations

from functools import wraps

import msgspec
from django.db.models import F
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from siyu.core.limiting import View, limited
from siyu.core.runtime import runtime
from siyu.growth import stores
from siyu.growth.models import LiveCode, PageDay, StoreCode
from siyu.growth.pages import CODE_PAGE, GONE_PAGE, SCRIPT, STORE_PAGE, STYLE, fill
from siyu.growth.pictures import draw
from siyu.growth.stores import is_living
from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import NotFound

MAX_BODY = 2_000


def page(view: View) -> View:
    """A public page: limited, and gone when what it shows is."""

    @limited
    @wraps(view)
    def answer(request: HttpRequest, **arguments: str) -> HttpResponse:
        try:
            return view(request, **arguments)
        except NotFound:
            return _page(GONE_PAGE, {"title": "页面不存在"}, status=404)

    return answer


@page
def show_code(_request: HttpRequest, slug: str) -> HttpResponse:
    """A live code to press and hold."""
    code = _code(slug)
    _count_view(slug)
    return _page(
        CODE_PAGE,
        {
            "title": code.page.get("title") or code.name,
            "text": code.page.get("text", ""),
            "hint": code.page.get("hint") or "长按识别二维码, 添加我们的顾问",
            "picture": f"/p/c/{slug}/qr.png",
        },
    )


@page
def show_code_picture(_request: HttpRequest, slug: str) -> HttpResponse:
    """The picture of a live code."""
    return _picture(_code(slug).url)


@page
def show_store_code(_request: HttpRequest, slug: str) -> HttpResponse:
    """Asks for the place, or for city and store."""
    row = stores.find_store_code(slug)
    _count_view(slug)
    return _page(STORE_PAGE, {"title": row.title, "text": row.text, "slug": slug}, is_located=True)


@page
def list_stores(_request: HttpRequest, slug: str) -> HttpResponse:
    """Cities and their stores, to choose from."""
    row = stores.find_store_code(slug)
    items = [
        {"id": one.id, "name": one.name, "city": one.city, "address": one.address}
        for one in stores.stores_of(row)
    ]
    return JsonResponse({"items": items})


@csrf_exempt
@page
def find_store(request: HttpRequest, slug: str) -> HttpResponse:
    """The store for a place (`{"lat", "lng"}`, in the body) or a choice (`{"store"}`)."""
    row = stores.find_store_code(slug)
    try:
        asked = msgspec.json.decode(request.body[:MAX_BODY], type=_Asked)
    except msgspec.MsgspecError:
        return JsonResponse({"error": "request.invalid"}, status=422)
    place = None
    if asked.lat is not None and asked.lng is not None:
        if not (-90 <= asked.lat <= 90 and -180 <= asked.lng <= 180):
            return JsonResponse({"error": "request.range"}, status=422)
        place = (asked.lat, asked.lng)
    return JsonResponse(_answer(row, stores.lead(row, place=place, store_id=asked.store)))


@page
def show_store_picture(_request: HttpRequest, slug: str, store: str) -> HttpResponse:
    """The picture of one store's code, or of the fallback (store 0)."""
    row = stores.find_store_code(slug)
    found = stores.lead(row, store_id=int(store) if store.isdigit() else None)
    if found.code is None:
        raise NotFound("code.unknown", "没有可以显示的活码")
    return _picture(found.code.url)


def show_file(_request: HttpRequest, name: str) -> HttpResponse:
    """The pages' style and script."""
    found = {"page.css": (STYLE, "text/css"), "store.js": (SCRIPT, "text/javascript")}.get(name)
    if found is None:
        return HttpResponse(status=404)
    answer = HttpResponse(found[0], content_type=f"{found[1]}; charset=utf-8")
    answer["Cache-Control"] = "public, max-age=3600"
    return answer


class _Asked(msgspec.Struct, frozen=True):
    lat: float | None = None
    lng: float | None = None
    store: int | None = None


def _answer(row: StoreCode, found: stores.Found) -> dict[str, object]:
    store = found.store
    picture = f"/p/s/{row.slug}/{store.id if store else 0}/qr.png" if found.code else ""
    return {
        "store": store.name if store else "",
        "address": store.address if store else "",
        "hours": store.hours if store else "",
        "metres": round(found.metres) if found.metres is not None else None,
        "is_far": found.far,
        "picture": picture,
        "group_path": found.group_path,
    }


def _code(slug: str) -> LiveCode:
    code = LiveCode.objects.filter(slug=slug, is_open=True).first()
    if code is None or not is_living(code):
        raise NotFound("code.unknown", "这个页面不存在或已停用")
    return code


def _picture(text: str) -> HttpResponse:
    answer = HttpResponse(draw(text, "png", size=600), content_type="image/png")
    answer["Cache-Control"] = "public, max-age=300"
    return answer


def _page(
    page: str, values: dict[str, str], *, status: int = 200, is_located: bool = False
) -> HttpResponse:
    answer = HttpResponse(fill(page, values), status=status)
    answer["Cache-Control"] = "no-store"
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex"
    if is_located:
        answer["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(self)"
    return answer


def _count_view(slug: str) -> None:
    day = runtime().clock.now().astimezone(SHANGHAI).date()
    if not PageDay.objects.filter(page=slug, day=day).update(views=F("views") + 1):
        PageDay.objects.bulk_create([PageDay(page=slug, day=day)], ignore_conflicts=True)
        PageDay.objects.filter(page=slug, day=day).update(views=F("views") + 1)


urlpatterns = [
    path("files/<str:name>", show_file),
    path("c/<slug:slug>", show_code),
    path("c/<slug:slug>/qr.png", show_code_picture),
    path("s/<slug:slug>", show_store_code),
    path("s/<slug:slug>/stores", list_stores),
    path("s/<slug:slug>/find", find_store),
    path("s/<slug:slug>/<str:store>/qr.png", show_store_picture),
]
