"""Headers that keep a page safe, and the refusal of NUL characters before anything reads them."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
    "font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "object-src 'none'; form-action 'self'"
)


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
