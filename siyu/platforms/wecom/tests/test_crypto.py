"""Published vectors (numbers as in the platform's demo and two public libraries) and our own."""

from __future__ import annotations

import base64
import struct
from dataclasses import dataclass

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from siyu.kernel.errors import Refused
from siyu.platforms.wecom.crypto import (
    BadEnvelope,
    decrypt,
    encrypt,
    is_signed,
    load_aes_key,
    sign,
    sign_page,
)

KEY_1 = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
TOKEN_1 = "QDG6eK"
CORP_1 = "wx5823bf96d3bd56c7"
KEY_2 = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"
TOKEN_2 = "123456"
CORP_2 = "wx49f0ab532d5d035a"
ECHO_1 = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="
ECHO_2 = "4ByGGj+sVCYcvGeQYhaKIk1o0pQRNbRjxybjTGblXrBaXlTXeOo1+bXFXDQQb1o6co6Yh9Bv41n7hOchLF6p+Q=="
REPLY_PLAIN = f"""<xml>
<MsgType><![CDATA[text]]></MsgType>
<Content><![CDATA[test]]></Content>
<FromUserName><![CDATA[{CORP_2}]]></FromUserName>
<ToUserName><![CDATA[messense]]></ToUserName>
<AgentID>1</AgentID>
<CreateTime>1411525903</CreateTime>
</xml>"""
REPLY_SEALED = (
    "9s4gMv99m88kKTh/H8IdkOiMg6bisoy3ypwy9H4hvSPe9nsGaqyw5hhSjdYbcrKk+j3nba4HMOTzHrluLBYqxgNcBqGs"
    "L8GqxlhZgURnAtObvesEl5nZ+uBE8bviY0LWke8Zy9V/QYKxNV2FqllNXcfmstttyIkMKCCmVbCFM2JTF5wY0nFhHZSj"
    "PUL2Q1qvSUCUld+/WIXrx0oyKQmpB6o8NRrrNrsDf03oxI1p9FxUgMnwKKZeOA/uu+2IEvEBtb7muXsVbwbgX05UPPJv"
    "FurDXafG0RQyPR+mf1nDnAtQmmNOuiR5MIkdQ39xn1vWwi1O5oazPoQJz0nTYjxxEE8kv3kFxtAGVRe3ypD3WeK2XeFY"
    "FMNMpatF9XiKzHo3"
)
MESSAGE_SEALED = (
    "RgqEoJj5A4EMYlLvWO1F86ioRjZfaex/gePD0gOXTxpsq5Yj4GNglrBb8I2BAJVODGajiFnXBu7mCPatfjsu6IHCrsTy"
    "eDXzF6Bv283dGymzxh6ydJRvZsryDyZbLTE7rhnus50qGPMfp2wASFlzEgMW9z1ef/RD8XzaFYgm7iTdaXpXaG4+BiYy"
    "olBug/gYNx410cvkKR2/nPwBiT+P4hIiOAQqGp/TywZBtDh1yCF2KOd0gpiMZ5jSw3e29mTvmUHzkVQiMS6td7vXUaWO"
    "MZnYZlF3So2SjHnwh4jYFxdgpkHHqIrH/54SNdshoQgWYEvccTKe7FS709/5t6NMxuGhcUGAPOQipvWTT4dShyqio7ml"
    "sl5noTrb++x6En749zCpQVhDpbV6GDnTbcX2e8K9QaNWHp91eBdCRxthuL0="
)


@dataclass(frozen=True)
class UrlCheck:
    token: str
    key: str
    corp: str
    stamp: str
    nonce: str
    echo: str
    signature: str
    plain: bytes


URL_CHECKS = {
    "official-demo": UrlCheck(
        TOKEN_1,
        KEY_1,
        CORP_1,
        "1409659589",
        "263014780",
        ECHO_1,
        "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3",
        b"1616140317555161061",
    ),
    "public-library": UrlCheck(
        TOKEN_2,
        KEY_2,
        CORP_2,
        "1411443780",
        "437374425",
        ECHO_2,
        "dd6b9c95b495b3f7e2901bfbc76c664930ffdb96",
        b"5927782489442352469",
    ),
}


@pytest.mark.parametrize("name", URL_CHECKS)
def test_url_check_vectors(name):
    vector = URL_CHECKS[name]
    found = sign(vector.token, vector.stamp, vector.nonce, vector.echo)
    assert found == vector.signature
    assert decrypt(load_aes_key(vector.key), vector.echo, vector.corp) == vector.plain


def test_encrypt_vector():
    sealed = encrypt(
        load_aes_key("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"),
        "我是中文abcd123".encode(),
        "wxb11529c136998cb6",
        random=b"aaaabbbbccccdddd",
    )
    assert sealed == (
        "jn1L23DB+6ELqJ+6bruv21Y6MD7KeIfP82D6gU39rmkgczbWwt5+3bnyg5K55bgVtVzd832WzZGMhkP72vVOfg=="
    )


def test_reply_vector():
    sealed = encrypt(load_aes_key(KEY_2), REPLY_PLAIN.encode(), CORP_2, random=b"1234567890123456")
    assert sealed == REPLY_SEALED
    assert (
        sign(TOKEN_2, "1411525903", "461056294", sealed)
        == "407518b7649e86ef23978113f92d27afa9296533"
    )


