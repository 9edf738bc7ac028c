"""Routes of the Django side; intake and callbacks are answered before Django."""

from __future__ import annotations

from django.urls import include, path

from siyu.site.api import api
from siyu.site.console import serve_console, serve_sidebar

urlpatterns = [
    path("api/", api.urls),
    path("sidebar", serve_sidebar),
    path("p/", include("siyu.growth.public")),
    path("g/", include("siyu.groups.public")),
    path("<path:path>", serve_console),
    path("", serve_console, {"path": ""}),
]
