"""Every command explains itself, in both languages."""

from __future__ import annotations

import argparse
import re

import pytest

from siyu.site.command import COMMANDS, main, make_parser

SUBCOMMANDS = [
    ("keys", "create"),
    ("keys", "list"),
    ("keys", "revoke"),
    ("segment", "list"),
    ("segment", "preview"),
    ("segment", "create"),
    ("segment", "members"),
]
WORDS = [*((word,) for word in COMMANDS), *SUBCOMMANDS]


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_help_of_every_command_works(words, capsys):
    with pytest.raises(SystemExit) as ended:
        main([*words, "--help"])
    assert ended.value.code == 0
    told = capsys.readouterr()
    assert told.out.startswith(f"usage: siyu {words[0]}")
    assert told.err == ""


def test_the_list_names_every_command_in_both_languages(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    told = capsys.readouterr().out
    for word in COMMANDS:
        [line] = re.findall(rf"^    {word}\b(.*(?:\n {{10,}}.*)*)", told, re.MULTILINE)
        assert re.search(r"[\u4e00-\u9fff]", line), word
        assert re.search(r"[a-z]{3}", line), word


def test_every_option_is_explained():
    for sub in make_parser()._subparsers._group_actions[0].choices.values():  # type: ignore[union-attr]
        for action in sub._actions:
            if not isinstance(action, argparse._SubParsersAction):
                assert action.help, (sub.prog, action.dest)


@pytest.mark.parametrize("words", [[], ["nonsense"], ["keys"], ["up", "--port", "x"]])
def test_wrong_words_end_with_two_and_say_how(words, capsys):
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "usage: siyu" in capsys.readouterr().err


def test_the_version_is_one_line(capsys):
    with pytest.raises(SystemExit):
        main(["--version"])
    assert re.fullmatch(r"siyu \d+\.\d+\S*\n", capsys.readouterr().out)
