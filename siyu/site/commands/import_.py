"""`siyu import KIND FILE`: files into the pool, the orders and the history; a home into a home."""

from __future__ import annotations

import argparse

from siyu.site.commands.import_files import KINDS, add_home, add_kind, run_home, run_kind

HELP = "导入文件: siyu import customers|identities|orders|events|tags FILE / import a file"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
    for kind in KINDS:
        add_kind(kinds, kind)
    add_home(kinds)


def run(arguments: argparse.Namespace) -> int:
    return run_home(arguments) if arguments.kind == "home" else run_kind(arguments)
