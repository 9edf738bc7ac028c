"""Douyin keeps the promises every connector makes."""

from __future__ import annotations

from siyu.ports.testing import connector_suite

TestDouyin = connector_suite("douyin")
