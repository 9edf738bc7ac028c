"""Sign-in of H5 pages inside WeChat 网页授权."""

from __future__ import annotations

from urllib.parse import urlencode

from siyu.platforms.wechat_oa.client import OfficialClient
from siyu.platforms.wechat_oa.mapping import NAMESPACE
from siyu.ports.logins import Visitor
from siyu.wechat.origin import person

PAGE = "https://open.weixin.qq.com"
SILENT, PROFILE = "snsapi_base", "snsapi_userinfo"


class OfficialPageLogin:
    """The `PageLogin` of an official account."""

    def __init__(self, client: OfficialClient) -> None:
        self._client = client

    def authorize_url(self, redirect_uri: str, state: str, *, asks_profile: bool) -> str:
        """See `PageLogin.authorize_url`. The order of the parameters matters to the platform."""
        account = self._client.account
        query = {
            "appid": account.remote_id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": PROFILE if asks_profile else SILENT,
            "state": state,
        }
        page = account.fields.get("page_url") or PAGE
        return f"{page}/connect/oauth2/authorize?{urlencode(query)}#wechat_redirect"

    def fetch_visitor(self, code: str) -> Visitor:
        """See `PageLogin.fetch_visitor`; the profile only when the person agreed to show it."""
        token = self._client.fetch_page_token(code)
        account = self._client.account
        if PROFILE not in token.scope:
            identities = person(account, NAMESPACE, token.openid, token.unionid)
            return Visitor(identities, is_snapshot=bool(token.is_snapshotuser))
        user = self._client.fetch_page_user(token)
        return Visitor(
            person(account, NAMESPACE, user.openid, user.unionid or token.unionid),
            name=user.nickname,
            avatar=user.headimgurl,
            is_snapshot=bool(token.is_snapshotuser),
        )
