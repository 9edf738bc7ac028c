"""Routes of the Django side; intake and callbacks are answered before Django."""

from __future__ import annotations

from django.urls import include, path, re_path

from siyu.site.api import api
from siyu.site.console import serve_console, serve_sidebar
from siyu.site.proofs import serve_proof

urlpatterns = [
    path("api/", api.urls),
    path("sidebar", serve_sidebar),
    path("p/", include("siyu.growth.public")),
    path("g/", include("siyu.groups.public")),
    re_path(r"^(?P<name>[A-Za-z0-9_]{1,64})\.txt$", serve_proof),
    path("<path:path>", serve_console),
    path("", serve_console, {"path": ""}),
]
