"""What connector tests stand on.

A scripted wire, a token store in memory, golden facts, a sandbox inside the test, and the
conformance suite every connector inherits.
"""

from __future__ import annotations

from siyu.ports.testing.golden import Case, golden_cases
from siyu.ports.testing.kit import Call, CallList, Kit, load_kit
from siyu.ports.testing.memory import MemoryTokenStore
from siyu.ports.testing.scripted import ScriptedDoor, SentRequest, UnscriptedCall
from siyu.ports.testing.suite import ConnectorSuite, connector_suite
from siyu.ports.testing.worlds import QuietWorld, SandboxDoor, as_request

__all__ = [
    "Call",
    "CallList",
    "Case",
    "ConnectorSuite",
    "Kit",
    "MemoryTokenStore",
    "QuietWorld",
    "SandboxDoor",
    "ScriptedDoor",
    "SentRequest",
    "UnscriptedCall",
    "as_request",
    "connector_suite",
    "golden_cases",
    "load_kit",
]
