"""The organisation from one table (CSV or Excel): regions, stores and who works where.

Each row is one post: region codes and names along the way, a store, a member of staff. Cells
may be left empty: a row without staff makes the store, one without a store makes the regions.
Reading it twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import transaction

from siyu.core.access import Actor, require
from siyu.core.accounts import active_accounts, connector
from siyu.core.audit import record_audit
from siyu.core.tabular.tables import clean_header, read_table
from siyu.guides.models import Post, Region, Staff, Store
from siyu.guides.org_actions import put_post, save_region, save_store
from siyu.guides.org_types import GUIDE, REGIONAL_MANAGER, STORE_MANAGER
from siyu.kernel.errors import Refused, SiyuError

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "region_code": ("区域编码", "region_code"),
    "region_name": ("区域名称", "区域", "region_name", "region"),
    "parent_region_code": ("上级区域编码", "parent_region_code"),
    "store_code": ("门店编码", "store_code"),
    "store_name": ("门店名称", "门店", "store_name", "store"),
    "city": ("城市", "city"),
    "address": ("地址", "address"),
    "lat": ("纬度", "lat"),
    "lng": ("经度", "lng"),
    "phone": ("电话", "phone"),
    "hours": ("营业时间", "hours"),
    "account": ("平台账号", "account"),
    "staff": ("成员id", "员工id", "staff", "userid"),
    "role": ("岗位", "role"),
}
ROLES = {
    "导购": GUIDE,
    "guide": GUIDE,
    "店长": STORE_MANAGER,
    "store_manager": STORE_MANAGER,
    "区域经理": REGIONAL_MANAGER,
    "regional_manager": REGIONAL_MANAGER,
    "": GUIDE,
}
MAX_ROWS = 100_000
SHOWN_ERRORS = 200
_PLACE = ("city", "address", "lat", "lng", "phone", "hours")
_OF_REGION = {"code": "region_code", "name": "region_name", "parent": "parent_region_code"}
_OF_STORE = {"code": "store_code", "name": "store_name", "region": "region_code"}
_OF_POST = {"store": "store_code", "region": "region_code"}


@dataclass(frozen=True)
class OrgRowError:
    """A row that was left out; row: as a spreadsheet shows it. field: a name of `COLUMNS`."""

    row: int
    field: str
    code: str
    reason: str


@dataclass
class OrgImport:
    """What an import did (or, when dry, would do). changed: rows that made or changed something."""

    is_dry: bool
    rows: int = 0
    changed: int = 0
    failed: int = 0
    regions: int = 0
    stores: int = 0
    posts: int = 0
    errors: list[OrgRowError] = field(default_factory=list)


def import_org(actor: Actor, path: Path, *, is_dry: bool, now: datetime) -> OrgImport:
    """Take in a file; rows in error are left out and told. Refused when no column is known."""
    require(actor, "org:write")
    table = read_table(path, _likeness)
    columns = _columns(table.header)
    if not {"store_code", "region_code"} & set(columns):
        raise Refused("org.columns", "表里没有「门店编码」或「区域编码」一列", field="file")
    if len(table.rows) > MAX_ROWS:
        raise Refused("org.rows", f"一次最多 {MAX_ROWS} 行", field="file")
    cells = {name: table.column(header).to_pylist() for name, header in columns.items()}
    done = OrgImport(is_dry, rows=len(table.rows))
    with transaction.atomic():
        before = _sizes()
        for at, number in enumerate(table.rows.tolist()):
            row = {name: (values[at] or "").strip() for name, values in cells.items()}
            _take(actor, row, number, done, now)
        grown = [after - then for after, then in zip(_sizes(), before, strict=True)]
        done.regions, done.stores, done.posts = grown
        detail = {"rows": done.rows, "changed": done.changed, "failed": done.failed}
        record_audit(actor, "import_org", "org", now=now, detail=detail)
        transaction.set_rollback(is_dry)
    return done


def _take(
    actor: Actor, row: Mapping[str, str], number: int, done: OrgImport, now: datetime
) -> None:
    try:
        with transaction.atomic():
            done.changed += _apply(actor, row, now)
    except SiyuError as error:
        done.failed += 1
        if len(done.errors) < SHOWN_ERRORS:
            done.errors.append(OrgRowError(number, error.field or "", error.code, error.reason))


def _apply(actor: Actor, row: Mapping[str, str], now: datetime) -> bool:
    """One row; whether it changed anything."""
    with _named(_OF_REGION):
        changed = _apply_region(actor, row, now)
    with _named(_OF_STORE):
        changed |= _apply_store(actor, row, now)
    with _named(_OF_POST):
        return changed | _apply_post(row, now)


@contextmanager
def _named(columns: Mapping[str, str]) -> Iterator[None]:
    """Errors name the table's column, not the field of what the row makes."""
    try:
        yield
    except SiyuError as error:
        error.field = columns.get(error.field or "", error.field)
        raise


