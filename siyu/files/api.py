"""Routes of imports and exports."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from ninja import Router, Schema

from siyu.core.csv_answer import stream
from siyu.core.http_api import actor_of
from siyu.core.runtime import runtime
from siyu.core.tabular.parse import DateOrder
from siyu.files import actions, exporting, queries
from siyu.files.export_files import pieces_of

router = Router(tags=["files"])


class NewImport(Schema):
    """A file to come; size in bytes."""

    kind: str
    file_name: str
    size: int


class ImportCreated(Schema):
    id: int
    piece_bytes: int


class PieceKept(Schema):
    received: int


class ImportRefusedOut(Schema):
    row: int
    code: str
    field: str
    reason: str


class ImportOut(Schema):
    id: int
    kind: str
    origin: str
    actor: str
    file_name: str
    source: str
    state: str
    is_dry: bool
    size: int
    received: int
    position: int
    total: int
    rate: int
    seconds_left: int | None
    counts: dict[str, int]
    remarks: dict[str, int]
    reasons: dict[str, int]
    refused: list[ImportRefusedOut]
    undone: dict[str, int]
    error: str
    created_at: datetime
    finished_at: datetime | None


class ImportList(Schema):
    items: list[ImportOut]


class ImportMapping(Schema):
    """columns: header → field; columns left out are not imported."""

    columns: dict[str, str]
    source: str
    platform: str = "import"
    date_order: DateOrder | None = None
    timezone: str = "Asia/Shanghai"
    event: str = ""
    tag: str = ""
    group: str = ""
    currency: str = "CNY"


class ImportStart(Schema):
    mapping: ImportMapping
    is_dry: bool


class ImportColumnOut(Schema):
    name: str
    samples: list[str]
    field: str


class ImportFieldOut(Schema):
    field: str
    name: str


class ImportFileOut(Schema):
    how: dict[str, str]
    total: int
    columns: list[ImportColumnOut]
    mapping: ImportMapping
    is_saved: bool
    fields: list[ImportFieldOut]


class ImportUndone(Schema):
    customers: int
    customers_kept: int
    orders: int
    orders_kept: int
    tags: int
    events: int


@router.post("/imports", response=ImportCreated, operation_id="create_import")
def create_import(request: HttpRequest, body: NewImport) -> Any:
    run_id = actions.create_import(
        actor_of(request), body.kind, body.file_name, body.size, now=runtime().clock.now()
    )
    return {"id": run_id, "piece_bytes": actions.MAX_PIECE}


@router.put("/imports/{run_id}/content", response=PieceKept, operation_id="send_import_piece")
def send_import_piece(request: HttpRequest, run_id: int, offset: int) -> Any:
    """The next piece of the file as the raw body, at most `piece_bytes` long."""
    actor = actor_of(request)
    return {"received": actions.receive_piece(actor, run_id, offset, request.body)}


@router.get("/imports", response=ImportList, operation_id="list_imports")
def list_imports(request: HttpRequest) -> Any:
    return {"items": queries.list_imports(actor_of(request))}


@router.get("/imports/{run_id}", response=ImportOut, operation_id="get_import")
def get_import(request: HttpRequest, run_id: int) -> Any:
    return queries.get_import(actor_of(request), run_id)


@router.get("/imports/{run_id}/file", response=ImportFileOut, operation_id="look_at_import_file")
def look_at_import_file(request: HttpRequest, run_id: int) -> Any:
    found = queries.look_at_file(actor_of(request), run_id)
    return {
        "how": found.how,
        "total": found.total,
        "columns": found.columns,
        "mapping": found.mapping,
        "is_saved": found.is_saved,
        "fields": [{"field": field, "name": name} for field, name in found.fields.items()],
    }


@router.post("/imports/{run_id}/start", response=ImportOut, operation_id="start_import")
def start_import(request: HttpRequest, run_id: int, body: ImportStart) -> Any:
    actor, now = actor_of(request), runtime().clock.now()
    mapping = queries.mapping_from(body.mapping.dict())
    actions.prepare(actor, run_id, mapping, is_dry=body.is_dry, now=now)
    return queries.get_import(actor, run_id)


@router.post("/imports/{run_id}/cancel", response=ImportOut, operation_id="cancel_import")
def cancel_import(request: HttpRequest, run_id: int) -> Any:
    actor = actor_of(request)
    actions.cancel(actor, run_id, now=runtime().clock.now())
    return queries.get_import(actor, run_id)


@router.post("/imports/{run_id}/undo", response=ImportUndone, operation_id="undo_import")
def undo_import(request: HttpRequest, run_id: int) -> Any:
    return actions.undo(actor_of(request), run_id, now=runtime().clock.now())


@router.get("/imports/{run_id}/refused.csv", operation_id="download_refused_rows")
def download_refused_rows(request: HttpRequest, run_id: int) -> HttpResponse:
    pieces = queries.read_refused(actor_of(request), run_id)
    response = HttpResponse(b"".join(pieces), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="import-{run_id}-refused.csv"'
    return response


class NewExport(Schema):
    """is_personal: with phone numbers, names and message addresses, for moving house.

    has_csv: every table as CSV, too.
    """

    is_personal: bool
    has_csv: bool = False


class ExportFile(Schema):
    """rows: null for the manifest."""

    name: str
    rows: int | None
    bytes: int
    sha256: str


class ExportOut(Schema):
    id: int
    actor: str
    is_personal: bool
    has_csv: bool
    state: str
    error: str
    files: list[ExportFile]
    created_at: datetime
    finished_at: datetime | None


class ExportList(Schema):
    items: list[ExportOut]


@router.post("/exports", response=ExportOut, operation_id="create_export")
def create_export(request: HttpRequest, body: NewExport) -> Any:
    now = runtime().clock.now()
    return exporting.create_export(
        actor_of(request), is_personal=body.is_personal, has_csv=body.has_csv, now=now
    )


@router.get("/exports", response=ExportList, operation_id="list_exports")
def list_exports(request: HttpRequest) -> Any:
    return {"items": exporting.list_exports(actor_of(request))}


@router.get("/exports/{run_id}/files/{name}", operation_id="download_export_file")
def download_export_file(request: HttpRequest, run_id: int, name: str) -> StreamingHttpResponse:
    path = exporting.find_file(actor_of(request), run_id, name)
    response = StreamingHttpResponse(stream(pieces_of(path)))
    response["Content-Type"] = "application/octet-stream"
    response["Content-Disposition"] = f'attachment; filename="{path.name}"'
    return response


@router.delete("/exports/{run_id}", response={204: None}, operation_id="delete_export")
def delete_export(request: HttpRequest, run_id: int) -> Any:
    exporting.delete_export(actor_of(request), run_id, now=runtime().clock.now())
    return 204, None
