"""Runs the demo from an empty home to the results, and stays up."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from siyu.sandbox.simulator import Witness
from siyu.site.demo.home import default_home, free_port, fresh_home, hold_home
from siyu.site.processes import Processes

if TYPE_CHECKING:
    from siyu.site.demo.brand import Brand
    from siyu.site.demo.memory import MemoryWatch
    from siyu.site.demo.report import Report

PASSWORD = "camellia-demo"  # noqa: S105 - shown to everybody who runs the demo


@dataclass(frozen=True)
class DemoOptions:
    home: str | None
    customers: int
    days: int
    seed: int
    port: int | None
    is_exiting: bool
    is_json: bool
    bad_days: dict[str, float | str] = field(default_factory=dict)
    report_file: str | None = None


@dataclass(frozen=True)
class Place:
    """Where the parts of the demo listen."""

    url: str
    sandbox_url: str
    clock_file: Path


def run_demo(options: DemoOptions) -> int:
    """Start everything, live some days, show the results; 1 when something was lost or doubled."""
    home = Path(options.home) if options.home else default_home()
    with hold_home(home):
        return _run(options, home)


def _run(options: DemoOptions, home: Path) -> int:
    started = time.monotonic()
    place = _prepare(options, fresh_home(home))
    processes = Processes()
    from siyu.site.boot import boot, migrate

    boot()
    migrate()
    try:
        report = _play(options, place, processes, started)
        if options.is_exiting:
            return 1 if report.duplicates or report.lost else 0
        return processes.run_until_stopped()
    finally:
        processes.stop()


def _prepare(options: DemoOptions, home: Path) -> Place:
    port = options.port or free_port(8000)
    sandbox = free_port()
    clock_file = home / "clock"
    os.environ.update(
        SIYU_HOME=str(home),
        SIYU_PORT=str(port),
        SIYU_HOST="127.0.0.1",
        SIYU_PUBLIC_URL=f"http://127.0.0.1:{port}",
        SIYU_ALLOW_PRIVATE=f"127.0.0.1:{sandbox}",
        SIYU_CLOCK_FILE=str(clock_file),
        SIYU_DEMO="1",
        SIYU_LOG_LEVEL=os.environ.get("SIYU_LOG_LEVEL", "warning"),
    )
    return Place(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{sandbox}", clock_file)


def _play(options: DemoOptions, place: Place, processes: Processes, started: float) -> Report:
    from siyu.core.runtime import runtime
    from siyu.kernel.clock import SharedClock, SystemClock
    from siyu.sandbox.simulator import Config, Simulation
    from siyu.site.demo.brand import set_up_brand
    from siyu.site.demo.operator import Operator
    from siyu.site.demo.settle import wait_until_settled
    from siyu.site.demo.watch import Watch

    clock = runtime().clock
    assert isinstance(clock, SharedClock)
    start = SystemClock().now() - timedelta(days=options.days)
    clock.set(start)
    _start(processes, place)
    brand = set_up_brand(place.sandbox_url, place.url)
    config = Config(
        sandbox_url=place.sandbox_url,
        siyu_url=place.url,
        write_key=brand.write_key,
        codes=brand.codes,
        start=start,
        days=options.days,
        customers=options.customers,
        seed=options.seed,
        told=brand.told,
    )
    is_long = bool(options.report_file)
    settle = partial(wait_until_settled, place.sandbox_url, is_patient=is_long)
    operator = Operator(brand, start, settle, steps=sum(1 for _ in config.steps()))
    watch = Watch(place.sandbox_url, options.bad_days, is_talking=is_long)
    watch.begin()
    with _progress(options) as progress:
        task = progress.add_task("模拟 / living", total=None)

        def show(step: int, steps: int, at: datetime) -> None:
            told = f"模拟 / living {at:%m-%d %H:%M}"
            progress.update(task, total=steps, completed=step, description=told)
            watch.step(step, steps, at)

        witness = Simulation(config, clock).run(operator.end_step, show, begun=settle)
    report = _finish(options, place, brand, (witness, started))
    if options.report_file:
        _keep_details(options, place, (report, witness), watch.memory)
    return report


def _keep_details(
    options: DemoOptions, place: Place, lived: tuple[Report, Witness], memory: MemoryWatch
) -> None:
    from siyu.site.demo.details import make_details

    details = make_details(
        *lived, sandbox_url=place.sandbox_url, memory=memory, bad_days=options.bad_days
    )
    text = msgspec.json.format(msgspec.json.encode(details), indent=1)
    Path(str(options.report_file)).write_bytes(text + b"\n")


def _start(processes: Processes, place: Place) -> None:
    from siyu.core.runtime import runtime
    from siyu.kernel.errors import PlatformError
    from siyu.site.commands.up import is_ready
    from siyu.site.environment import read_environment
    from siyu.site.first_user import ensure_owner

    def has_sandbox() -> bool:
        try:
            answer = runtime().http.request("GET", f"{place.sandbox_url}/_sandbox/witness")
        except PlatformError:
            return False
        return answer.status == 200

    ensure_owner(PASSWORD)
    port = place.sandbox_url.rpartition(":")[2]
    processes.start("sandbox", ["sandbox", "--port", port, "--clock-file", str(place.clock_file)])
    processes.start("web", ["web"])
    processes.start("worker", ["worker"])
    environment = read_environment()
    processes.wait_until(lambda: is_ready(environment) and has_sandbox())


def _progress(options: DemoOptions) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f}/{task.total}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty() and (options.is_json or bool(options.report_file)),
    )


def _finish(
    options: DemoOptions, place: Place, brand: Brand, lived: tuple[Witness, float]
) -> Report:
    from siyu.lake.actions import flush
    from siyu.site.demo.report import make_report, print_report

    while flush():
        pass
    witness, started = lived
    report = make_report(witness, time.monotonic() - started, brand.parts)
    report.url, report.username, report.password = place.url, "owner", PASSWORD
    if options.is_json:
        print(msgspec.json.encode(report).decode(), flush=True)  # noqa: T201
        return report
    console = Console()
    print_report(report, witness, console)
    if not options.is_exiting:
        console.print(f"控制台 / console: [link]{place.url}[/link]  owner / {PASSWORD}")
        console.print("按 Ctrl-C 结束 / press Ctrl-C to end")
    return report
