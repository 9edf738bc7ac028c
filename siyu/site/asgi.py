"""One ASGI application: the intake answers its own paths, Django the rest."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from siyu.site.boot import boot
from siyu.site.processes import die_with_parent

die_with_parent()
boot()

from django.core.asgi import get_asgi_application  # noqa: E402 - settings come first

from siyu.core.intake.asgi import IntakeApp  # noqa: E402

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]

INTAKE_PATHS = ("/v1/", "/callbacks/", "/healthz", "/readyz")
INTAKE_PAGES = frozenset({"/sa", "/sa.gif"})

intake = IntakeApp()
console = get_asgi_application()


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Route by path; the lifespan goes to the intake, which opens and closes the inbox."""
    path = scope.get("path", "")
    if scope["type"] == "lifespan" or path in INTAKE_PAGES or path.startswith(INTAKE_PATHS):
        await intake(scope, receive, send)
    else:
        await console(scope, receive, send)
