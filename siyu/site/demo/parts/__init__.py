"""What the demo's brand sets up and does, one module a slice, listed in `registry.py`.

This is the operator's side: actions of the rooms, as a person at the console would call them.
The customers' side of a thing is the part of the same name in `siyu/sandbox/simulator/parts/`.

To add one: write `parts/<slice>.py` with a subclass of `BrandPart`, override what you need, add
the class to `registry.BRAND_PARTS`.
"""

from __future__ import annotations

from siyu.site.demo.parts.part import BrandPart, Setting

__all__ = ["BrandPart", "Setting"]
