"""One ASGI application: the intake answers its own paths, Django the rest."""

from __future__ import annotations

from siyu.site.boot import boot
from siyu.site.crowds import Receive, Scope, Seats, Send
from siyu.site.processes import die_with_parent

die_with_parent()
boot()

from django.core.asgi import get_asgi_application  # noqa: E402 - settings come first

from siyu.core.intake.asgi import IntakeApp  # noqa: E402

INTAKE_PATHS = ("/v1/", "/callbacks/", "/healthz", "/readyz")
INTAKE_PAGES = frozenset({"/sa", "/sa.gif"})

INTAKE_SEATS = 2_048
CONSOLE_SEATS = 512
"""Each request of Django's holds a thread."""

intake = IntakeApp()
intake_seats = Seats(intake, INTAKE_SEATS)
console_seats = Seats(get_asgi_application(), CONSOLE_SEATS)


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Route by path; the lifespan goes to the intake, which opens and closes the inbox."""
    path = scope.get("path", "")
    if scope["type"] == "lifespan":
        await intake(scope, receive, send)
    elif path in INTAKE_PAGES or path.startswith(INTAKE_PATHS):
        await intake_seats(scope, receive, send)
    else:
        await console_seats(scope, receive, send)
