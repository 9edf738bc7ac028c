"""Settings from the environment: `SIYU_*`, secrets also as `SIYU_*_FILE`. Wrong ones refuse."""

from __future__ import annotations

import os
import re
import tempfile
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from siyu.kernel.errors import Refused

Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Environment:
    """home: where everything is kept. database_url: "" means SQLite inside home.

    host, port: where the web process listens. public_url: how browsers and platforms reach it.
    allow_private: hosts (`127.0.0.1:8801`) the HTTP door may reach although private.
    trusted_proxies: networks whose word on who calls (`X-Forwarded-For`) is believed.
    clock_file: a shared clock for demo and tests, or None.
    engine: `duckdb` or `spark`, which answers reports, segment batches and OneID rebuilds.
    spark_folder: where copies of the state for Spark's workers lie; "" means inside home.
    """

    home: Path
    database_url: str
    host: str
    port: int
    public_url: str
    allow_private: tuple[str, ...]
    trusted_proxies: tuple[Network, ...]
    clock_file: Path | None
    is_demo: bool
    lake_url: str
    log_level: str
    engine: str = "duckdb"
    spark_master: str = "local[*]"
    spark_folder: str = ""
    spark_conf: tuple[tuple[str, str], ...] = ()


def read_environment() -> Environment:
    """The environment, checked; Refused with the variable's name when a value is wrong."""
    home = Path(_read("SIYU_HOME", "") or Path.home() / ".siyu").expanduser()
    port = _port(_read("SIYU_PORT", "8000"))
    host = _read("SIYU_HOST", "127.0.0.1")
    url = _read("SIYU_DATABASE_URL", "")
    if url and urlsplit(url).scheme not in {"postgresql", "postgres"}:
        raise Refused(
            "setting.database_url",
            "SIYU_DATABASE_URL 须以 postgresql:// 开头",
            field="SIYU_DATABASE_URL",
        )
    clock = _read("SIYU_CLOCK_FILE", "")
    level = _read("SIYU_LOG_LEVEL", "info").lower()
    if level not in {"debug", "info", "warning", "error"}:
        raise Refused(
            "setting.log_level",
            "SIYU_LOG_LEVEL 须为 debug/info/warning/error",
            field="SIYU_LOG_LEVEL",
        )
    return Environment(
        home=home,
        database_url=url,
        host=host,
        port=port,
        public_url=_read("SIYU_PUBLIC_URL", f"http://{host}:{port}").rstrip("/"),
        allow_private=tuple(filter(None, _read("SIYU_ALLOW_PRIVATE", "").split(","))),
        trusted_proxies=_networks(_read("SIYU_TRUSTED_PROXIES", "127.0.0.0/8,::1")),
        clock_file=Path(clock) if clock else None,
        is_demo=_flag("SIYU_DEMO"),
        lake_url=_read("SIYU_LAKE_URL", str(home / "lake")),
        log_level=level,
        **_engine(),
    )


def read_secret_key() -> bytes | None:
    """The key of `SIYU_SECRET_KEY` (64 hex digits), or None to use the home's key file."""
    text = _read("SIYU_SECRET_KEY", "")
    if not text:
        return None
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise Refused(
            "setting.secret_key", "SIYU_SECRET_KEY 须为 64 位十六进制", field="SIYU_SECRET_KEY"
        )
    return key


def prepare_home(home: Path) -> None:
    """Create the home, owner-only, and check that it can be written."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home):
            pass
    except OSError as error:
        raise Refused(
            "setting.home", f"无法写入 {home}: {error.strerror}", field="SIYU_HOME"
        ) from error


def _networks(text: str) -> tuple[Network, ...]:
    name = "SIYU_TRUSTED_PROXIES"
    try:
        parts = [part.strip() for part in text.split(",")]
        return tuple(ip_network(part) for part in parts if part)
    except ValueError as error:
        reason = f"{name} 须为 IP 或网段, 逗号分隔, 如 127.0.0.1,10.0.0.0/8 ({error})"
        raise Refused("setting.trusted_proxies", reason, field=name) from error


def _engine() -> dict[str, Any]:
    engine = _read("SIYU_ENGINE", "duckdb").lower()
    if engine not in {"duckdb", "spark"}:
        reason = f"SIYU_ENGINE={engine!r} 不认识, 须为 duckdb 或 spark"
        raise Refused("setting.engine", reason, field="SIYU_ENGINE")
    master = _read("SIYU_SPARK_MASTER", "local[*]")
    if not re.fullmatch(r"local(\[[\d*, ]+\])?|yarn|(spark|k8s)://\S+", master):
        reason = f"SIYU_SPARK_MASTER={master!r} 不是 Spark 主节点, 如 spark://host:7077"
        raise Refused("setting.spark_master", reason, field="SIYU_SPARK_MASTER")
    return {
        "engine": engine,
        "spark_master": master,
        "spark_folder": _read("SIYU_SPARK_FOLDER", ""),
        "spark_conf": _spark_conf(_read("SIYU_SPARK_CONF", "")),
    }


def _spark_conf(text: str) -> tuple[tuple[str, str], ...]:
    """`spark.a=1;spark.b=2`, also line by line."""
    pairs = [part.strip() for part in re.split(r"[;\n]", text) if part.strip()]
    for pair in pairs:
        if not re.fullmatch(r"spark\.[\w.\-]+=.*", pair):
            reason = f"SIYU_SPARK_CONF 里的 {pair!r} 须写作 spark.名称=值"
            raise Refused("setting.spark_conf", reason, field="SIYU_SPARK_CONF")
    return tuple((name, value) for name, _, value in (pair.partition("=") for pair in pairs))


def _read(name: str, default: str) -> str:
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text("utf-8").strip()
        except OSError as error:
            raise Refused(
                "setting.file", f"{name}_FILE 指向的文件读不到: {path}", field=f"{name}_FILE"
            ) from error
    return os.environ.get(name, default).strip()


def _flag(name: str) -> bool:
    value = _read(name, "0").lower()
    if value not in {"0", "1", "true", "false"}:
        raise Refused("setting.flag", f"{name} 须为 0 或 1", field=name)
    return value in {"1", "true"}


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise Refused("setting.port", f"SIYU_PORT={text!r} 不是端口号", field="SIYU_PORT")
    return int(text)
