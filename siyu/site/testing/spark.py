"""A throw-away Spark cluster of one machine: a standalone master and two workers on loopback.

Made from PySpark's own classes; nothing is fetched. The ports are free ones, chosen by Spark.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from siyu.site.processes import die_with_parent

WORKERS = 2
MEMORY = "512m"
START_S = 120.0
_DAEMON = "org.apache.spark.deploy"
_SMALL = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
CONF = {
    "spark.driver.memory": MEMORY,
    "spark.executor.memory": MEMORY,
    "spark.driver.extraJavaOptions": _SMALL,
    "spark.executor.extraJavaOptions": _SMALL,
    "spark.sql.shuffle.partitions": str(WORKERS),
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
}
"""For tables of a few rows on a small machine: no compiling, two partitions, little memory."""


@dataclass
class SparkCluster:
    folder: Path
    daemons: list[subprocess.Popen[bytes]]
    master: str = ""

    @classmethod
    def start(cls) -> SparkCluster:
        """Start a master and its workers; RuntimeError with their words when they do not come."""
        from siyu.lake.spark.session import check_installation

        check_installation()
        cluster = cls(Path(tempfile.mkdtemp(prefix="siyu-spark-")), [])
        try:
            cluster._start_all()
        except BaseException:
            cluster.stop()
            raise
        return cluster

    def stop(self) -> None:
        """End every process that was started and remove its files."""
        for daemon in reversed(self.daemons):
            daemon.terminate()
        for daemon in self.daemons:
            try:
                daemon.wait(20)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start_all(self) -> None:
        log = self._daemon("master", "master.Master", "--port", "0")
        port = _await(log, r"service 'sparkMaster' on port (\d+)")
        self.master = f"spark://127.0.0.1:{port}"
        logs = [
            self._daemon(
                f"worker-{number}",
                "worker.Worker",
                *("--port", "0", "-c", "1", "-m", MEMORY, "-d", str(self.folder / f"w{number}")),
                self.master,
            )
            for number in range(1, WORKERS + 1)
        ]
        for log in logs:
            _await(log, r"(Successfully registered with master)")

    def _daemon(self, name: str, main: str, *arguments: str) -> Path:
        import pyspark

        home = Path(pyspark.__file__).parent
        log = self.folder / f"{name}.log"
        environment = {
            **os.environ,
            "SPARK_HOME": str(home),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_DAEMON_MEMORY": "128m",
            "SPARK_DAEMON_JAVA_OPTS": _SMALL,
        }
        command = [str(home / "bin" / "spark-class"), f"{_DAEMON}.{main}", "--host", "127.0.0.1"]
        dies: Callable[[], None] = partial(die_with_parent, signal.SIGTERM)
        with log.open("wb") as file:
            daemon = subprocess.Popen(
                [*command, "--webui-port", "0", *arguments],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                preexec_fn=dies,  # noqa: PLW1509 - one prctl, no lock is taken
            )
        self.daemons.append(daemon)
        return log


def _await(log: Path, pattern: str) -> str:
    """What the log says after some time; RuntimeError with its end when it never does."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        found = re.search(pattern, log.read_text("utf-8", "replace"))
        if found:
            return found[1]
        time.sleep(0.1)
    raise RuntimeError(f"Spark did not start: {log.read_text('utf-8', 'replace')[-2000:]}")
