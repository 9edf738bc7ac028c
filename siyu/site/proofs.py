"""Files by which a platform sees that a domain is ours 域名校验文件.

WeCom (`WW_verify_….txt`), official accounts (`MP_verify_….txt`) and mini programs look for them at
the root of the domain. They lie in `HOME/verify/`; nothing else is served from there.
"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from siyu.core.runtime import runtime

FOLDER = "verify"
MAX_BYTES = 1024


def serve_proof(request: HttpRequest, name: str) -> HttpResponse:  # noqa: ARG001 - as every view
    """The file of this name (without `.txt`: letters, digits, `_`); 404 when there is none."""
    file = runtime().home / FOLDER / f"{name}.txt"
    if file.is_symlink() or not file.is_file() or file.stat().st_size > MAX_BYTES:
        raise Http404
    return HttpResponse(file.read_bytes(), content_type="text/plain; charset=utf-8")
