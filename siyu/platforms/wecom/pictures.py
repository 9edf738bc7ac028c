"""Reads the QR code in a picture the platform gives."""

from __future__ import annotations

import io

import zxingcpp
from PIL import Image, UnidentifiedImageError

MAX_PIXELS = 4_000_000
QR_ONLY = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


def read_qr(content: bytes) -> str:
    """The text of the one QR code in a picture; "" when there is none, or more than one."""
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "GIF", "WEBP")) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                return ""
            plain = picture.convert("L")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return ""
    found = zxingcpp.read_barcodes(plain, formats=QR_ONLY)
    return found[0].text if len(found) == 1 else ""
