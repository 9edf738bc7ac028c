"""QR codes in all sizes, with a logo, and on sheets."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from siyu.growth.pictures import SIZES, draw
from siyu.growth.sheets import Card, make_sheet
from siyu.kernel.errors import Refused
from siyu.platforms.wecom.pictures import read_qr

TEXT = "https://work.weixin.qq.com/ca/cawcde1234567890abcdef?customer_channel=l0123456789abcdef0123"


@pytest.fixture(scope="module")
def logo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (300, 200), (200, 30, 60)).save(out, format="PNG")
    return out.getvalue()


@pytest.mark.parametrize("size", SIZES)
def test_a_picture_can_be_read_in_every_size_with_and_without_a_logo(size, logo):
    for mark in (b"", logo):
        picture = draw(TEXT, "png", size=size, logo=mark)
        assert Image.open(io.BytesIO(picture)).size == (size, size)
        assert read_qr(picture) == TEXT or size > 2000


def test_a_vector_picture_holds_the_logo(logo):
    picture = draw(TEXT, "svg", size=600, logo=logo).decode()
    assert 'width="600"' in picture
    assert "data:image/png;base64," in picture


@pytest.mark.parametrize(
    ("kind", "size", "mark"), [("gif", 600, b""), ("png", 601, b""), ("png", 600, b"no picture")]
)
def test_wrong_pictures_are_refused(kind, size, mark):
    with pytest.raises(Refused):
        draw(TEXT, kind, size=size, logo=mark)


def test_a_sheet_has_pages_of_cards():
    cards = [Card(holds=TEXT, title="<扫码>", text="领券", foot="长按")] * 10
    page = make_sheet(cards, kind="card", per_page=8)
    assert page.count('class="page"') == 2
    assert page.count("<article>") == 10
    assert "&lt;扫码&gt;" in page
    for per_page, many in ((3, 10), (8, 0)):
        with pytest.raises(Refused):
            make_sheet(cards[:many], kind="card", per_page=per_page)
