"""QR codes as pictures: any size, PNG or SVG, with or without a logo in the middle."""

from __future__ import annotations

import base64
import io

import segno
from PIL import Image, UnidentifiedImageError

from siyu.kernel.errors import Refused

SIZES = (300, 600, 1200, 2400)
"""Edge in pixels: screen, table card, poster, roll-up (2400 px print 20 cm at 300 dpi)."""
MAX_PIXELS = 40_000_000
BORDER = 4
LOGO_SHARE = 0.2
"""Of the edge; with error correction H (30 %) a fifth of the edge hides 4 % of the area."""


def draw(text: str, kind: str, *, size: int = 600, logo: bytes = b"") -> bytes:
    """The picture of a text. kind: `png` or `svg`; logo: a PNG or JPEG, b"" = none."""
    if kind not in {"png", "svg"}:
        raise Refused("picture.kind", "图片须为 png 或 svg", field="kind")
    if size not in SIZES:
        raise Refused("picture.size", f"尺寸须为 {'、'.join(map(str, SIZES))}", field="size")
    code = segno.make(text, error="h" if logo else "m", micro=False)
    return _svg(code, size, logo) if kind == "svg" else _png(code, size, logo)


def _png(code: segno.QRCode, size: int, logo: bytes) -> bytes:
    modules = code.symbol_size(border=BORDER)[0]
    out = io.BytesIO()
    code.save(out, kind="png", scale=max(1, size // modules), border=BORDER)
    picture = Image.open(out).convert("RGB")
    whole = Image.new("RGB", (size, size), "white")
    gap = (size - picture.width) // 2
    whole.paste(picture, (gap, gap))
    if logo:
        mark = _open(logo)
        edge = int(picture.width * LOGO_SHARE)
        mark.thumbnail((edge, edge))
        pad = max(2, edge // 12)
        frame = Image.new("RGB", (mark.width + 2 * pad, mark.height + 2 * pad), "white")
        frame.paste(mark, (pad, pad), mark)
        whole.paste(frame, ((size - frame.width) // 2, (size - frame.height) // 2))
    made = io.BytesIO()
    whole.save(made, format="PNG", optimize=True)
    return made.getvalue()


def _svg(code: segno.QRCode, size: int, logo: bytes) -> bytes:
    out = io.BytesIO()
    code.save(out, kind="svg", scale=1, border=BORDER, xmldecl=True, omitsize=True)
    plain = out.getvalue()
    modules = code.symbol_size(border=BORDER)[0]
    sized = plain.replace(b"<svg ", f'<svg width="{size}" height="{size}" '.encode(), 1)
    if not logo:
        return sized
    mark = io.BytesIO()
    picture = _open(logo)
    picture.thumbnail((400, 400))
    picture.save(mark, format="PNG")
    data = base64.b64encode(mark.getvalue()).decode()
    edge = modules * LOGO_SHARE
    start, pad = (modules - edge) / 2, edge / 12
    drawn = (
        f'<rect x="{start - pad:.2f}" y="{start - pad:.2f}" width="{edge + 2 * pad:.2f}" '
        f'height="{edge + 2 * pad:.2f}" fill="#fff"/>'
        f'<image x="{start:.2f}" y="{start:.2f}" width="{edge:.2f}" height="{edge:.2f}" '
        f'href="data:image/png;base64,{data}"/></svg>'
    )
    return sized.replace(b"</svg>", drawn.encode())


def _open(content: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise Refused("picture.logo", "标志图片过大", field="logo")
            return picture.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise Refused("picture.logo", "标志须为 PNG 或 JPG", field="logo") from error
