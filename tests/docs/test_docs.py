"""The documents say what the code does: links, commands, permissions, events, platforms."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from siyu.core.access import PERMISSIONS, Role
from siyu.ports import facts
from siyu.ports.manifest import list_platforms, load_manifest
from siyu.site.command import COMMANDS

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


def test_commands_named_in_documents_exist():
    named = set()
    for page in PAGES:
        named |= set(re.findall(r"(?:^|`|\n)\$? ?siyu ([a-z]+)\b", page.read_text("utf-8")))
    assert named <= set(COMMANDS)
    assert set(COMMANDS) <= named, "a command is in no document"


def test_make_targets_named_in_documents_exist():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    for page in PAGES:
        assert set(re.findall(r"`make ([a-z-]+)`", page.read_text("utf-8"))) <= targets


def test_the_table_of_permissions_is_the_code():
    page = (ROOT / "docs" / "roles.md").read_text("utf-8")
    rows = re.findall(r"^\| `([a-z]+:[a-z_]+)` \|(.*)\|$", page, re.MULTILINE)
    count = len(Role)
    written = {
        name: [cell.strip() == "✓" for cell in cells.split("|")[:count]] for name, cells in rows
    }
    known = sorted(set().union(*PERMISSIONS.values()))
    assert written == {name: [name in PERMISSIONS[role] for role in Role] for name in known}


def test_every_fact_name_is_in_the_manual():
    page = (ROOT / "docs" / "events.md").read_text("utf-8")
    names = {
        value for name, value in vars(facts).items() if name.isupper() and isinstance(value, str)
    }
    assert names == set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))


@pytest.mark.parametrize("name", list_platforms())
def test_every_platform_has_a_page_that_names_its_fields_and_channels(name):
    manifest = load_manifest(name)
    page = (ROOT / "docs" / "platforms" / f"{name}.md").read_text("utf-8")
    for field in manifest.fields:
        assert f"`{field.name}`" in page
    for channel in manifest.channels:
        assert f"`{channel.name}`" in page
    for namespace in manifest.namespaces:
        assert f"`{namespace.name}`" in page


def test_the_changelog_begins_with_what_is_unreleased():
    assert "## UNRELEASED" in (ROOT / "CHANGELOG.md").read_text("utf-8")
