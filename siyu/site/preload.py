"""What every process of ours needs, loaded once: children are forked from here."""

from __future__ import annotations

from siyu.site.boot import boot

boot()

import granian.server  # noqa: E402, F401 - after the settings
from django.core.asgi import get_asgi_application  # noqa: E402, F401

import siyu.core.intake.asgi  # noqa: E402
import siyu.sandbox.server  # noqa: E402
import siyu.site.urls  # noqa: E402, F401
