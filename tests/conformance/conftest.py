"""The intake in this process, as its own tests have it."""

from __future__ import annotations

from siyu.core.tests.conftest import seen, shop

__all__ = ["seen", "shop"]