def test_message_vector():
    assert (
        sign(TOKEN_2, "1411525903", "461056294", MESSAGE_SEALED)
        == "74d92dfeb87ba7c714f89d98870ae5eb62dff26d"
    )
    plain = decrypt(load_aes_key(KEY_2), MESSAGE_SEALED, CORP_2)
    assert b"<Content><![CDATA[test]]></Content>" in plain
    assert b"messense" in plain


def test_page_signature_vector():
    ticket = (
        "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"
    )
    signature = sign_page(
        ticket, "Wm3WZYTPz0wzccnW", "1414587457", "http://mp.weixin.qq.com?params=value"
    )
    assert signature == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"


@pytest.mark.parametrize(
    ("message", "sealed", "signature"),
    [
        (
            b"a" * 10,
            "sKqRbbiSUnDhFHOvPjtUMS+lHNJWnCXuWI24OxnDqtTV58hrQge4nEE9g4+Xi+4rPZfGCjq6Fdeh37W3iW0MCg==",
            "2b96241071f1be8031a29dfd8b3a354589721a70",
        ),
        (
            b"a",
            "sKqRbbiSUnDhFHOvPjtUMcQjT4WR6SCTF6cdDkItB2OJ0LmkA0MZIb3dxGHNP6ICbnu3HCihwfpti12FHsBDcw==",
            "741d5fec2ccce644656a5f0bb0429857de5a844c",
        ),
        (
            b"a" * 26,
            "sKqRbbiSUnDhFHOvPjtUMS1Nd7fI/rcjsVC1btvu0fmrCwNN39ALC5WIhyzhiSe/DJmXnNV7eRA2j6lJACJANf5Uwcqjd6aUyfMJBUYulBZJHjfzchd14r1SiKn7O/aK",
            "31ef1fdb65c67c7fa418bd77e3a208764ccbda1d",
        ),
    ],
    ids=["padding-16", "padding-25", "padding-32"],
)
def test_padding_to_blocks_of_32(message, sealed, signature):
    key = load_aes_key(KEY_1)
    assert encrypt(key, message, CORP_1, random=b"0123456789abcdef") == sealed
    assert sign(TOKEN_1, "1700000000", "nonce01", sealed) == signature
    assert decrypt(key, sealed, CORP_1) == message


@given(st.binary(max_size=300), st.text(max_size=64))
def test_what_is_sealed_can_be_opened(message, receiver):
    key = load_aes_key(KEY_1)
    assert decrypt(key, encrypt(key, message, receiver), receiver) == message


@given(st.binary(max_size=200))
def test_rubbish_is_a_bad_envelope_and_nothing_else(rubbish):
    with pytest.raises(BadEnvelope):
        decrypt(load_aes_key(KEY_1), base64.b64encode(rubbish).decode(), CORP_1)


def seal_raw(plain: bytes) -> str:
    """Encrypt bytes as they are: no envelope, no padding."""
    key = load_aes_key(KEY_1)
    worker = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(worker.update(plain) + worker.finalize()).decode()


def padded(plain: bytes) -> bytes:
    size = 32 - len(plain) % 32
    return plain + bytes([size]) * size


@pytest.mark.parametrize(
    "sealed",
    [
        seal_raw(b"r" * 31 + b"\x00"),
        seal_raw(b"r" * 31 + b"\x21"),
        seal_raw(b"r" * 30 + b"\x02\x03"),
        seal_raw(padded(b"short")),
        seal_raw(padded(b"r" * 16 + struct.pack(">I", 2**32 - 1) + b"m" + CORP_1.encode())),
        seal_raw(padded(b"r" * 16 + struct.pack(">I", 1) + b"m" + b"wxanother")),
        encrypt(load_aes_key(KEY_2), b"m", CORP_1),
        encrypt(load_aes_key(KEY_1), b"m", CORP_2),
        "",
        "no base64!",
        "AAAA",
        "é",
    ],
    ids=[
        "padding-0",
        "padding-33",
        "padding-mixed",
        "too-short",
        "huge-inner-length",
        "wrong-receiver",
        "wrong-key",
        "other-corp",
        "empty",
        "not-base64",
        "half-a-block",
        "not-ascii",
    ],
)
def test_every_fault_is_the_same_fault(sealed):
    with pytest.raises(BadEnvelope) as caught:
        decrypt(load_aes_key(KEY_1), sealed, CORP_1)
    assert str(caught.value) == ""


@pytest.mark.parametrize(
    "text", ["", "short", "é" * 43, "a" * 44, "a" * 42, "*" * 43, "a" * 42 + "="]
)
def test_a_wrong_aes_key_names_its_field(text):
    with pytest.raises(Refused) as caught:
        load_aes_key(text)
    assert caught.value.field == "aes_key"


def test_signatures_are_compared_whole():
    parts = {"token": TOKEN_1, "timestamp": "1", "nonce": "2", "encrypted": "x"}
    right = sign(TOKEN_1, "1", "2", "x")
    assert is_signed(right, **parts)
    assert not is_signed(right[:-1], **parts)
    assert not is_signed("", **parts)
