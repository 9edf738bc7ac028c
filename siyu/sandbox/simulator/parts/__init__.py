"""What each slice adds to the simulated lives: one module a slice, listed in `registry.py`.

A part is the outside world's side of a thing: customers and staff who do something on a
platform. The brand's side (what an operator sets up and does) is the part of the same name in
`siyu/site/demo/parts/`, which may tell this one what it made through `Config.told`.

To add one: write `parts/<slice>.py` with a subclass of `Part`, override what you need, add the
class to `registry.PARTS`. Use `stage.dice` only, so that the same seed gives the same lives.
"""

from __future__ import annotations

from siyu.sandbox.simulator.parts.part import Part, Stage

__all__ = ["Part", "Stage"]
