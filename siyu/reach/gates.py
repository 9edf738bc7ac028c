"""Planners' last word: asked once more right before a send, because goals are reached late."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from siyu.reach.types import GateVerdict, TouchRef

Gate = Callable[[Sequence[TouchRef]], Mapping[int, GateVerdict]]
"""From touches to the verdicts of those that must not go out now; the rest may go."""

_gates: dict[str, Gate] = {}


def register_gate(prefix: str, gate: Gate) -> None:
    """Ask `gate` about the touches of campaigns that start with `prefix`."""
    _gates[prefix] = gate


def ask_gates(refs: Sequence[TouchRef]) -> dict[int, GateVerdict]:
    """The verdicts of all gates, by touch id."""
    verdicts: dict[int, GateVerdict] = {}
    for prefix, gate in _gates.items():
        mine = [ref for ref in refs if ref.campaign.startswith(prefix)]
        if mine:
            verdicts.update(gate(mine))
    return verdicts
