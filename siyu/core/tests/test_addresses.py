from __future__ import annotations

import socket

import pytest

from siyu.core.addresses import check_url, choose_address, is_public, resolve_name
from siyu.core.http import Door
from siyu.core.masking import mask
from siyu.kernel.errors import PlatformError, Refused


def resolve_numerals(host: str, port: int) -> list[str]:
    """The system's reading of numerals and of localhost; no network."""
    if host.rstrip(".").lower() == "localhost":
        return ["127.0.0.1"]
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    return [str(entry[4][0]) for entry in found]


FORBIDDEN = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.192",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "ff02::1",
    "localhost",
    "",
]

SPELLINGS = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://127.0.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://0/",
    "http://0.0.0.0/",
    "http://localhost/",
    "http://LOCALHOST./",
    "http://[::1]/",
    "http://[::]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://１２７.０.０.１/",
    "http://①②⑦.⓪.⓪.①/",
    "http://127。0。0。1/",
    "http://user@127.0.0.1/",
    "http://example.com@127.0.0.1/",
    "http://127.0.0.1@example.com/",
    "http://example.com:80@127.0.0.1/",
    "http://example.com%40127.0.0.1/",
    "http://127.0.0.1%2f@example.com/",
    "http://127.0.0.1%00.example.com/",
    "http://127.0.0.1\\@example.com/",
    "http://example.com\\.127.0.0.1/",
    "http:\\\\127.0.0.1/",
    "http://127.0.0.1:6379/",
    "http://example.com:22/",
    "http://example.com:25/",
    "http://example.com:99999/",
    "http://example.com:-1/",
    "http://example.com:8a/",
    "http://example.com/\r\nX: y",
    "http://example.com/ x",
    "http://exa\tmple.com/",
    " http://example.com/",
    "http://example.com/\x00",
    "//127.0.0.1/",
    "http:/127.0.0.1/",
    "http:127.0.0.1",
    "http://",
    "http:///path",
    "",
    "127.0.0.1",
    "ftp://example.com/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_x",
    "dict://127.0.0.1:11211/",
    "ldap://127.0.0.1/",
    "jar:http://127.0.0.1!/",
    "javascript:alert(1)",
    "data:text/plain,x",
    "unix:///var/run/docker.sock",
    "https://" + "a" * 9000 + ".example/",
]


@pytest.mark.parametrize("address", FORBIDDEN)
def test_addresses_inside_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "203.205.254.1", "2606:4700::1111", "::ffff:8.8.8.8"]
)
def test_addresses_outside_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize("url", SPELLINGS)
def test_no_spelling_of_a_url_reaches_the_inside(url):
    """The system's own resolver reads odd numerals; whatever it says is checked."""
    with pytest.raises((Refused, PlatformError)):
        Door(resolve=resolve_numerals).request("GET", url, timeout=0.5)


def test_numeric_spellings_are_resolved_before_they_are_judged():
    with pytest.raises(Refused, match=r"http\.private"):
        choose_address("2130706433", 80, allowed=frozenset(), resolve=resolve_name)


def test_a_name_with_one_private_address_is_refused():
    with pytest.raises(Refused, match=r"http\.private"):
        choose_address(
            "x.example", 443, allowed=frozenset(), resolve=lambda *_: ["1.1.1.1", "10.0.0.1"]
        )


def test_the_allow_list_names_host_and_port():
    allowed = frozenset({"127.0.0.1:8801"})
    assert check_url("http://127.0.0.1:8801/x", allowed).port == 8801
    assert choose_address("127.0.0.1", 8801, allowed=allowed, resolve=resolve_name) == "127.0.0.1"
    with pytest.raises(Refused, match=r"http\.port"):
        check_url("http://127.0.0.1:8802/", allowed)
    with pytest.raises(Refused, match=r"http\.private"):
        choose_address("127.0.0.1", 80, allowed=allowed, resolve=resolve_name)


@pytest.mark.parametrize(
    "text",
    [
        "https://x/cgi-bin/gettoken?corpid=ww1&corpsecret=HIDE",
        "access_token=HIDE&x=1",
        '{"client_secret": "HIDE", "a": 1}',
        '{"token":"a\\"HIDE"}',
        "{'aes_key': 'HIDE'}",
    ],
)
def test_secret_values_are_masked(text):
    assert "HIDE" not in mask(text)


def test_other_values_are_kept():
    assert mask("corpid=ww1&monkey=2") == "corpid=ww1&monkey=2"
