"""Who calls behind a proxy, headers that keep a page safe, the refusal of NUL characters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

LISTS = frozenset({"ids"})
"""Parameters of the API that are lists; a test compares them with its description."""
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
    "font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "object-src 'none'; form-action 'self'"
)


def name_caller(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """`REMOTE_ADDR` becomes the address that a trusted proxy says is calling."""

    def respond(request: HttpRequest) -> HttpResponse:
        told = request.META.get("HTTP_X_FORWARDED_FOR", "")
        if told:
            peer = request.META.get("REMOTE_ADDR", "")
            request.META["REMOTE_ADDR"] = caller_of(peer, told.split(","))
        return get_response(request)

    return respond


def caller_of(peer: str, told: Sequence[str]) -> str:
    """The last address that no trusted proxy has. told: `X-Forwarded-For`, the nearest last.

    What stands before it was written by strangers and is not looked at.
    """
    caller = peer
    for address in reversed(told):
        if not _is_proxy(caller):
            break
        try:
            caller = str(ip_address(address.strip()))
        except ValueError:
            break
    return caller


def _is_proxy(address: str) -> bool:
    try:
        known = ip_address(address)
    except ValueError:
        return False
    return any(known in network for network in settings.TRUSTED_PROXIES)


def security_headers(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.setdefault("X-Frame-Options", "DENY")
        response.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        if request.path.startswith("/api/"):
            response.setdefault("Cache-Control", "no-store")
        return response

    return respond


def refuse_doubled(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """A parameter given twice is two wishes: which one is meant nobody can say."""

    def respond(request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/api/"):
            doubled = [
                name
                for name, values in request.GET.lists()
                if len(values) > 1 and name not in LISTS
            ]
            if doubled:
                body = {"title": f"参数 {doubled[0]} 给了不止一次", "status": 400}
                body |= {"code": "request.doubled", "field": doubled[0]}
                return JsonResponse(body, status=400, content_type="application/problem+json")
        return get_response(request)

    return respond


def refuse_nul(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """PostgreSQL's text cannot hold NUL; no field of ours needs it."""

    def respond(request: HttpRequest) -> HttpResponse:
        where = request.path + request.META.get("QUERY_STRING", "")
        is_json = request.content_type == "application/json"
        if "\x00" in where or "%00" in where or (is_json and b"\\u0000" in request.body):
            body = {"title": "请求含有 NUL 字符", "status": 400, "code": "request.nul"}
            return JsonResponse(body, status=400, content_type="application/problem+json")
        return get_response(request)

    return respond
