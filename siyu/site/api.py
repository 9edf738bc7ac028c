"""The API: every slice's routes behind one session, with problem answers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError
from ninja.security import django_auth

from siyu import __version__
from siyu.broadcasts.api import router as broadcasts
from siyu.broadcasts.trial_api import router as broadcast_trials
from siyu.commerce.api import router as commerce
from siyu.core.account_api import router as accounts
from siyu.core.http_api import install_problem_handlers, problem
from siyu.core.intake_api import router as intake
from siyu.core.user_api import router as users
from siyu.fans.api import router as fans
from siyu.fans.visit_api import router as visits
from siyu.files.api import router as files
from siyu.groups.api import router as groups
from siyu.groups.codes_api import router as group_codes
from siyu.growth.api import router as growth
from siyu.growth.api_more import router as growth_more
from siyu.guides.api import router as guides
from siyu.guides.care_api import router as care
from siyu.guides.org_api import router as organisation
from siyu.insight.api import router as insight
from siyu.journeys.api import router as journeys
from siyu.lake.api import router as lake
from siyu.materials.api import router as materials
from siyu.moments.api import router as moments
from siyu.payments.api import router as payments
from siyu.pool.api import router as pool
from siyu.reach.api import router as reach
from siyu.reach.quota_api import router as quotas
from siyu.segments.api import router as segments
from siyu.segments.api_audiences import router as audiences
from siyu.sidebar.api import router as sidebar
from siyu.site.sandbox_api import router as sandbox
from siyu.site.setup_api import router as setup
from siyu.tag_rules.api import router as tag_rules
from siyu.talk.api import router as talk
from siyu.talk.desk_api import router as desks
from siyu.talk.menu_api import router as menus
from siyu.talk.reply_api import router as auto_replies
from siyu.talk.script_api import router as scripts
from siyu.writeback.api import router as writeback

ROUTERS = (
    users,
    accounts,
    intake,
    setup,
    pool,
    lake,
    commerce,
    insight,
    audiences,
    segments,
    tag_rules,
    reach,
    quotas,
    broadcasts,
    broadcast_trials,
    moments,
    journeys,
    talk,
    desks,
    auto_replies,
    menus,
    fans,
    visits,
    groups,
    group_codes,
    growth,
    growth_more,
    materials,
    guides,
    organisation,
    care,
    scripts,
    sidebar,
    writeback,
    files,
    payments,
    sandbox,
)


ABOUT = """Errors are `application/problem+json` with `code`, `title`, `status` and `field`.

A writing request may carry an `Idempotency-Key` (1 to 255 ASCII characters) of the caller's own
making. The same request with the same key within a day is answered again (with the header
`Idempotent-Replayed: true`) instead of done again. `409` says why it was not answered:
`request.key_reused` (the key came with another request), `request.under_way` (its twin is being
worked on), `request.unknown` (nobody knows how its twin ended: look before you ask anew).
"""


def make_api() -> NinjaAPI:
    """The whole API; its OpenAPI is exported to `console/openapi.json`."""
    made = NinjaAPI(
        title="Siyu",
        version=__version__,
        description=ABOUT,
        auth=django_auth,
        docs_url=None,
        openapi_url="/openapi.json",
        urls_namespace="api",
    )
    install_problem_handlers(made)

    @made.exception_handler(AuthenticationError)
    def on_signed_out(request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
        return problem(made, request, 401, "access.anonymous", "请先登录")

    for router in ROUTERS:
        made.add_router("", router)
    return made


api = make_api()
