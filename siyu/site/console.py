"""Serves the built console: hashed assets for ever, `index.html` for every page."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse

from siyu.sidebar.session import client_origins

ROOT = (Path(__file__).parent / "console").resolve()


def serve_sidebar(request: HttpRequest) -> HttpResponse:
    """The guide's page; it may load the script of the platforms' clients and speak with them."""
    if not (ROOT / "sidebar.html").exists():
        return _unbuilt()
    page = HttpResponse((ROOT / "sidebar.html").read_bytes())
    page["Cache-Control"] = "no-cache"
    clients = " ".join(client_origins())
    page["Content-Security-Policy"] = (
        f"default-src 'self'; script-src 'self' {clients}; connect-src 'self' {clients};"
        " img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none';"
        " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    return page


def _unbuilt() -> HttpResponse:
    return HttpResponse(
        "控制台尚未构建: 请运行 make console / The console is not built: run `make console`.",
        status=503,
        content_type="text/plain; charset=utf-8",
    )


def serve_console(request: HttpRequest, path: str) -> HttpResponse:
    """A file of the build, or the page itself."""
    if not (ROOT / "index.html").exists():
        return _unbuilt()
    file = (ROOT / path).resolve()
    if path and file.is_relative_to(ROOT) and file.is_file():
        response = HttpResponse(file.read_bytes(), content_type=mimetypes.guess_type(path)[0])
        immutable = "public, max-age=31536000, immutable"
        response["Cache-Control"] = immutable if path.startswith("assets/") else "no-cache"
        return response
    if path.startswith(("assets/", "api/")):
        raise Http404
    page = HttpResponse((ROOT / "index.html").read_bytes())
    page["Cache-Control"] = "no-cache"
    return page
