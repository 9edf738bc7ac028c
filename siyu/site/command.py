"""The `siyu` command: one module of `site/commands` per word."""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module
from types import ModuleType

from siyu import __version__
from siyu.kernel.errors import SiyuError

COMMANDS = {
    "up": "up",
    "web": "web",
    "worker": "worker",
    "demo": "demo",
    "import": "import_",
    "export": "export",
    "sync": "sync",
    "segment": "segment",
    "oneid": "oneid",
    "query": "query",
    "doctor": "doctor",
    "keys": "keys",
    "sandbox": "sandbox",
    "erase": "erase",
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command; errors of ours become one clear line and exit code 2."""
    arguments = sys.argv[1:] if arguments is None else arguments
    home, arguments = take_home(arguments)
    parsed = make_parser().parse_args(arguments)
    parsed.home = home
    if home:
        os.environ["SIYU_HOME"] = home
    try:
        return int(_module(parsed.command).run(parsed))
    except SiyuError as error:
        where = f" [{error.field}]" if error.field else ""
        print(f"siyu: {error.reason}{where} ({error.code})", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def take_home(arguments: list[str]) -> tuple[str | None, list[str]]:
    """`--home DIR` from wherever it stands, and the other words."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--home")
    found, others = parser.parse_known_args(arguments)
    return found.home, others


def make_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="siyu",
        description="思域 Siyu: 品牌自有的私域平台 / the open, self-hosted private-domain platform.",
        epilog="每个命令都有 --help。 Every command has its own --help.",
    )
    parser.add_argument("--version", action="version", version=f"siyu {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for word in COMMANDS:
        module = _module(word)
        sub = commands.add_parser(word, help=module.HELP, description=module.HELP)
        sub.add_argument(
            "--home", metavar="DIR", help="数据目录 / where everything is kept (default ~/.siyu)"
        )
        module.add_arguments(sub)
    return parser


def _module(word: str) -> ModuleType:
    return import_module(f"siyu.site.commands.{COMMANDS[word]}")


if __name__ == "__main__":
    sys.exit(main())
