"""Routes of the first-run page and the self-check."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Schema

from siyu.core.access import require
from siyu.core.account_api import CheckList, CheckOut
from siyu.core.http_api import actor_of
from siyu.site.doctor import run_doctor
from siyu.site.setup_steps import count_steps

router = Router(tags=["setup"])


class StepOut(Schema):
    key: str
    is_done: bool
    count: int


class SetupOut(Schema):
    steps: list[StepOut]


@router.get("/setup", response=SetupOut, operation_id="get_setup")
def get_setup(request: HttpRequest) -> SetupOut:
    actor_of(request)
    steps = [
        StepOut(key=key, is_done=count > 0, count=count) for key, count in count_steps().items()
    ]
    return SetupOut(steps=steps)


@router.get("/doctor", response=CheckList, operation_id="get_doctor")
def get_doctor(request: HttpRequest) -> CheckList:
    require(actor_of(request), "doctor:read")
    checks = [
        CheckOut(name=check.name, is_ok=check.is_ok, detail=check.detail, advice=check.advice)
        for check in run_doctor()
    ]
    return CheckList(checks=checks)
