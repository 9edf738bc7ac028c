"""Writes of the pool."""

from __future__ import annotations

from siyu.pool.resolving import resolve

__all__ = ["resolve"]
