"""Which URLs and addresses the outgoing door may reach."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable

import httpx

from siyu.kernel.errors import Refused

MAX_URL = 8192
PORTS = frozenset({80, 443, 8080, 8443})
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_PROTOCOL_USE = ipaddress.ip_network("192.0.0.0/24")
_FORBIDDEN_CHARS = re.compile(r"[\x00-\x20\x7f\\\s]")

Resolve = Callable[[str, int], list[str]]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def resolve_name(host: str, port: int) -> list[str]:
    """The addresses of a name, in the system's order; socket.gaierror when there is none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def check_url(url: str, allowed: frozenset[str]) -> httpx.URL:
    """The parsed URL; Refused unless it is plain http(s) to a usual port or an allowed host.

    allowed: `host:port` pairs that may be reached whatever they are.
    """
    if len(url) > MAX_URL or _FORBIDDEN_CHARS.search(url):
        raise Refused("http.url", "网址过长或含有空白、控制字符", field="url")
    try:
        parsed = httpx.URL(url)
        port = parsed.port or {"http": 80, "https": 443}[parsed.scheme]
    except (httpx.InvalidURL, KeyError, ValueError) as error:
        raise Refused("http.url", "只能访问 http 或 https 网址", field="url") from error
    authority = url.split("//", 1)[-1].split("/", 1)[0].split("?", 1)[0].split("#", 1)[0]
    if not parsed.host or "@" in authority or "%" in authority:
        raise Refused("http.url", "网址的主机名无效", field="url")
    if port not in PORTS and host_port(parsed.host, port) not in allowed:
        raise Refused("http.port", f"不允许访问端口 {port}", field="url")
    return parsed


def host_port(host: str, port: int) -> str:
    """`host:port` the way allow lists write it: lower case, IPv6 in brackets."""
    text = host.lower().rstrip(".")
    return f"[{text}]:{port}" if ":" in text else f"{text}:{port}"


def choose_address(host: str, port: int, *, allowed: frozenset[str], resolve: Resolve) -> str:
    """The one address to connect to; Refused when any address of the name is not public."""
    addresses = resolve(host, port)
    if host_port(host, port) in allowed:
        return addresses[0]
    if not addresses or not all(is_public(address) for address in addresses):
        raise Refused("http.private", f"不允许访问内网地址 {host}", field="url")
    return addresses[0]


def is_public(address: str) -> bool:
    """False for private, loopback, link-local, metadata, multicast and reserved addresses.

    An IPv4 address wrapped in IPv6 is judged as what it carries.
    """
    try:
        parsed: Address = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address):
        carried = _carried(parsed)
        if carried is not None:
            return is_public(str(carried))
        if parsed.teredo is not None or parsed.is_site_local:
            return False
    if parsed in _PROTOCOL_USE:
        return False
    return parsed.is_global and not (parsed.is_multicast or parsed.is_reserved)


def _carried(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    is_compatible = int(address) >> 32 == 0 and int(address) > 1
    if address in _NAT64 or is_compatible:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None
