"""The process's one connection to Apache Spark, made when it is first needed."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings

from siyu.kernel.errors import Refused
from siyu.kernel.ids import new_id

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

OLDEST_JAVA = 17
ZONE = "Asia/Shanghai"
CONNECT_S = 5.0
_DEFAULTS = {
    "spark.app.name": "siyu",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.sql.session.timeZone": ZONE,
    "spark.sql.ansi.enabled": "true",
    "spark.sql.variable.substitute": "false",
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "100000",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "100000",
}
_lock = threading.Lock()
_current: tuple[tuple[object, ...], SparkSession] | None = None


def check_installation() -> None:
    """Refused, with what to install, when PySpark or a fitting Java is missing."""
    if find_spec("pyspark") is None:
        reason = "SIYU_ENGINE=spark 需要 PySpark: 请安装 pip install 'siyu[spark]'"
        raise Refused("engine.pyspark", reason, field="SIYU_ENGINE")
    found = java_version()
    if found is None or found < OLDEST_JAVA:
        had = "没有找到 Java" if found is None else f"Java {found} 太旧"
        reason = (
            f"SIYU_ENGINE=spark: {had}, Spark 需要 Java {OLDEST_JAVA} 或更新;"
            " 请安装 (apt-get install default-jre-headless) 或设置 JAVA_HOME"
        )
        raise Refused("engine.java", reason, field="SIYU_ENGINE")


def java_version() -> int | None:
    """The major version of the Java that Spark would use; None when there is none."""
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if not java or not Path(java).exists():
        return None
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)  # noqa: S603 - the machine's Java
    found = re.search(r'version "(?:1\.)?(\d+)', told.stderr + told.stdout)
    return int(found[1]) if found else None


def spark_session() -> SparkSession:
    """The session; Refused with a sentence when Spark is not installed or does not answer."""
    global _current  # noqa: PLW0603 - one per process, as Spark allows no more
    environment = settings.ENVIRONMENT
    wanted = (environment.spark_master, environment.spark_conf)
    with _lock:
        if _current is not None and (_current[0] != wanted or _is_stopped(_current[1])):
            _current[1].stop()
            _current = None
        if _current is None:
            check_installation()
            check_master(environment.spark_master)
            _current = (wanted, _start(environment.spark_master, dict(environment.spark_conf)))
        return _current[1]


def stop_spark() -> None:
    """End the session, when there is one."""
    global _current  # noqa: PLW0603 - one per process
    with _lock:
        if _current is not None:
            _current[1].stop()
            _current = None


def check_master(master: str) -> None:
    """Refused when nobody listens at a standalone master's address."""
    if not master.startswith("spark://"):
        return
    for address in master.removeprefix("spark://").split(","):
        parts = urlsplit(f"//{address}")
        try:
            with socket.create_connection((parts.hostname or "", parts.port or 7077), CONNECT_S):
                return
        except OSError:
            continue
    reason = f"连不上 Spark 主节点 {master}: 请检查它是否在运行, 以及 SIYU_SPARK_MASTER"
    raise Refused("engine.master", reason, field="SIYU_SPARK_MASTER")


def _start(master: str, conf: dict[str, str]) -> SparkSession:
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(master)
    for name, value in (_DEFAULTS | _addresses(master) | conf).items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except (PySparkException, RuntimeError, OSError) as error:
        reason = f"Spark 启动失败: {str(error).splitlines()[0]}"
        raise Refused("engine.start", reason, field="SIYU_ENGINE") from error


def _addresses(master: str) -> dict[str, str]:
    """On one machine nothing of the driver listens to the world."""
    if master.startswith("local") or "127.0.0.1" in master:
        return {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    return {}


def _is_stopped(session: SparkSession) -> bool:
    context = session.sparkContext._jsc  # noqa: SLF001 - PySpark has no other way to ask
    return context is None or bool(context.sc().isStopped())


@contextmanager
def limited(spark: SparkSession, timeout_s: float) -> Iterator[None]:
    """Cancel what this thread runs on Spark after `timeout_s` seconds, with a sentence."""
    from py4j.protocol import Py4JJavaError
    from pyspark.errors import PySparkException

    tag = f"siyu-{new_id()}"
    is_late = threading.Event()

    def stop() -> None:
        is_late.set()
        spark.interruptTag(tag)

    timer = threading.Timer(timeout_s, stop)
    timer.daemon = True
    spark.addTag(tag)
    timer.start()
    try:
        yield
    except (PySparkException, Py4JJavaError) as error:
        if not is_late.is_set():
            raise
        reason = f"Spark 在 {timeout_s:g} 秒内没有算完, 已停止; 请检查集群是否有空闲的核与内存"
        raise Refused("engine.timeout", reason, field="SIYU_ENGINE") from error
    finally:
        timer.cancel()
        spark.removeTag(tag)
