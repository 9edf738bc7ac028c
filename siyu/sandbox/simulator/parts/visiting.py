"""How a browser goes through a platform's sign-in page and comes back to Siyu."""

from __future__ import annotations

import html
import re

import httpx


def pass_login(client: httpx.Client, start: str, asked: dict[str, str], who: dict[str, str]) -> str:
    """From Siyu's address `start` to the platform's page, where `who` agrees, and back.

    Returns the address of Siyu's the visitor ends at. HTTPError when one of them does not answer.
    """
    begun = client.get(start, params=asked)
    page = httpx.URL(begun.headers.get("location", ""), fragment="")
    login = client.get(page.copy_merge_params(who)).raise_for_status()
    back = re.search(r'url=([^"]+)"', login.text)
    if back is None:
        raise httpx.RequestError("the sign-in page leads nowhere", request=login.request)
    ended = client.get(html.unescape(back[1]))
    if not ended.has_redirect_location:
        raise httpx.HTTPStatusError("not signed in", request=ended.request, response=ended)
    return ended.headers["location"]
