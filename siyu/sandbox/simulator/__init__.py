"""Lives customers' lives against the sandbox and the shop; see `Simulation`."""

from __future__ import annotations

from siyu.sandbox.simulator.config import CodeSource, Config, Witness
from siyu.sandbox.simulator.simulation import Simulation

__all__ = ["CodeSource", "Config", "Simulation", "Witness"]
