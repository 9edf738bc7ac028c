"""A throw-away PostgreSQL cluster made from the system's binaries."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path


def find_binary(name: str) -> str:
    """Path of a PostgreSQL binary; RuntimeError that says what to install."""
    found = shutil.which(name)
    if found:
        return found
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / name).exists():
            return str(folder / name)
    raise RuntimeError(f"{name} not found: apt-get install postgresql")


@dataclass
class Cluster:
    folder: Path
    port: int
    url: str

    @classmethod
    def start(cls) -> Cluster:
        """Make and start a cluster on a free port; durable settings off, it is thrown away."""
        folder = Path(tempfile.mkdtemp(prefix="siyu-pg-"))
        if os.geteuid() == 0:
            user = _ordinary_user()
            os.chown(folder, user.pw_uid, user.pw_gid)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        data = folder / "data"
        _run("initdb", "-D", str(data), "-U", "siyu", "-A", "trust", "-E", "UTF8", "--locale=C")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
        options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        _run("pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
        return cls(folder, port, f"postgresql://siyu@127.0.0.1:{port}/postgres")

    def stop(self) -> None:
        _run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)


def _ordinary_user() -> pwd.struct_passwd:
    """PostgreSQL refuses to run as root; its package makes the user `postgres`."""
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("no ordinary user to run PostgreSQL as")


def _run(binary: str, *arguments: str) -> None:
    user = _ordinary_user().pw_name if os.geteuid() == 0 else None
    done = subprocess.run(
        [find_binary(binary), *arguments],
        user=user,
        env={**os.environ, "LC_ALL": "C"},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{binary} failed: {done.stdout}{done.stderr}")
