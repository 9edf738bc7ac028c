"""What connector tests stand on: a scripted wire, a token store in memory, golden facts."""

from __future__ import annotations

from siyu.ports.testing.golden import Case, golden_cases
from siyu.ports.testing.memory import MemoryTokenStore
from siyu.ports.testing.scripted import ScriptedDoor, SentRequest, UnscriptedCall

__all__ = [
    "Case",
    "MemoryTokenStore",
    "ScriptedDoor",
    "SentRequest",
    "UnscriptedCall",
    "golden_cases",
]