def _apply_region(actor: Actor, row: Mapping[str, str], now: datetime) -> bool:
    code, name, above = (
        row.get(key, "") for key in ("region_code", "region_name", "parent_region_code")
    )
    if not code:
        return False
    known = Region.objects.filter(code=code).select_related("parent").first()
    parent = known.parent.code if known and known.parent else ""
    if known and (not name or name == known.name) and (not above or above == parent):
        return False
    name = name or (known.name if known else code)
    save_region(actor, code, name=name, parent=above or parent, now=now)
    return True


def _apply_store(actor: Actor, row: Mapping[str, str], now: datetime) -> bool:
    code = row.get("store_code", "")
    if not code:
        return False
    values: dict[str, object] = {name: row[name] for name in _PLACE if row.get(name)}
    if row.get("store_name"):
        values["name"] = row["store_name"]
    if row.get("region_code"):
        values["region"] = row["region_code"]
    known = Store.objects.filter(code=code).select_related("region").first()
    if known and all(_same(known, name, value) for name, value in values.items()):
        return False
    save_store(actor, code, values, now=now)
    return True


def _same(known: Store, name: str, value: object) -> bool:
    if name == "region":
        return known.region is not None and known.region.code == value
    if name in {"lat", "lng"}:
        told = getattr(known, name)
        return told is not None and str(told) == str(_number(str(value)))
    return bool(getattr(known, name) == value)


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _apply_post(row: Mapping[str, str], now: datetime) -> bool:
    staff = row.get("staff", "")
    if not staff:
        return False
    role = ROLES.get(row.get("role", ""))
    if role is None:
        raise Refused("post.role", "岗位只能是导购、店长或区域经理", field="role")
    place = "region" if role == REGIONAL_MANAGER else "store"
    code = row.get(f"{place}_code", "")
    return put_post((_account(row), staff), role, **{place: code}, now=now)


def _account(row: Mapping[str, str]) -> str:
    """The account named, or the only one that has staff."""
    accounts = active_accounts()
    told = row.get("account", "")
    if told:
        if told not in accounts:
            raise Refused("org.account", f"没有平台账号 {told}", field="account")
        return told
    staffed = [account for account in accounts if connector(account).directory is not None]
    if len(staffed) != 1:
        reason = "有多个带员工的平台账号时, 请填写「平台账号」一列"
        raise Refused("org.account", reason, field="account")
    return staffed[0]


def _likeness(header: Sequence[str]) -> int:
    return len(_columns(header))


def _columns(header: Sequence[str]) -> dict[str, str]:
    """Our column → the file's header."""
    found = {}
    for name, words in COLUMNS.items():
        for told in header:
            if clean_header(told).lower().replace(" ", "") in words and name not in found:
                found[name] = told
    return found


def _sizes() -> tuple[int, int, int]:
    return Region.objects.count(), Store.objects.count(), Post.objects.count()


def count_staff_without_post() -> int:
    """Active members of staff who work nowhere."""
    return Staff.objects.filter(is_active=True, post__isnull=True).count()
