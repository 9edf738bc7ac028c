from __future__ import annotations

import re
from pathlib import Path

import pytest

from siyu.kernel.errors import Refused
from siyu.site.environment import prepare_home, read_environment, read_secret_key

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SIYU_PORT", "eighty"),
        ("SIYU_PORT", "70000"),
        ("SIYU_DATABASE_URL", "mysql://x"),
        ("SIYU_LOG_LEVEL", "loud"),
        ("SIYU_DEMO", "maybe"),
        ("SIYU_PORT_FILE", "/nowhere/at/all"),
        ("SIYU_TRUSTED_PROXIES", "10.0.0.1/8"),
        ("SIYU_ENGINE", "hadoop"),
        ("SIYU_SPARK_MASTER", "10.0.0.5:7077"),
        ("SIYU_SPARK_CONF", "executor.memory=4g"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(Refused) as error:
        read_environment()
    assert error.value.field == name


def test_settings_of_spark_are_read_pair_by_pair(monkeypatch):
    monkeypatch.setenv("SIYU_ENGINE", "Spark")
    monkeypatch.setenv("SIYU_SPARK_CONF", "spark.a.b=1; spark.c==x\n")
    found = read_environment()
    assert (found.engine, found.spark_master) == ("spark", "local[*]")
    assert found.spark_conf == (("spark.a.b", "1"), ("spark.c", "=x"))


def test_a_secret_may_come_from_a_file(monkeypatch, tmp_path):
    (tmp_path / "key").write_text("ab" * 32 + "\n")
    monkeypatch.setenv("SIYU_SECRET_KEY_FILE", str(tmp_path / "key"))
    assert read_secret_key() == bytes.fromhex("ab" * 32)


def test_a_short_key_is_refused(monkeypatch):
    monkeypatch.setenv("SIYU_SECRET_KEY", "abcd")
    with pytest.raises(Refused):
        read_secret_key()


def test_a_home_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "home").write_text("")
    with pytest.raises(Refused) as error:
        prepare_home(tmp_path / "home")
    assert error.value.field == "SIYU_HOME"


def test_a_new_home_is_its_owner_s_alone(tmp_path):
    prepare_home(tmp_path / "home")
    assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700


def test_every_setting_is_in_the_manual():
    code = (ROOT / "siyu" / "site" / "environment.py").read_text("utf-8")
    manual = (ROOT / "docs" / "settings.md").read_text("utf-8")
    named = set(re.findall(r'_(?:read|flag)\("(SIYU_\w+)"', code))
    assert named
    assert named == set(re.findall(r"^\| `(SIYU_\w+)`", manual, re.MULTILINE))
