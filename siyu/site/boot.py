"""Starts a process: settings, Django, runtime, subscriptions."""

from __future__ import annotations

import logging
import os
import sys

import django
import structlog
from django.conf import settings

from siyu.kernel.errors import Refused
from siyu.site.environment import Environment


def boot() -> None:
    """Make this process ready; idempotent."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "siyu.site.settings")
    django.setup()
    _configure_logs()
    _set_runtime()
    from siyu.site.subscriptions import subscribe

    subscribe()


def boot_migrated() -> None:
    """`boot` for commands that need the tables; Refused when they are not this version's."""
    boot()
    require_tables()


def require_tables() -> None:
    """Refused unless the home has the tables of this version."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise Refused(
            "home.tables", "数据目录里还没有这个版本的数据表, 请先运行 siyu up", field="SIYU_HOME"
        )


def require_engine(environment: Environment) -> None:
    """Refused, with what to install, when the engine chosen cannot run on this machine."""
    if environment.engine == "spark":
        from siyu.lake.spark.session import check_installation

        check_installation()


def migrate() -> None:
    """Bring the state store to this version's tables."""
    from django.core.management import call_command

    from siyu.lake.changes import watch

    call_command("migrate", verbosity=0, interactive=False)
    watch()


def _set_runtime() -> None:
    from siyu.core.accounts import manifests
    from siyu.core.http import Door
    from siyu.core.runtime import Runtime, set_runtime
    from siyu.kernel.clock import SharedClock, SystemClock
    from siyu.kernel.identity import Namespaces

    environment = settings.ENVIRONMENT
    clock = SharedClock(environment.clock_file) if environment.clock_file else SystemClock()
    rules = [rule for manifest in manifests().values() for rule in manifest.namespaces]
    set_runtime(
        Runtime(
            home=environment.home,
            clock=clock,
            http=Door(allow_private=environment.allow_private),
            namespaces=Namespaces(rules),
            is_demo=environment.is_demo,
        )
    )


def _configure_logs() -> None:
    level = getattr(logging, settings.ENVIRONMENT.log_level.upper())
    logging.basicConfig(level=level, stream=sys.stderr, format="%(message)s", force=True)
    for name in ("httpx", "httpcore", "asyncio", "django.request"):
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    render = (
        structlog.dev.ConsoleRenderer()
        if sys.stderr.isatty()
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
