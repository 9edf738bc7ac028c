"""Prints the OpenAPI description, sorted, for `console/openapi.json`."""

from __future__ import annotations

import json
import sys

from siyu.site.boot import boot


def main() -> None:
    boot()
    from siyu.site.api import api

    schema = api.get_openapi_schema(path_prefix="/api/")
    json.dump(schema, sys.stdout, ensure_ascii=False, indent=1, sort_keys=True)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
