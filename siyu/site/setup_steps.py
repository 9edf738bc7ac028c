"""What a newcomer has done already, from the tables themselves."""

from __future__ import annotations

from django.apps import apps

STEPS = {
    "account": ("core", "PlatformAccount"),
    "write_key": ("core", "WriteKey"),
    "first_event": ("pool", "Customer"),
    "live_code": ("growth", "LiveCode"),
    "segment": ("segments", "Segment"),
    "journey": ("journeys", "Journey"),
}
"""Step key → the table whose first row completes it."""


def count_steps() -> dict[str, int]:
    """Rows behind each step, counted up to 1,000."""
    return {
        key: apps.get_model(app, model)._default_manager.all()[:1000].count()
        for key, (app, model) in STEPS.items()
    }
